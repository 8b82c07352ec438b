/**
 * Who a producer is to the brokers: its id and epoch, which let them tell a repeated batch from a new
 * one, and the transaction that its batches are part of when it has a transactional id.
 * Owned by `RecordProducer`, which numbers batches by it (produce-queue.ts).
 * Invariants: within a transaction nothing is produced to a partition that was not added to it;
 * whoever opens a transactional id last fences all others; after an error in a transaction it can
 * only be aborted, by this session or by the next that opens its id.
 * Spec: Kafka protocol, InitProducerId v4, AddPartitionsToTxn v3, EndTxn v3; connect-rest 10, 18.5.
 */
import { addPartitionsToTxnV3, endTxnV3, initProducerIdV4 } from '@platformatic/kafka'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { TopicPartition } from '../flow/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { kafkaNameOf, toKafkaError } from './classify.ts'
import type { Cluster, KafkaConnection } from './cluster.ts'
import { KAFKA_ERRORS } from './errors.ts'
import type { ProducerSettings } from './settings.ts'

export interface ProducerIdentity {
  readonly id: bigint
  readonly epoch: number
  readonly isTransactional: boolean
}

/** Without a transactional id the broker does not look at the time. */
const NO_TIMEOUT_MS = 60_000
/** The coordinator still writes the marks of the transaction before: mostly a matter of a few ms. */
const CONCURRENT_PAUSE_MS = 5

