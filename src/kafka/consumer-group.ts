/**
 * The consumer side of a group: says what we subscribe, shares partitions when we lead, and turns
 * each assignment into "given" and "taken away".
 * Runs inside a `GroupMember`; tells the `TopicConsumer`. With cooperative-sticky alone only what
 * moves is taken away; with any other assignor everything is given up before a rebalance (eager).
 * Spec: Kafka's ConsumerProtocol subscription and assignment, KIP-429.
 */
import {
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription,
} from '@platformatic/kafka'
import type { ScamanderError } from '../base/scamander-error.ts'
import { assignPartitions, type GroupSubscription, type TopicPartition } from './assignors.ts'
import type { GroupHandler, JoinedMember } from './group-member.ts'
import type { AssignorName } from './settings.ts'

export interface ConsumerGroupOwner {
  /** Topics that we subscribe now. */
  topics(): readonly string[]
  /** Partitions per topic, of these topics; missing ones are left out. Only the leader asks. */
  countPartitions(topics: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Current generation, -1 outside the group. */
  generation(): number
  given(partitions: readonly TopicPartition[]): Promise<void>
  /** Lost: somebody else may own them already, nothing can be committed for them. */
  taken(partitions: readonly TopicPartition[], how: { isLost: boolean }): Promise<void>
  isAlive(): boolean
  failed(error: ScamanderError): void
}

const PROTOCOL_VERSION = 3

export class ConsumerGroup implements GroupHandler {
  readonly #assignors: readonly AssignorName[]
  readonly #owner: ConsumerGroupOwner
  readonly #isCooperative: boolean
  #owned: TopicPartition[] = []
  #ownedGeneration = -1
  #assignedCounts: ReadonlyMap<string, number> | undefined

  constructor(assignors: readonly AssignorName[], owner: ConsumerGroupOwner) {
    this.#assignors = assignors
    this.#owner = owner
    this.#isCooperative = assignors.every(name => name === 'cooperative-sticky')
  }

  /** Partitions per topic when we assigned last; undefined when we never did. */
  get assignedCounts(): ReadonlyMap<string, number> | undefined {
    return this.#assignedCounts
  }

  protocols(): { name: string; metadata: Buffer }[] {
    const metadata = encodeConsumerProtocolSubscription({
      version: PROTOCOL_VERSION,
      topics: [...this.#owner.topics()],
      userData: Buffer.alloc(0),
      ownedPartitions: this.#isCooperative ? byTopic(this.#owned) : [],
      generationId: this.#isCooperative ? this.#ownedGeneration : -1,
      rackId: null,
    })
    return this.#assignors.map(name => ({ name, metadata }))
  }

  async assign(
    protocol: string,
    members: readonly JoinedMember[],
  ): Promise<ReadonlyMap<string, Buffer>> {
    const subscriptions = members.map(toSubscription)
    const topics = [...new Set(subscriptions.flatMap(one => one.topics))]
    const counts = await this.#owner.countPartitions(topics)
    this.#assignedCounts = counts
    const name = this.#assignors.find(one => one === protocol) ?? this.#assignors[0]!
    const shares = assignPartitions(name, subscriptions, counts)
    const encoded = new Map<string, Buffer>()
    for (const [memberId, partitions] of shares) {
      const assignedPartitions = byTopic(partitions)
      encoded.set(
        memberId,
        encodeConsumerProtocolAssignment({ version: PROTOCOL_VERSION, assignedPartitions }),
      )
    }
    return encoded
  }

  async assigned(_protocol: string, assignment: Buffer): Promise<boolean> {
    const decoded = decodeConsumerProtocolAssignment(assignment).assignedPartitions
    const next = decoded.flatMap(({ topic, partitions }) =>
      partitions.map(partition => ({ topic, partition })),
    )
    const before = new Set(this.#owned.map(nameOf))
    const after = new Set(next.map(nameOf))
    const taken = this.#owned.filter(one => !after.has(nameOf(one)))
    if (taken.length > 0) await this.#owner.taken(taken, { isLost: false })
    this.#owned = this.#owned.filter(one => after.has(nameOf(one)))
    this.#ownedGeneration = this.#owner.generation()
    // If it fails we join again without claiming them, and are given them again.
    await this.#owner.given(next.filter(one => !before.has(nameOf(one))))
    this.#owned = next
    // What we gave up can go to its new owner only in another round.
    return this.#isCooperative && taken.length > 0
  }

  async rebalancing(): Promise<void> {
    if (!this.#isCooperative) await this.#giveUpAll({ isLost: false })
  }

  async lost(): Promise<void> {
    this.#assignedCounts = undefined
    await this.#giveUpAll({ isLost: true })
  }

  isAlive(): boolean {
    return this.#owner.isAlive()
  }

  failed(error: ScamanderError): void {
    this.#owner.failed(error)
  }

  async #giveUpAll(how: { isLost: boolean }): Promise<void> {
    const taken = this.#owned
    this.#owned = []
    this.#ownedGeneration = -1
    if (taken.length > 0) await this.#owner.taken(taken, how)
  }
}

function toSubscription({ memberId, metadata }: JoinedMember): GroupSubscription {
  const { topics, ownedPartitions, generationId } = decodeConsumerProtocolSubscription(metadata)
  const owned = ownedPartitions.flatMap(({ topic, partitions }) =>
    partitions.map(partition => ({ topic, partition })),
  )
  return { memberId, topics, owned, generation: generationId }
}

function byTopic(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  const groups = Map.groupBy(partitions, one => one.topic)
  return Array.from(groups, ([topic, ones]) => ({ topic, partitions: ones.map(o => o.partition) }))
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`
}
