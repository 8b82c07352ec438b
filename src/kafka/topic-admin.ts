/**
 * Topics and groups from the outside: what connect needs to create dead-letter topics and to show,
 * change and delete the offsets of a connector.
 * Invariants: calls are retried while their error passes, within `default.api.timeout.ms`; creating
 * what exists and deleting what is absent are successes.
 * Spec: connect-rest 2.3, 14.
 */
import {
  createPartitionsV3,
  createTopicsV5,
  deleteGroupsV2,
  deleteRecordsV2,
  deleteTopicsV4,
  describeConfigsV4,
  describeGroupsV5,
  leaveGroupV4,
  offsetDeleteV0,
} from '@platformatic/kafka'
import { ScamanderError } from '../base/scamander-error.ts'
import type { TopicPosition } from '../flow/index.ts'
import type { TopicPartition } from './assignors.ts'
import { fromKafkaCode, kafkaName, kafkaNameOf } from './classify.ts'
import {
  Cluster,
  type ClusterView,
  type KafkaConnection,
  settle,
  type TopicView,
} from './cluster.ts'
import { KAFKA_ERRORS } from './errors.ts'
import { commitOffsets, fetchCommitted, LOG_END, LOG_START, listOffsets } from './offsets.ts'
import type { ConnectionSettings } from './settings.ts'

export interface NewTopic {
  readonly name: string
  /** -1: the broker's default. */
  readonly partitions: number
  /** -1: the broker's default. */
  readonly replicationFactor: number
  readonly configs?: Readonly<Record<string, string>>
}

export interface GroupState {
  /** Kafka's word: Empty, Stable, Dead (absent), PreparingRebalance, … */
  readonly state: string
  readonly members: readonly { readonly memberId: string; readonly clientId: string }[]
}

export interface OffsetRange extends TopicPartition {
  readonly start: number
  readonly end: number
}

const TOPIC_RESOURCE = 2
const LEADER_TIMEOUT_MS = 10_000

export class TopicAdmin {
  readonly #cluster: Cluster

  constructor(connection: ConnectionSettings) {
    this.#cluster = new Cluster(connection)
  }

