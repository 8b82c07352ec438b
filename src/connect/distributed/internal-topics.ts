/**
 * The three compacted topics of a cluster: created when they are missing, checked when they are
 * there. Called once at the start of a worker.
 * Invariant: a worker never uses a topic from which records could be deleted by age or size, or a
 * topic of configurations without one order for all records.
 * Spec: connect-rest 7, 8, 17.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import { type ConfigSource, subSource, toRecord } from '../../config/index.ts'
import type { KafkaClientSettings } from '../../kafka/index.ts'
import { TopicAdmin } from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { DistributedWorkerSettings } from '../worker-config.ts'
import { CLUSTER_ERRORS } from './errors.ts'

interface InternalTopic {
  readonly key: 'config.storage' | 'offset.storage' | 'status.storage'
  readonly name: string
  readonly partitions: number
  readonly replicationFactor: number
}

export type OffsetsTopicAdmin = Pick<TopicAdmin, 'describeTopic' | 'createTopic' | 'topicConfigs'>

/** Keys below the prefix that are not settings of the topic. */
const OWN_KEYS = new Set(['topic', 'partitions', 'replication.factor', 'cleanup.policy'])

/** Answers the id of the Kafka cluster. */
export async function ensureInternalTopics(
  client: KafkaClientSettings,
  worker: { readonly settings: DistributedWorkerSettings; readonly source: ConfigSource },
  logger: Logger,
): Promise<string> {
  const admin = new TopicAdmin(client.connection)
  try {
    const clusterId = await admin.clusterId()
    for (const topic of topicsOf(worker.settings)) {
      const configs = { ...settingsOf(topic.key, worker.source), 'cleanup.policy': 'compact' }
      const isThere = (await admin.describeTopic(topic.name)) !== undefined
      // Several workers may start at once: who comes second finds the topic.
      if (!isThere && (await admin.createTopic({ ...topic, configs }))) {
        logger.info(`topic ${topic.name} created for ${topic.key}.topic`)
      }
      await check(admin, topic)
    }
    return clusterId
  } finally {
    await admin.close()
  }
}

/**
 * A connector's own topic of positions, made as the worker's would be; a worker that is alone has
 * none, so there it is made as the brokers have it.
 */
export async function ensureOffsetsTopic(
  admin: OffsetsTopicAdmin,
  { name, source }: { readonly name: string; readonly source: ConfigSource },
  logger: Logger,
): Promise<void> {
  const key = 'offset.storage'
  const inCluster = source.entries.has(`${key}.topic`)
  const countOf = (what: string, inClusters: number) => {
    const given = source.entries.get(`${key}.${what}`)?.value
    return given === undefined ? (inCluster ? inClusters : -1) : Number(given)
  }
  const topic: InternalTopic = {
    key,
    name,
    partitions: countOf('partitions', 25),
    replicationFactor: countOf('replication.factor', 3),
  }
  const configs = { ...settingsOf(key, source), 'cleanup.policy': 'compact' }
  const isThere = (await admin.describeTopic(name)) !== undefined
  // Tasks of the connector may start at once: who comes second finds the topic.
  if (!isThere && (await admin.createTopic({ ...topic, configs }))) {
    logger.info(`topic ${name} created for offsets.storage.topic`)
  }
  await check(admin, topic)
}

function topicsOf(settings: DistributedWorkerSettings): InternalTopic[] {
  return [
    {
      key: 'config.storage',
      name: settings.configTopic,
      partitions: 1,
      replicationFactor: settings.configReplication,
    },
    {
      key: 'offset.storage',
      name: settings.offsetTopic,
      partitions: settings.offsetPartitions,
      replicationFactor: settings.offsetReplication,
    },
    {
      key: 'status.storage',
      name: settings.statusTopic,
      partitions: settings.statusPartitions,
      replicationFactor: settings.statusReplication,
    },
  ]
}

function settingsOf(key: string, source: ConfigSource): Record<string, string> {
  const given = toRecord(subSource(source, `${key}.`))
  return Object.fromEntries(Object.entries(given).filter(([name]) => !OWN_KEYS.has(name)))
}

async function check(admin: OffsetsTopicAdmin, { key, name }: InternalTopic): Promise<void> {
  const topic = await admin.describeTopic(name)
  const count = topic?.partitions.length ?? 0
  if (key === 'config.storage' && count !== 1) {
    throw refused(`${key}.topic: expected one partition in ${name}, found ${count}`)
  }
  const policy = (await admin.topicConfigs(name)).get('cleanup.policy') ?? ''
  if (policy === 'compact') return
  throw refused(`${key}.topic: expected cleanup.policy=compact of ${name}, found ${policy}`)
}

function refused(message: string): ScamanderError {
  return new ScamanderError(CLUSTER_ERRORS.INTERNAL_TOPIC, message)
}
