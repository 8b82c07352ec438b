/**
 * One worker's part in the cluster, wired together: the internal topics, the membership, the work
 * that was given, and the leadership when it is this worker's.
 * Owned by the distributed worker, which answers the REST API from it.
 * Invariants: work begins only after the configurations were read as far as the assignment knew
 * them; when the membership is lost everything stops before the group hears of this worker again.
 * Spec: connect-rest 7, 18.3.
 */

import { systemClock } from '../../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../../base/scamander-error.ts'
import type { KafkaClientSettings } from '../../kafka/index.ts'
import { LEVELS, type Level, type Logger, type MetricRegistry } from '../../telemetry/index.ts'
import { AutoRestart } from '../auto-restart.ts'
import { workerClientProperties, workerClientSettings } from '../client-properties.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { type HeldUp, heldUp } from '../held-up.ts'
import { elsewhere } from '../herder.ts'
import { ConnectMetrics, type MeasuredConnector } from '../metrics.ts'
import type { OffsetStore } from '../offsets/offset-store.ts'
import { TaskPool } from '../threads/index.ts'
import { ClusterLog } from './cluster-log.ts'
import type { ConfigRecord } from './config-records.ts'
import type { ConfigState } from './config-state.ts'
import type { DistributedConfig } from './distributed-config.ts'
import { CLUSTER_ERRORS } from './errors.ts'
import { ensureInternalTopics } from './internal-topics.ts'
import type { Leader } from './leader.ts'
import { Leadership } from './leadership.ts'
import { LocalWork } from './local-work.ts'
import { Membership } from './membership.ts'
import type { AssignedMessage, KnownMember } from './membership-messages.ts'
import { RebalanceWatch } from './rebalance-watch.ts'
import type { StatusBoard } from './status-board.ts'
import type { StatusRecord } from './status-records.ts'
import { TaskPlans, typeOf } from './task-plans.ts'
import { parseTaskUnit, type WorkShare } from './work-share.ts'

export interface ClusterMemberParts {
  readonly config: DistributedConfig
  readonly logger: Logger
  readonly registry: MetricRegistry
  /** Traces with stacks. @default false */
  readonly isDebug?: boolean
}

export interface WorkerAddress {
  readonly url: string
  readonly workerId: string
}

const START_TIMEOUT_MS = 10_000
const FRESH_TIMEOUT_MS = 2_000
/** How long a write waits for a leader to be known. */
const LEADER_WAIT_MS = 3_000
const LEADER_POLL_MS = 50
const SYNC_ATTEMPTS_MAX = 5

export class ClusterMember {
  clusterId = ''
  address: WorkerAddress = { url: 'http://127.0.0.1:8083', workerId: '127.0.0.1:8083' }
  readonly work: LocalWork
  readonly autoRestart: AutoRestart
  readonly #parts: ClusterMemberParts
  readonly #client: KafkaClientSettings
  readonly #log: ClusterLog
  readonly #plans: TaskPlans
  readonly #pool: TaskPool
  readonly #leadership: Leadership
  readonly #metrics: ConnectMetrics
  readonly #rebalances = new RebalanceWatch()
  readonly #failed = Promise.withResolvers<never>()
  readonly #joined = Promise.withResolvers<void>()
  #membership: Membership | undefined
  #leaderUrl: string | undefined
  #members: readonly KnownMember[] = []
  #stage: string | undefined = 'reading the internal topics'
  /** Assignments and losses so far: what waits looks whether it is still the last. */
  #round = 0
  #isClosing = false

