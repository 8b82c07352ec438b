/**
 * The JSON shapes of `/api/v1/migrations`, types only. Importable by every room.
 * Lists are `{ items }`, errors problem+json, as in api-v1.ts.
 * Spec: live-migration 5; ui 5.6.
 */

/** One check of a phase. Not accepted and not passed: `failed`. */
export interface MigrationCheck {
  /** What `accept` names. */
  readonly key: string
  readonly title: string
  readonly state: 'passed' | 'failed' | 'accepted'
  readonly text: string
  /** Before the work of the phase, or before it ends. */
  readonly when: 'entry' | 'exit'
  /** A person may take it upon himself; what a program sees for sure is never accepted. */
  readonly acceptable: boolean
  readonly accepted: { readonly by: string; readonly at: string; readonly reason: string } | null
}

/** `GET /migrations/{name}`, and the answer of every change; the checks are asked at that moment. */
export interface MigrationInfo {
  readonly name: string
  readonly source: readonly string[]
  readonly target: readonly string[]
  /** Which of them is reached by TLS. */
  readonly tls: { readonly source: boolean; readonly target: boolean }
  readonly keyspace: string
  readonly targetKeyspace: string
  /** Addresses of the proxies' control API. */
  readonly proxies: readonly string[]
  readonly phase: MigrationPhase
  /** All of them, in order. */
  readonly phases: readonly MigrationPhase[]
  /** When the phase began. */
  readonly since: string
  /** When every writer went through the proxies. */
  readonly dualSince: string | null
  /** When the checks were asked. */
  readonly checkedAt: string
  readonly checks: readonly MigrationCheck[]
  readonly tables: readonly MigrationTable[]
  readonly history: readonly { readonly at: string; readonly by: string; readonly text: string }[]
}

export interface MigrationPhase {
  readonly number: number
  readonly title: string
  readonly action: string
  readonly back: string
}

export interface MigrationTable {
  readonly table: string
  readonly state: 'green' | 'amber' | 'red'
  readonly reasons: readonly string[]
}

/** `POST /migrations`. Passwords come from connections, or from the server's environment. */
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

/** `PATCH /migrations/{name}` */
export interface MigrationPatch {
  readonly proxies: readonly string[]
}

