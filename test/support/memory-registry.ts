/**
 * A registry in memory behind the registry interface, for unit and contract tests of the converters:
 * ids, versions, references and failures on demand. Not a stand-in for a server: the client is tested
 * against real HTTP (test/support/schema-registry.ts).
 * Invariant: equal texts have one id.
 */
import { declareErrors, ScamanderError } from '../../src/base/scamander-error.ts'
import {
  type Converter,
  type Decoded,
  type ImportedSchema,
  type RawHeader,
  type RegistrySchema,
  type Schema,
  SchemaNeeded,
  type SchemaRegistry,
  type SchemaText,
  type Value,
} from '../../src/flow/index.ts'

const ERRORS = declareErrors('registry_test', {
  MISSING: { kind: 'data', summary: 'no such schema', advice: 'none' },
})

export class MemoryRegistry implements SchemaRegistry {
  readonly schemas = new Map<number, SchemaText & { imports: readonly ImportedSchema[] }>()
  readonly subjects = new Map<string, number[]>()
  calls = 0
  /** Thrown by every call while it is set. */
  failure: Error | undefined
  isCompatibleAnswer = true

  add(schema: SchemaText, imports: readonly ImportedSchema[] = [], id?: number): number {
    const known = [...this.schemas].find(([, one]) => one.text === schema.text)
    if (known !== undefined && id === undefined) return known[0]
    const next = id ?? this.schemas.size + 1
    this.schemas.set(next, { ...schema, imports })
    return next
  }

  async fetchById(id: number): Promise<RegistrySchema> {
    this.#called()
    return this.#found(id, undefined)
  }

  async fetchByGuid(guid: string): Promise<RegistrySchema> {
    this.#called()
    return this.#found(Number.parseInt(guid.slice(-12), 16), undefined)
  }

  async fetchLatest(subject: string): Promise<RegistrySchema> {
    this.#called()
    const ids = this.subjects.get(subject) ?? []
    return this.#found(ids.at(-1) ?? -1, ids.length)
  }

  async register(subject: string, schema: SchemaText): Promise<number> {
    this.#called()
    const id = this.add(schema)
    const ids = this.subjects.get(subject) ?? []
    if (!ids.includes(id)) this.subjects.set(subject, [...ids, id])
    return id
  }

  async lookUp(subject: string, schema: SchemaText): Promise<number> {
    this.#called()
    const id = (this.subjects.get(subject) ?? []).find(
      one => this.schemas.get(one)?.text === schema.text,
    )
    if (id === undefined) throw new ScamanderError(ERRORS.MISSING, `no schema of ${subject}`)
    return id
  }

  async isCompatible(): Promise<boolean> {
    this.#called()
    return this.isCompatibleAnswer
  }

  #called(): void {
    this.calls++
    if (this.failure !== undefined) throw this.failure
  }

  #found(id: number, version: number | undefined): RegistrySchema {
    const schema = this.schemas.get(id)
    if (schema === undefined) throw new ScamanderError(ERRORS.MISSING, `no schema ${id}`)
    return { ...schema, id, version }
  }
}

/** Repeats a call as the engine does, until no schema is missing. */
export async function withSchemas<T>(call: () => T): Promise<T> {
  for (let round = 0; round < 16; round++) {
    try {
      return call()
    } catch (thrown) {
      if (!(thrown instanceof SchemaNeeded)) throw thrown
      await thrown.fetch()
    }
  }
  throw new Error('schemas were missing again and again')
}

export function encode(
  converter: Converter,
  schema: Schema | null,
  value: Value,
  topic = 't',
): Promise<Buffer | null> {
  return withSchemas(() => converter.encode(topic, schema, value))
}

export function decode(
  converter: Converter,
  bytes: Buffer,
  headers: readonly RawHeader[] = [],
): Promise<Decoded> {
  return withSchemas(() => converter.decode('t', bytes, 0, bytes.length, headers))
}
