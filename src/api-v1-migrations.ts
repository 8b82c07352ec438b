/**
 * The JSON shapes of `/api/v1/migrations`, types only. Importable by every room.
 * Lists are `{ items }`, errors problem+json, as in api-v1.ts.
 * Spec: live-migration 5.
 */
/** One check that ends the phase. Not accepted and not passed: `failed`. */
export interface MigrationCheck {
  /** What `accept` names. */
  readonly key: string
  readonly title: string
  readonly state: 'passed' | 'failed' | 'accepted'
  readonly text: string
}

/** `GET /migrations/{name}`, and the answer of every change; the checks are asked at that moment. */
export interface MigrationInfo {
  readonly name: string
  readonly source: readonly string[]
  readonly target: readonly string[]
  readonly keyspace: string
  readonly targetKeyspace: string
  /** Addresses of the proxies' control API. */
  readonly proxies: readonly string[]
  readonly phase: {
    readonly number: number
    readonly title: string
    readonly action: string
    readonly back: string
  }
  /** When the phase began. */
  readonly since: string
  /** When every writer went through the proxies. */
  readonly dualSince: string | null
  readonly checks: readonly MigrationCheck[]
  readonly tables: readonly {
    readonly table: string
    readonly state: 'green' | 'amber' | 'red'
    readonly reasons: readonly string[]
  }[]
  readonly history: readonly { readonly at: string; readonly by: string; readonly text: string }[]
}

/** `POST /migrations`. Passwords come from the server's environment. */
export interface MigrationDraft {
  readonly name: string
  readonly source: MigrationCluster
  readonly target: MigrationCluster
  readonly keyspace: string
  /** @default keyspace */
  readonly targetKeyspace?: string
  /** @default all of the keyspace */
  readonly tables?: readonly string[]
  readonly proxies?: readonly string[]
}

export interface MigrationCluster {
  /** `host:port` */
  readonly contactPoints: readonly string[]
  readonly localDc?: string
  readonly username?: string
  readonly tls?: boolean
  /** PEM files of the server's machine. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** `POST /migrations/{name}/advance` */
export interface MigrationAdvance {
  /** Keys of checks that one takes upon oneself. */
  readonly accept?: readonly string[]
}

/** `GET /migrations` */
export interface MigrationSummary {
  readonly name: string
  readonly phase: number
  readonly since: string
}
