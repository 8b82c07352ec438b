/**
 * Opens the state of capture where it is kept in topics: takes the prefix over, or goes on with it, and
 * fills the file from the topics when another worker wrote them last.
 * Called before Capture is made. Invariants: one worker at a time; nothing is read of the queues before
 * the worker before has certainly stopped answering agents.
 * Spec: docs/adr/0032-queues-in-topics.md.
 */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../base/clock.ts'
import { ScamanderError } from '../../../base/scamander-error.ts'
import {
  type KafkaClientSettings,
  RecordProducer,
  TopicFollower,
  TransactionalWriter,
} from '../../../kafka/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import type { QueueTopicSettings } from '../capture-config.ts'
import { CDC_ERRORS } from '../errors.ts'
import { CaptureStore, STORE_FILE } from '../state/capture-store.ts'
import type { Channel } from '../state/records.ts'
import type { MirroredFrame, StateMirror } from '../state/state-mirror.ts'
import { OwnFile } from './own-file.ts'
import { isStolen, type OwnerRecord, TAKEOVER_MS } from './owner-record.ts'
import { OwnerWriter } from './owner-writer.ts'
import { QueueReplica, WRITTEN } from './queue-replica.ts'
import { ReplicaTopics } from './replica-topics.ts'
import { StateReader } from './state-reader.ts'

export interface OpenReplicaOptions {
  readonly directory: string
  readonly topics: QueueTopicSettings
  readonly client: KafkaClientSettings
  readonly logger: Logger
  readonly signal: AbortSignal
}

export interface OpenedReplica {
  readonly store: CaptureStore
  readonly replica: QueueReplica
}

const OWN = 'replica'
const LOOK_MS = 500
const FRAMES_MAX = 1000
const READ_MS_MAX = 24 * 3_600_000

export async function openReplica(options: OpenReplicaOptions): Promise<OpenedReplica> {
  const { topics: settings, client, logger } = options
  const { connection } = client
  const topics = new ReplicaTopics(connection, settings)
  await topics.ensureState()
  const reader = new StateReader(client, settings.prefix, logger)
  const writer = new TransactionalWriter({
    ...{ connection, transactionalId: `${settings.prefix}-owner`, topic: topics.state },
  })
  let store: CaptureStore | undefined
  try {
    await reader.open()
    await reader.readToEnd()
    store = CaptureStore.open(options.directory)
    const file = new OwnFile(store)
    checkFolder(store, file, reader.owner, options)
    const isBehind = !file.isCurrent(reader.owner)
    if (isBehind) await waitForOwner(reader, options)
    const before = reader.owner
    await writer.open()
    await reader.readToEnd()
    if (isStolen(before, reader.owner)) {
      checkFolder(store, file, reader.owner, options)
      await outliveLease(reader.owner, options)
    }
    if (!file.isCurrent(reader.owner)) {
      if (file.has(reader.owner!)) tellOld(options)
      store.close()
      // Closed once: what fails now is told, not the second closing.
      store = undefined
      store = await restore(reader, topics, options)
    }
    if (reader.owner === undefined) forgetWritten(store)
    const ownerId = randomUUID()
    const { prefix } = settings
    const owner = new OwnerWriter({ store, writer, client, prefix, ownerId, logger })
    await owner.begin()
    const producer = new RecordProducer({ settings: client, logger })
    await producer.open()
    const { keepMs } = settings
    const known = [...reader.entries.keys()]
    const parts = { store, topics, writer, owner, producer, known, keepMs, logger }
    return { store, replica: new QueueReplica(parts) }
  } catch (error) {
    store?.close()
    await writer.close()
    await topics.close()
    throw error
  } finally {
    await reader.close()
  }
}

/** Queues that are in no topic, or in those of another prefix, are not given up for those that are. */
function checkFolder(
  store: CaptureStore,
  file: OwnFile,
  owner: OwnerRecord | undefined,
  { topics: { prefix }, directory }: OpenReplicaOptions,
): void {
  if (owner === undefined || file.has(owner)) return
  if (store.readAll('channel').length === 0) return
  const isOfPrefix = file.isKnown && (file.prefix ?? prefix) === prefix
  if (isOfPrefix) return
  const [found, way] = file.isKnown
    ? [`those of ${file.prefix}`, `set cdc.topic.prefix=${file.prefix} again`]
    : ['some', 'set another cdc.topic.prefix']
  const message = `cdc.data.directory: expected no queues beside those of ${prefix} in Kafka, found ${found} in ${directory}; ${way}, or an empty folder`
  throw new ScamanderError(CDC_ERRORS.SETTING, message)
}

