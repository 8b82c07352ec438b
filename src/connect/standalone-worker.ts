/**
 * The worker that runs alone: connectors in memory, created, changed and ended by the calls of the
 * REST API and by the files it was started with.
 * Used by the server (routes), the command line and the demo. Knows nothing of HTTP.
 * Invariants: nothing is created from an invalid configuration; what leaves is masked; after
 * `close` nothing runs.
 * Spec: connect-rest 2, 4, 5, 6.
 */
import type { ConnectorInfo, ConnectorStateInfo, OffsetsInfo, TaskInfo, TaskState } from '../api.ts'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import { type ConfigInfos, sourceOf } from '../config/index.ts'
import { TopicAdmin } from '../kafka/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import { workerClientSettings } from './client-properties.ts'
import {
  Connector,
  type RestartOptions,
  type StartedTasks,
  type TargetState,
  taskStatus,
} from './connector.ts'
import { evaluateConnector } from './connector-config.ts'
import { CONNECT_ERRORS } from './errors.ts'
import { checkGivenConfig, type GivenConfig } from './given-config.ts'
import { ConnectMetrics } from './metrics.ts'
import { fromShownConfig, toShownConfig } from './shown-config.ts'
import { clientSettings, effectiveGroupId } from './sink-task-parts.ts'
import type { WorkerConfig } from './standalone-config.ts'

export interface WorkerParts {
  readonly config: WorkerConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  /** Traces with stacks. @default false */
  readonly isDebug?: boolean
}

const START_TIMEOUT_MS = 10_000

export class StandaloneWorker {
  readonly #parts: WorkerParts
  readonly #connectors = new Map<string, Connector>()
  readonly #metrics: ConnectMetrics
  #workerId = '127.0.0.1:8083'
  #clusterId = ''
  #isReady = false
  #isClosing = false

  constructor(parts: WorkerParts) {
    this.#parts = parts
    this.#metrics = new ConnectMetrics(parts.registry, () => [...this.#connectors.values()])
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

  /** All connectors given at start exist. */
  get isReady(): boolean {
    return this.#isReady
  }

  markReady(): void {
    this.#isReady = true
  }

  get names(): string[] {
    return [...this.#connectors.keys()].sort()
  }

  /** Asks Kafka who it is; without an answer the worker does not start. */
  async open(): Promise<void> {
    const { source } = this.#parts.config
    const timeout = { 'default.api.timeout.ms': String(START_TIMEOUT_MS) }
    const { connection } = workerClientSettings(source, timeout)
    const admin = new TopicAdmin(connection)
    try {
      this.#clusterId = await admin.clusterId()
    } catch (error) {
      if (!isScamanderError(error) || error.kind === 'config') throw error
      const servers = connection.bootstrapServers.map(({ host, port }) => `${host}:${port}`)
      const message = `bootstrap.servers: expected a Kafka broker at ${servers.join(', ')}, found none: ${error.message}`
      throw new ScamanderError(CONNECT_ERRORS.BOOTSTRAP, message, { cause: error })
    } finally {
      await admin.close()
    }
  }

  /** Ends every connector; calls that come later are refused. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#isReady = false
    await Promise.all([...this.#connectors.values()].map(connector => connector.close()))
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
    return connector.status(this.#workerId)
  }

  tasks(name: string): TaskInfo[] {
    const connector = this.#get(name)
    const config = { ...toShownConfig(connector.config), 'task.class': TASK_CLASS }
    return connector.tasks.map(({ id }) => ({ id: { connector: name, task: id }, config }))
  }

  taskStatus(name: string, id: number): TaskState {
    const task = this.#connectors.get(name)?.tasks[id]
    if (task === undefined) throw unknown(`No status found for task ${name}-${id}`)
    return taskStatus(task, this.#workerId)
  }

  /** Throws when the name is taken or the configuration is not valid. */
  async create(
    name: string,
    given: GivenConfig,
    target: TargetState = 'STARTED',
  ): Promise<Created> {
    this.#assertOpen()
    if (this.#connectors.has(name)) throw exists(name)
    const config = this.#checked(name, given)
    const { logger, registry, config: worker, isDebug = false } = this.#parts
    const connector = new Connector({ name, worker, logger, registry, isDebug }, config, target)
    this.#connectors.set(name, connector)
    const started = await this.#metrics.countStart(connector.start())
    return { info: this.#info(connector), started }
  }

  /** Creates or replaces; `[hidden]` values stay as they are. */
  async put(name: string, given: GivenConfig): Promise<Created & { isNew: boolean }> {
    const connector = this.#connectors.get(name)
    if (connector === undefined) return { ...(await this.create(name, given)), isNew: true }
    this.#assertOpen()
    const config = this.#checked(name, fromShownConfig(given, connector.config))
    const started = await this.#metrics.countStart(connector.update(config))
    return { info: this.#info(connector), started, isNew: false }
  }

  /** Changes single keys; null removes one. */
  async patch(name: string, changes: Readonly<Record<string, string | null>>): Promise<Created> {
    const merged: Record<string, string> = { ...this.#get(name).config }
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) delete merged[key]
      else merged[key] = value
    }
    return await this.put(name, merged)
  }

  async delete(name: string): Promise<void> {
    const connector = this.#get(name)
    this.#connectors.delete(name)
    await connector.close()
    await this.#metrics.forget(name)
  }

  async pause(name: string): Promise<void> {
    await this.#known(name).pause()
  }

  async resume(name: string): Promise<void> {
    await this.#known(name).resume()
  }

  async stop(name: string): Promise<void> {
    await this.#known(name).stop()
  }

  async restart(name: string, options: RestartOptions): Promise<ConnectorStateInfo> {
    const connector = this.#get(name)
    await connector.restart(options)
    return connector.status(this.#workerId)
  }

  async restartTask(name: string, id: number): Promise<void> {
    const connector = this.#get(name)
    if (connector.tasks[id] === undefined) throw unknown(`Task ${name}-${id} not found`)
    await connector.restartTask(id)
  }

  /** Every finding as Connect answers it, also for a valid configuration. */
  validate(given: GivenConfig): ConfigInfos {
    return evaluateConnector(sourceOf(given), this.#parts.config).infos
  }

  /** Committed positions of the connector's consumer group. */
  async offsets(name: string): Promise<OffsetsInfo> {
    const { plan } = this.#get(name)
    if (plan === undefined) return { offsets: [] }
    const { config: worker, logger } = this.#parts
    const id = { 'client.id': `connector-adminclient-${name}` }
    const admin = new TopicAdmin(clientSettings('admin', { plan, worker, logger }, id).connection)
    try {
      const positions = await admin.groupOffsets(effectiveGroupId(plan, worker))
      const offsets = positions.map(({ topic, partition, offset }) => ({
        partition: { kafka_topic: topic, kafka_partition: partition },
        offset: { kafka_offset: offset },
      }))
      return { offsets }
    } finally {
      await admin.close()
    }
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
      type: 'sink',
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

export interface Created {
  readonly info: ConnectorInfo
  readonly started: StartedTasks
}

const TASK_CLASS = 'scamander.SinkTask'

function unknown(message: string): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.UNKNOWN_CONNECTOR, message)
}

function exists(name: string): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.EXISTS, `Connector ${name} already exists`)
}
