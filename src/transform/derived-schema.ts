/**
 * Schemas made from schemas: what is copied, fields added one by one, results remembered.
 * Used by the transforms that change structs; Kafka's SchemaBuilder and SchemaUpdateCache.
 * Invariant: the cache is keyed by identity and holds at most 256 schemas, the oldest go first;
 * the same input schema gives the same output schema, so that later steps can cache by identity.
 */
import { type Schema, type SchemaOptions, structSchema, type Value } from '../flow/index.ts'
import { dataError, TRANSFORM_ERRORS } from './errors.ts'

const CACHED_MAX = 256

export class SchemaCache {
  readonly #derive: (schema: Schema) => Schema
  readonly #derived = new Map<Schema, Schema>()

  constructor(derive: (schema: Schema) => Schema) {
    this.#derive = derive
  }

  of(schema: Schema): Schema {
    const known = this.#derived.get(schema)
    if (known !== undefined) return known
    const derived = this.#derive(schema)
    if (this.#derived.size >= CACHED_MAX) {
      const [oldest] = this.#derived.keys()
      this.#derived.delete(oldest!)
    }
    this.#derived.set(schema, derived)
    return derived
  }
}

/** Name, version, doc and parameters: what a transform keeps of a schema. */
export function basicsOf(schema: Schema): SchemaOptions {
  return {
    ...(schema.name !== undefined && { name: schema.name }),
    ...(schema.version !== undefined && { version: schema.version }),
    ...(schema.doc !== undefined && { doc: schema.doc }),
    ...(schema.parameters !== undefined && { parameters: schema.parameters }),
  }
}

/** Everything but the type. */
export function optionsOf(schema: Schema): SchemaOptions {
  return {
    ...basicsOf(schema),
    optional: schema.optional,
    fields: schema.fields,
    ...(schema.defaultValue !== undefined && { defaultValue: schema.defaultValue }),
    ...(schema.keys !== undefined && { keys: schema.keys }),
    ...(schema.values !== undefined && { values: schema.values }),
  }
}

/** The default of a schema; null and none are the same. */
export function defaultOf(schema: Schema): Value {
  return schema.defaultValue ?? null
}

/** Collects the fields of a new struct schema and refuses the second of one name. */
export class StructBuilder {
  readonly #fields = new Map<string, Schema>()

  field(name: string, schema: Schema): void {
    if (this.#fields.has(name)) {
      throw dataError(
        TRANSFORM_ERRORS.FIELD,
        `Cannot create field because of field name duplication ${name}`,
      )
    }
    this.#fields.set(name, schema)
  }

  build(options: SchemaOptions): Schema {
    return structSchema([...this.#fields], options)
  }
}
