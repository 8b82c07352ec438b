/**
 * Which tables a run is about, what it must not be about, and what to know of the target before the first
 * row: short-lived tombstones, views and indexes. Asked once per run.
 * Invariant: a run never has one table on both sides, and never writes what a node keeps about itself.
 * Spec: live-migration 3.4 (deletes), 3.6.
 */
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import { type ControlSession, suggest, type TableSchema } from '../cassandra/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import type { SelectionSettings } from './settings.ts'
import type { TablePlan } from './table-plan.ts'

const GC_GRACE_SECONDS_MIN = 86_400
/** Each node keeps its own; rows of another node would break it. */
const NODE_KEYSPACES = ['system', 'system_schema', 'system_views', 'system_virtual_schema']

/** Names of the source, in the order given, or all of the keyspace. */
export async function listTables(
  source: ControlSession,
  { keyspace, tables, targetTable }: SelectionSettings,
): Promise<string[]> {
  const rows = await source.execute(
    'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?',
    [keyspace],
  )
  const all = rows.map(row => String(row['table_name'])).sort()
  const wanted = tables.length === 0 ? all : [...tables]
  const missing = wanted.filter(name => !all.includes(name))
  if (all.length === 0) refuse(`the source has no keyspace ${keyspace}, or no tables in it`)
  if (missing.length > 0) {
    const hint = suggest(missing[0]!, all)
    refuse(`keyspace ${keyspace} of the source has no table ${missing.join(', ')}${hint}`)
  }
  if (targetTable !== undefined && wanted.length !== 1) {
    refuse('--target-table needs exactly one --table')
  }
  return wanted
}

/** The table as the target has it. */
export async function targetTable(
  target: ControlSession,
  keyspace: string,
  name: string,
): Promise<TableSchema> {
  try {
    return await target.table(keyspace, name)
  } catch (error) {
    if (!isScamanderError(error, 'config')) throw error
    const message = `at the target: ${error.message}; migrate --create-schema makes what is missing`
    throw new ScamanderError(MIGRATE_ERRORS.SCHEMA, message, { cause: error })
  }
}

/** A node that is in both clusters tells that they are one. */
export function requireApart(
  source: ControlSession,
  target: ControlSession,
  { keyspace, targetKeyspace, tables, targetTable: renamed }: SelectionSettings,
): void {
  const isSameTable =
    keyspace === targetKeyspace && (renamed === undefined || tables.includes(renamed))
  const ids = new Set(source.nodes.map(node => node.hostId))
  const common = target.nodes.find(node => ids.has(node.hostId))
  if (!isSameTable || common === undefined) return
  const message = `expected two clusters, or another keyspace or table of one: node ${common.address} is in both`
  throw new ScamanderError(MIGRATE_ERRORS.SCHEMA, message)
}

export function requireWritableKeyspace(keyspace: string): void {
  if (!NODE_KEYSPACES.includes(keyspace)) return
  const message = `keyspace ${keyspace} of the target belongs to its nodes and is never written`
  throw new ScamanderError(MIGRATE_ERRORS.SCHEMA, message)
}

export function requireMurmur(control: ControlSession, side: 'source' | 'target'): void {
  if (control.isTokenAware) return
  const message = `expected Murmur3Partitioner at the ${side}, found another partitioner`
  throw new ScamanderError(MIGRATE_ERRORS.VERSION, message)
}

/** All nodes of the cluster run 5.0 or newer. */
export function hasElementTimes(control: ControlSession): boolean {
  return control.releaseVersions.every(version => Number.parseInt(version, 10) >= 5)
}

/** Warns of what makes a copy slow or leaves deleted rows behind. */
export async function noteRisks(
  target: ControlSession,
  plan: TablePlan,
  logger: Logger,
): Promise<void> {
  const { keyspace, name } = plan.target
  const where = 'WHERE keyspace_name = ? AND table_name = ?'
  const [table] = await target.execute(
    `SELECT gc_grace_seconds FROM system_schema.tables ${where}`,
    [keyspace, name],
  )
  const indexes = await target.execute(`SELECT index_name FROM system_schema.indexes ${where}`, [
    keyspace,
    name,
  ])
  const seconds = Number(table?.['gc_grace_seconds'] ?? 0)
  if (seconds < GC_GRACE_SECONDS_MIN) {
    logger.warn(
      `${keyspace}.${name}: gc_grace_seconds of the target is ${seconds}; raise it until the copy is done, else rows deleted meanwhile may come back`,
    )
  }
  if (indexes.length > 0) {
    logger.warn(`${keyspace}.${name}: ${indexes.length} index(es) on the target slow the copy`)
  }
  if (plan.targetOnly.length > 0) {
    logger.warn(`${keyspace}.${name}: only on the target: ${plan.targetOnly.join(', ')}`)
  }
}

function refuse(message: string): never {
  throw new ScamanderError(MIGRATE_ERRORS.NO_TABLES, message)
}
