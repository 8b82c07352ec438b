/**
 * What a task counts while it makes records of changes: operations, latency, late ones, rows read again.
 * Made by EventMaker. Series are kept per channel, because they are used for every event.
 * Spec: cdc-replication 9.2.
 */
import type { MetricDescriptor, MetricRegistry, Series } from '../../../telemetry/index.ts'
import { labelOfChannel } from '../channel-requests.ts'
import { CDC_METRICS } from '../metrics.ts'
import type { Channel } from '../state/records.ts'
import type { ChangeEvent } from './change-event.ts'

export type LateAction = 'emit' | 'park' | 'drop'

export class EventMetrics {
  readonly #registry: MetricRegistry
  readonly #series = new Map<string, Series>()

  constructor(registry: MetricRegistry) {
    this.#registry = registry
  }

  /** It is handed on. */
  given(channel: Channel, { operation, timestamp, place }: ChangeEvent): void {
    const writtenS = Number(timestamp) / 1e6
    const readS = place.readAtMs / 1000
    const nowS = Date.now() / 1000
    this.#of(channel, CDC_METRICS.delivered, operation).add()
    const observe = (stage: string, seconds: number) =>
      this.#of(channel, CDC_METRICS.latency, stage).observe(Math.max(0, seconds))
    observe('read', readS - writtenS)
    observe('queue', nowS - readS)
    observe('deliver', nowS - writtenS)
  }

  late(channel: Channel, action: LateAction): void {
    this.#of(channel, CDC_METRICS.late, action).add()
  }

  /** Brokers refuse its write time. */
  clamped(channel: Channel): void {
    this.#of(channel, CDC_METRICS.clamped).add()
  }

  reread(channel: Channel, why: 'collection' | 'counter' | 'full'): void {
    this.#of(channel, CDC_METRICS.rereads, why).add()
  }

  /** The rows of a snapshot have it already. */
  contained(channel: Channel): void {
    this.#of(channel, CDC_METRICS.duplicates, 'snapshot').add()
  }

  #of(channel: Channel, descriptor: MetricDescriptor, ...labels: readonly string[]): Series {
    const key = `${channel.id} ${descriptor.name} ${labels.join(' ')}`
    let series = this.#series.get(key)
    if (series === undefined) {
      series = this.#registry.series(descriptor, labelOfChannel(channel), ...labels)
      this.#series.set(key, series)
    }
    return series
  }
}
