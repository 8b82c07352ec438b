/**
 * Writes small sets of records to one partition of one topic, each set whole or not at all, and
 * fences: whoever opens the transactional id last is the only one whose writes succeed.
 * Made by connect for the log of configurations, by the worker that leads.
 * Invariants: one set at a time; after `SCM_KAFKA_PRODUCER_FENCED` nothing is ever written again; a
 * failed set is not in the log, unless the answer to its commit was lost (then the next `write`
 * begins with a new epoch, which settles it).
 * Spec: Kafka protocol, InitProducerId v4, AddPartitionsToTxn v3, EndTxn v3; connect-rest 18.3.
 */
import { addPartitionsToTxnV3, endTxnV3, initProducerIdV4 } from '@platformatic/kafka'
import { ScamanderError } from '../base/scamander-error.ts'
import { fromKafkaCode, kafkaName, toKafkaError } from './classify.ts'
import { Cluster, type KafkaConnection } from './cluster.ts'
import { KAFKA_ERRORS } from './errors.ts'
import { sendProduce } from './protocol/produce.ts'
import { encodeBatch } from './protocol/record-writer.ts'
import type { ConnectionSettings } from './settings.ts'

export interface LogEntry {
  readonly key: Buffer
  /** Null deletes the key from a compacted topic. */
  readonly value: Buffer | null
}

export interface TransactionalWriterOptions {
  readonly connection: ConnectionSettings
  readonly transactionalId: string
  readonly topic: string
}

const PARTITION = 0
const TRANSACTION_TIMEOUT_MS = 10_000

interface Identity {
  readonly id: bigint
  readonly epoch: number
}

export class TransactionalWriter {
  readonly #options: TransactionalWriterOptions
  readonly #cluster: Cluster
  #identity: Identity | undefined
  #sequence = 0
  /** The fate of the last set is not known. */
  #isUncertain = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: TransactionalWriterOptions) {
    this.#options = options
    this.#cluster = new Cluster(options.connection)
  }

  /** Fences every earlier writer of the transactional id, also in other processes. */
  open(): Promise<void> {
    return this.#exclusive(async () => {
      this.#identity = undefined
      await this.#init()
    })
  }

  /**
   * Resolves when all entries are in the log, though readers may see them a little later. Answers
   * the offset behind them; undefined when it is not known.
   */
  write(entries: readonly LogEntry[]): Promise<number | undefined> {
    return this.#exclusive(async () => {
      if (entries.length === 0) return undefined
      if (this.#identity === undefined) throw this.#fenced()
      if (this.#isUncertain) await this.#init()
      this.#isUncertain = true
      try {
        const endOffset = await this.#transact(entries)
        this.#isUncertain = false
        return endOffset
      } catch (error) {
        const failure = toKafkaError(error, `write to ${this.#options.topic}`)
        if (failure.code === KAFKA_ERRORS.PRODUCER_FENCED.code) this.#identity = undefined
        throw failure
      }
    })
  }

  async close(): Promise<void> {
    await this.#cluster.close()
  }

  /** With the present identity only its own epoch moves on: a fenced writer cannot come back so. */
  async #init(): Promise<void> {
    const { transactionalId } = this.#options
    const known = this.#identity
    const answer = await this.#retry('open the transactional id', connection =>
      initProducerIdV4.api.async(
        connection,
        transactionalId,
        TRANSACTION_TIMEOUT_MS,
        known?.id,
        known?.epoch,
      ),
    )
    this.#identity = { id: answer.producerId, epoch: answer.producerEpoch }
    this.#sequence = 0
    this.#isUncertain = false
  }

  async #transact(entries: readonly LogEntry[]): Promise<number | undefined> {
    const { transactionalId, topic } = this.#options
    const { id, epoch } = this.#identity!
    const topics = [{ name: topic, partitions: [PARTITION] }]
    const transaction = { transactionalId, producerId: id, producerEpoch: epoch }
    await this.#retry('begin a transaction', connection =>
      addPartitionsToTxnV3.api.async(connection, [{ ...transaction, verifyOnly: false, topics }]),
    )
    const baseOffset = await this.#produce(entries)
    await this.#retry('commit a transaction', connection =>
      endTxnV3.api.async(connection, transactionalId, id, epoch, true),
    )
    return baseOffset < 0 ? undefined : baseOffset + entries.length
  }

  async #produce(entries: readonly LogEntry[]): Promise<number> {
    const { transactionalId, topic } = this.#options
    const timestampMs = Date.now()
    const records = entries.map(({ key, value }) => ({ key, value, headers: [], timestampMs }))
    const producer = { ...this.#identity!, isTransactional: true, sequence: this.#sequence }
    const batch = encodeBatch(records, 'none', producer)
    const doing = `write to ${topic}`
    const baseOffset = await this.#cluster.retry(doing, async () => {
      const view = await this.#cluster.fetchView([topic])
      const leader = view.topics.get(topic)?.partitions[PARTITION]?.leader ?? -1
      if (leader < 0) throw new ScamanderError(KAFKA_ERRORS.RETRIABLE, `${doing}: no leader`)
      const connection = await this.#cluster.connectionTo(leader, 'control')
      const timeoutMs = this.#cluster.settings.requestTimeoutMs
      const batches = [{ topic, partition: PARTITION, batch }]
      const options = { acks: -1, timeoutMs, transactionalId }
      const [result] = await sendProduce(connection, batches, options)
      const code = result?.errorCode ?? 0
      if (code === 0) return result?.baseOffset ?? -1
      // The answer to an earlier attempt was lost: the records are there.
      if (kafkaName(code) === 'DUPLICATE_SEQUENCE_NUMBER') return -1
      throw fromKafkaCode(code, doing)
    })
    this.#sequence += entries.length
    return baseOffset
  }

  async #retry<T>(what: string, send: (connection: KafkaConnection) => Promise<T>): Promise<T> {
    const { transactionalId } = this.#options
    const doing = `${what} (${transactionalId})`
    const call = { doing, purpose: 'control', of: 'transaction' } as const
    return await this.#cluster.retry(doing, () =>
      this.#cluster.callCoordinator(transactionalId, call, send),
    )
  }

  #fenced(): ScamanderError {
    const { transactionalId } = this.#options
    const message = `write to ${this.#options.topic}: the transactional id ${transactionalId} is not ours`
    return new ScamanderError(KAFKA_ERRORS.PRODUCER_FENCED, message)
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => undefined)
    return result
  }
}
