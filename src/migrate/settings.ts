/**
 * What a copy and a validation are told: plain data, filled by the commands or by a task of the
 * worker group, with the defaults beside.
 * Invariant: nothing here is read from a cluster; what depends on the schema is in the table plan.
 * Spec: live-migration 3.2, 4.1.
 */
import type { CassandraConnectionSettings } from '../cassandra/index.ts'
import type { ConsistencyCode } from '../cql/index.ts'
import { CONSISTENCY } from '../cql/index.ts'
import { FULL_RING, type TokenRange } from './token-range.ts'

/** How write times get to the target. `none`: the time of the target's coordinator. */
export type WritetimeMode = 'preserve' | 'backdate' | 'none'

export interface SelectionSettings {
  readonly keyspace: string
  /** Empty: every table of the keyspace. */
  readonly tables: readonly string[]
  readonly targetKeyspace: string
  /** Of the target; only with one table. */
  readonly targetTable: string | undefined
  /** Column of the source to column of the target. */
  readonly renames: ReadonlyMap<string, string>
  readonly skipColumns: ReadonlySet<string>
  /** Column of the target to a CQL literal. */
  readonly constants: ReadonlyMap<string, string>
  /** Added to every range query of the source, without WHERE. */
  readonly where: string | undefined
  readonly tokens: TokenRange
  readonly samplePercent: number
  /** Undefined: chosen by the size of the table. */
  readonly splits: number | undefined
  readonly pageSize: number
  /** Ranges under way at once. */
  readonly concurrency: number
  readonly readConsistency: ConsistencyCode
  readonly writeConsistency: ConsistencyCode
  /** Rows and bytes per second; undefined: no limit. */
  readonly readRate: number | undefined
  readonly readMbPerSecond: number | undefined
}

export interface CopySettings extends SelectionSettings {
  readonly writetime: WritetimeMode
  /** Microseconds: of `backdate`, and of what has no readable write time. */
  readonly backdateUs: bigint
  /** The same, when it was asked for: a copy that began with another one is not resumed. */
  readonly backdateGivenUs?: bigint | undefined
  readonly keepTtl: boolean
  /** Of collections whose elements tell no time (before Cassandra 5.0). */
  readonly collectionTimestamp: 'row-max' | 'backdate'
  /** `max`: one statement per row, with its largest write time and TTL. */
  readonly rowTimestamp: 'cells' | 'max'
  readonly listRetryIncrementUs: number
  /**
   * Microseconds. Lists that are older cannot be on the target yet: the first attempt keeps their time.
   * Undefined: nothing is known of that, every list is written a little later.
   */
  readonly dualSinceUs: bigint | undefined
  readonly writeRate: number | undefined
  readonly writeMbPerSecond: number | undefined
  /** Rows per request at most. */
  readonly batchSize: number
  readonly requestsMax: number
  /** Rejected rows at which the run stops; undefined: never. */
  readonly errorsMax: number | undefined
  /** Percentage of the rows read at which it stops, from the 100th row on. */
  readonly errorsPercentMax: number | undefined
  readonly filters: readonly ColumnFilter[]
  /** Bounds of the row's largest write time, microseconds. */
  readonly writetimeMin: bigint | undefined
  readonly writetimeMax: bigint | undefined
  readonly maxFieldBytes: number | undefined
  readonly createSchema: boolean
}

/** Rows whose column has that value are kept or left out. */
export interface ColumnFilter {
  readonly keep: boolean
  readonly column: string
  /** As text; compared with the decoded value's text. */
  readonly value: string
}

export interface ClusterPair {
  readonly source: CassandraConnectionSettings
  readonly target: CassandraConnectionSettings
}

export const SELECTION_DEFAULTS = {
  tables: [] as readonly string[],
  targetTable: undefined,
  renames: new Map<string, string>(),
  skipColumns: new Set<string>(),
  constants: new Map<string, string>(),
  where: undefined,
  tokens: FULL_RING,
  samplePercent: 100,
  splits: undefined,
  /** Fewer when rows are large. Small pages cost the servers most: each begins its range anew. */
  pageSize: 5_000,
  concurrency: 6,
  readConsistency: CONSISTENCY.LOCAL_QUORUM,
  writeConsistency: CONSISTENCY.LOCAL_QUORUM,
  readRate: undefined,
  readMbPerSecond: undefined,
} as const

export const COPY_DEFAULTS = {
  ...SELECTION_DEFAULTS,
  writetime: 'preserve',
  keepTtl: true,
  collectionTimestamp: 'row-max',
  rowTimestamp: 'cells',
  listRetryIncrementUs: 1,
  dualSinceUs: undefined,
  writeRate: undefined,
  writeMbPerSecond: undefined,
  batchSize: 32,
  requestsMax: 256,
  errorsMax: 100,
  errorsPercentMax: undefined,
  filters: [] as readonly ColumnFilter[],
  writetimeMin: undefined,
  writetimeMax: undefined,
  maxFieldBytes: undefined,
  createSchema: false,
} as const

/** Margin of `--writetime backdate` without a time: clock skew and the longest client timeout. */
export const BACKDATE_MARGIN_MS = 60_000
