/**
 * Which tables a run is about, and what to know of the target before the first row: short-lived
 * tombstones, views and indexes. Asked once per run.
 * Spec: live-migration 3.4 (deletes), 3.6.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { type ControlSession, suggest } from '../cassandra/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import type { SelectionSettings } from './settings.ts'
import type { TablePlan } from './table-plan.ts'

const GC_GRACE_SECONDS_MIN = 86_400

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
  if (wanted.length === 0) refuse(`keyspace ${keyspace} of the source has no tables`)
  if (missing.length > 0) {
    const hint = suggest(missing[0]!, all)
    refuse(`keyspace ${keyspace} of the source has no table ${missing.join(', ')}${hint}`)
  }
  if (targetTable !== undefined && wanted.length !== 1) {
    refuse('--target-table needs exactly one --table')
  }
  return wanted
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