function tellOld({ directory, topics, logger }: OpenReplicaOptions): void {
  logger.warn(
    `the state in ${directory} is older than the topics of ${topics.prefix}, as after a backup was brought back: it is filled from the topics; nothing is to be done`,
  )
}

/** Topics that are new have nothing, whatever those of another prefix had. */
function forgetWritten(store: CaptureStore): void {
  for (const { channel } of store.readAll<{ readonly channel: number }>(WRITTEN)) {
    store.remove(WRITTEN, String(channel))
  }
}

/** A worker that is alive keeps what it has; one that is silent may still answer agents for a while. */
async function waitForOwner(
  reader: StateReader,
  { topics, logger, signal }: OpenReplicaOptions,
): Promise<void> {
  const first = reader.owner
  if (first === undefined || first.isReleased) return
  logger.info(`waits whether the worker that captured for ${topics.prefix} is gone`, {
    url: first.url,
  })
  const sinceMs = performance.now()
  while (performance.now() - sinceMs < TAKEOVER_MS && !signal.aborted) {
    await systemClock.sleep(LOOK_MS, signal)
    await reader.readToEnd()
    const { owner } = reader
    if (owner?.isReleased === true) return
    if (owner === undefined || (owner.id === first.id && owner.atMs === first.atMs)) continue
    const message = `the worker at ${owner.url} captures for ${topics.prefix}: expected no other one; stop it, or set another cdc.topic.prefix`
    throw new ScamanderError(CDC_ERRORS.CAPTURED_ELSEWHERE, message)
  }
  // A start that was given up takes nothing from anybody.
  signal.throwIfAborted()
}

/** It cannot write any more, and answers agents until it would have had to. */
async function outliveLease(
  owner: OwnerRecord | undefined,
  { topics, logger, signal }: OpenReplicaOptions,
): Promise<void> {
  logger.warn(`takes over what another worker captures for ${topics.prefix}`, { url: owner?.url })
  await systemClock.sleep(TAKEOVER_MS, signal)
  signal.throwIfAborted()
}

/** A new file with everything that the topics have. */
async function restore(
  reader: StateReader,
  topics: ReplicaTopics,
  { directory, client, logger }: OpenReplicaOptions,
): Promise<CaptureStore> {
  for (const end of ['', '-wal', '-shm']) rmSync(join(directory, STORE_FILE + end), { force: true })
  const filling = CaptureStore.open(directory)
  let frames = 0
  try {
    // Should this not come to its end, the next start begins it anew.
    filling.put(OWN, 'owner', '')
    filling.mirror.restoreState(reader.entries)
    for (const channel of filling.readAll<Channel>('channel')) {
      const { count, last } = await restoreQueue(filling.mirror, {
        channel,
        topics,
        client,
        logger,
      })
      filling.put(WRITTEN, String(channel.id), { channel: channel.id, seq: last })
      frames += count
    }
  } finally {
    filling.close()
  }
  logger.info(`queues were restored from the topics of ${topics.prefix}`, { frames })
  // Opened anew: numbers jump, sizes are measured.
  return CaptureStore.open(directory)
}

async function restoreQueue(
  mirror: StateMirror,
  of: {
    readonly channel: Channel
    readonly topics: ReplicaTopics
    readonly client: KafkaClientSettings
    readonly logger: Logger
  },
): Promise<{ readonly count: number; readonly last: number }> {
  const { channel, topics, client, logger } = of
  const topic = topics.nameOf(channel)
  const range = await topics.range(topic)
  if (range === undefined || range.start === range.end) return { count: 0, last: 0 }
  let page: MirroredFrame[] = []
  let last = 0
  let count = 0
  const take = () => {
    mirror.restoreFrames(channel.id, page)
    page = []
  }
  const follower = new TopicFollower({
    ...{ settings: client, topics: [topic], logger },
    onMessage: message => {
      const key = message.key()
      const value = message.value()
      if (key === null || value === null) return
      const seq = Number(key.readBigUInt64BE())
      last = Math.max(last, seq)
      count++
      page.push({ seq, frame: Buffer.from(value) })
      if (page.length >= FRAMES_MAX) take()
    },
    onFailure: error => logger.error(`${topic} cannot be read`, error),
  })
  try {
    await follower.open()
    await follower.readToEnd(topic, READ_MS_MAX)
    take()
  } finally {
    await follower.close()
  }
  mirror.restoreSequence(channel.id, last)
  return { count, last }
}
