/**
 * The worker that is one of a cluster: reads everything, runs what the group gives it, and writes
 * through the leader. Used by the server (through `Herder`) and the command line.
 * Reads answer from what this worker knows, also while the group shares its work anew.
 * Invariants: nothing runs that was not assigned under a valid lease; only the leader writes
 * configurations; what leaves is masked; after `close` nothing runs.
 * Spec: connect-rest 2, 4, 7, 18.
 */
import type {
  ConnectorInfo,
  ConnectorOffset,
  ConnectorStateInfo,
  OffsetsInfo,
  TaskInfo,
  TaskState,
} from '../../api.ts'
import type { RecordSample } from '../../api-v1-connectors.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import { type ConfigInfos, type Lint, sourceOf } from '../../config/index.ts'
import type { RestartOptions, TargetState } from '../connector.ts'
import { evaluateConnector } from '../connector-config.ts'
import { type ConnectorOffsets, connectorOffsets } from '../connector-offsets.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { assertCanFence } from '../exactly-once.ts'
import { ConfigExaminer } from '../examine-config.ts'
import { checkGivenConfig, examineGivenConfig, type GivenConfig } from '../given-config.ts'
import type { HeldUp } from '../held-up.ts'
import {
  elsewhere,
  type Herder,
  type InternalCall,
  type OffsetsChange,
  type PutResult,
  type WorkerHealth,
} from '../herder.ts'
import { fromShownConfig, toShownConfig } from '../shown-config.ts'
import { ClusterMember, type ClusterMemberParts } from './cluster-member.ts'
import type { Settings } from './config-records.ts'
import type { KnownConnector } from './config-state.ts'
import { CLUSTER_ERRORS } from './errors.ts'
import { verify } from './session-key.ts'
import type { UnitStatus } from './status-records.ts'
import { typeOf } from './task-plans.ts'
import { taskUnit } from './work-share.ts'

const RESTART_TIMEOUT_MS = 10_000
const NOBODYS = { state: 'UNASSIGNED', worker_id: '' } as const

export class DistributedWorker implements Herder {
  readonly #parts: ClusterMemberParts
  readonly #member: ClusterMember
  readonly #examiner: ConfigExaminer

  constructor(parts: ClusterMemberParts) {
    this.#parts = parts
    this.#member = new ClusterMember(parts)
    const isEnabled = parts.config.settings.validateCluster
    this.#examiner = new ConfigExaminer(parts.logger, { isEnabled })
  }

  /** Rejects when the worker cannot go on, and never resolves. */
  get failed(): Promise<never> {
    return this.#member.failed
  }

  get workerId(): string {
    return this.#member.address.workerId
  }

  get kafkaClusterId(): string {
    return this.#member.clusterId
  }

  /** Reads the internal topics and joins the group under that address. */
  async open(address: { readonly url: string; readonly workerId: string }): Promise<void> {
    await this.#member.open(address)
  }

  async close(): Promise<void> {
    this.#examiner.close()
    await this.#member.close()
  }

  async health(): Promise<WorkerHealth> {
    const { stage } = this.#member
    if (stage !== undefined) return { status: 'starting', stage }
    return { status: 'healthy' }
  }

  names(): readonly string[] {
    return this.#member.config.names
  }

  async caughtUp(): Promise<void> {
    await this.#member.caughtUp()
  }

