/**
 * `GET /api/v1/flows`: counters of connectors and the process, for the first screen of the page.
 * Every worker has it; in a cluster each tells of its own tasks.
 * Invariant: figures are those of the metrics, read at the moment of the call; none is made up.
 * Spec: ui 5.1, 6.
 */
import type { FlowCounters, FlowsInfo } from '../api-v1-home.ts'
import { PRODUCT_VERSION } from '../base/product-version.ts'
import type { HeldUp, Herder } from '../connect/index.ts'
import type { MetricRegistry, SeriesReading } from '../telemetry/index.ts'
import { json, type Route } from './route.ts'

type Counted = Exclude<keyof FlowCounters, 'name' | 'troubles' | 'waits'>

const PREFIX = 'kafka_connect_'
/** Which metrics make which figure; those of several tasks are added. */
const FIGURES: Readonly<Record<string, Counted>> = {
  [`${PREFIX}sink_task_sink_record_read_total`]: 'read',
  [`${PREFIX}sink_task_sink_record_send_total`]: 'written',
  [`${PREFIX}source_task_source_record_poll_total`]: 'read',
  [`${PREFIX}source_task_source_record_write_total`]: 'written',
  [`${PREFIX}task_error_total_record_failures`]: 'failed',
  [`${PREFIX}task_error_deadletterqueue_produce_requests`]: 'deadLetters',
}
const LAG = 'kafka_consumer_fetch_manager_records_lag'
/** Client ids of sinks: `connector-consumer-NAME-TASK`. */
const CONSUMER = /^connector-consumer-(.+)-\d+$/

export function flowRoutes(herder: Herder, registry: MetricRegistry): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/flows',
      produces: 'any',
      summary: 'Counters of the connectors of this worker, and the worker itself.',
      handle: async () => json(200, await flowsOf(herder, registry)),
    },
  ]
}

export async function flowsOf(herder: Herder, registry: MetricRegistry): Promise<FlowsInfo> {
  await registry.refresh()
  const connectors = countersOf(await registry.read(), herder.heldUp())
  return {
    time: new Date().toISOString(),
    connectors,
    worker: {
      version: PRODUCT_VERSION,
      kafkaClusterId: herder.kafkaClusterId,
      bytes: process.memoryUsage.rss(),
      upSeconds: Math.round(process.uptime()),
    },
  }
}

/** Sorted by name. */
export function countersOf(
  readings: readonly SeriesReading[],
  held: readonly HeldUp[] = [],
): FlowCounters[] {
  const byName = new Map<string, Record<Counted, number> & { hasLag: boolean }>()
  const of = (name: string) => {
    const known = byName.get(name)
    if (known !== undefined) return known
    const made = { read: 0, written: 0, lag: 0, failed: 0, deadLetters: 0, hasLag: false }
    byName.set(name, made)
    return made
  }
  for (const { descriptor, labels, value } of readings) {
    if (typeof value !== 'number') continue
    const figure = FIGURES[descriptor.name]
    if (figure !== undefined) of(labels[0]!)[figure] += value
    const name = descriptor.name === LAG ? CONSUMER.exec(labels[0]!)?.[1] : undefined
    if (name === undefined) continue
    of(name).lag += value
    of(name).hasLag = true
  }
  const heldOf = new Map(held.map(one => [one.connector, one]))
  return [...byName]
    .map(([name, { hasLag, lag, ...rest }]) => {
      const { troubles = [], waits = [] } = heldOf.get(name) ?? {}
      return { name, ...rest, lag: hasLag ? lag : null, troubles, waits }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