export class ProducerSession {
  readonly transactionalId: string | undefined
  readonly #cluster: Cluster
  readonly #settings: ProducerSettings
  readonly #logger: Logger
  #identity: ProducerIdentity | undefined
  /** The cluster does not let this producer have an id: its batches have no numbers. */
  #isRefused = false
  #initializing: Promise<void> | undefined
  /** Partitions of the transaction that is open. */
  #partitions = new Set<string>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(cluster: Cluster, settings: ProducerSettings, logger: Logger) {
    this.#cluster = cluster
    this.#settings = settings
    this.#logger = logger
    this.transactionalId = settings.transactionalId
  }

  /** With a transactional id: fences everybody who has it, and ends their transaction. */
  async open(): Promise<void> {
    await this.#ready()
  }

  /** What the next batches are numbered by; undefined: nothing. The partitions join the transaction. */
  async prepare(partitions: readonly TopicPartition[]): Promise<ProducerIdentity | undefined> {
    if (!this.#settings.isIdempotent || this.#isRefused) return undefined
    await this.#ready()
    if (this.transactionalId !== undefined) await this.#exclusive(() => this.#add(partitions))
    return this.#identity
  }

  /** A batch was given up and nobody knows whether it was written: later ones get another id. */
  renew(): void {
    if (this.transactionalId === undefined) this.#identity = undefined
  }

  /** Everything that was acknowledged becomes visible, at once; nothing else may be under way. */
  commit(): Promise<void> {
    return this.#exclusive(() => this.#end(true))
  }

  /** Nothing since the last commit becomes visible. Nothing to do when no transaction is open. */
  abort(): Promise<void> {
    return this.#exclusive(() => this.#end(false))
  }

  async #ready(): Promise<void> {
    if (!this.#settings.isIdempotent || this.#isRefused || this.#identity !== undefined) return
    this.#initializing ??= this.#initialize().finally(() => {
      this.#initializing = undefined
    })
    await this.#initializing
  }

  async #initialize(): Promise<void> {
    const { transactionalId } = this
    if (transactionalId !== undefined) {
      this.#identity = await this.#ask(transactionalId)
      return
    }
    try {
      const answer = await this.#cluster.retry('get a producer id', async () =>
        initProducerIdV4.api.async(
          await this.#cluster.anyConnection(),
          null as unknown as string,
          NO_TIMEOUT_MS,
        ),
      )
      const { producerId: id, producerEpoch: epoch } = answer
      this.#identity = { id, epoch, isTransactional: false }
    } catch (error) {
      if (!isScamanderError(error) || error.code !== KAFKA_ERRORS.NOT_AUTHORIZED.code) throw error
      this.#isRefused = true
      const what = 'a request that is repeated may write its records twice'
      this.#logger.warn(
        `the cluster gives no producer id, ${what}: grant IDEMPOTENT_WRITE on the cluster, or set enable.idempotence=false (${error.message})`,
      )
    }
  }

  async #ask(transactionalId: string, known?: ProducerIdentity): Promise<ProducerIdentity> {
    const { transactionTimeoutMs } = this.#settings
    const answer = await this.#coordinate('open the transactional id', connection =>
      initProducerIdV4.api.async(
        connection,
        transactionalId,
        transactionTimeoutMs,
        known?.id,
        known?.epoch,
      ),
    )
    return { id: answer.producerId, epoch: answer.producerEpoch, isTransactional: true }
  }

  async #add(partitions: readonly TopicPartition[]): Promise<void> {
    const fresh = partitions.filter(one => !this.#partitions.has(nameOf(one)))
    if (fresh.length === 0) return
    const { id: producerId, epoch: producerEpoch } = this.#identity!
    const transaction = { transactionalId: this.transactionalId!, producerId, producerEpoch }
    const topics = [...Map.groupBy(fresh, one => one.topic)].map(([name, ones]) => ({
      name,
      partitions: ones.map(({ partition }) => partition),
    }))
    // Before the request: the answer may be lost, and then there is something to abort.
    for (const one of fresh) this.#partitions.add(nameOf(one))
    try {
      await this.#coordinate('add partitions to a transaction', connection =>
        addPartitionsToTxnV3.api.async(connection, [{ ...transaction, verifyOnly: false, topics }]),
      )
    } catch (error) {
      for (const one of fresh) this.#partitions.delete(nameOf(one))
      throw await this.judge(error)
    }
  }

  async #end(isCommit: boolean): Promise<void> {
    if (this.#partitions.size === 0 || this.#identity === undefined) return
    const { id, epoch } = this.#identity
    this.#partitions = new Set()
    const doing = isCommit ? 'commit a transaction' : 'abort a transaction'
    try {
      await this.#coordinate(doing, connection =>
        endTxnV3.api.async(connection, this.transactionalId!, id, epoch, isCommit),
      )
    } catch (error) {
      throw await this.judge(error)
    }
  }

  /**
   * A transaction that took too long is aborted by the coordinator, in the same words as one that
   * another producer ended. Only the coordinator can tell: it answers to a producer that nobody took
   * the place of. Then the work may be done again (`retriable`).
   */
  async judge(error: unknown): Promise<ScamanderError> {
    const failure = toKafkaError(error, `transaction of ${this.transactionalId}`)
    const known = this.#identity
    const mayBeLate = LATE_NAMES.has(kafkaNameOf(failure) ?? '')
    if (!mayBeLate || known === undefined || !known.isTransactional) return failure
    try {
      await this.#ask(this.transactionalId!, known)
    } catch (answer) {
      this.#logger.debug(`the transactional id is another's: ${messageOf(answer)}`)
      return failure
    }
    const message = `the transaction of ${this.transactionalId} took longer than transaction.timeout.ms and was aborted`
    return new ScamanderError(KAFKA_ERRORS.TRANSACTION_LATE, message, { cause: failure })
  }

  async #coordinate<T>(
    what: string,
    send: (connection: KafkaConnection) => Promise<T>,
  ): Promise<T> {
    const id = this.transactionalId!
    const doing = `${what} (${id})`
    const call = { doing, purpose: 'control', of: 'transaction' } as const
    const attempt = () => this.#cluster.callCoordinator(id, call, send)
    return await this.#cluster.retry(doing, async () => {
      try {
        return await attempt()
      } catch (error) {
        if (kafkaNameOf(error) !== 'CONCURRENT_TRANSACTIONS') throw error
        await this.#cluster.sleep(CONCURRENT_PAUSE_MS)
        return await attempt()
      }
    })
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}

const LATE_NAMES = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
])

function nameOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`
}
