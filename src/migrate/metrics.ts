/**
 * Metrics of copies and validations: rows by what became of them, ranges that failed, and how far the
 * present table is. Fed at each exposition from the counts of the run, so that nothing is paid per row.
 * `job` is the connector, or the command. Spec: design, "Logs and metrics".
 * Invariant: counters only grow, also when several runs of one process follow each other.
 */
import { declareMetric, type MetricDescriptor, type MetricRegistry } from '../telemetry/index.ts'

const JOB = 'job'

export const COPIED_ROWS: MetricDescriptor = declareMetric({
  name: 'scamander_migrate_copy_rows_total',
  kind: 'counter',
  help: 'Rows of a copy: read, written, skipped by a filter, rejected.',
  labels: [JOB, 'outcome'],
})

export const COMPARED_ROWS: MetricDescriptor = declareMetric({
  name: 'scamander_migrate_compared_rows_total',
  kind: 'counter',
  help: 'Rows of a validation: read at the source, valid, mismatch, missing, extra, repaired, skipped because they were being written.',
  labels: [JOB, 'outcome'],
})

export const RANGE_ERRORS: MetricDescriptor = declareMetric({
  name: 'scamander_migrate_range_errors_total',
  kind: 'counter',
  help: 'Token ranges that could not be read or compared to their end.',
  labels: [JOB],
})

export const DONE_RATIO: MetricDescriptor = declareMetric({
  name: 'scamander_migrate_done_ratio',
  kind: 'gauge',
  help: 'Share of the token ranges of the present table that is done, 0 to 1.',
  labels: [JOB],
})

/** Where a run tells its counts. */
export interface MigrationMetrics {
  readonly registry: MetricRegistry
  readonly job: string
}

type Counts = Readonly<Record<string, number>>

/** Keeps series up to date from counts that grow; call the answer at the end of the run. */
export function watchCounts(
  metrics: MigrationMetrics | undefined,
  descriptor: MetricDescriptor,
  counts: () => { readonly outcomes: Counts; readonly errors: number; readonly share: number },
): () => void {
  if (metrics === undefined) return () => undefined
  const { registry, job } = metrics
  const told = new Map<string, number>()
  let errorsTold = 0
  const tell = () => {
    const { outcomes, errors, share } = counts()
    for (const [outcome, count] of Object.entries(outcomes)) {
      registry.series(descriptor, job, outcome).add(count - (told.get(outcome) ?? 0))
      told.set(outcome, count)
    }
    registry.series(RANGE_ERRORS, job).add(errors - errorsTold)
    errorsTold = errors
    registry.series(DONE_RATIO, job).set(share)
  }
  const forget = registry.onCollect(tell)
  return () => {
    forget()
    tell()
  }
}
