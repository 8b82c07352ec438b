/**
 * A thread in which tasks run: builds and runs what the main thread orders, and tells what they do.
 * Started by task-host.ts. Everything that a user sees (states, metrics, logs, topics) is kept in
 * the main thread and told there by messages; positions of sources are read and stored there.
 * Invariants: with an expired lease nothing goes on, also while the main thread stands still; the pulse
 * beats while the event loop turns; of a run nothing is told after its
 * `ended`; numbers are told before it.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../base/assert.ts'
import { collectStartGarbage } from '../../base/start-garbage.ts'
import { evaluateConfig } from '../../config/index.ts'
import {
  Logger,
  MetricChanges,
  MetricRegistry,
  onExport,
  openTracing,
  type Tracing,
} from '../../telemetry/index.ts'
import { type PreparedPlan, prepareSource } from '../connector-plan.ts'
import { Lease } from '../distributed/lease.ts'
import type { WorkerConfig } from '../standalone-config.ts'
import type { ConnectorPlan } from '../task-plan.ts'
import { tracingKeysOf } from '../tracing-fields.ts'
import { distributedWorkerConfig, standaloneWorkerConfig } from '../worker-config.ts'
import { HostedRun } from './hosted-run.ts'
import { toPlainError } from './plain-error.ts'
import { Pulse } from './pulse.ts'
import type { FromTaskThread, RunOrder, ThreadStart, ToTaskThread } from './thread-messages.ts'
import { ThreadOffsets } from './thread-offsets.ts'

const BEAT_MS = 100
const REPORT_MS = 1_000

class TaskThread {
  readonly #post: (message: FromTaskThread) => void
  readonly #worker: WorkerConfig
  readonly #logger: Logger
  readonly #registry = new MetricRegistry()
  readonly #changes = new MetricChanges(this.#registry)
  readonly #offsets: ThreadOffsets
  readonly #pulse: Pulse
  /** Undefined: the worker is alone. */
  readonly #lease: Lease | undefined
  readonly #runs = new Map<number, HostedRun>()
  /** Shared by the tasks of a connector in this thread. */
  readonly #plans = new Map<string, PreparedPlan>()
  /** Told since the last report; told again after it, because the list may have been reset. */
  readonly #topics = new Set<string>()
  readonly #loggers = new Set<string>()
  #reporting: Promise<void> = Promise.resolve()
  #hasRun = false
  /** Undefined: traces are off. */
  #tracing: Tracing | undefined

  constructor(start: ThreadStart, post: (message: FromTaskThread) => void) {
    this.#post = post
    this.#worker = workerOf(start)
    this.#pulse = new Pulse(start.pulse)
    this.#logger = Logger.create({ sink: (line, level) => post({ type: 'log', line, level }) })
    for (const { name, level } of start.levels) this.#logger.levels.set(name, level)
    this.#offsets = new ThreadOffsets((call, of) => post({ type: 'offsets', call, of }))
    this.#lease = start.lease === undefined ? undefined : new Lease(start.lease)
    setInterval(() => {
      this.#pulse.beat()
      if (!this.#mayRun()) for (const run of this.#runs.values()) run.giveUp()
    }, BEAT_MS)
    setInterval(() => {
      if (this.#runs.size > 0) void this.#report(undefined)
    }, REPORT_MS)
  }

  /** What there is to warn of was told by the main thread. */
  async openTracing(): Promise<void> {
    const keys = tracingKeysOf(this.#worker.settings)
    const parts = { registry: this.#registry, logger: Logger.silent() }
    this.#tracing = await openTracing(keys, parts)
    onExport(failure => this.#post({ type: 'traces', failure }))
  }

  handle(message: ToTaskThread): void {
    switch (message.type) {
      case 'run':
        void this.#run(message)
        break
      case 'stop':
        this.#runs.get(message.run)?.stop()
        break
      case 'resume':
        this.#runs.get(message.run)?.resume()
        break
      case 'pause':
        void this.#answer(message.call, () => this.#runs.get(message.run)?.pause())
        break
      case 'cut-off':
        void this.#answer(message.call, () => this.#runs.get(message.run)?.cutOff())
        break
      case 'flush':
        void this.#answer(message.call, () => this.#tracing?.flush())
        break
      case 'answer':
        this.#offsets.answered(message.call, message.answer)
        break
      default:
        this.#handleShown(message)
    }
  }

  /** What concerns metrics and logs. */
  #handleShown(
    message: Extract<
      ToTaskThread,
      { type: 'report' | 'beans' | 'level' | 'forget' | 'forget-beans' }
    >,
  ): void {
    switch (message.type) {
      case 'report':
        void this.#report(message.call)
        break
      case 'beans': {
        const beans = this.#registry.jmx.read(message.prefix)
        this.#post({ type: 'beans', call: message.call, beans })
        break
      }
      case 'level':
        this.#logger.levels.set(message.name, message.level)
        break
      case 'forget':
        this.#reporting = this.#reporting.then(() =>
          this.#changes.removeWhere(message.label, message.value),
        )
        break
      case 'forget-beans':
        this.#registry.jmx.removeOwner(message.owner)
        break
    }
  }

  #mayRun(): boolean {
    return this.#lease === undefined || this.#lease.isValid()
  }

  async #run(order: RunOrder): Promise<void> {
    const { run, connector, task } = order
    const hosted = new HostedRun(order, {
      worker: this.#worker,
      logger: this.#logger.child({ room: 'connect', connector, task }),
      registry: this.#registry,
      offsets: this.#offsets,
      pulse: this.#pulse,
      prepare: () => this.#prepare(order),
      mayRun: () => this.#mayRun(),
      started: () => this.#started(run),
      usesTopic: topic => this.#usesTopic(run, topic),
    })
    this.#runs.set(run, hosted)
    let failure: unknown
    try {
      await hosted.execute()
    } catch (error) {
      failure = error
    }
    await this.#report(undefined)
    this.#runs.delete(run)
    this.#release(connector)
    const error = failure === undefined ? undefined : toPlainError(failure)
    this.#post({ type: 'ended', run, error })
  }

  #started(run: number): void {
    this.#post({ type: 'started', run })
    // Libraries are loaded with the first task that needs them.
    if (!this.#hasRun) collectStartGarbage()
    this.#hasRun = true
  }

  #usesTopic(run: number, topic: string): void {
    const key = `${run} ${topic}`
    if (this.#topics.has(key)) return
    this.#topics.add(key)
    const memberId = this.#runs.get(run)?.memberId ?? ''
    this.#post({ type: 'topic', run, topic, memberId })
  }

  #prepare({ connector, source }: RunOrder): PreparedPlan {
    const plan = prepareSource(source, {
      name: connector,
      worker: this.#worker,
      // The main thread has told what there is to tell of the settings.
      logger: Logger.silent(),
      present: this.#plans.get(connector) as ConnectorPlan | undefined,
    })
    this.#plans.set(connector, plan)
    return plan
  }

  #release(connector: string): void {
    const isUsed = [...this.#runs.values()].some(({ order }) => order.connector === connector)
    if (!isUsed) this.#plans.delete(connector)
  }

  async #answer(call: number, work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work()
      this.#post({ type: 'done', call, error: undefined })
    } catch (error) {
      this.#post({ type: 'done', call, error: toPlainError(error) })
    }
  }

  /** One after the other: each tells what changed since the one before. */
  #report(call: number | undefined): Promise<void> {
    this.#reporting = this.#reporting.then(async () => {
      this.#topics.clear()
      const { known } = this.#logger.levels
      const loggers = [...known].filter(name => !this.#loggers.has(name))
      for (const name of loggers) this.#loggers.add(name)
      const metrics = await this.#changes.take()
      const runs = [...this.#runs.values()].flatMap(run => run.numbers() ?? [])
      const bufferBytes = process.memoryUsage().external
      this.#post({ type: 'report', call, report: { ...metrics, runs, bufferBytes, loggers } })
    })
    return this.#reporting
  }
}

/** The properties are resolved and checked; references in them are text. */
function workerOf({ mode, worker, exactlyOnce }: ThreadStart): WorkerConfig {
  const settings =
    mode === 'distributed'
      ? { ...evaluateConfig(distributedWorkerConfig, worker).settings, offsetFile: '' }
      : evaluateConfig(standaloneWorkerConfig, worker).settings
  return { settings, source: worker, providers: new Map(), warnings: [], exactlyOnce }
}

const port = parentPort
assert(port !== null, 'this module is started as a thread')
const thread = new TaskThread(workerData as ThreadStart, message => port.postMessage(message))
await thread.openTracing()
port.on('message', (message: ToTaskThread) => thread.handle(message))
port.postMessage({ type: 'ready' } satisfies FromTaskThread)
