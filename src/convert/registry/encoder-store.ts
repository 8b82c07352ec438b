/**
 * Encoders of written values, by schema and topic: translation, subject, registration or look-up,
 * compilation. Owned by one registry converter. Spec: connect-rest 12.
 * Invariants: a schema object is translated once; equal texts under one subject are registered once,
 * however many schema objects stand for them; what is missing is thrown as `SchemaNeeded`.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import type { RegistrySchema, Schema, SchemaRegistry } from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import type { WriteRules } from './registry-settings.ts'
import type { PayloadEncoder, SchemaCodec, TranslatedSchema } from './schema-codec.ts'
import { SchemaStore } from './schema-store.ts'
import { subjectName } from './subject-name.ts'

export interface IdentifiedEncoder {
  readonly id: number
  readonly encoder: PayloadEncoder
}

/** What is known of one schema object. */
interface Plan {
  readonly translated: TranslatedSchema
  lastTopic: string
  lastEncoder: IdentifiedEncoder | undefined
}

export class EncoderStore {
  readonly #codec: SchemaCodec
  readonly #registry: SchemaRegistry
  readonly #rules: WriteRules
  readonly #plans = new WeakMap<Schema, Plan>()
  readonly #schemaless: { plan: Plan | undefined } = { plan: undefined }
  readonly #encoders: SchemaStore<string, IdentifiedEncoder>

  constructor(parts: {
    readonly codec: SchemaCodec
    readonly registry: SchemaRegistry
    readonly rules: WriteRules
    readonly cacheEntriesMax: number
    readonly clock?: Clock
  }) {
    this.#codec = parts.codec
    this.#registry = parts.registry
    this.#rules = parts.rules
    this.#encoders = new SchemaStore(parts.cacheEntriesMax, parts.clock ?? systemClock)
  }

  get(topic: string, schema: Schema | null): IdentifiedEncoder {
    const plan = this.#planOf(schema)
    if (plan.lastEncoder !== undefined && plan.lastTopic === topic) return plan.lastEncoder
    const { isKey, strategy } = this.#rules
    const { text, recordName } = plan.translated
    const subject = subjectName(strategy, { topic, isKey, recordName })
    const key = `${subject}\n${text}`
    const encoder = this.#encoders.get(key)
    if (encoder === undefined) {
      const what = `schema of subject ${subject}`
      throw this.#encoders.need(key, what, () => this.#load(subject, schema, plan.translated))
    }
    plan.lastTopic = topic
    plan.lastEncoder = encoder
    return encoder
  }

  #planOf(schema: Schema | null): Plan {
    const known = schema === null ? this.#schemaless.plan : this.#plans.get(schema)
    if (known !== undefined) return known
    const translated = this.#codec.translate(schema)
    const plan: Plan = { translated, lastTopic: '', lastEncoder: undefined }
    if (schema === null) this.#schemaless.plan = plan
    else this.#plans.set(schema, plan)
    return plan
  }

  async #load(
    subject: string,
    schema: Schema | null,
    { text }: TranslatedSchema,
  ): Promise<IdentifiedEncoder> {
    const { useSchemaId, useLatest, autoRegister, normalize } = this.#rules
    if (useSchemaId >= 0) {
      return this.#byOther(schema, await this.#registry.fetchById(useSchemaId), `id ${useSchemaId}`)
    }
    if (useLatest) return await this.#byLatest(subject, schema, text)
    // Compiled first: a schema that nothing can be written by is not registered.
    const encoder = this.#codec.compileEncoder(schema, { text, imports: [] }, false)
    const registered = { format: this.#codec.format, text, references: [] }
    const id = autoRegister
      ? await this.#registry.register(subject, registered, { normalize })
      : await this.#registry.lookUp(subject, registered, { normalize })
    return { id, encoder }
  }

  async #byLatest(
    subject: string,
    schema: Schema | null,
    text: string,
  ): Promise<IdentifiedEncoder> {
    const latest = await this.#registry.fetchLatest(subject)
    const own = { format: this.#codec.format, text, references: [] }
    if (this.#rules.latestStrict && latest.text !== text) {
      if (!(await this.#registry.isCompatible(subject, own))) {
        throw dataError(
          CONVERT_ERRORS.SCHEMA,
          `Incompatible schema: the latest version of subject ${subject} does not fit the schema of the record. ` +
            'Set latest.compatibility.strict=false to write all the same',
        )
      }
    }
    return this.#byOther(schema, latest, `latest version of subject ${subject}`)
  }

  #byOther(schema: Schema | null, registered: RegistrySchema, what: string): IdentifiedEncoder {
    if (registered.format !== this.#codec.format) {
      throw dataError(
        CONVERT_ERRORS.SCHEMA,
        `${what}: expected a schema of type ${this.#codec.format}, found ${registered.format}`,
      )
    }
    const encoder = this.#codec.compileEncoder(schema, registered, !this.#rules.latestStrict)
    return { id: registered.id, encoder }
  }
}
