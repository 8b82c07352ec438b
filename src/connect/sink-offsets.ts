/**
 * Offsets of a sink connector from the outside: the committed positions of its consumer group,
 * shown, changed and deleted in the words of Kafka Connect.
 * Called by the worker for a connector that is stopped (changes) or in any state (reads).
 * Invariants: a change is checked as a whole before anything is written; a group that still has
 * members is not touched.
 * Spec: connect-rest 2.3.
 */
import type { ConnectorOffset, JsonObject, JsonValue } from '../api.ts'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import type { TopicPosition } from '../flow/index.ts'
import { KAFKA_ERRORS, TopicAdmin } from '../kafka/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { CONNECT_ERRORS } from './errors.ts'
import { clientSettings, effectiveGroupId, type NamedConfig } from './sink-task-parts.ts'
import type { WorkerConfig } from './standalone-config.ts'

export interface SinkOffsetsParts {
  readonly plan: NamedConfig
  readonly worker: WorkerConfig
  readonly logger: Logger
}

export async function readSinkOffsets(parts: SinkOffsetsParts): Promise<ConnectorOffset[]> {
  const positions = await withAdmin(parts, (admin, groupId) => admin.groupOffsets(groupId))
  return positions.map(({ topic, partition, offset }) => ({
    partition: { kafka_topic: topic, kafka_partition: partition },
    offset: { kafka_offset: offset },
  }))
}

/** Partitions that are not named keep their positions; null removes one. */
export async function alterSinkOffsets(
  parts: SinkOffsetsParts,
  offsets: readonly ConnectorOffset[],
): Promise<void> {
  const positions = offsets.map(toPosition)
  const removed = positions.filter(one => one.offset === REMOVED)
  const changed = positions.filter(one => one.offset !== REMOVED)
  await changing(parts, 'altered', async (admin, groupId) => {
    if (changed.length > 0) await admin.alterGroupOffsets(groupId, changed)
    if (removed.length > 0) await admin.deleteGroupOffsets(groupId, removed)
  })
}

/** An absent group is a success. */
export async function resetSinkOffsets(parts: SinkOffsetsParts): Promise<void> {
  await changing(parts, 'reset', (admin, groupId) => admin.deleteGroup(groupId))
}

type Change = (admin: TopicAdmin, groupId: string) => Promise<void>

async function changing(parts: SinkOffsetsParts, what: string, change: Change): Promise<void> {
  try {
    await withAdmin(parts, change)
  } catch (error) {
    const isRefused = isScamanderError(error) && error.code === KAFKA_ERRORS.REFUSED.code
    if (!isRefused) throw error
    const message = `Failed to ${what === 'reset' ? 'reset' : 'alter'} consumer group offsets for connector ${parts.plan.name} either because its tasks haven't stopped completely yet or the consumer group still has active members; retry when they have: ${error.message}`
    throw new ScamanderError(CONNECT_ERRORS.STILL_STOPPING, message, { cause: error })
  }
}

async function withAdmin<T>(
  { plan, worker, logger }: SinkOffsetsParts,
  use: (admin: TopicAdmin, groupId: string) => Promise<T>,
): Promise<T> {
  const id = { 'client.id': `connector-adminclient-${plan.name}` }
  const admin = new TopicAdmin(clientSettings('admin', { plan, worker, logger }, id).connection)
  try {
    return await use(admin, effectiveGroupId(plan, worker))
  } finally {
    await admin.close()
  }
}

const REMOVED = -1

/** Checks in the order and with the texts of Kafka Connect; numbers may be given as text. */
export function toPosition({ partition, offset }: ConnectorOffset): TopicPosition {
  if (partition === null) {
    throw refused('The partition for a sink connector offset cannot be null or missing')
  }
  const { topic, number } = toPartition(partition)
  if (offset === null) return { topic, partition: number, offset: REMOVED }
  const value = member(offset, 'kafka_offset')
  if (value === undefined || value === null) {
    throw refused(
      "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
    )
  }
  return { topic, partition: number, offset: toInteger('offset', value) }
}

function toPartition(partition: JsonObject): { topic: string; number: number } {
  const topic = member(partition, 'kafka_topic')
  const number = member(partition, 'kafka_partition')
  if (topic === undefined || number === undefined) {
    throw refused(
      "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    )
  }
  if (topic === null) throw refused('Kafka topic names must be valid strings and may not be null')
  if (number === null) throw refused('Kafka partitions must be valid numbers and may not be null')
  return { topic: textOf(topic), number: toInteger('partition', number) }
}

function member(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

const KINDS = {
  partition: { title: 'Partition', max: 2 ** 31 - 1 },
  offset: { title: 'Offset', max: Number.MAX_SAFE_INTEGER },
}

function toInteger(kind: keyof typeof KINDS, value: JsonValue): number {
  const { title, max } = KINDS[kind]
  const text = textOf(value)
  const number = Number(text)
  if (/^[+-]?\d+$/.test(text) && number >= 0 && number <= max) return number
  throw refused(
    `Failed to parse the following Kafka ${kind} value in the provided offsets: '${text}'. ${title} values for sink connectors need to be integers.`,
  )
}

function textOf(value: JsonValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function refused(message: string): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.BAD_REQUEST, message)
}
