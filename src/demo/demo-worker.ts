/**
 * The server of the demo: the same parts that `scamander start --worker` runs, with the settings of a
 * usual worker.properties. Connectors are created from the files in examples/demo.
 * Used by demo-run.ts. Invariant: after `close` no connector runs and nothing listens.
 */
import { dirname } from 'node:path'
import type { SandboxPlaces, SandboxSpace } from '../api-v1-help.ts'
import { assert } from '../base/assert.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { readProperties } from '../config/index.ts'
import type { Replicator } from '../replicate/index.ts'
import { type Start, startServer } from '../server/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import { type ConnectorBody, readConnector } from './connector-file.ts'
import { DEMO_ERRORS } from './errors.ts'

export interface DemoWorkerOptions {
  readonly bootstrapServers: string
  readonly port: number
  readonly offsetFile: string
  /** Of the product database. */
  readonly dataFolder: string
  /** Changes are captured from there once it answers. */
  readonly cassandraPort: number
  readonly logger: Logger
  readonly registry: MetricRegistry
  readonly signal: AbortSignal
}

export class DemoWorker {
  readonly #start: Start
  readonly #places: { backlog?: SandboxPlaces['backlog'] }

  private constructor(start: Start, places: { backlog?: SandboxPlaces['backlog'] }) {
    this.#start = start
    this.#places = places
  }

  /** Needs Kafka, not Cassandra: the REST API answers before the first connector exists. */
  static async open(options: DemoWorkerOptions): Promise<DemoWorker> {
    const { logger, registry, signal, dataFolder, port, cassandraPort } = options
    const worker = readProperties(toWorkerProperties(options))
    const listen = `http://127.0.0.1:${port}`
    const sandbox: { -readonly [Key in keyof SandboxPlaces]: SandboxPlaces[Key] } = {
      ...{ cassandra: `127.0.0.1:${cassandraPort}`, kafka: options.bootstrapServers },
      folder: dirname(dataFolder),
    }
    const parts = { worker, connectors: [], logger, registry, signal, sandbox }
    return new DemoWorker(await startServer({ dataFolder, listen, ...parts }), sandbox)
  }

  /** The page tells it from here on. */
  tellBacklog(backlog: SandboxSpace): void {
    this.#places.backlog = backlog
  }

  get url(): string {
    return this.#start.url
  }

  get replicator(): Replicator {
    return this.#start.replicator
  }

  /** Creates the connectors of examples/demo and waits until their tasks run. */
  async deploy(names: readonly string[], cassandraPort: number): Promise<ConnectorBody[]> {
    const worker = this.#connect()
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
    const { connector, tasks } = this.#connect().status(name)
    const failed = [connector, ...tasks].find(one => one.state === 'FAILED')
    if (failed === undefined) return
    const message = `connector ${name}: expected it to run, found FAILED: ${failed.trace ?? 'no trace'}`
    throw new ScamanderError(DEMO_ERRORS.CONNECTOR, message)
  }

  async close(): Promise<void> {
    await this.#start.close()
  }

  #connect(): NonNullable<Start['worker']> {
    const { worker } = this.#start
    assert(worker !== undefined, 'the demo starts its server with a worker')
    return worker
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
