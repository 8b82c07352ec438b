/**
 * The client of a Confluent-compatible schema registry. Answers by id never change, so they are
 * kept; subjects and versions are asked for anew. References are resolved here, so that converters
 * get every text they need at once.
 * Used through `SchemaRegistry` of flow. Spec: connect-rest 12.
 * Invariants: one request per id at a time; at most `cacheEntriesMax` schemas, oldest use out first;
 * at most REFERENCES_MAX texts per schema, so that circles end.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type {
  ImportedSchema,
  RegisterOptions,
  RegistrySchema,
  RegistrySettings,
  SchemaFormat,
  SchemaReference,
  SchemaRegistry,
  SchemaText,
} from '../../flow/index.ts'
import { KAFKA_ERRORS } from '../errors.ts'
import { RegistryHttp } from './registry-http.ts'

const REFERENCES_MAX = 1000
const FORMATS: ReadonlySet<string> = new Set(['AVRO', 'PROTOBUF', 'JSON'])

interface SchemaAnswer {
  readonly id?: number
  readonly version?: number
  readonly schema?: string
  readonly schemaType?: string
  readonly references?: readonly SchemaReference[] | null
}

/** Throws a config error when the settings cannot be used; opens no connection yet. */
export function openRegistry(settings: RegistrySettings): SchemaRegistry {
  return new RegistryClient(settings)
}

class RegistryClient implements SchemaRegistry {
  readonly #http: RegistryHttp
  readonly #entriesMax: number
  readonly #byKey = new Map<string, Promise<RegistrySchema>>()

  constructor(settings: RegistrySettings) {
    this.#http = new RegistryHttp(settings)
    this.#entriesMax = Math.max(1, settings.cacheEntriesMax)
  }

  fetchById(id: number): Promise<RegistrySchema> {
    const what = `schema id ${id}`
    return this.#once(`id/${id}`, async () => {
      const answer = await this.#get(`/schemas/ids/${id}`, what)
      return await this.#resolved({ ...answer, id }, what)
    })
  }

  fetchByGuid(guid: string): Promise<RegistrySchema> {
    const what = `schema guid ${guid}`
    return this.#once(`guid/${guid}`, async () => {
      const answer = await this.#get(`/schemas/guids/${encodeURIComponent(guid)}`, what)
      return await this.#resolved(answer, what)
    })
  }

  async fetchLatest(subject: string): Promise<RegistrySchema> {
    const what = `latest version of subject ${subject}`
    const answer = await this.#get(`/subjects/${encodeURIComponent(subject)}/versions/latest`, what)
    return await this.#resolved(answer, what)
  }

  async register(subject: string, schema: SchemaText, options: RegisterOptions): Promise<number> {
    const what = `registration under subject ${subject}`
    const query = options.normalize ? '?normalize=true' : ''
    const path = `/subjects/${encodeURIComponent(subject)}/versions${query}`
    return idOf(await this.#post(path, schema, { what }), what)
  }

  async lookUp(subject: string, schema: SchemaText, options: RegisterOptions): Promise<number> {
    const what = `look-up under subject ${subject}`
    const query = options.normalize ? '?normalize=true' : ''
    const path = `/subjects/${encodeURIComponent(subject)}${query}`
    return idOf(await this.#post(path, schema, { what }), what)
  }

  async isCompatible(subject: string, schema: SchemaText): Promise<boolean> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest`
    const what = `compatibility with subject ${subject}`
    const answer = await this.#http.call({ method: 'POST', path, body: bodyOf(schema), what })
    return (answer as { is_compatible?: unknown }).is_compatible === true
  }

  async #get(path: string, what: string): Promise<SchemaAnswer> {
    return (await this.#http.call({ method: 'GET', path, what })) as SchemaAnswer
  }

  async #post(
    path: string,
    schema: SchemaText,
    options: { readonly what: string },
  ): Promise<SchemaAnswer> {
    const request = { method: 'POST', path, body: bodyOf(schema), what: options.what } as const
    return (await this.#http.call(request)) as SchemaAnswer
  }

  /** Remembers the answer; a failure is not remembered. */
  #once(key: string, load: () => Promise<RegistrySchema>): Promise<RegistrySchema> {
    const known = this.#byKey.get(key)
    this.#byKey.delete(key)
    const schema = known ?? load()
    this.#byKey.set(key, schema)
    if (known === undefined) {
      schema.catch(() => {
        if (this.#byKey.get(key) === schema) this.#byKey.delete(key)
      })
    }
    if (this.#byKey.size > this.#entriesMax) {
      this.#byKey.delete(this.#byKey.keys().next().value!)
    }
    return schema
  }

  async #resolved(answer: SchemaAnswer, what: string): Promise<RegistrySchema> {
    const format = answer.schemaType ?? 'AVRO'
    if (typeof answer.schema !== 'string' || !FORMATS.has(format)) {
      const found = typeof answer.schema === 'string' ? `type ${format}` : 'no schema'
      const message = `Schema registry, ${what}: expected a schema of type AVRO, PROTOBUF or JSON, found ${found}`
      throw new ScamanderError(KAFKA_ERRORS.REGISTRY_INVALID, message)
    }
    const references = answer.references ?? []
    const imports = new Map<string, ImportedSchema>()
    await this.#addImports(references, imports, new Set())
    return {
      // Answers by guid may lack the id; nothing that is read by guid needs it.
      id: answer.id ?? -1,
      version: answer.version,
      format: format as SchemaFormat,
      text: answer.schema,
      references,
      imports: [...imports.values()],
    }
  }

  /** Depths first: what a text refers to stands before it. */
  async #addImports(
    references: readonly SchemaReference[],
    imports: Map<string, ImportedSchema>,
    visited: Set<string>,
  ): Promise<void> {
    for (const { name, subject, version } of references) {
      if (visited.has(name)) continue
      visited.add(name)
      if (visited.size > REFERENCES_MAX) {
        const message = `Schema registry, subject ${subject}: expected at most ${REFERENCES_MAX} references`
        throw new ScamanderError(KAFKA_ERRORS.REGISTRY_INVALID, message)
      }
      const what = `version ${version} of subject ${subject}`
      const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`
      const answer = await this.#get(path, what)
      await this.#addImports(answer.references ?? [], imports, visited)
      imports.set(name, { name, text: answer.schema ?? '' })
    }
  }
}

function bodyOf({ format, text, references }: SchemaText) {
  return {
    schema: text,
    // Absent means Avro, and old registries know nothing else.
    ...(format === 'AVRO' ? {} : { schemaType: format }),
    ...(references.length === 0 ? {} : { references }),
  }
}

function idOf(answer: SchemaAnswer, what: string): number {
  if (typeof answer.id === 'number') return answer.id
  const message = `Schema registry, ${what}: expected an id, found none`
  throw new ScamanderError(KAFKA_ERRORS.REGISTRY_INVALID, message)
}
