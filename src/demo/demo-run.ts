/**
 * One run of the demo, in the order in which a visitor sees it: servers, topics, first records,
 * worker, tables, connectors, first row; then the live status, or the proof of `--once`.
 * Called by `runDemo`. Records are sent as soon as Kafka answers, while Cassandra still starts.
 * Invariant: whatever was started is closed by `close`, in reverse order, also after a failure.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { CONNECTION_DEFAULTS, ControlSession } from '../cassandra/index.ts'
import { RecordProducer, TopicAdmin, toClientSettings } from '../kafka/index.ts'
import type { CassandraDescription, CassandraLine, KafkaDescription } from '../sandbox/index.ts'
import { type Logger, MetricRegistry } from '../telemetry/index.ts'
import { BacklogJob } from './backlog-job.ts'
import { readSchema } from './connector-file.ts'
import type { DataFlow } from './data/data-flow.ts'
import { DemoServers } from './demo-servers.ts'
import { prepareChangesTopic, prepareTopic, skipToEnd } from './demo-topics.ts'
import { DemoWorker } from './demo-worker.ts'
import { DEMO_ERRORS } from './errors.ts'
import { Feeder } from './feeder.ts'
import { type FlowStatus, FlowWatch } from './flow-status.ts'
import { CAPTURE_CONNECTORS, CHANGES_TOPIC, LiveCapture } from './live-capture.ts'
import { readMetricText, sumOf } from './metric-text.ts'
import { chooseRestPort, DEFAULT_PORT } from './rest-port.ts'
import type { Screen } from './screen.ts'

export interface RunOptions {
  readonly once: boolean
  readonly dir: string | undefined
  readonly keep: boolean | undefined
  /** Records per second and topic; undefined: as fast as possible. */
  readonly rate: number | undefined
  readonly port: number | undefined
  readonly cassandra: CassandraLine
}

export interface RunParts {
  readonly options: RunOptions
  readonly screen: Screen
  readonly logger: Logger
  readonly signal: AbortSignal
}

export interface RunningFlow {
  readonly flow: DataFlow
  readonly feeder: Feeder
  readonly firstRound: number
}

const FIRST_CHANGES = 20
const CHANGE_MS = 1_000
const FIRST_ROW_POLL_MS = 50
const FIRST_ROW_TIMEOUT_MS = 120_000
const WRITTEN = 'scamander_sink_records_total'

export class DemoRun {
  readonly #parts: RunParts
  readonly #registry = new MetricRegistry()
  readonly #feeding = new AbortController()
  /** What to close, the last opened last. */
  readonly #open: (() => Promise<void>)[] = []
  flows: RunningFlow[] = []
  #watches: FlowWatch[] = []
  #worker!: DemoWorker
  #session!: ControlSession
  #admin!: TopicAdmin
  /** All records are sent, or sending failed; looked at with `fed`. */
  #fed: Promise<unknown> = Promise.resolve()
  #feedError: unknown
  #changing: Promise<void> = Promise.resolve()
  #isCapturing = false
  /** Of the second half of the demo; there once the start has resolved. */
  capture!: LiveCapture
  backlog!: BacklogJob

  constructor(parts: RunParts) {
    this.#parts = parts
  }

  get session(): ControlSession {
    return this.#session
  }

  get admin(): TopicAdmin {
    return this.#admin
  }

  get restUrl(): string {
    return this.#worker.url
  }

  /** Resolves when records flow and the first row was read back. */
  async start(loading: Promise<readonly DataFlow[]>): Promise<void> {
    const { options, screen, signal } = this.#parts
    const { cassandra, dir, keep } = options
    const rest = await chooseRestPort(options.port)
    screen.step(`starting Cassandra ${cassandra} and Kafka on this machine`)
    const servers = await DemoServers.start({
      ...(dir !== undefined && { dir }),
      ...(keep !== undefined && { keep }),
      ...{ cassandra, signal, progress: line => screen.step(line) },
    })
    this.#open.push(() => servers.stop())
    const flows = await loading
    const kafka = await servers.kafka()
    await this.#feed(kafka, flows)
    if (rest.isReplacement) screen.step(`port ${DEFAULT_PORT} is taken: using port ${rest.port}`)
    await this.#openWorker(kafka, rest.port, servers)
    const node = await servers.cassandra()
    await this.#openTables(node)
    await this.#worker.deploy(
      flows.map(flow => flow.connector),
      node.port,
    )
    screen.step(`connectors run: ${flows.map(flow => flow.connector).join(', ')}`)
    this.#watches = this.flows.map(({ flow, feeder }) => new FlowWatch(flow, feeder, this.session))
    await this.#awaitFirstRow()
    await this.#openCapture(node)
    await this.#openBacklog(node)
    if (!this.#parts.options.once) this.#changing = this.#keepChanging()
  }

