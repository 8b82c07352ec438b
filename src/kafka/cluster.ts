/**
 * One client's view of a Kafka cluster: connections per broker and purpose, metadata, coordinators,
 * and retries with limits. Consumer, producer and admin each own one and send the client library's
 * raw requests through it.
 * Purposes have connections of their own, since a broker answers the requests of one connection in
 * order: a waiting fetch or join would hold up everything behind it.
 * Invariants: every error that leaves is a `ScamanderError`; nothing is retried beyond its limit.
 */
import {
  type Broker,
  type Connection,
  type ConnectionOptions,
  ConnectionPool,
  findCoordinatorV3,
  metadataV9,
} from '@platformatic/kafka'
import { Backoff } from '../base/backoff.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import { fromKafkaCode, kafkaName, kafkaNameOf, responseOf, toKafkaError } from './classify.ts'
import { KAFKA_ERRORS } from './errors.ts'
import type { BrokerAddress, ConnectionSettings } from './settings.ts'

/** A request of the client library is sent through one. */
export type KafkaConnection = Connection

export type Purpose = 'control' | 'fetch' | 'group'

export type CoordinatorKind = 'group' | 'transaction'

export interface PartitionView {
  /** -1: none at the moment. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  /** Of these, those that have all that was acknowledged. */
  readonly inSync: number
}

export interface TopicView {
  readonly name: string
  readonly isInternal: boolean
  /** By partition number. */
  readonly partitions: readonly PartitionView[]
}

export interface ClusterView {
  readonly clusterId: string
  readonly controllerId: number
  readonly brokers: ReadonlyMap<number, BrokerAddress>
  /** Topics that exist, among those asked for. */
  readonly topics: ReadonlyMap<string, TopicView>
}

export interface ClusterOptions {
  readonly clock?: Clock
  /** Longest wait of a request on a `group` connection: a join waits for the other members. */
  readonly groupTimeoutMs?: number
}

const TIMEOUT_MARGIN_MS = 10_000
const COORDINATOR_ERRORS = new Set([
  'NOT_COORDINATOR',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
])

export class Cluster {
  readonly settings: ConnectionSettings
  readonly #clock: Clock
  readonly #pools: Readonly<Record<Purpose, ConnectionPool>>
  readonly #closing = new AbortController()
  readonly #coordinators = new Map<string, number>()
  /** Connections that are open or about to be. */
  readonly #open = new Set<Connection>()
  #brokers = new Map<number, Broker>()
  #nextBroker = 0

  constructor(settings: ConnectionSettings, options: ClusterOptions = {}) {
    this.settings = settings
    this.#clock = options.clock ?? systemClock
    const groupTimeoutMs = (options.groupTimeoutMs ?? 0) + TIMEOUT_MARGIN_MS
    this.#pools = {
      control: createPool(settings, settings.requestTimeoutMs, this.#open),
      fetch: createPool(settings, settings.requestTimeoutMs, this.#open),
      group: createPool(settings, Math.max(settings.requestTimeoutMs, groupTimeoutMs), this.#open),
    }
  }

  get connectionCount(): number {
    return this.#open.size
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Describes the topics, or all of them for null. One attempt; topics that are missing are left out. */
  async fetchView(topics: readonly string[] | null, autoCreate = false): Promise<ClusterView> {
    const connection = await this.anyConnection()
    const asked = topics === null ? null : [...topics]
    const response = await settle(
      metadataV9.api.async(connection, asked, autoCreate, false, false),
      'read metadata',
    )
    this.#brokers = new Map(
      response.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]),
    )
    const views = new Map<string, TopicView>()
    for (const topic of response.topics) {
      const name = kafkaName(topic.errorCode)
      const isRefused = name === 'TOPIC_AUTHORIZATION_FAILED' || name === 'INVALID_TOPIC_EXCEPTION'
      if (isRefused && topics !== null) throw fromKafkaCode(topic.errorCode, `topic ${topic.name}`)
      if (topic.errorCode === 0 || topic.partitions.length > 0)
        views.set(topic.name, toTopicView(topic))
    }
    return {
      clusterId: response.clusterId ?? '',
      controllerId: response.controllerId,
      brokers: this.#brokers,
      topics: views,
    }
  }

  /** A connection to any broker: those known from metadata, then the bootstrap servers. */
  async anyConnection(): Promise<Connection> {
    const known = [...this.#brokers.values()]
    const start = known.length === 0 ? 0 : this.#nextBroker++ % known.length
    const brokers = [
      ...known.slice(start),
      ...known.slice(0, start),
      ...this.settings.bootstrapServers,
    ]
    return await this.#connect(
      this.#pools.control.getFirstAvailable(brokers),
      `connect to ${this.settings.bootstrapServers.map(b => `${b.host}:${b.port}`).join(', ')}`,
    )
  }

