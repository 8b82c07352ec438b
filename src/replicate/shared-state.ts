/**
 * The store of replication in a group of workers: everything is kept in one compacted topic, and the
 * worker that has the work holds a copy of it in a file that is made anew.
 * Opened by the server when the group gives its worker the replication jobs, closed when they go.
 * Invariants: whoever had the work before can keep nothing more once this is open (it is fenced), and
 * all that it had kept was read; the copy is removed when it is closed or could not be read.
 * Spec: backlog-replication 2.18; docs/adr/0033-replication-in-a-worker-group.md.
 */
import { rmSync } from 'node:fs'
import { ScamanderError } from '../base/scamander-error.ts'
import {
  type KafkaClientSettings,
  TopicAdmin,
  TopicFollower,
  TransactionalWriter,
} from '../kafka/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import { decodeChange, KafkaStateLog } from './kafka-state-log.ts'
import { Store } from './store.ts'

export interface SharedStateSettings {
  readonly client: KafkaClientSettings
  readonly topic: string
  /** -1: as the brokers have it. */
  readonly replicationFactor: number
  /** Of all workers of the group the same; fences. */
  readonly transactionalId: string
  /** Of this process alone; emptied. */
  readonly folder: string
}

export interface SharedStateHost {
  readonly logger: Logger
  readonly onLost: () => void
}

const READ_TIMEOUT_MS = 600_000
const RECORD_BYTES_MAX = 8 * 1024 * 1024

export class SharedState {
  readonly store: Store
  readonly #log: KafkaStateLog
  readonly #writer: TransactionalWriter
  readonly #folder: string

  private constructor(of: {
    store: Store
    log: KafkaStateLog
    writer: TransactionalWriter
    folder: string
  }) {
    this.store = of.store
    this.#log = of.log
    this.#writer = of.writer
    this.#folder = of.folder
  }

  static async open(of: SharedStateSettings, host: SharedStateHost): Promise<SharedState> {
    await ensureTopic(of)
    const { topic, transactionalId, folder } = of
    const { connection } = of.client
    const writer = new TransactionalWriter({ connection, transactionalId, topic })
    let store: Store | undefined
    try {
      await writer.open()
      rmSync(folder, { recursive: true, force: true })
      const log = new KafkaStateLog({ writer, ...host })
      store = new Store(folder, log)
      await load(store, of, host.logger)
      log.begin()
      store.checkKey()
      await store.settled()
      return new SharedState({ store, log, writer, folder })
    } catch (error) {
      store?.close()
      rmSync(folder, { recursive: true, force: true })
      await writer.close()
      throw error
    }
  }

  /** At once: nothing that is done from now on is kept. */
  leave(): void {
    this.#log.leave()
  }

  /** The store must be closed. */
  async close(): Promise<void> {
    this.leave()
    rmSync(this.#folder, { recursive: true, force: true })
    await this.#writer.close()
  }
}

async function load(store: Store, of: SharedStateSettings, logger: Logger): Promise<void> {
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  const follower = new TopicFollower({
    ...{ settings: of.client, topics: [of.topic], logger },
    onMessage: message => {
      try {
        const change = decodeChange(message.key(), message.value())
        if (change !== undefined) store.apply(change)
      } catch (error) {
        failed.reject(error)
      }
    },
    onFailure: error => failed.reject(error),
  })
  try {
    await store.loading(async () => {
      await Promise.race([follower.open(), failed.promise])
      await Promise.race([follower.readToEnd(of.topic, READ_TIMEOUT_MS), failed.promise])
    })
  } finally {
    await follower.close()
  }
}

async function ensureTopic({ client, topic, replicationFactor }: SharedStateSettings) {
  const admin = new TopicAdmin(client.connection)
  try {
    if ((await admin.describeTopic(topic)) === undefined) {
      const configs = { 'cleanup.policy': 'compact', 'max.message.bytes': String(RECORD_BYTES_MAX) }
      await admin.createTopic({ name: topic, partitions: 1, replicationFactor, configs })
    }
    const count = (await admin.describeTopic(topic))?.partitions.length ?? 0
    const policy = (await admin.topicConfigs(topic)).get('cleanup.policy') ?? ''
    if (count === 1 && policy === 'compact') return
    const message = `scamander.replicate.topic: expected one partition and cleanup.policy=compact of ${topic}, found ${count} and ${policy}`
    throw new ScamanderError(REPLICATE_ERRORS.STATE_TOPIC, message)
  } finally {
    await admin.close()
  }
}