  async clusterId(): Promise<string> {
    return (await this.#view([])).clusterId
  }

  async brokerCount(): Promise<number> {
    return (await this.#view([])).brokers.size
  }

  /** All topics without Kafka's internal ones. */
  async listTopics(): Promise<TopicView[]> {
    const view = await this.#view(null)
    return [...view.topics.values()].filter(topic => !topic.isInternal)
  }

  /** Undefined when there is none. */
  async describeTopic(name: string): Promise<TopicView | undefined> {
    return (await this.#view([name])).topics.get(name)
  }

  /** Creates the topic and waits for its leaders; false when it existed already. */
  async createTopic(topic: NewTopic): Promise<boolean> {
    const doing = `create topic ${topic.name}`
    const configs = Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value }))
    const request = {
      name: topic.name,
      numPartitions: topic.partitions,
      replicationFactor: topic.replicationFactor,
      assignments: [],
      configs,
    }
    const isCreated = await this.#cluster.retry(doing, async () => {
      const controller = await this.#controller()
      try {
        await createTopicsV5.api.async(controller, [request], this.#timeoutMs, false)
        return true
      } catch (error) {
        if (kafkaNameOf(error) === 'TOPIC_ALREADY_EXISTS') return false
        throw error
      }
    })
    if (isCreated) await this.#waitForLeaders(topic.name)
    return isCreated
  }

  /** Adds partitions until there are `count`. */
  async growTopic(name: string, count: number): Promise<void> {
    await this.#cluster.retry(`add partitions to ${name}`, async () => {
      const controller = await this.#controller()
      await createPartitionsV3.api.async(controller, [{ name, count }], this.#timeoutMs, false)
    })
    await this.#waitForLeaders(name)
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    await this.#cluster.retry(`delete topics ${names.join(', ')}`, async () => {
      const topics = names.map(name => ({ name }))
      const request = deleteTopicsV4.api.async(await this.#controller(), topics, this.#timeoutMs)
      const { responses } = await settle(request, 'delete topics')
      for (const { name, errorCode } of responses) {
        if (errorCode === 0 || kafkaName(errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') continue
        throw fromKafkaCode(errorCode, `delete topic ${name}`)
      }
    })
  }

  /** Forgets the records of a partition before an offset; those that are gone already are no error. */
  async deleteRecords(topic: string, partition: number, before: number): Promise<void> {
    const doing = `delete records of ${topic}-${partition}`
    await this.#cluster.retry(doing, async () => {
      const view = await this.#cluster.fetchView([topic])
      const leader = view.topics.get(topic)?.partitions[partition]?.leader ?? -1
      if (leader < 0) throw new ScamanderError(KAFKA_ERRORS.RETRIABLE, `${doing}: no leader`)
      const connection = await this.#cluster.connectionTo(leader, 'control')
      const offset = BigInt(before)
      const request = [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }]
      const sent = deleteRecordsV2.api.async(connection, request, this.#timeoutMs)
      const { topics } = await settle(sent, doing)
      const code = topics[0]?.partitions[0]?.errorCode ?? 0
      if (code === 0 || kafkaName(code) === 'OFFSET_OUT_OF_RANGE') return
      throw fromKafkaCode(code, doing)
    })
  }

  /** The settings of a topic, defaults included. */
  async topicConfigs(name: string): Promise<ReadonlyMap<string, string>> {
    const resource = { resourceType: TOPIC_RESOURCE, resourceName: name } as const
    const response = await this.#cluster.retry(`read settings of ${name}`, async () =>
      describeConfigsV4.api.async(await this.#cluster.anyConnection(), [resource], false, false),
    )
    const configs = response.results.flatMap(result => result.configs)
    return new Map(configs.map(config => [config.name, config.value ?? '']))
  }

  /** First and next offset of every partition of the topics; topics that are missing are left out. */
  async offsetRanges(topics: readonly string[]): Promise<OffsetRange[]> {
    return await this.#cluster.retry('list offsets', async () => {
      const view = await this.#cluster.fetchView(topics)
      const starts = await this.#listOffsets(view, LOG_START)
      const ends = await this.#listOffsets(view, LOG_END)
      return starts.map(({ topic, partition, offset: start }) => {
        const end = ends.find(one => one.topic === topic && one.partition === partition)
        return { topic, partition, start, end: end?.offset ?? start }
      })
    })
  }

  async describeGroup(groupId: string): Promise<GroupState> {
    const doing = `describe group ${groupId}`
    return await this.#cluster.retry(doing, async () => {
      const response = await this.#callCoordinator(groupId, connection =>
        settle(describeGroupsV5.api.async(connection, [groupId], false), doing),
      )
      const [group] = response.groups
      const name = kafkaName(group?.errorCode ?? 0)
      if (group === undefined || name === 'GROUP_ID_NOT_FOUND')
        return { state: 'Dead', members: [] }
      if (group.errorCode !== 0) throw fromKafkaCode(group.errorCode, doing)
      const members = group.members.map(({ memberId, clientId }) => ({ memberId, clientId }))
      return { state: group.groupState, members }
    })
  }

  /** Every committed position of the group. */
  async groupOffsets(groupId: string): Promise<TopicPosition[]> {
    const positions = await this.#cluster.retry(`read offsets of group ${groupId}`, () =>
      fetchCommitted(this.#cluster, groupId, null),
    )
    return positions.filter(position => position.offset >= 0)
  }

  /** Sets positions of a group without members; the others keep theirs. */
  async alterGroupOffsets(groupId: string, positions: readonly TopicPosition[]): Promise<void> {
    const nobody = { groupId, memberId: '', generation: -1, groupInstanceId: undefined }
    await this.#cluster.retry(`alter offsets of group ${groupId}`, async () => {
      try {
        await commitOffsets(this.#cluster, nobody, positions)
      } catch (error) {
        // Said to one who is no member: the group has some.
        if (kafkaNameOf(error) === 'UNKNOWN_MEMBER_ID') throw membersError(groupId, error)
        throw error
      }
    })
  }

  /** Removes the positions of some partitions. */
  async deleteGroupOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    const doing = `delete offsets of group ${groupId}`
    const topics = [...Map.groupBy(partitions, one => one.topic)].map(([name, ones]) => ({
      name,
      partitions: ones.map(({ partition }) => ({ partitionIndex: partition })),
    }))
    await this.#cluster.retry(doing, async () => {
      const response = await this.#callCoordinator(groupId, connection =>
        settle(offsetDeleteV0.api.async(connection, groupId, topics), doing),
      )
      const codes = [response.errorCode]
      for (const topic of response.topics) codes.push(...topic.partitions.map(p => p.errorCode))
      for (const code of codes) {
        const name = kafkaName(code)
        if (code === 0 || name === 'GROUP_ID_NOT_FOUND') continue
        if (name === 'UNKNOWN_TOPIC_OR_PARTITION') continue
        if (name === 'GROUP_SUBSCRIBED_TO_TOPIC') throw membersError(groupId)
        throw fromKafkaCode(code, doing)
      }
    })
  }

  /** Deletes a group without members, with its positions. */
  async deleteGroup(groupId: string): Promise<void> {
    const doing = `delete group ${groupId}`
    await this.#cluster.retry(doing, async () => {
      const response = await this.#callCoordinator(groupId, connection =>
        settle(deleteGroupsV2.api.async(connection, [groupId]), doing),
      )
      const code = response.results[0]?.errorCode ?? 0
      const name = kafkaName(code)
      if (code === 0 || name === 'GROUP_ID_NOT_FOUND') return
      throw name === 'NON_EMPTY_GROUP' ? membersError(groupId) : fromKafkaCode(code, doing)
    })
  }

  /** For a member that cannot leave by itself any more; one that is not in the group is no error. */
  async removeMember(groupId: string, memberId: string): Promise<void> {
    const doing = `take a member out of group ${groupId}`
    await this.#cluster.retry(doing, async () => {
      const { errorCode, members } = await this.#callCoordinator(groupId, connection =>
        settle(leaveGroupV4.api.async(connection, groupId, [{ memberId }]), doing),
      )
      for (const code of [errorCode, ...members.map(one => one.errorCode)]) {
        if (code !== 0 && kafkaName(code) !== 'UNKNOWN_MEMBER_ID') throw fromKafkaCode(code, doing)
      }
    })
  }

  async close(): Promise<void> {
    await this.#cluster.close()
  }

  get #timeoutMs(): number {
    return this.#cluster.settings.requestTimeoutMs
  }

  async #view(topics: readonly string[] | null): Promise<ClusterView> {
    return await this.#cluster.retry('read metadata', () => this.#cluster.fetchView(topics))
  }

  async #controller(): Promise<KafkaConnection> {
    const { controllerId } = await this.#cluster.fetchView([])
    return await this.#cluster.connectionTo(controllerId, 'control')
  }

  async #callCoordinator<T>(
    groupId: string,
    send: (connection: KafkaConnection) => Promise<T>,
  ): Promise<T> {
    const call = { doing: `group ${groupId}`, purpose: 'control' } as const
    return await this.#cluster.callCoordinator(groupId, call, send)
  }

  async #listOffsets(view: ClusterView, timestampMs: number) {
    const byLeader = new Map<number, (TopicPartition & { leaderEpoch: number })[]>()
    for (const { name: topic, partitions } of view.topics.values()) {
      partitions.forEach(({ leader, leaderEpoch }, partition) => {
        const query = { topic, partition, leaderEpoch }
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), query])
      })
    }
    const found = []
    for (const [leader, partitions] of byLeader) {
      const query = { partitions, timestampMs, readCommitted: false }
      found.push(...(await listOffsets(this.#cluster, leader, query)))
    }
    const failed = found.find(one => one.error !== undefined)
    if (failed?.error !== undefined) throw failed.error
    return found
  }

  /** A new topic answers with errors until its partitions have leaders. */
  async #waitForLeaders(name: string): Promise<void> {
    await this.#cluster.retry(
      `wait for the leaders of ${name}`,
      async () => {
        const topic = (await this.#cluster.fetchView([name])).topics.get(name)
        if (topic?.partitions.every(partition => partition.leader >= 0)) return
        throw new ScamanderError(KAFKA_ERRORS.RETRIABLE, `topic ${name} has no leaders yet`)
      },
      LEADER_TIMEOUT_MS,
    )
  }
}

function membersError(groupId: string, cause?: unknown): ScamanderError {
  const message = `group ${groupId} still has members: stop them, then try again`
  return new ScamanderError(KAFKA_ERRORS.REFUSED, message, { cause })
}
