/**
 * The worker's properties: common keys, and those of the standalone and the distributed mode.
 * Parsed by `connect-standalone` and `connect-distributed` at start.
 * Invariant: an unknown key is kept and warned about; it never stops a start.
 * Spec: connect-rest 8.
 */
import {
  defineConfig,
  enumField,
  intField,
  listField,
  patternField,
  range,
  type SettingsOf,
  stringField,
} from '../config/index.ts'
import { commonWorkerFields, natural, raw } from './worker-fields.ts'

const COMMON_TEXT =
  'A Java properties file. Sub-keys of converters follow their prefix; consumer.*, producer.* and admin.* are defaults for the clients of tasks. ' +
  'Unknown keys are kept and warned about.'

export const standaloneWorkerConfig = defineConfig(
  'worker-standalone',
  {
    ...commonWorkerFields,
    offsetFile: stringField('offset.storage.file.filename', {
      group: 'Worker',
      doc: 'File that keeps the positions of source connectors.',
      importance: 'high',
      examples: ['/var/lib/scamander/connect.offsets'],
      required: true,
    }),
  },
  { summary: 'Properties of a worker that runs alone.', description: COMMON_TEXT },
)

const INTERNAL = { group: 'Cluster', importance: 'high' as const }
const replicationFactor = range({ min: -1 })

export const distributedWorkerConfig = defineConfig(
  'worker-distributed',
  {
    ...commonWorkerFields,
    groupId: stringField('group.id', {
      ...INTERNAL,
      doc: 'Name of the cluster of workers.',
      examples: ['connect-cluster'],
      required: true,
    }),
    configTopic: stringField('config.storage.topic', {
      ...INTERNAL,
      doc: 'Compacted topic of connector configurations; one partition.',
      examples: ['connect-configs'],
      required: true,
    }),
    configReplication: replicationKey('config.storage.replication.factor'),
    offsetTopic: stringField('offset.storage.topic', {
      ...INTERNAL,
      doc: 'Compacted topic of source positions.',
      examples: ['connect-offsets'],
      required: true,
    }),
    offsetPartitions: partitionsKey('offset.storage.partitions', 25),
    offsetReplication: replicationKey('offset.storage.replication.factor'),
    statusTopic: stringField('status.storage.topic', {
      ...INTERNAL,
      doc: 'Compacted topic of states.',
      examples: ['connect-status'],
      required: true,
    }),
    statusPartitions: partitionsKey('status.storage.partitions', 5),
    statusReplication: replicationKey('status.storage.replication.factor'),
    replicateTopic: stringField('scamander.replicate.topic', {
      group: 'Cluster',
      doc: 'Compacted topic that keeps connections, jobs, runs and the states of rows: the workers of the group then run replication jobs and serve /api/v1; empty: they do not. All workers need the same key of secrets in SCAMANDER_MASTER_KEY.',
      since: '0.1',
      examples: ['scamander-replication'],
      default: '',
    }),
    replicateFolder: stringField('scamander.replicate.directory', {
      group: 'Cluster',
      doc: 'Folder for the copy of that topic at the worker that runs the jobs, about 100 bytes a row; removed when the jobs go; empty: the temporary folder of the system.',
      since: '0.1',
      importance: 'low',
      default: '',
    }),
    configTopicSettings: patternField('config.storage.<setting*>', raw('Topic setting.')),
    offsetTopicSettings: patternField('offset.storage.<setting*>', raw('Topic setting.')),
    statusTopicSettings: patternField('status.storage.<setting*>', raw('Topic setting.')),
    sessionTimeoutMs: clusterMs(
      'session.timeout.ms',
      'Silence after which a worker is lost.',
      10_000,
    ),
    heartbeatMs: clusterMs('heartbeat.interval.ms', 'Pause between heartbeats.', 3000),
    rebalanceTimeoutMs: clusterMs('rebalance.timeout.ms', 'How long joining may take.', 60_000),
    syncTimeoutMs: clusterMs('worker.sync.timeout.ms', 'How long catching up may take.', 3000),
    unsyncBackoffMs: clusterMs(
      'worker.unsync.backoff.ms',
      'How long a worker that could not catch up stays away.',
      300_000,
    ),
    rebalanceDelayMs: clusterMs(
      'scheduled.rebalance.max.delay.ms',
      'How long work of a lost worker is held for its return.',
      300_000,
    ),
    connectProtocol: enumField('connect.protocol', ['eager', 'compatible', 'sessioned'], {
      group: 'Cluster',
      doc: 'Accepted for compatibility.',
      noEffect: 'workers use a group protocol of their own, with signed calls',
      importance: 'low',
      ignoreCase: true,
      default: 'sessioned',
    }),
    exactlyOnce: enumField('exactly.once.source.support', ['disabled', 'preparing', 'enabled'], {
      group: 'Cluster',
      doc: 'Exactly-once delivery of source connectors: records and positions are written in one transaction. All workers first restart with preparing, then with enabled.',
      ignoreCase: true,
      default: 'disabled',
    }),
    keyAlgorithm: stringField('inter.worker.key.generation.algorithm', {
      group: 'Cluster',
      doc: 'Algorithm of the session key between workers.',
      importance: 'low',
      default: 'HmacSHA256',
    }),
    keySizeBits: intField('inter.worker.key.size', {
      group: 'Cluster',
      doc: 'Size of the session key; not given: as the algorithm has it.',
      importance: 'low',
    }),
    keyTtlMs: clusterMs(
      'inter.worker.key.ttl.ms',
      'Age at which the session key is renewed.',
      3_600_000,
    ),
    signatureAlgorithm: stringField('inter.worker.signature.algorithm', {
      group: 'Cluster',
      doc: 'Algorithm that signs calls between workers.',
      importance: 'low',
      default: 'HmacSHA256',
    }),
    verificationAlgorithms: listField('inter.worker.verification.algorithms', {
      group: 'Cluster',
      doc: 'Algorithms accepted in calls between workers.',
      importance: 'low',
      default: ['HmacSHA256'],
    }),
  },
  { summary: 'Properties of a worker that is one of a cluster.', description: COMMON_TEXT },
)

function replicationKey(name: string) {
  return intField(name, {
    group: 'Cluster',
    doc: 'Replication factor when the topic is created; -1: as the brokers have it.',
    importance: 'low',
    validator: replicationFactor,
    default: 3,
  })
}

function partitionsKey(name: string, defaultCount: number) {
  return intField(name, {
    group: 'Cluster',
    doc: 'Partitions when the topic is created; -1: as the brokers have it.',
    importance: 'low',
    validator: replicationFactor,
    default: defaultCount,
  })
}

function clusterMs(name: string, text: string, defaultMs: number) {
  return intField(name, {
    group: 'Cluster',
    doc: text,
    importance: 'low',
    unit: 'milliseconds',
    validator: natural,
    default: defaultMs,
  })
}

export type StandaloneWorkerSettings = SettingsOf<typeof standaloneWorkerConfig>
export type DistributedWorkerSettings = SettingsOf<typeof distributedWorkerConfig>
