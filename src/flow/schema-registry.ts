/**
 * Schemas that live in a registry: what converters ask of it, and how they ask without a promise
 * per record. A converter that lacks a schema throws `SchemaNeeded`; the engine fetches it once per
 * delivery and converts again. Implemented by the kafka room over HTTP, used by convert and connect.
 * Invariant: `fetch` of a need settles once; a schema that does not exist is kept as a data error of
 * the records that ask for it, an unreachable registry rejects with kind `retriable`.
 * Spec: connect-rest 12.
 */

export type SchemaFormat = 'AVRO' | 'PROTOBUF' | 'JSON'

export interface SchemaReference {
  /** As the schema's text calls it: a full name, an import path or a URI. */
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** A schema to be registered or looked up. */
export interface SchemaText {
  readonly format: SchemaFormat
  readonly text: string
  readonly references: readonly SchemaReference[]
}

/** A text that another schema refers to. */
export interface ImportedSchema {
  readonly name: string
  readonly text: string
}

/** A schema of the registry with everything that it refers to, depths first. */
export interface RegistrySchema extends SchemaText {
  readonly id: number
  /** Undefined when it was asked for by id without a subject. */
  readonly version: number | undefined
  readonly imports: readonly ImportedSchema[]
}

/** Calls reject with kind `data` (no such schema, refused), `retriable` or `config`. */
export interface SchemaRegistry {
  fetchById(id: number): Promise<RegistrySchema>
  fetchByGuid(guid: string): Promise<RegistrySchema>
  fetchLatest(subject: string): Promise<RegistrySchema>
  /** Registers and answers the id; the same schema gives the same id. */
  register(subject: string, schema: SchemaText, options: RegisterOptions): Promise<number>
  /** The id of a schema that is registered already. */
  lookUp(subject: string, schema: SchemaText, options: RegisterOptions): Promise<number>
  /** May readers of this schema read data of the latest version? */
  isCompatible(subject: string, schema: SchemaText): Promise<boolean>
}

export interface RegisterOptions {
  /** Let the registry bring the text into its normal form first. */
  readonly normalize: boolean
}

/** How to reach a registry; made from a converter's configuration. */
export interface RegistrySettings {
  readonly urls: readonly string[]
  readonly connectTimeoutMs: number
  readonly readTimeoutMs: number
  readonly login: RegistryLogin
  /** Java's ssl.* properties, without a prefix. */
  readonly tls: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** Schemas kept by id. */
  readonly cacheEntriesMax: number
}

export type RegistryLogin =
  /** With credentials where the address has them. */
  | { readonly kind: 'url' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  /** User and password of a login module's line, as Kafka clients have it. */
  | { readonly kind: 'sasl'; readonly jaas: string }
  | { readonly kind: 'token'; readonly token: string }
  | {
      readonly kind: 'oauth'
      readonly endpoint: string
      readonly clientId: string
      readonly clientSecret: string
      readonly scope: string | undefined
    }

/** Opens registries: the same settings give the same client. */
export type RegistryOpener = (settings: RegistrySettings) => SchemaRegistry

/**
 * Thrown by a converter in place of an answer; not an error. `fetch` brings what is missing,
 * then the same call is repeated. Equal needs are the same object while they are pending.
 */
export class SchemaNeeded {
  /** For logs: which schema of which subject. */
  readonly what: string
  readonly #load: () => Promise<void>
  #pending: Promise<void> | undefined

  constructor(what: string, load: () => Promise<void>) {
    this.what = what
    this.#load = load
  }

  /** One request for all who wait; after a failure the next call tries again. */
  fetch(): Promise<void> {
    this.#pending ??= this.#load().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }
}
