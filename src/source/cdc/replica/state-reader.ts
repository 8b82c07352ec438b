/**
 * Follows the topic of state: everything that capture remembers, as its owner last wrote it.
 * Used at a start, to restore from, and by OwnerFinder.
 * Invariant: after `readToEnd` the newest value of every key is there.
 * Spec: docs/adr/0032-queues-in-topics.md.
 */
import { type KafkaClientSettings, TopicFollower } from '../../../kafka/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import { OWNER_KEY, type OwnerRecord, parseOwner } from './owner-record.ts'
import { stateTopicOf } from './replica-topics.ts'

const READ_MS_MAX = 60_000

export class StateReader {
  readonly entries = new Map<string, string>()
  readonly #topic: string
  readonly #follower: TopicFollower
  #failure: Error | undefined

  constructor(settings: KafkaClientSettings, prefix: string, logger: Logger) {
    this.#topic = stateTopicOf(prefix)
    this.#follower = new TopicFollower({
      ...{ settings, topics: [this.#topic], logger },
      onMessage: message => {
        const name = message.key()?.toString() ?? ''
        const value = message.value()
        if (value === null) this.entries.delete(name)
        else this.entries.set(name, value.toString())
      },
      onFailure: error => {
        this.#failure = error
      },
    })
  }

  /** It follows no more. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  get owner(): OwnerRecord | undefined {
    return parseOwner(this.entries.get(OWNER_KEY))
  }

  open(): Promise<void> {
    return this.#follower.open()
  }

  async readToEnd(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    await this.#follower.readToEnd(this.#topic, READ_MS_MAX)
  }

  close(): Promise<void> {
    return this.#follower.close()
  }
}
