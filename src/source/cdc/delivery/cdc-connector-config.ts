/**
 * The configuration of the capture connector, under the class name and keys of the replaced one.
 * Invariant: published configurations run unchanged; misspelt keys are warned about, never fatal.
 * Spec: cdc-replication 1.8.
 */
import {
  booleanField,
  type ConfigSource,
  defineConfig,
  enumField,
  intField,
  listField,
  parseConfig,
  patternField,
  range,
  type SettingsOf,
  stringField,
} from '../../../config/index.ts'

import { SNAPSHOT_CONSISTENCIES } from '../snapshot/snapshot-reader.ts'

export const CDC_SOURCE_CLASS = 'com.datastax.kafkaconnector.source.DseSourceConnector'

const events = { group: 'Events' }
const snapshot = { group: 'Snapshot' }

export const cdcConnectorConfig = defineConfig(
  'cdc-source',
  {
    destination: stringField('destination', {
      group: 'Capture',
      doc: 'The destination whose channels are delivered; it is made with `scamander advrep destination create`.',
      importance: 'high',
      examples: ['demo_destination'],
      required: true,
    }),
    topic: listField('topic', {
      group: 'Capture',
      doc: 'Topics that every event goes to. The words destination, keyspace and table, each in braces behind a dollar sign, stand for their names.',
      importance: 'high',
      aliases: ['topics', 'topic.name'],
      examples: ['demo-topic', 'orders,audit'],
      default: [],
    }),
    contactPoints: listField('contact_points', {
      group: 'Capture',
      doc: 'Accepted for compatibility: the worker knows the cluster by `cdc.contact.points`.',
      aliases: ['contactPoints', 'contact.points'],
      default: [],
    }),
    topicMap: listField('scamander.topic.map', {
      group: 'Capture',
      doc: 'Topics of single tables, keyspace.table:topic or keyspace.table:topicA|topicB; wins over `topic`.',
      examples: ['shop.orders:orders|audit'],
      default: [],
    }),
    format: enumField('scamander.format', ['default', 'debezium', 'scamander'], {
      ...events,
      doc: 'What an event looks like: plain rows, the envelope of Debezium for Cassandra, or an envelope that tells everything.',
      aliases: ['format'],
      default: 'default',
    }),
    tombstones: booleanField('scamander.tombstones', {
      ...events,
      doc: 'A deleted row gives a null value: always in the default format unless false; after the envelope in the others when true.',
      aliases: ['tombstones.on.delete'],
    }),
    payload: enumField('scamander.payload', ['struct', 'json-string'], {
      ...events,
      doc: 'Keys and values as structures, or as strings that hold JSON.',
      default: 'struct',
    }),
    collections: enumField('scamander.collections', ['read', 'delta', 'null'], {
      ...events,
      doc: 'A change of single elements of a collection: read the whole value, give the elements alone, or null.',
      default: 'read',
    }),
    counters: enumField('scamander.counters', ['read', 'skip'], {
      ...events,
      doc: 'Counters: read the value, or give no events.',
      default: 'read',
    }),
    after: enumField('scamander.after', ['delta', 'full'], {
      ...events,
      doc: 'Columns that a change does not name are null, or are read: one read per row.',
      default: 'delta',
    }),
    decimal: enumField('scamander.decimal', ['string', 'precise', 'double'], {
      ...events,
      doc: 'How decimals are written.',
      default: 'string',
    }),
    varint: enumField('scamander.varint', ['string', 'precise', 'long'], {
      ...events,
      doc: 'How varints are written.',
      default: 'string',
    }),
    partitionBy: enumField('scamander.partition.by', ['partition-key', 'key'], {
      ...events,
      doc: 'What chooses the partition of a topic: the partition key of the table, so that all rows of a partition stay in order, or the whole message key, as other producers do it.',
      default: 'partition-key',
    }),
    cellMetadata: booleanField('scamander.cell.metadata', {
      ...events,
      doc: 'In the format scamander: a field `cells` with the write time, TTL and expiry of every value that a change names.',
      default: false,
    }),
    late: enumField('scamander.late', ['emit', 'park', 'drop'], {
      ...events,
      doc: 'Changes that were logged ten minutes after their write time, as repair brings them: give them with a header, give them to the topic of the same name with `-late` behind it, or drop and count them.',
      default: 'emit',
    }),
    schemaTopic: stringField('scamander.schema.changes.topic', {
      ...events,
      doc: 'Topic for schema changes and truncations of captured tables; without it there are none.',
    }),
    snapshotMode: enumField('snapshot.mode', ['none', 'initial', 'only'], {
      ...snapshot,
      doc: 'The rows that a table has already: not given, given once per channel while changes go on, or given alone without changes.',
      default: 'none',
    }),
    snapshotConsistency: enumField('snapshot.consistency', SNAPSHOT_CONSISTENCIES, {
      ...snapshot,
      doc: 'Consistency level of reading rows. Together with the level of writes it must be more than the number of replicas.',
      default: 'LOCAL_QUORUM',
    }),
    snapshotPageSize: intField('snapshot.page.size', {
      ...snapshot,
      doc: 'Rows that are read at a time; changes wait as long.',
      validator: range({ min: 1, max: 100_000 }),
      default: 5000,
    }),
    snapshotRowsPerSecond: intField('snapshot.rows.per.second', {
      ...snapshot,
      doc: 'Rows per second and task at most; 0: as fast as it goes.',
      validator: range({ min: 0 }),
      default: 0,
    }),
    prefix: stringField('scamander.topic.prefix', {
      ...events,
      doc: 'Logical name in the format debezium; by default the destination.',
    }),
    connection: patternField(
      'auth.<setting*>',
      stringField('value', { group: 'Capture', doc: 'Accepted for compatibility.', default: '' }),
    ),
    tls: patternField(
      'ssl.<setting*>',
      stringField('value', { group: 'Capture', doc: 'Accepted for compatibility.', default: '' }),
    ),
    port: stringField('port', { group: 'Capture', doc: 'Accepted for compatibility.' }),
    localDc: stringField('loadBalancing.localDc', {
      group: 'Capture',
      doc: 'Accepted for compatibility.',
    }),
  },
  {
    summary: 'Changes of Cassandra tables to Kafka.',
    description:
      'Delivers the channels of one destination. Runs in a worker with `cdc.contact.points`. Tables and channels are made with `scamander advrep`.',
    examples: [
      {
        title: 'Changes of every table of a destination to one topic',
        config: {
          name: 'demo-connector',
          'connector.class': CDC_SOURCE_CLASS,
          'tasks.max': '1',
          topic: 'demo-topic',
          destination: 'demo_destination',
        },
      },
    ],
    crossChecks: [
      ({ topic, topicMap }, context) => {
        if (topic.length > 0 || topicMap.length > 0 || context.hasFailed('topic')) return
        context.report({
          key: 'topic',
          kind: 'missing',
          message: 'Missing required configuration "topic" which has no default value.',
        })
      },
    ],
  },
)

export type CdcConnectorSettings = SettingsOf<typeof cdcConnectorConfig>

export function parseCdcConnector(source: ConfigSource): CdcConnectorSettings {
  return parseConfig(cdcConnectorConfig, source).settings
}