  async info(name: string): Promise<ConnectorInfo> {
    return toInfo(await this.#found(name))
  }

  async shownConfig(name: string): Promise<Record<string, string>> {
    return toShownConfig((await this.#found(name)).settings)
  }

  /** A connector that nobody has begun to run yet reads UNASSIGNED. */
  async status(name: string): Promise<ConnectorStateInfo> {
    const known = await this.#lookUp(name)
    if (known === undefined) throw unknown(`No status found for connector ${name}`)
    const connector = this.#member.board.connector(name)
    const tasks = known.tasks.flatMap((_, id) => this.#taskState(name, id) ?? [])
    const state = connector === undefined ? NOBODYS : toState(connector)
    return { name, connector: state, tasks, type: typeOf(known.settings) }
  }

  heldUp(): HeldUp[] {
    return this.#member.heldUp()
  }

  async tasks(name: string): Promise<TaskInfo[]> {
    return (await this.#found(name)).tasks.map((settings, task) => ({
      id: { connector: name, task },
      config: toShownConfig(settings),
    }))
  }

  taskStatus(name: string, task: number): TaskState {
    const isKnown = this.#member.config.connector(name)?.tasks[task] !== undefined
    const state = isKnown ? this.#taskState(name, task) : undefined
    if (state === undefined) throw unknown(`No status found for task ${name}-${task}`)
    return state
  }

  async validate(given: GivenConfig): Promise<ConfigInfos> {
    const { worker } = this.#parts.config
    return await this.#examiner.infosOf(evaluateConnector(sourceOf(given), worker))
  }

  lints(given: GivenConfig): readonly Lint[] {
    return evaluateConnector(sourceOf(given), this.#parts.config.worker).lints
  }

  async samples(given: GivenConfig): Promise<RecordSample[]> {
    const { worker } = this.#parts.config
    return await this.#examiner.samplesOf(evaluateConnector(sourceOf(given), worker), worker)
  }

  async create(
    name: string,
    given: GivenConfig,
    target: TargetState,
  ): Promise<{ info: ConnectorInfo }> {
    const leader = await this.#member.leader()
    if (this.#member.config.connector(name) !== undefined) {
      throw new ScamanderError(CONNECT_ERRORS.EXISTS, `Connector ${name} already exists`)
    }
    await this.#examine(name, given)
    await leader.create(name, this.#checked(name, given), target)
    return { info: await this.info(name) }
  }

  /** `[hidden]` values stay as they are. */
  async put(name: string, given: GivenConfig): Promise<PutResult> {
    const { isNew } = await this.#replace(name, stored =>
      stored === undefined ? given : fromShownConfig(given, stored),
    )
    return { info: await this.info(name), isNew }
  }

  async patch(
    name: string,
    changes: Readonly<Record<string, string | null>>,
  ): Promise<{ info: ConnectorInfo }> {
    await this.#replace(name, stored => {
      if (stored === undefined) throw unknown(`Connector ${name} not found`)
      const merged: Record<string, string> = { ...stored }
      for (const [key, value] of Object.entries(changes)) {
        if (value === null) delete merged[key]
        else merged[key] = value
      }
      return fromShownConfig(merged, stored)
    })
    return { info: await this.info(name) }
  }

  async #replace(
    name: string,
    change: (stored: Settings | undefined) => GivenConfig,
  ): Promise<{ readonly isNew: boolean }> {
    const leader = await this.#member.leader()
    await this.#examine(name, change(this.#member.config.connector(name)?.settings))
    // What is stored may be another's by now.
    return await leader.put(name, stored => this.#checked(name, change(stored)))
  }

  async delete(name: string): Promise<void> {
    await (await this.#member.leader()).delete(name)
  }

  async pause(name: string): Promise<void> {
    await (await this.#member.leader()).setTarget(name, 'PAUSED')
  }

  async resume(name: string): Promise<void> {
    await (await this.#member.leader()).setTarget(name, 'STARTED')
  }

  async stop(name: string): Promise<void> {
    await (await this.#member.leader()).setTarget(name, 'STOPPED')
  }

  /** The connector alone restarts where it runs; with tasks, every worker restarts its own. */
  async restart(name: string, options: RestartOptions): Promise<ConnectorStateInfo> {
    if (!options.includeTasks && !options.onlyFailed) return await this.#restartHere(name)
    const leader = await this.#member.leader()
    if (this.#member.config.connector(name) === undefined) {
      throw unknown(`Unknown connector: ${name}`)
    }
    if (this.#member.board.connector(name) === undefined) {
      throw unknown(`Status for connector ${name} not found`)
    }
    const before = await this.status(name)
    await leader.restart(name, options)
    return toRestarting(before, options)
  }

  async restartTask(name: string, task: number): Promise<void> {
    const unit = taskUnit(name, task)
    if (this.#member.work.owns('tasks', unit)) {
      this.#member.autoRestart.forget(name, task)
      this.#member.work.restartTask(unit)
      return
    }
    await this.#member.leader()
    if (this.#member.config.connector(name)?.tasks[task] === undefined) {
      throw unknown(`Unknown task: ${name}-${task}`)
    }
    throw elsewhere(this.#member.ownerOf('tasks', unit))
  }

  async offsets(name: string): Promise<OffsetsInfo> {
    return { offsets: await this.#offsetsOf(name, this.#get(name).settings).read() }
  }

  async alterOffsets(name: string, offsets: readonly ConnectorOffset[]): Promise<OffsetsChange> {
    return await this.#changeOffsets(name, one => one.alter(offsets))
  }

  async resetOffsets(name: string): Promise<OffsetsChange> {
    return await this.#changeOffsets(name, one => one.reset())
  }

  topics(name: string): readonly string[] {
    this.#assertTracking('Topic tracking is disabled.', true)
    return this.#member.board.topics(name)
  }

  resetTopics(name: string): void {
    const { topicTrackingReset } = this.#parts.config.settings
    this.#assertTracking('Topic tracking is disabled.', true)
    this.#assertTracking('Topic tracking reset is disabled.', topicTrackingReset)
    for (const topic of this.#member.board.topics(name)) {
      this.#member.putStatus({ type: 'topic', name, topic, seen: undefined })
    }
  }

  async setClusterLogLevel(namespace: string, level: string): Promise<void> {
    await (await this.#member.leader()).setLogLevel(namespace, level)
  }

  async putTaskConfigs(name: string, call: InternalCall): Promise<void> {
    this.#verify(call)
    const leader = await this.#member.leader()
    await leader.putTasks(name, parseTaskConfigs(call.body))
  }

  async fence(name: string, call: InternalCall): Promise<void> {
    this.#verify(call)
    const leader = await this.#member.leader()
    assertCanFence(this.#parts.config.settings.exactlyOnce)
    await leader.fence(name)
  }

  #verify(call: InternalCall): void {
    const { verificationAlgorithms } = this.#parts.config.settings
    verify(this.#member.config.sessionKey, call, verificationAlgorithms)
  }

  async #restartHere(name: string): Promise<ConnectorStateInfo> {
    if (this.#member.work.owns('connectors', name)) {
      const unit = this.#member.work.connectors.get(name)
      this.#member.work.restart(name, { includeTasks: false, onlyFailed: false })
      const limit = AbortSignal.timeout(RESTART_TIMEOUT_MS)
      const late = new Promise<void>(resolve => limit.addEventListener('abort', () => resolve()))
      await Promise.race([unit?.stopped(), late])
      return await this.status(name)
    }
    await this.#member.leader()
    if (this.#member.config.connector(name) === undefined) {
      throw unknown(`Unknown connector: ${name}`)
    }
    throw elsewhere(this.#member.ownerOf('connectors', name))
  }

  async #changeOffsets(
    name: string,
    change: (offsets: ConnectorOffsets) => Promise<OffsetsChange>,
  ): Promise<OffsetsChange> {
    const leader = await this.#member.leader()
    return await leader.alone(async get => {
      const known = get(name)
      const { target, tasks, settings } = known
      if (target !== 'STOPPED' || tasks.length > 0) throw notStopped(name)
      await leader.fenceAll(known)
      return await change(this.#offsetsOf(name, settings))
    })
  }

  #offsetsOf(name: string, config: Settings): ConnectorOffsets {
    const { logger } = this.#parts
    const { worker } = this.#parts.config
    return connectorOffsets({ name, config, worker, logger, store: this.#member.offsets })
  }

  /** Before the change, because changes wait for each other. */
  async #examine(name: string, given: GivenConfig): Promise<void> {
    const { worker } = this.#parts.config
    await examineGivenConfig(name, given, { worker, examiner: this.#examiner })
  }

  #checked(name: string, given: GivenConfig): Record<string, string> {
    const config = checkGivenConfig(name, given, this.#parts.config.worker)
    const { groupId } = this.#parts.config.settings
    const own = config['consumer.override.group.id']?.trim()
    if (typeOf(config) !== 'sink' || (own ?? `connect-${name}`) !== groupId) return config
    const who =
      own === undefined
        ? `Consumer group for sink connector named ${name}`
        : `Consumer group ${own}`
    const message = `${who} conflicts with Connect worker group ${groupId}`
    throw new ScamanderError(CONNECT_ERRORS.INVALID_CONFIG, message)
  }

  #taskState(name: string, id: number): TaskState | undefined {
    const status = this.#member.board.task(name, id)
    return status === undefined ? undefined : { id, ...toState(status) }
  }

  #assertTracking(message: string, isOn: boolean): void {
    if (isOn && this.#parts.config.settings.topicTracking) return
    throw new ScamanderError(CONNECT_ERRORS.TOPICS_OFF, message)
  }

  /** A name that is not known yet may have been created through another worker just now. */
  async #lookUp(name: string): Promise<KnownConnector | undefined> {
    const { config } = this.#member
    if (config.connector(name) === undefined) await this.#member.caughtUp()
    return config.connector(name)
  }

  async #found(name: string): Promise<KnownConnector> {
    await this.#lookUp(name)
    return this.#get(name)
  }

  #get(name: string): KnownConnector {
    const known = this.#member.config.connector(name)
    if (known === undefined) throw unknown(`Connector ${name} not found`)
    return known
  }
}

function toInfo({ name, settings, tasks }: KnownConnector): ConnectorInfo {
  return {
    name,
    config: toShownConfig(settings),
    tasks: tasks.map((_, task) => ({ connector: name, task })),
    type: typeOf(settings),
  }
}

function toState({ state, workerId, trace, version }: UnitStatus): Omit<TaskState, 'id'> {
  return {
    state,
    worker_id: workerId,
    ...(trace === undefined ? {} : { trace }),
    ...(version === undefined ? {} : { version }),
  }
}

/** What the request will restart reads RESTARTING already. */
function toRestarting(
  status: ConnectorStateInfo,
  { includeTasks, onlyFailed }: RestartOptions,
): ConnectorStateInfo {
  const mark = <T extends { readonly state: string }>(one: T) =>
    onlyFailed && one.state !== 'FAILED' ? one : { ...one, state: 'RESTARTING' as const }
  const tasks = includeTasks ? status.tasks.map(mark) : status.tasks
  return { ...status, connector: mark(status.connector), tasks }
}

function parseTaskConfigs(body: string): Settings[] {
  const refuse = () => {
    const message = 'expected a JSON array of task configurations'
    return new ScamanderError(CLUSTER_ERRORS.UNSIGNED, message)
  }
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw refuse()
  }
  if (!Array.isArray(value)) throw refuse()
  return value.map(one => {
    if (typeof one !== 'object' || one === null) throw refuse()
    return Object.fromEntries(Object.entries(one).map(([key, text]) => [key, String(text)]))
  })
}

function unknown(message: string): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.UNKNOWN_CONNECTOR, message)
}

function notStopped(name: string): ScamanderError {
  const message = `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`
  return new ScamanderError(CONNECT_ERRORS.NOT_STOPPED, message)
}
