/**
 * The worker that runs alone: connectors in memory, created, changed and ended by the calls of the
 * REST API and by the files it was started with.
 * Used by the server (through `Herder`), the command line and the demo. Knows nothing of HTTP.
 * Invariants: nothing is created from an invalid configuration; what leaves is masked; after
 * `close` nothing runs.
 * Spec: connect-rest 2, 4, 5, 6.
 */
import type {
  ConnectorInfo,
  ConnectorOffset,
  ConnectorStateInfo,
  OffsetsInfo,
  TaskInfo,
  TaskState,
} from '../api.ts'
import type { RecordSample } from '../api-v1-connectors.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { type ConfigInfos, type Lint, sourceOf } from '../config/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import { ActiveTopics } from './active-topics.ts'
import { AutoRestart, type AutoRestartSettings } from './auto-restart.ts'
import {
  Connector,
  type RestartOptions,
  type StartedTasks,
  type TargetState,
  taskStatus,
} from './connector.ts'
import { evaluateConnector } from './connector-config.ts'
import { type ConnectorOffsets, connectorOffsets } from './connector-offsets.ts'
import { CONNECT_ERRORS } from './errors.ts'
import { ConfigExaminer } from './examine-config.ts'
import { checkGivenConfig, examineGivenConfig, type GivenConfig } from './given-config.ts'
import { type HeldUp, heldUp } from './held-up.ts'
import type { Herder, OffsetsChange, PutResult, WorkerHealth } from './herder.ts'
import { fetchKafkaClusterId } from './kafka-cluster-id.ts'
import { ConnectMetrics } from './metrics.ts'
import { FileOffsetStore } from './offsets/file-offset-store.ts'
import { fromShownConfig, toShownConfig } from './shown-config.ts'
import type { WorkerConfig } from './standalone-config.ts'
import type { TaskHooks } from './task-hooks.ts'
import { TaskPool } from './threads/index.ts'

export interface WorkerParts {
  readonly config: WorkerConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  /** Traces with stacks. @default false */
  readonly isDebug?: boolean
}

export class StandaloneWorker implements Herder {
  readonly #parts: WorkerParts
  readonly #connectors = new Map<string, Connector>()
  readonly #metrics: ConnectMetrics
  readonly #offsets: FileOffsetStore
  readonly #topics: ActiveTopics
  readonly #autoRestart: AutoRestart
  readonly #pool: TaskPool
  readonly #examiner: ConfigExaminer
  #workerId = '127.0.0.1:8083'
  #clusterId = ''
  #isReady = false
  /** The connectors of the files are being created. */
  #isBooting = false
  #isClosing = false