  /** A connection to one broker. */
  async connectionTo(node: number, purpose: Purpose): Promise<Connection> {
    const broker = this.#brokers.get(node)
    if (broker === undefined) {
      throw new ScamanderError(KAFKA_ERRORS.DISCONNECTED, `broker ${node} is not in the metadata`)
    }
    return await this.#connect(
      this.#pools[purpose].get(broker),
      `connect to broker ${node} at ${broker.host}:${broker.port}`,
    )
  }

  /** A name that resolved before and does not now is an outage, not a wrong setting. */
  async #connect(connecting: Promise<Connection>, doing: string): Promise<Connection> {
    try {
      return await settle(connecting, doing)
    } catch (error) {
      const isLost = isScamanderError(error) && error.code === KAFKA_ERRORS.UNKNOWN_HOST.code
      if (!isLost || this.#brokers.size === 0) throw error
      throw new ScamanderError(KAFKA_ERRORS.DISCONNECTED, error.message, { cause: error })
    }
  }

  hasBroker(node: number): boolean {
    return this.#brokers.has(node)
  }

  /** A connection to the coordinator of a group or transaction; the node is remembered. */
  async coordinatorConnection(
    id: string,
    purpose: Purpose,
    of: CoordinatorKind = 'group',
  ): Promise<Connection> {
    const key = coordinatorKey(id, of)
    const known = this.#coordinators.get(key)
    if (known !== undefined && this.#brokers.has(known)) {
      return await this.connectionTo(known, purpose)
    }
    const doing = `find the coordinator of ${of} ${id}`
    const found = await settle(
      findCoordinatorV3.api.async(await this.anyConnection(), of === 'group' ? 0 : 1, [id]),
      doing,
    )
    const [coordinator] = found.coordinators
    if (coordinator === undefined) throw new ScamanderError(KAFKA_ERRORS.RETRIABLE, doing)
    if (coordinator.errorCode !== 0) throw fromKafkaCode(coordinator.errorCode, doing)
    const { nodeId, host, port } = coordinator
    this.#brokers.set(nodeId, { host, port })
    this.#coordinators.set(key, nodeId)
    return await this.connectionTo(nodeId, purpose)
  }

  /** Called with every failure of a request to a coordinator; it is looked up again if it moved. */
  noteCoordinatorFailure(id: string, error: unknown, of: CoordinatorKind = 'group'): void {
    const { kind } = toKafkaError(error, 'request to the coordinator')
    const hasMoved = COORDINATOR_ERRORS.has(kafkaNameOf(error) ?? '')
    if (hasMoved || kind === 'disconnected') {
      this.#coordinators.delete(coordinatorKey(id, of))
    }
  }

  /** Sends one request to the coordinator of a group or transaction; no retry. */
  async callCoordinator<T>(
    id: string,
    call: { readonly doing: string; readonly purpose: Purpose; readonly of?: CoordinatorKind },
    send: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const { purpose, of = 'group' } = call
    try {
      return await send(await this.coordinatorConnection(id, purpose, of))
    } catch (error) {
      this.noteCoordinatorFailure(id, error, of)
      throw error
    }
  }

  /** Repeats `attempt` while its error passes, with back-off, up to `timeoutMs`. */
  async retry<T>(
    doing: string,
    attempt: () => Promise<T>,
    timeoutMs = this.settings.callTimeoutMs,
  ): Promise<T> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs
    const backoff = this.newBackoff()
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        const failure = toKafkaError(error, doing)
        const passes = failure.kind === 'retriable' || failure.kind === 'disconnected'
        const delayMs = backoff.next()
        const isLate = this.#clock.monotonicMs() + delayMs > deadlineMs
        if (!passes || isLate || this.isClosed) throw failure
        await this.sleep(delayMs)
      }
    }
  }

  newBackoff(): Backoff {
    const { retryBackoffMs, retryBackoffMsMax } = this.settings
    return new Backoff({ baseMs: retryBackoffMs, maxMs: retryBackoffMsMax })
  }

  /** Ends early when the cluster closes. */
  async sleep(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#closing.signal)
  }

  /** Ends requests under way with `SCM_KAFKA_DISCONNECTED` or `SCM_KAFKA_CLOSED`. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(Object.values(this.#pools).map(pool => pool.close()))
  }
}

/**
 * The response, also where the library reports some part of it as an error (then the caller looks
 * at the error codes in it); otherwise throws the classified error.
 */
export async function settle<T>(request: Promise<T>, doing: string): Promise<T> {
  try {
    return await request
  } catch (error) {
    const response = responseOf<T>(error)
    if (response !== undefined) return response
    throw toKafkaError(error, doing)
  }
}

function createPool(
  settings: ConnectionSettings,
  requestTimeout: number,
  open: Set<Connection>,
): ConnectionPool {
  const hasNames = settings.bootstrapServers.every(({ host }) => !/^[\d.]+$|:/.test(host))
  const options: ConnectionOptions = {
    connectTimeout: settings.connectTimeoutMs,
    requestTimeout,
    ...(settings.tls === undefined ? {} : { tls: settings.tls, tlsServerName: hasNames }),
    ...(settings.sasl === undefined ? {} : { sasl: settings.sasl }),
  }
  const pool = new ConnectionPool(settings.clientId, options)
  pool.on('connecting', ({ connection }) => {
    // The requests under way are told; an 'error' event nobody listens to would end the process.
    connection.on('error', () => undefined)
    open.add(connection)
    connection.on('close', () => open.delete(connection))
  })
  return pool
}

function coordinatorKey(id: string, of: CoordinatorKind): string {
  return `${of} ${id}`
}

interface RawTopic {
  readonly name: string
  readonly isInternal: boolean
  readonly partitions: readonly {
    readonly partitionIndex: number
    readonly leaderId: number
    readonly leaderEpoch: number
    readonly replicaNodes: number[]
    readonly isrNodes: number[]
  }[]
}

function toTopicView(topic: RawTopic): TopicView {
  const partitions: PartitionView[] = []
  for (const one of topic.partitions) {
    partitions[one.partitionIndex] = {
      ...{ leader: one.leaderId, leaderEpoch: one.leaderEpoch, replicas: one.replicaNodes },
      inSync: one.isrNodes.length,
    }
  }
  return { name: topic.name, isInternal: topic.isInternal, partitions }
}