export interface MigrationCluster {
  /** Id of a saved connection, instead of all that follows. */
  readonly connection?: string
  /** `host:port` */
  readonly contactPoints?: readonly string[]
  readonly localDc?: string
  readonly username?: string
  readonly tls?: boolean
  /** PEM files of the server's machine. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** `POST /migrations/scan`: looks at both clusters, keeps nothing. */
export interface MigrationScan {
  readonly source: MigrationSide
  readonly target: MigrationSide
  /** Empty when a cluster cannot be reached. */
  readonly tables: readonly MigrationTable[]
  readonly problem: string | null
}

export interface MigrationSide {
  /** Null: it can be reached. */
  readonly problem: string | null
  readonly text: string
}

/** `POST /migrations/keyspaces`: keyspaces and tables of a cluster that are not its own. */
export interface MigrationKeyspace {
  readonly keyspace: string
  readonly tables: readonly string[]
}

/** `POST /migrations/{name}/advance` */
export interface MigrationAdvance {
  /** Keys of checks that one takes upon oneself. */
  readonly accept?: readonly string[]
}

/** `POST /migrations/{name}/checks/{check}/accept` */
export interface MigrationAccept {
  readonly reason: string
}

/** `GET /migrations` */
export interface MigrationSummary {
  readonly name: string
  readonly phase: number
  readonly title: string
  readonly since: string
  readonly keyspace: string
  readonly source: readonly string[]
  readonly target: readonly string[]
  /** What the server is doing for it now. */
  readonly working: MigrationActKind | null
}

export type MigrationActKind = 'copy' | 'validate' | 'repair'

/** `POST /migrations/{name}/acts`: the server begins, and answers at once. */
export interface MigrationActDraft {
  readonly kind: MigrationActKind
  /** @default all of the migration */
  readonly tables?: readonly string[]
  /** Rows per second to the target; of a copy. */
  readonly writeRate?: number
  /** Of a validation: write times and TTLs as well. */
  readonly compareTimestamps?: boolean
  /** Of a copy: from the start, although an earlier one is unfinished. */
  readonly restart?: boolean
  /** Of a repair: ids of differences; without it all that are listed. */
  readonly differences?: readonly number[]
  /** Of a repair: `now` is later than every deletion. @default 'source' */
  readonly time?: 'source' | 'now'
}

/** A copy, a validation or a repair that the server does or did. */
export interface MigrationAct {
  readonly id: number
  readonly kind: MigrationActKind
  /** differs: rows were rejected, or are different. */
  readonly state: 'running' | 'passed' | 'differs' | 'failed' | 'stopped'
  readonly by: string
  readonly startedAt: string
  readonly endedAt: string | null
  /** What happened, in one sentence. */
  readonly text: string
  readonly tables: readonly MigrationActTable[]
  /** Rows that differ, by kind; of validations and repairs. */
  readonly kinds: Readonly<Record<string, number>>
}

export interface MigrationActTable {
  readonly table: string
  readonly state: 'waiting' | 'running' | 'passed' | 'differs' | 'failed' | 'stopped'
  /** 0 to 1, of its token ranges. */
  readonly share: number
  readonly rows: number
  readonly rowsPerSecond: number
  readonly rejected: number
  readonly leftMs: number | null
  readonly problem: string | null
}

/** `GET /migrations/{name}/progress` */
export interface MigrationProgress {
  /** The one that runs, else the last one. */
  readonly act: MigrationAct | null
  /** Newest first. */
  readonly acts: readonly MigrationAct[]
  readonly tables: readonly {
    readonly table: string
    readonly copy: MigrationTally | null
    readonly validation: MigrationTally | null
  }[]
  /** Of this server's acts, one point per second. */
  readonly rates: { readonly times: readonly number[]; readonly rows: readonly (number | null)[] }
}

/** Token ranges of the last run, by what became of them. */
export interface MigrationTally {
  readonly total: number
  readonly done: number
  readonly failed: number
  readonly differing: number
  readonly startedAt: string
}

/** `GET /migrations/{name}/ranges?table=&of=copy|validation`: one letter per range, in token order. */
export interface MigrationRanges {
  readonly table: string
  readonly of: 'copy' | 'validation'
  /** w waiting, r running, d done, f failed, x differs, c corrected */
  readonly states: string
}

/** `GET /migrations/{name}/differences` */
export interface MigrationDifferences {
  readonly items: readonly MigrationDifference[]
  /** By kind; all that are kept. */
  readonly kinds: Readonly<Record<string, number>>
  /** Null: nothing was compared since the server started. */
  readonly comparedAt: string | null
  readonly rowsCompared: number
  /** More rows differ than are kept. */
  readonly isCut: boolean
}

export interface MigrationDifference {
  readonly id: number
  readonly table: string
  /** missing, extra, value, writetime, ttl, target-newer, column-names, column-count, error */
  readonly kind: string
  readonly key: MigrationCells
  /** Null: the row is missing there. */
  readonly source: MigrationCells | null
  readonly target: MigrationCells | null
  readonly cells: readonly {
    readonly kind: string
    readonly column: string
    readonly source: string | null
    readonly target: string | null
  }[]
  readonly isRepaired: boolean
  readonly note: string | null
}

/** Every value as text; null is null. */
export type MigrationCells = Readonly<Record<string, string | null>>

/** `GET /migrations/{name}/proxies` */
export interface MigrationProxies {
  readonly items: readonly MigrationProxy[]
  readonly history: MigrationProxyHistory
}

export interface MigrationProxy {
  readonly url: string
  /** Null: it answers. */
  readonly problem: string | null
  readonly isReady: boolean
  readonly primary: string
  readonly readMode: string
  readonly clients: number
  readonly missedWrites: number
  /** Milliseconds of the last seconds; null: no request. */
  readonly p99: { readonly source: number | null; readonly target: number | null }
}

type Line = readonly (number | null)[]

/** Of all proxies together, one point each five seconds, kept in memory. */
export interface MigrationProxyHistory {
  readonly times: readonly number[]
  /** Writes per second that a cluster took. */
  readonly writes: { readonly source: Line; readonly target: Line }
  /** Failed writes per second. */
  readonly failed: { readonly source: Line; readonly target: Line }
  readonly reads: { readonly source: Line; readonly target: Line; readonly both: Line }
  /** Milliseconds. */
  readonly p99: { readonly source: Line; readonly target: Line }
  /** Seconds that the oldest write waits for the target. */
  readonly oldest: Line
  /** Answers that differed, and conditional writes that one cluster alone applied, per second. */
  readonly different: Line
  readonly lwtMismatches: Line
  readonly clients: Line
}

/** `POST /migrations/{name}/proxies`: changes one proxy. */
export interface MigrationProxyChange {
  readonly url: string
  readonly primary?: 'source' | 'target'
  readonly readMode?: 'primary' | 'dual-async' | 'compare'
}
