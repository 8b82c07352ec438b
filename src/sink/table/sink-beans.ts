/**
 * The beans of one connector under the JMX names of the DataStax sink: per topic and table, for
 * records of unknown topics, and of the session with the cluster.
 * Made by the table sink; with `jmx=false` nothing is published and nothing is counted.
 * Invariant: fed per request or per delivery, never per row.
 * Spec: cassandra-sink 3.1 (jmx, jmxConnectorDomain, metricsHighestLatency), 8.
 */
import type { WriteObserver } from '../../cassandra/index.ts'
import {
  type DecayingHistogram,
  type JmxRegistry,
  type Meter,
  toObjectName,
} from '../../telemetry/index.ts'
import type { DatastaxSinkSettings } from './datastax/settings.ts'

/** Beans of one topic and table. */
export interface TableBeans {
  readonly records: Meter
  readonly failedRecords: Meter
  readonly batchSize: DecayingHistogram
  /** One update per statement, with the mean of its request. */
  readonly batchBytes: DecayingHistogram
}

/** The reference numbers its sessions; a connector here has one at a time. */
const SESSION = 's0'
const REQUESTS = 'cql-requests'
const TIMEOUTS = 'cql-client-timeouts'

export class SinkBeans {
  readonly #registry: JmxRegistry
  readonly #connector: string
  readonly #settings: DatastaxSinkSettings['jmx']
  /** Undefined: not published. */
  readonly unknownTopic: Meter | undefined

  constructor(registry: JmxRegistry, connector: string, settings: DatastaxSinkSettings['jmx']) {
    this.#registry = registry
    this.#connector = connector
    this.#settings = settings
    const name = this.#name({ name: 'failedRecordsWithUnknownTopic' })
    this.unknownTopic = settings.enabled ? registry.meter(connector, name) : undefined
  }

  ofTable(of: { topic: string; keyspace: string; table: string }): TableBeans | undefined {
    if (!this.#settings.enabled) return undefined
    const { topic, keyspace, table } = of
    const registry = this.#registry
    const nameOf = (name: string) => this.#name({ topic, keyspace, table, name })
    return {
      records: registry.meter(this.#connector, nameOf('recordCount')),
      failedRecords: registry.meter(this.#connector, nameOf('failedRecordCount')),
      batchSize: registry.histogram(this.#connector, nameOf('batchSize')),
      batchBytes: registry.histogram(this.#connector, nameOf('batchSizeInBytes')),
    }
  }

  /** For the session; undefined when none of its metrics is wanted. */
  observer(): WriteObserver | undefined {
    const { enabled, sessionMetrics, highestLatencySeconds } = this.#settings
    if (!enabled) return undefined
    const registry = this.#registry
    const connector = this.#connector
    const nameOf = (name: string) => this.#name({ driver: 'driver', session: SESSION, name })
    const timer = sessionMetrics.includes(REQUESTS)
      ? registry.timer(connector, nameOf(REQUESTS), highestLatencySeconds * 1_000)
      : undefined
    const counter = sessionMetrics.includes(TIMEOUTS)
      ? registry.counter(connector, nameOf(TIMEOUTS))
      : undefined
    if (timer === undefined && counter === undefined) return undefined
    return {
      onWritten: (latencyMs, nowMs) => timer?.observe(latencyMs, nowMs),
      onTimeout: () => counter?.add(),
    }
  }

  #name(parts: Readonly<Record<string, string>>): string {
    return toObjectName(this.#settings.domain, { connector: this.#connector, ...parts })
  }
}