  constructor(parts: WorkerParts) {
    this.#parts = parts
    this.#metrics = new ConnectMetrics(parts.registry, () => [...this.#connectors.values()])
    const { settings } = parts.config
    this.#offsets = new FileOffsetStore(settings.offsetFile)
    this.#topics = new ActiveTopics(settings)
    const { config: worker, logger, registry } = parts
    this.#pool = new TaskPool({
      mode: 'standalone',
      worker,
      logger,
      registry,
      offsets: this.#offsets,
    })
    this.#examiner = new ConfigExaminer(parts.logger, { isEnabled: settings.validateCluster })
    this.#autoRestart = new AutoRestart({
      settings: autoRestartOf(settings),
      logger: parts.logger,
      restart: (name, task) => this.#restartFailed(name, task),
    })
  }

  get config(): WorkerConfig {
    return this.#parts.config
  }

  /** Told in statuses: the address of the REST API. */
  get workerId(): string {
    return this.#workerId
  }

  set workerId(id: string) {
    this.#workerId = id
  }

  get kafkaClusterId(): string {
    return this.#clusterId
  }

  /** Healthy once all connectors given at start exist. */
  health(): WorkerHealth {
    return { status: this.#isReady ? 'healthy' : 'starting' }
  }

  /** Until `markReady`, failures of tasks are left to the caller to tell. */
  markBooting(): void {
    this.#isBooting = true
  }

  markReady(): void {
    this.#isBooting = false
    this.#isReady = true
  }

  /** Nobody else writes. */
  async caughtUp(): Promise<void> {
    await Promise.resolve()
  }

  names(): string[] {
    return [...this.#connectors.keys()].sort()
  }

  /** Whose configurations hold a text, such as the reference to a secret. */
  holding(text: string): string[] {
    const all = [...this.#connectors.values()]
    return all
      .filter(one => Object.values(one.config).some(value => value.includes(text)))
      .map(one => one.name)
  }

  /** Asks Kafka who it is; without an answer the worker does not start. */
  async open(): Promise<void> {
    await this.#offsets.open()
    this.#clusterId = await fetchKafkaClusterId(this.#parts.config.source)
  }

  /** Ends every connector; calls that come later are refused. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#isReady = false
    this.#autoRestart.close()
    this.#examiner.close()
    await Promise.all([...this.#connectors.values()].map(connector => connector.close()))
    await this.#pool.close()
    await this.#offsets.close()
    this.#metrics.close()
  }

  info(name: string): ConnectorInfo {
    return this.#info(this.#get(name))
  }

  shownConfig(name: string): Record<string, string> {
    return toShownConfig(this.#get(name).config)
  }

  status(name: string): ConnectorStateInfo {
    const connector = this.#connectors.get(name)
    if (connector === undefined) throw unknown(`No status found for connector ${name}`)
    return this.#withNotes(connector.status(this.#workerId))
  }

  heldUp(): HeldUp[] {
    return heldUp([...this.#connectors.values()])
  }

  tasks(name: string): TaskInfo[] {
    const connector = this.#get(name)
    return connector.tasks.map(({ id }) => {
      const config = toShownConfig(connector.taskConfig(id))
      return { id: { connector: name, task: id }, config }
    })
  }

  taskStatus(name: string, id: number): TaskState {
    const task = this.#connectors.get(name)?.tasks[id]
    if (task === undefined) throw unknown(`No status found for task ${name}-${id}`)
    return this.#withNote(name, taskStatus(task, this.#workerId))
  }

  /** Throws when the name is taken or the configuration is not valid. */
  async create(
    name: string,
    given: GivenConfig,
    target: TargetState = 'STARTED',
  ): Promise<Created> {
    this.#assertOpen()
    if (this.#connectors.has(name)) throw exists(name)
    await this.#examine(name, given)
    // Others may have been here meanwhile.
    this.#assertOpen()
    if (this.#connectors.has(name)) throw exists(name)
    const config = this.#checked(name, given)
    const { logger, registry, config: worker, isDebug = false } = this.#parts
    const parts = {
      name,
      worker,
      logger,
      registry,
      isDebug,
      offsets: this.#offsets,
      hooks: this.#hooksOf(name),
      runs: this.#pool,
    }
    const connector = new Connector(parts, config, target)
    this.#connectors.set(name, connector)
    const started = await this.#metrics.countStart(connector.start(), () => hasFailed(connector))
    return { info: this.#info(connector), started }
  }

  /** Creates or replaces; `[hidden]` values stay as they are. */
  async put(name: string, given: GivenConfig): Promise<Created & PutResult> {
    if (this.#connectors.has(name)) {
      return await this.#replace(name, stored => fromShownConfig(given, stored))
    }
    return { ...(await this.create(name, given)), isNew: true }
  }

  /** Changes single keys; null removes one. */
  async patch(name: string, changes: Readonly<Record<string, string | null>>): Promise<Created> {
    return await this.#replace(name, stored => {
      const merged: Record<string, string> = { ...stored }
      for (const [key, value] of Object.entries(changes)) {
        if (value === null) delete merged[key]
        else merged[key] = value
      }
      return fromShownConfig(merged, stored)
    })
  }

  async #replace(
    name: string,
    change: (stored: GivenConfig) => GivenConfig,
  ): Promise<Created & PutResult> {
    this.#assertOpen()
    await this.#examine(name, change(this.#get(name).config))
    this.#assertOpen()
    // What is stored may be another's by now.
    const connector = this.#get(name)
    this.#autoRestart.forget(name)
    const config = this.#checked(name, change(connector.config))
    const started = await this.#metrics.countStart(connector.update(config), () =>
      hasFailed(connector),
    )
    return { info: this.#info(connector), started, isNew: false }
  }

  async delete(name: string): Promise<void> {
    const connector = this.#get(name)
    this.#connectors.delete(name)
    this.#autoRestart.forget(name)
    await connector.close()
    this.#topics.forget(name)
    await this.#metrics.forget(name)
  }

  async pause(name: string): Promise<void> {
    await this.#known(name).pause()
  }

  async resume(name: string): Promise<void> {
    await this.#known(name).resume()
  }

  async stop(name: string): Promise<void> {
    const connector = this.#known(name)
    this.#autoRestart.forget(name)
    await connector.stop()
  }

  async restart(name: string, options: RestartOptions): Promise<ConnectorStateInfo> {
    const connector = this.#connectors.get(name)
    if (connector === undefined) {
      const isPlain = !options.includeTasks && !options.onlyFailed
      throw unknown(isPlain ? `Connector ${name} not found` : `Unknown connector: ${name}`)
    }
    if (options.includeTasks) this.#autoRestart.forget(name)
    await connector.restart(options)
    return this.#withNotes(connector.status(this.#workerId))
  }

  async restartTask(name: string, id: number): Promise<void> {
    const connector = this.#get(name)
    if (connector.tasks[id] === undefined) throw unknown(`Task ${name}-${id} not found`)
    this.#autoRestart.forget(name, id)
    await connector.restartTask(id)
  }

  /** Every finding as Connect answers it, also for a valid configuration. */
  async validate(given: GivenConfig): Promise<ConfigInfos> {
    return await this.#examiner.infosOf(evaluateConnector(sourceOf(given), this.#parts.config))
  }

  lints(given: GivenConfig): readonly Lint[] {
    return evaluateConnector(sourceOf(given), this.#parts.config).lints
  }

  async samples(given: GivenConfig): Promise<RecordSample[]> {
    const { config } = this.#parts
    return await this.#examiner.samplesOf(evaluateConnector(sourceOf(given), config), config)
  }

  async offsets(name: string): Promise<OffsetsInfo> {
    return { offsets: await this.#offsetsOf(this.#get(name)).read() }
  }

  async alterOffsets(name: string, offsets: readonly ConnectorOffset[]): Promise<OffsetsChange> {
    return await this.#offsetsOf(this.#stopped(name)).alter(offsets)
  }

  async resetOffsets(name: string): Promise<OffsetsChange> {
    return await this.#offsetsOf(this.#stopped(name)).reset()
  }

  topics(name: string): string[] {
    return this.#topics.list(name)
  }

  resetTopics(name: string): void {
    this.#topics.reset(name)
  }

  /** There are no other workers to tell: the server has set the level here. */
  async setClusterLogLevel(): Promise<void> {
    await Promise.resolve()
  }

  async putTaskConfigs(): Promise<void> {
    throw notACluster()
  }

  async fence(): Promise<void> {
    throw notACluster()
  }

  #stopped(name: string): Connector {
    const connector = this.#get(name)
    if (connector.state === 'STOPPED') return connector
    const message = `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`
    throw new ScamanderError(CONNECT_ERRORS.NOT_STOPPED, message)
  }

  #offsetsOf({ name, config }: Connector): ConnectorOffsets {
    const { config: worker, logger } = this.#parts
    return connectorOffsets({ name, config, worker, logger, store: this.#offsets })
  }

  #hooksOf(name: string): TaskHooks {
    return {
      usesTopic: topic => this.#topics.add(name, topic),
      started: task => this.#autoRestart.started(name, task),
      failed: (task, error) => this.#autoRestart.failed(name, task, error),
      // A failure of the start of the worker is told once, by who started it.
      afterFailure: task => ({
        isTold: this.#isBooting,
        next: task === undefined ? undefined : this.#autoRestart.noteOf(name, task),
      }),
    }
  }

  async #restartFailed(name: string, id: number): Promise<void> {
    const connector = this.#connectors.get(name)
    if (this.#isClosing || connector?.tasks[id]?.state !== 'FAILED') return
    await connector.restartTask(id)
  }

  #withNotes(status: ConnectorStateInfo): ConnectorStateInfo {
    return { ...status, tasks: status.tasks.map(task => this.#withNote(status.name, task)) }
  }

  /** What happens next to a failed task stands below its trace. */
  #withNote(name: string, task: TaskState): TaskState {
    if (task.state !== 'FAILED') return task
    const note = this.#autoRestart.noteOf(name, task.id)
    if (note === undefined) return task
    const { trace = '', version, ...rest } = task
    const told = { ...rest, trace: `${trace}\n${note}` }
    return version === undefined ? told : { ...told, version }
  }

  /** Connectors of the files are told by their tasks, which start with the worker. */
  async #examine(name: string, given: GivenConfig): Promise<void> {
    if (this.#isBooting) return
    const worker = this.#parts.config
    await examineGivenConfig(name, given, { worker, examiner: this.#examiner })
  }

  #checked(name: string, given: GivenConfig): Record<string, string> {
    return checkGivenConfig(name, given, this.#parts.config)
  }

  #info(connector: Connector): ConnectorInfo {
    const { name, config, tasks } = connector
    return {
      name,
      config: toShownConfig(config),
      tasks: tasks.map(({ id }) => ({ connector: name, task: id })),
      type: connector.type,
    }
  }

  #get(name: string): Connector {
    const connector = this.#connectors.get(name)
    if (connector === undefined) throw unknown(`Connector ${name} not found`)
    return connector
  }

  #known(name: string): Connector {
    const connector = this.#connectors.get(name)
    if (connector === undefined) throw unknown(`Unknown connector ${name}`)
    return connector
  }

  #assertOpen(): void {
    if (!this.#isClosing) return
    throw new ScamanderError(CONNECT_ERRORS.SHUTTING_DOWN, 'Worker is shutting down')
  }
}

function hasFailed({ state }: Connector): boolean {
  return state === 'FAILED'
}

function notACluster(): ScamanderError {
  const message = 'This worker runs alone: it takes no calls from other workers'
  return new ScamanderError(CONNECT_ERRORS.UNEXPECTED, message)
}

export interface Created {
  readonly info: ConnectorInfo
  readonly started: StartedTasks
}

function autoRestartOf(settings: WorkerConfig['settings']): AutoRestartSettings {
  return {
    isEnabled: settings.restartTasks,
    pauseMs: settings.restartPauseMs,
    pauseMsMax: settings.restartPauseMsMax,
    attemptsMax: settings.restartAttemptsMax,
  }
}

function unknown(message: string): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.UNKNOWN_CONNECTOR, message)
}

function exists(name: string): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.EXISTS, `Connector ${name} already exists`)
}
