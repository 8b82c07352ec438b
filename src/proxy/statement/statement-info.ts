/**
 * What the proxy must know of a statement to route it. Made by `classify`, cached by text.
 * Invariant: immutable; nothing in it depends on a connection (unqualified names are resolved by
 * `routeOf` with the connection's keyspace).
 * Spec: live-migration 2.6, 2.7.
 */
import type { FunctionCall } from './find-functions.ts'

export type StatementKind =
  | 'select'
  | 'list'
  | 'describe'
  | 'insert'
  | 'update'
  | 'delete'
  | 'batch'
  | 'truncate'
  | 'use'
  | 'schema'
  | 'unknown'

/** Where a statement goes. `source-read`: LIST and DESCRIBE, which do not follow read routing. */
export type StatementClass =
  | 'read'
  | 'source-read'
  | 'local'
  | 'system'
  | 'write'
  | 'schema'
  | 'use'
  | 'unknown'

/** Why a write cannot be replayed from a journal without harm. */
export type ReplayObstacle = 'conditional' | 'counter' | 'increment' | 'truncate'

export interface StatementInfo {
  readonly kind: StatementKind
  readonly keyspace: string | undefined
  readonly table: string | undefined
  /** IF …: each cluster decides for itself. */
  readonly isConditional: boolean
  readonly obstacle: ReplayObstacle | undefined
  /** For `x = x + ?`: columns whose type decides whether it may be repeated. */
  readonly incrementedColumns: readonly string[]
  /** Calls whose value each coordinator would make for itself. */
  readonly functions: readonly FunctionCall[]
  /** Variables are named (`:name`), so added ones must be named too. */
  readonly hasNamedMarkers: boolean
}

const WRITES: ReadonlySet<StatementKind> = new Set([
  'insert',
  'update',
  'delete',
  'batch',
  'truncate',
])
const SYSTEM_KEYSPACES: ReadonlySet<string> = new Set([
  'system',
  'system_schema',
  'system_virtual_schema',
  'system_views',
  'system_auth',
  'system_traces',
  'system_distributed',
])
const LOCAL_TABLES: ReadonlySet<string> = new Set(['local', 'peers', 'peers_v2'])

export function isWriteKind(kind: StatementKind): boolean {
  return WRITES.has(kind)
}

/** The class of a statement on a connection that uses `keyspace`. */
export function classOf(info: StatementInfo, keyspace: string | undefined): StatementClass {
  switch (info.kind) {
    case 'select':
      return classOfSelect(info.keyspace ?? keyspace, info.table)
    case 'list':
    case 'describe':
      return 'source-read'
    case 'schema':
    case 'use':
    case 'unknown':
      return info.kind
    default:
      return 'write'
  }
}

function classOfSelect(keyspace: string | undefined, table: string | undefined): StatementClass {
  if (keyspace === undefined) return 'read'
  if (keyspace === 'system' && table !== undefined && LOCAL_TABLES.has(table)) return 'local'
  return SYSTEM_KEYSPACES.has(keyspace) || keyspace.startsWith('dse_') ? 'system' : 'read'
}
