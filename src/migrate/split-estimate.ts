/**
 * How many ranges a table is worth: by the size that the nodes estimate, with bounds on both sides.
 * The estimates are minutes old and miss fresh tables, which then get the least number; a range that
 * turns out large has checkpoints, so a bad guess costs little.
 * Spec: live-migration 3.1 (about 10 MB of data each).
 */
import type { ReadSession } from '../cassandra/index.ts'
import type { TablePlan } from './table-plan.ts'

const RANGE_BYTES = 10_000_000
const SPLITS_MIN = 48
const SPLITS_MAX = 5_000

export async function estimateSplits(source: ReadSession, plan: TablePlan): Promise<number> {
  const { keyspace, name } = plan.source
  const rows = await source.control.execute(
    'SELECT mean_partition_size, partitions_count FROM system.size_estimates WHERE keyspace_name = ? AND table_name = ?',
    [keyspace, name],
  )
  let bytes = 0
  for (const row of rows) {
    bytes += Number(row['mean_partition_size']) * Number(row['partitions_count'])
  }
  // One node tells its own ranges only.
  const nodes = Math.max(1, source.control.localNodes.length)
  const wanted = Math.ceil((bytes * nodes) / RANGE_BYTES)
  return Math.min(SPLITS_MAX, Math.max(SPLITS_MIN, wanted))
}