  constructor(parts: ClusterMemberParts) {
    this.#parts = parts
    this.#failed.promise.catch(() => undefined)
    this.#joined.promise.catch(() => undefined)
    const { config, logger, registry, isDebug = false } = parts
    const { worker, settings } = config
    this.#client = workerClientSettings(worker.source, CLIENT_DEFAULTS)
    this.#plans = new TaskPlans(worker, logger)
    this.#log = this.#newLog()
    this.#leadership = this.#newLeadership()
    this.autoRestart = this.#newAutoRestart()
    const { offsets } = this.#log
    this.#pool = new TaskPool({
      mode: 'distributed',
      worker,
      logger,
      registry,
      offsets,
      lease: () => this.#membership?.leaseMemory,
    })
    this.work = new LocalWork({
      worker,
      logger,
      registry,
      isDebug,
      config: this.#log.config,
      board: this.#log.board,
      offsets,
      runs: this.#pool,
      plans: this.#plans,
      putStatus: record => this.#log.putStatus(record),
      workerId: () => this.address.workerId,
      publish: (name, tasks) => this.#leadership.publish(name, tasks, this.#leaderUrl),
      fence: name => this.#leadership.fence(name, this.#leaderUrl),
      released: (share, generation) => this.#membership?.released(share, generation),
      taskStarted: (name, task) => this.autoRestart.started(name, task),
      taskFailed: (name, task, error) => this.autoRestart.failed(name, task, error),
      noteOf: (name, task) => this.autoRestart.noteOf(name, task),
      countStart: (kind, hasFailed) => this.#metrics.countEnded(kind, hasFailed),
      usesTopic: (name, task, topic) => {
        if (settings.topicTracking) this.#noteTopic(name, task, topic)
      },
    })
    this.#metrics = new ConnectMetrics(
      registry,
      () => this.#measured(),
      () => this.#rebalances.numbers,
    )
  }

  get failed(): Promise<never> {
    return this.#failed.promise
  }

  get config(): ConfigState {
    return this.#log.config
  }

  get board(): StatusBoard {
    return this.#log.board
  }

  get offsets(): OffsetStore {
    return this.#log.offsets
  }

  /** Undefined: started completely, and a member. */
  get stage(): string | undefined {
    return this.#stage
  }

  putStatus(record: StatusRecord): void {
    this.#log.putStatus(record)
  }

  /** Resolves when the group has given this worker its share. */
  async open(address: WorkerAddress): Promise<void> {
    this.address = address
    const { config, logger } = this.#parts
    const own = { settings: config.settings, source: config.worker.source }
    // The thread loads while the topics are read; it joins with the first word of the work.
    this.#membership = this.#newMembership()
    this.#membership.start()
    this.clusterId = await this.#reach(() => ensureInternalTopics(this.#starting(), own, logger))
    await this.#log.open()
    this.#stage = 'joining the group of the workers'
    this.#tellWork()
    await Promise.race([this.#joined.promise, this.#failed.promise])
  }

  /** Stops what runs, tells so, leaves the group, ends. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#stage = 'shutting down'
    this.autoRestart.close()
    await this.work.close()
    await this.#pool.close()
    await this.#leadership.close()
    await this.#membership?.close()
    await this.#log.close()
    this.#metrics.close()
  }

  /** This worker's leadership; throws `elsewhere` when another leads, or nobody is known to. */
  async leader(): Promise<Leader> {
    if (this.#isClosing) {
      throw new ScamanderError(CONNECT_ERRORS.SHUTTING_DOWN, 'Worker is shutting down')
    }
    const untilMs = systemClock.monotonicMs() + LEADER_WAIT_MS
    while (this.#leaderUrl === undefined && systemClock.monotonicMs() < untilMs) {
      await systemClock.sleep(LEADER_POLL_MS)
    }
    const { leader } = this.#leadership
    if (leader === undefined || this.#leaderUrl === undefined) throw elsewhere(this.#leaderUrl)
    return leader
  }

  /** Where a unit runs; undefined: nowhere now, or this worker does not lead. */
  ownerOf(kind: keyof WorkShare, unit: string): string | undefined {
    return this.#members.find(one => one.assigned[kind].has(unit))?.workerUrl
  }

  #newLog(): ClusterLog {
    const { settings } = this.#parts.config
    return new ClusterLog({
      settings: this.#client,
      topics: {
        config: settings.configTopic,
        offset: settings.offsetTopic,
        status: settings.statusTopic,
      },
      logger: this.#parts.logger.child({ room: 'connect' }),
      events: {
        configChanged: records => this.#onConfig(records),
        statusRead: record => this.work.sawStatus(record),
        failed: error => {
          const message = `an internal topic can no longer be read: ${error.message}`
          const options = { cause: error }
          this.#fail(new ScamanderError(CLUSTER_ERRORS.INTERNAL_TOPIC_LOST, message, options))
        },
      },
    })
  }

  #newLeadership(): Leadership {
    const { config, logger } = this.#parts
    return new Leadership({
      log: this.#log,
      settings: config.settings,
      connection: this.#client.connection,
      logger,
      divideAtOnce: one => this.#plans.divideAtOnce(one),
      again: () => {
        this.#leaderUrl = undefined
        this.#membership?.rejoin()
      },
      failed: error => this.#fail(error),
    })
  }

  #newAutoRestart(): AutoRestart {
    const { logger, config } = this.#parts
    const { settings } = config
    return new AutoRestart({
      settings: {
        isEnabled: settings.restartTasks,
        pauseMs: settings.restartPauseMs,
        pauseMsMax: settings.restartPauseMsMax,
        attemptsMax: settings.restartAttemptsMax,
      },
      logger,
      restart: async (name, task) => {
        const unit = `${name}-${task}`
        if (this.work.tasks.get(unit)?.state === 'FAILED') this.work.restartTask(unit)
      },
    })
  }

  #newMembership(): Membership {
    const { settings, worker } = this.#parts.config
    return new Membership(
      {
        properties: workerClientProperties(worker.source, CLIENT_DEFAULTS),
        groupId: settings.groupId,
        sessionTimeoutMs: settings.sessionTimeoutMs,
        rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
        heartbeatIntervalMs: settings.heartbeatMs,
        syncTimeoutMs: settings.syncTimeoutMs,
        delayMsMax: settings.rebalanceDelayMs,
        workerUrl: this.address.url,
      },
      {
        assigned: message => void this.#onAssigned(message),
        lost: why => void this.#onLost(why),
        catchUp: () => void this.#catchUp(),
        rebalancing: () => this.#rebalances.began(),
        failed: error => this.#fail(error),
      },
      this.#parts.logger.child({ room: 'connect', component: 'membership' }),
    )
  }

  /** Waits less long for brokers than a worker that runs. */
  #starting(): KafkaClientSettings {
    const timeout = { 'default.api.timeout.ms': String(START_TIMEOUT_MS) }
    return workerClientSettings(this.#parts.config.worker.source, timeout)
  }

  async #reach<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      const isAway = isScamanderError(error, 'disconnected') || isScamanderError(error, 'retriable')
      if (!isAway) throw error
      const servers = this.#client.connection.bootstrapServers
      const at = servers.map(({ host, port }) => `${host}:${port}`).join(', ')
      const message = `bootstrap.servers: expected a Kafka broker at ${at}, found none: ${messageOf(error)}`
      throw new ScamanderError(CONNECT_ERRORS.BOOTSTRAP, message, { cause: error })
    }
  }

  #tellWork(): void {
    this.#membership?.tellWork(this.#log.config.work, this.#log.configOffset)
  }

  /**
   * Resolves when this worker knows every configuration that was written before the call, or after
   * two seconds: then what it knows may be older.
   */
  async caughtUp(): Promise<void> {
    try {
      if (this.#stage === undefined) await this.#log.catchUp(FRESH_TIMEOUT_MS)
    } catch (error) {
      this.#parts.logger.debug(`the newest configurations are not read yet: ${messageOf(error)}`)
    }
  }

  async #catchUp(): Promise<void> {
    try {
      await this.#log.catchUp(this.#parts.config.settings.syncTimeoutMs)
    } catch (error) {
      this.#parts.logger.warn(`the configurations could not be read in time: ${messageOf(error)}`)
    }
    this.#tellWork()
  }

  #onConfig(records: readonly ConfigRecord[]): void {
    const isWork = records.some(one => one.type === 'connector' || one.type === 'commit')
    if (isWork) this.#tellWork()
    for (const record of records) {
      if (record.type === 'restart') this.#onRestart(record)
      if (record.type === 'logger') this.#setLevel(record.namespace, record.level)
      if (record.type === 'connector' && record.settings === undefined) this.#forget(record.name)
      if (record.type === 'connector' || record.type === 'target') {
        this.autoRestart.forget(record.name)
      }
    }
    this.work.reconcile()
  }

  #onRestart(record: ConfigRecord & { type: 'restart' }): void {
    if (record.includeTasks) this.autoRestart.forget(record.name)
    this.work.restart(record.name, record)
  }

  #forget(name: string): void {
    this.#plans.forget(name)
    void this.#metrics.forget(name)
  }

  #setLevel(namespace: string, text: string): void {
    const named: Readonly<Record<string, Level>> = { all: 'trace', fatal: 'error' }
    const lower = text.toLowerCase()
    const level = named[lower] ?? LEVELS.find(one => one === lower)
    if (level !== undefined) this.#parts.logger.levels.set(namespace, level)
  }

  async #onAssigned(message: AssignedMessage): Promise<void> {
    const { assignment, stopping, isLeader, members } = message
    this.#rebalances.ended(assignment.generation)
    this.#round += 1
    const round = this.#round
    if (!(await this.#isCaughtUp(assignment.configOffset, round)) || this.#round !== round) return
    this.#members = members
    this.work.follow(assignment.assigned, stopping, assignment.generation)
    if (isLeader) await this.#leadership.begin()
    else this.#leadership.resign()
    if (this.#round !== round || isLeader !== (this.#leadership.leader !== undefined)) return
    this.#leaderUrl = assignment.leaderUrl
    this.#stage = undefined
    this.#joined.resolve()
  }

  /** Reads as far as the leader has; what runs goes on meanwhile. In vain: others take over. */
  async #isCaughtUp(configOffset: number, round: number): Promise<boolean> {
    const { unsyncBackoffMs } = this.#parts.config.settings
    for (let attempt = 1; attempt <= SYNC_ATTEMPTS_MAX; attempt++) {
      if (this.#log.configOffset >= configOffset) return true
      await this.#catchUp()
      if (this.#round !== round) return false
    }
    if (this.#log.configOffset >= configOffset) return true
    await this.#onLost(
      `its topic of configurations ends before ${configOffset}, where the leader is: either it is read slowly, or config.storage.topic is not the same on every worker; back in ${unsyncBackoffMs} ms`,
    )
    this.#membership?.leave(unsyncBackoffMs)
    return false
  }

  /** Everything stops at once: somebody else may be given it. */
  async #onLost(why: string): Promise<void> {
    this.#round += 1
    this.#leaderUrl = undefined
    this.#members = []
    this.#leadership.resign()
    const resume = this.#log.discardWrites()
    this.#parts.logger.warn(`the worker lets go of all its work and joins again: ${why}`)
    try {
      await this.work.cutOff()
    } finally {
      resume()
    }
    this.#membership?.releasedAll()
  }

  #noteTopic(name: string, task: number, topic: string): void {
    if (this.#log.board.hasTopic(name, topic)) return
    this.#log.putStatus({ type: 'topic', name, topic, seen: { task, atMs: Date.now() } })
  }

  heldUp(): HeldUp[] {
    return heldUp(this.#measured())
  }

  /** Connectors of this worker, each with the tasks that run here; also tasks of others' connectors. */
  #measured(): MeasuredConnector[] {
    const byConnector = Map.groupBy(this.work.tasks, ([unit]) => parseTaskUnit(unit).connector)
    const names = new Set([...this.work.connectors.keys(), ...byConnector.keys()])
    return [...names].map(name => {
      const settings = this.#log.config.connector(name)?.settings ?? {}
      const type = typeOf(settings)
      return {
        name,
        state: this.work.connectors.get(name)?.state,
        tasks: (byConnector.get(name) ?? []).map(([, unit]) => unit.connectorTask),
        config: settings,
        type: type === 'source' ? 'source' : 'sink',
      }
    })
  }

  #fail(error: ScamanderError): void {
    this.#stage = error.message
    this.#failed.reject(error)
  }
}

/** The worker's own clients; states and positions are kept by all replicas. */
const CLIENT_DEFAULTS = { acks: 'all', 'linger.ms': '0' }
