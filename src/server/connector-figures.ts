/**
 * Figures of connectors over the last half hour, in memory: the metrics of the tasks of this worker,
 * every few seconds, added up per connector.
 * Fed with the readings of the worker's monitor. Invariants: a bounded number of connectors and points; a figure that
 * was not there is a gap, never 0; rates come from counters and never are below 0.
 * Spec: ui 5.4 (metrics), 6; connect-rest 19.
 */
import type { ConnectorFigures, FigureName } from '../api-v1-connectors.ts'
import type { SeriesReading } from '../telemetry/index.ts'

const STEP_MS = 5_000
const POINTS_MAX = 360
const CONNECTORS_MAX = 1_000
const PREFIX = 'kafka_connect_'

interface Figure {
  readonly figure: FigureName
  readonly kind: 'rate' | 'sum' | 'max'
}

const FIGURES: Readonly<Record<string, Figure>> = {
  sink_task_sink_record_read_total: { figure: 'read', kind: 'rate' },
  sink_task_sink_record_send_total: { figure: 'written', kind: 'rate' },
  source_task_source_record_poll_total: { figure: 'read', kind: 'rate' },
  source_task_source_record_write_total: { figure: 'written', kind: 'rate' },
  sink_task_put_batch_avg_time_ms: { figure: 'batchMs', kind: 'max' },
  sink_task_put_batch_max_time_ms: { figure: 'batchMaxMs', kind: 'max' },
  source_task_poll_batch_avg_time_ms: { figure: 'batchMs', kind: 'max' },
  source_task_poll_batch_max_time_ms: { figure: 'batchMaxMs', kind: 'max' },
  task_error_total_record_failures: { figure: 'failures', kind: 'rate' },
  task_error_total_retries: { figure: 'retries', kind: 'rate' },
  task_error_total_records_skipped: { figure: 'skipped', kind: 'rate' },
  task_error_deadletterqueue_produce_requests: { figure: 'deadLetters', kind: 'rate' },
  sink_task_sink_record_active_count: { figure: 'active', kind: 'sum' },
  source_task_source_record_active_count: { figure: 'active', kind: 'sum' },
  connector_task_batch_size_avg: { figure: 'batchSize', kind: 'max' },
  connector_task_offset_commit_avg_time_ms: { figure: 'commitMs', kind: 'max' },
}
const LAG = 'kafka_consumer_fetch_manager_records_lag'
/** Client ids of sinks: `connector-consumer-NAME-TASK`. */
const CONSUMER = /^connector-consumer-(.+)-\d+$/
const NAMES: readonly FigureName[] = [
  ...(['read', 'written', 'lag', 'batchMs', 'batchMaxMs', 'failures'] as const),
  ...(['retries', 'skipped', 'deadLetters', 'active', 'batchSize', 'commitMs'] as const),
]

type Values = Partial<Record<FigureName, number>>

interface Sample {
  readonly at: number
  readonly values: Values
}

interface Kept {
  counters: Values
  countedAtMs: number
  readonly samples: Sample[]
}

export class FigureHistory {
  readonly #kept = new Map<string, Kept>()
  #tookAtMs = Number.NEGATIVE_INFINITY

  view(name: string): ConnectorFigures {
    const samples = this.#kept.get(name)?.samples ?? []
    const line = (figure: FigureName) => samples.map(one => one.values[figure] ?? null)
    const series: Partial<Record<FigureName, (number | null)[]>> = {}
    for (const figure of NAMES) series[figure] = line(figure)
    return { times: samples.map(one => one.at), series }
  }

  /** Takes a reading when the last one is old enough. */
  offer(readings: readonly SeriesReading[], nowMs: number): void {
    if (nowMs - this.#tookAtMs >= STEP_MS) this.take(readings, nowMs)
  }

  /** One reading of all metrics. */
  take(readings: readonly SeriesReading[], nowMs: number): void {
    this.#tookAtMs = nowMs
    const found = addedUp(readings)
    for (const name of this.#kept.keys()) if (!found.has(name)) this.#kept.delete(name)
    for (const [name, { counters, gauges }] of found) {
      const known = this.#kept.get(name)
      if (known === undefined && this.#kept.size >= CONNECTORS_MAX) continue
      const kept = known ?? { counters: {}, countedAtMs: nowMs, samples: [] }
      const values: Values = { ...gauges }
      const seconds = (nowMs - kept.countedAtMs) / 1000
      for (const [figure, count] of Object.entries(counters) as [FigureName, number][]) {
        const before = kept.counters[figure]
        if (before !== undefined && seconds > 0 && count >= before) {
          values[figure] = (count - before) / seconds
        }
      }
      Object.assign(kept, { counters, countedAtMs: nowMs })
      kept.samples.push({ at: Math.round(nowMs / 1000), values })
      if (kept.samples.length > POINTS_MAX) kept.samples.shift()
      this.#kept.set(name, kept)
    }
  }
}

function addedUp(readings: readonly SeriesReading[]) {
  const found = new Map<string, { counters: Values; gauges: Values }>()
  const of = (name: string) => {
    const known = found.get(name) ?? { counters: {}, gauges: {} }
    found.set(name, known)
    return known
  }
  for (const { descriptor, labels, value } of readings) {
    if (typeof value !== 'number') continue
    const lagging = descriptor.name === LAG ? CONSUMER.exec(labels[0] ?? '')?.[1] : undefined
    if (lagging !== undefined) add(of(lagging).gauges, 'lag', value)
    if (!descriptor.name.startsWith(PREFIX)) continue
    const meant = FIGURES[descriptor.name.slice(PREFIX.length)]
    const name = labels[0]
    if (meant === undefined || name === undefined) continue
    const { counters, gauges } = of(name)
    if (meant.kind === 'rate') add(counters, meant.figure, value)
    else if (meant.kind === 'sum') add(gauges, meant.figure, value)
    else gauges[meant.figure] = Math.max(gauges[meant.figure] ?? 0, value)
  }
  return found
}

function add(values: Values, figure: FigureName, value: number): void {
  values[figure] = (values[figure] ?? 0) + value
}