  /** Throws when sending or a connector failed. */
  assertHealthy(): void {
    if (this.#feedError !== undefined) throw this.#feedError
    for (const { flow } of this.flows) this.#worker.assertRunning(flow.connector)
    if (this.#isCapturing) for (const name of CAPTURE_CONNECTORS) this.#worker.assertRunning(name)
  }

  /** The state of every flow now; rows are counted meanwhile. */
  async sample(): Promise<FlowStatus[]> {
    this.assertHealthy()
    const samples = readMetricText(await this.#registry.exposition())
    return this.#watches.map(watch => watch.sample(samples, performance.now()))
  }

  /** Resolves when every record was sent; only `--once` comes to an end. */
  async fed(): Promise<void> {
    await this.#fed
    if (this.#feedError !== undefined) throw this.#feedError
  }

  async close(): Promise<void> {
    this.#feeding.abort()
    await this.#fed
    await this.#changing
    for (const close of this.#open.reverse()) {
      await close().catch(error => this.#parts.screen.line(`closing failed: ${messageOf(error)}`))
    }
  }

  /** Creates topics and starts to send. */
  async #feed(kafka: KafkaDescription, flows: readonly DataFlow[]): Promise<void> {
    const { options, screen, logger } = this.#parts
    const { bootstrapServers } = kafka
    const client = { 'bootstrap.servers': bootstrapServers, 'client.id': 'scamander-demo' }
    const settings = toClientSettings({ ...client, 'linger.ms': '5' }, logger)
    const admin = new TopicAdmin(settings.connection)
    this.#admin = admin
    this.#open.push(() => admin.close())
    const producer = new RecordProducer({ settings, logger })
    this.#open.push(() => producer.close(1_000))
    await producer.open()
    this.flows = await Promise.all(
      flows.map(async flow => {
        const held = await prepareTopic(admin, flow)
        if (options.once && held > 0) await skipToEnd(admin, flow)
        const firstRound = options.once ? 0 : Math.ceil(held / flow.recordsPerRound)
        const rounds = options.once ? flow.roundsOnce : undefined
        const { rate } = options
        const feeder = new Feeder({ flow, producer, clock: systemClock, rate, rounds, firstRound })
        return { flow, feeder, firstRound }
      }),
    )
    const { signal } = this.#feeding
    this.#fed = Promise.all(this.flows.map(({ feeder }) => feeder.run(signal))).catch(error => {
      this.#feedError = error
    })
    screen.step(`sending ${flows.map(flow => `${flow.topic} (${flow.title})`).join(', ')}`)
  }

  async #openWorker(kafka: KafkaDescription, port: number, servers: DemoServers): Promise<void> {
    const { logger, screen, signal } = this.#parts
    const { bootstrapServers } = kafka
    const { dir, cassandraPort } = servers
    await mkdir(dir, { recursive: true })
    const offsetFile = join(dir, 'connect.offsets')
    const registry = this.#registry
    const dataFolder = join(dir, 'product')
    const own = { bootstrapServers, port, offsetFile, dataFolder, cassandraPort }
    const worker = await DemoWorker.open({ ...own, logger, registry, signal })
    this.#open.push(() => worker.close())
    this.#worker = worker
    screen.step(`REST API: ${worker.url}`)
  }

  async #openTables(node: CassandraDescription): Promise<void> {
    const { logger, options, screen } = this.#parts
    const settings = {
      ...CONNECTION_DEFAULTS,
      contactPoints: node.contactPoints.map(host => ({ host, port: node.port })),
      localDc: node.localDatacenter,
      applicationName: 'scamander-demo',
    }
    const session = await ControlSession.open(settings, { logger, signal: this.#parts.signal })
    this.#open.push(() => session.close())
    this.#session = session
    for (const statement of await readSchema()) await session.execute(statement)
    const tables = this.flows.flatMap(({ flow }) => flow.tables)
    // A folder that was kept holds the rows of an earlier run, which `--once` would find too many.
    if (options.once && options.dir !== undefined) {
      for (const { name } of tables) await session.execute(`TRUNCATE ${name}`)
    }
    screen.step(`tables: ${tables.map(table => table.name).join(', ')}`)
  }

  /** Changes by CQL, captured onto a topic, written into a second table; a change a second goes on. */
  async #openCapture(node: CassandraDescription): Promise<void> {
    const { screen, signal, options } = this.#parts
    const capture = new LiveCapture({ url: this.#worker.url, session: this.session, signal })
    this.capture = capture
    await prepareChangesTopic(this.admin, CHANGES_TOPIC)
    await capture.open()
    await this.#worker.deploy(CAPTURE_CONNECTORS, node.port)
    this.#isCapturing = true
    const startedMs = performance.now()
    for (let i = 0; i < FIRST_CHANGES; i++) await capture.change()
    const rows = await capture.awaitEqual()
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    screen.step(
      `captured: ${FIRST_CHANGES} changes of market.watchlist by CQL, on topic ${CHANGES_TOPIC} and as ${rows} rows of market.watchers_by_symbol after ${seconds} s`,
    )
    if (options.once) return
    screen.step(
      `change it: cqlsh 127.0.0.1 ${node.port} -e "INSERT INTO market.watchlist (owner, symbol, shares, note) VALUES ('you', 'IBM', 1, 'mine')"`,
    )
  }

  /** A Backlog space, copied by a job that then runs every minute. */
  async #openBacklog(node: CassandraDescription): Promise<void> {
    const { screen } = this.#parts
    const { replicator, url } = this.#worker
    const backlog = await BacklogJob.open({ replicator, session: this.session, node })
    this.#open.push(() => backlog.close())
    this.backlog = backlog
    this.#worker.tellBacklog(backlog.space)
    await backlog.run(true)
    const { issues, comments, fields } = await backlog.prove()
    screen.step(
      `replicated: a Backlog space of ${issues} issues and ${comments} comments, ${fields} fields equal; the job runs every minute: ${url}/ui/`,
    )
  }

  async #keepChanging(): Promise<void> {
    const { signal } = this.#feeding
    while (!signal.aborted) {
      await systemClock.sleep(CHANGE_MS, signal)
      if (signal.aborted) return
      this.backlog.change()
      await this.capture.change().catch(error => {
        this.#feedError ??= error
      })
    }
  }

  /** Reads the first row back from its table. */
  async #awaitFirstRow(): Promise<void> {
    const { screen, signal } = this.#parts
    const untilMs = performance.now() + FIRST_ROW_TIMEOUT_MS
    const tables = this.flows.flatMap(({ flow }) => flow.tables)
    while (!signal.aborted) {
      const samples = readMetricText(await this.#registry.exposition())
      for (const { name, columns } of tables) {
        const [keyspace = '', table = ''] = name.split('.')
        if (sumOf(samples, WRITTEN, { keyspace, table }) === 0) continue
        const [row] = await this.session.execute(
          `SELECT JSON ${columns.join(', ')} FROM ${name} LIMIT 1`,
        )
        if (row === undefined) continue
        const seconds = (performance.now() / 1000).toFixed(1)
        screen.step(`first row after ${seconds} s: ${name} ${String(row['[json]'])}`)
        return
      }
      this.assertHealthy()
      if (performance.now() > untilMs) {
        const message = `expected a row within ${FIRST_ROW_TIMEOUT_MS / 1000} s after the connectors started, found none`
        throw new ScamanderError(DEMO_ERRORS.STALLED, message)
      }
      await systemClock.sleep(FIRST_ROW_POLL_MS, signal)
    }
  }
}
