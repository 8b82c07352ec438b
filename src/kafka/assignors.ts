/**
 * Assignors: how the leader of a consumer group shares partitions among the members.
 * Called by the leader's consumer group with the subscriptions of all members. Pure.
 * Invariants: every partition of a subscribed topic goes to exactly one member that subscribes it,
 * except one that cooperative-sticky moves: it goes to nobody in the round that takes it from its
 * owner, and to the new owner in the next. Results depend only on the arguments.
 * Spec: Kafka's RangeAssignor, RoundRobinAssignor; KIP-429 for cooperative-sticky.
 */
import type { AssignorName } from './settings.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface GroupSubscription {
  readonly memberId: string
  readonly topics: readonly string[]
  /** What the member holds now (cooperative only), and in which generation it was given. */
  readonly owned: readonly TopicPartition[]
  readonly generation: number
}

/** Partitions per member; every member is in the result. */
export function assignPartitions(
  assignor: AssignorName,
  members: readonly GroupSubscription[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
  if (assignor === 'range') return assignRanges(sorted, partitionCounts)
  if (assignor === 'roundrobin') return assignRoundRobin(sorted, partitionCounts)
  return new CooperativeSticky(sorted, partitionCounts).assign()
}

function assignRanges(
  members: readonly GroupSubscription[],
  counts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const out = emptyAssignment(members)
  for (const topic of topicsOf(members, counts)) {
    const takers = members.filter(member => member.topics.includes(topic))
    const count = counts.get(topic)!
    let next = 0
    takers.forEach((member, i) => {
      const share = Math.floor(count / takers.length) + (i < count % takers.length ? 1 : 0)
      for (const end = next + share; next < end; next++) {
        out.get(member.memberId)!.push({ topic, partition: next })
      }
    })
  }
  return out
}

function assignRoundRobin(
  members: readonly GroupSubscription[],
  counts: ReadonlyMap<string, number>,
): Map<string, TopicPartition[]> {
  const out = emptyAssignment(members)
  let turn = 0
  for (const topic of topicsOf(members, counts)) {
    for (let partition = 0; partition < counts.get(topic)!; partition++) {
      while (!members[turn % members.length]!.topics.includes(topic)) turn += 1
      out.get(members[turn++ % members.length]!.memberId)!.push({ topic, partition })
    }
  }
  return out
}

class CooperativeSticky {
  readonly #members: readonly GroupSubscription[]
  readonly #counts: ReadonlyMap<string, number>
  readonly #assignment: Map<string, TopicPartition[]>
  /** Members that say they hold a partition, by partition. */
  readonly #claims = new Map<string, string[]>()

  constructor(members: readonly GroupSubscription[], counts: ReadonlyMap<string, number>) {
    this.#members = members
    this.#counts = counts
    this.#assignment = emptyAssignment(members)
  }

  assign(): Map<string, TopicPartition[]> {
    this.#keepOwned()
    for (const topic of topicsOf(this.#members, this.#counts)) {
      for (let partition = 0; partition < this.#counts.get(topic)!; partition++) {
        if (this.#claims.get(nameOf(topic, partition))?.length === 1) continue
        this.#assignment.get(this.#leastLoaded(topic))!.push({ topic, partition })
      }
    }
    this.#balance()
    this.#withholdMoved()
    return this.#assignment
  }

  /** Claims of an older generation are void; two claims of one partition cancel each other. */
  #keepOwned(): void {
    const newest = Math.max(...this.#members.map(member => member.generation))
    for (const { memberId, topics, owned, generation } of this.#members) {
      if (generation < newest) continue
      for (const { topic, partition } of owned) {
        if (!topics.includes(topic) || partition >= (this.#counts.get(topic) ?? 0)) continue
        const claims = this.#claims.get(nameOf(topic, partition))
        if (claims === undefined) this.#claims.set(nameOf(topic, partition), [memberId])
        else claims.push(memberId)
      }
    }
    for (const { memberId, owned } of this.#members) {
      for (const one of owned) {
        const claims = this.#claims.get(nameOf(one.topic, one.partition))
        if (claims?.length === 1 && claims[0] === memberId)
          this.#assignment.get(memberId)!.push(one)
      }
    }
  }

  /** Moves partitions while one member has two more than another that could take one. */
  #balance(): void {
    for (let moved = true; moved; ) {
      moved = false
      for (const { memberId } of this.#members) {
        const held = this.#assignment.get(memberId)!
        for (let i = held.length - 1; i >= 0; i--) {
          const taker = this.#leastLoaded(held[i]!.topic)
          if (this.#assignment.get(taker)!.length + 1 >= held.length) continue
          this.#assignment.get(taker)!.push(held[i]!)
          held.splice(i, 1)
          moved = true
        }
      }
    }
  }

  /** What another member still holds is given only after that member gave it up. */
  #withholdMoved(): void {
    for (const [memberId, given] of this.#assignment) {
      const free = given.filter(({ topic, partition }) => {
        const claims = this.#claims.get(nameOf(topic, partition)) ?? []
        return claims.every(claimant => claimant === memberId)
      })
      this.#assignment.set(memberId, free)
    }
  }

  #leastLoaded(topic: string): string {
    let best = ''
    let load = Number.POSITIVE_INFINITY
    for (const { memberId, topics } of this.#members) {
      const count = this.#assignment.get(memberId)!.length
      if (count >= load || !topics.includes(topic)) continue
      best = memberId
      load = count
    }
    return best
  }
}

/** Subscribed topics that exist, sorted. */
function topicsOf(
  members: readonly GroupSubscription[],
  counts: ReadonlyMap<string, number>,
): string[] {
  const subscribed = new Set(members.flatMap(member => member.topics))
  return [...subscribed].filter(topic => counts.has(topic)).sort()
}

function emptyAssignment(members: readonly GroupSubscription[]): Map<string, TopicPartition[]> {
  return new Map(members.map(({ memberId }) => [memberId, []]))
}

function nameOf(topic: string, partition: number): string {
  return `${partition} ${topic}`
}
