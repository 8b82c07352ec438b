/**
 * The worker of the demo with its REST API: the same parts that `connect-standalone` runs, with the
 * settings of a usual worker.properties. Connectors are created from the files in examples/demo.
 * Used by demo-run.ts. Invariant: after `close` no connector runs and nothing listens.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { readProperties } from '../config/index.ts'
import { type Standalone, startStandalone } from '../server/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import { type ConnectorBody, readConnector } from './connector-file.ts'
import { DEMO_ERRORS } from './errors.ts'

export interface DemoWorkerOptions {
  readonly bootstrapServers: string
  readonly port: number
  readonly offsetFile: string
  /** Changes are captured from there once it answers. */
  readonly cassandraPort: number
  readonly logger: Logger
  readonly registry: MetricRegistry
  readonly signal: AbortSignal
}

export class DemoWorker {
  readonly #standalone: Standalone

  private constructor(standalone: Standalone) {
    this.#standalone = standalone
  }

  /** Needs Kafka, not Cassandra: the REST API answers before the first connector exists. */
  static async open(options: DemoWorkerOptions): Promise<DemoWorker> {
    const { logger, registry, signal } = options
    const worker = readProperties(toWorkerProperties(options))
    const parts = { worker, connectors: [], logger, registry, signal }
    return new DemoWorker(await startStandalone(parts))
  }

  get url(): string {
    return this.#standalone.url
  }

  /** Creates the connectors of examples/demo and waits until their tasks run. */
  async deploy(names: readonly string[], cassandraPort: number): Promise<ConnectorBody[]> {
    const { worker } = this.#standalone
    const bodies = await Promise.all(names.map(name => readConnector(name, cassandraPort)))
    const created = await Promise.all(bodies.map(({ name, config }) => worker.create(name, config)))
    const failures = await Promise.all(created.flatMap(one => one.started.starts))
    const failure = failures.find(one => one !== undefined)
    if (failure !== undefined) throw failure
    for (const name of names) this.assertRunning(name)
    return bodies
  }

  /** Throws with the trace when the connector or a task of it has failed. */
  assertRunning(name: string): void {
    const { connector, tasks } = this.#standalone.worker.status(name)
    const failed = [connector, ...tasks].find(one => one.state === 'FAILED')
    if (failed === undefined) return
    const message = `connector ${name}: expected it to run, found FAILED: ${failed.trace ?? 'no trace'}`
    throw new ScamanderError(DEMO_ERRORS.CONNECTOR, message)
  }

  async close(): Promise<void> {
    await this.#standalone.close()
  }
}

/** What a user would write for this worker. */
function toWorkerProperties(options: DemoWorkerOptions): string {
  const { bootstrapServers, port, offsetFile, cassandraPort } = options
  return [
    `bootstrap.servers=${bootstrapServers}`,
    'key.converter=org.apache.kafka.connect.storage.StringConverter',
    'value.converter=org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable=false',
    `offset.storage.file.filename=${offsetFile}`,
    'offset.flush.interval.ms=1000',
    `listeners=http://127.0.0.1:${port}`,
    // Metrics are at /metrics of the REST API; another worker of this machine may have the port.
    'scamander.metrics.listeners=',
    'cdc.contact.points=127.0.0.1',
    `cdc.port=${cassandraPort}`,
  ].join('\n')
}
