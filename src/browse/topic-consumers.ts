/**
 * Who reads a topic: groups with a committed position in it, and how far behind they are.
 * Invariants: at most GROUPS_MAX groups are asked, and those that were not are counted; a group that goes
 * away meanwhile is left out.
 * Spec: ui 5.7 (consumers).
 */
import type { TopicConsumerInfo, TopicConsumers } from '../api-v1-data.ts'
import { isScamanderError } from '../base/scamander-error.ts'
import type { GroupName, TopicAdmin, TopicInspector } from '../kafka/index.ts'
import type { Topic } from './record-window.ts'

const GROUPS_MAX = 500
const AT_ONCE = 8
const ASK_MS = 20_000

export async function consumersOf(
  inspector: TopicInspector,
  admin: TopicAdmin,
  topic: Topic,
): Promise<TopicConsumers> {
  const groups = await inspector.groups()
  const ends = await inspector.ends(topic)
  const asked = groups.slice(0, GROUPS_MAX)
  const deadlineMs = performance.now() + ASK_MS
  const items: TopicConsumerInfo[] = []
  const worker = async () => {
    for (let group = asked.shift(); group !== undefined; group = asked.shift()) {
      if (performance.now() > deadlineMs) {
        asked.unshift(group)
        return
      }
      const found = await consumerOf({ inspector, admin, topic, ends }, group)
      if (found !== undefined) items.push(found)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  items.sort((a, b) => (a.group < b.group ? -1 : 1))
  return { items, left: Math.max(0, groups.length - GROUPS_MAX) + asked.length }
}

interface Asked {
  readonly inspector: TopicInspector
  readonly admin: TopicAdmin
  readonly topic: Topic
  readonly ends: ReadonlyMap<number, number>
}

async function consumerOf(
  { inspector, admin, topic, ends }: Asked,
  { groupId, state }: GroupName,
): Promise<TopicConsumerInfo | undefined> {
  try {
    const positions = await inspector.committed(groupId, topic)
    if (positions.length === 0) return undefined
    const { members } = await admin.describeGroup(groupId)
    const partitions = positions.map(({ partition, offset }) => {
      const end = ends.get(partition) ?? offset
      return { partition, offset, end, lag: Math.max(0, end - offset) }
    })
    return {
      ...{ group: groupId, state, members: members.length },
      lag: String(partitions.reduce((sum, one) => sum + BigInt(one.lag), 0n)),
      partitions: partitions.map(({ partition, offset, end, lag }) => ({
        ...{ partition, committed: String(offset), end: String(end), lag: String(lag) },
      })),
    }
  } catch (error) {
    if (isScamanderError(error) && (error.kind === 'request' || error.kind === 'fatal'))
      return undefined
    throw error
  }
}
