/**
 * The framework's keys of a source connector: those of every connector, topic creation, exactly-once
 * support. Parsed by the runtime beside the connector's own declaration.
 * Whether a connector can deliver exactly once depends on its worker as well: exactly-once.ts.
 * Spec: connect-rest 5.1, 5.2, 9.
 */
import {
  defineConfig,
  enumField,
  listField,
  longField,
  nonEmpty,
  patternField,
  range,
  type SettingsOf,
  stringField,
} from '../config/index.ts'
import { checkAliases } from './framework-checks.ts'
import { commonFrameworkFields, trailingFrameworkFields } from './framework-fields.ts'
import { checkTopicCreation } from './topic-creation-rules.ts'

const EXACTLY_ONCE = { group: 'Exactly Once Support' }

export const sourceFrameworkConfig = defineConfig(
  'source-connector',
  {
    ...commonFrameworkFields,
    topicGroups: listField('topic.creation.groups', {
      group: 'Topic Creation',
      doc: 'Names of groups of topics that are created with settings of their own; the first whose patterns fit counts, else the group default.',
      importance: 'low',
      default: [],
    }),
    topicSettings: patternField(
      'topic.creation.<group>.<setting*>',
      stringField('value', {
        group: 'Topic Creation',
        doc: 'replication.factor and partitions (-1: as the brokers have it), include and exclude (regular expressions of whole names), or any setting of a topic. Group default needs replication.factor and partitions.',
        importance: 'low',
        default: '',
      }),
    ),
    exactlyOnce: enumField('exactly.once.support', ['requested', 'required'], {
      ...EXACTLY_ONCE,
      doc: 'requested: exactly once where worker and connector support it, else at least once. required: refuse to start without it.',
      importance: 'low',
      ignoreCase: true,
      default: 'requested',
    }),
    transactionBoundary: enumField('transaction.boundary', ['poll', 'interval', 'connector'], {
      ...EXACTLY_ONCE,
      doc: 'Where transactions end, with exactly-once support: with every batch that is read (poll), or after some time (interval).',
      importance: 'low',
      ignoreCase: true,
      default: 'poll',
    }),
    transactionIntervalMs: longField('transaction.boundary.interval.ms', {
      ...EXACTLY_ONCE,
      doc: "Time between the ends of transactions when transaction.boundary is interval; not given: offset.flush.interval.ms. At most half of the producer's transaction.timeout.ms counts.",
      unit: 'milliseconds',
      importance: 'low',
      validator: range({ min: 1 }),
    }),
    offsetsTopic: stringField('offsets.storage.topic', {
      group: 'offsets.topic',
      doc: "Topic of this connector alone for its positions, created when it is missing. They are copied to the worker's own store as well, and looked up there where this topic has none.",
      importance: 'low',
      validator: nonEmpty(),
    }),
    ...trailingFrameworkFields,
  },
  {
    summary: 'Keys of every source connector, whatever it reads.',
    description:
      'These stand beside the keys of the connector itself. Sub-keys of converters, transforms and predicates follow their prefix; ' +
      'producer.override.* goes to the Kafka producer, admin.override.* to the client that creates topics.',
    examples: [
      {
        title: 'Create missing topics with six partitions, logs compacted',
        config: {
          name: 'orders-source',
          'connector.class': 'com.datastax.oss.kafka.source.CassandraSourceConnector',
          'topic.creation.default.replication.factor': '3',
          'topic.creation.default.partitions': '6',
          'topic.creation.groups': 'logs',
          'topic.creation.logs.include': 'log-.*',
          'topic.creation.logs.cleanup.policy': 'compact',
        },
      },
    ],
    crossChecks: [
      (settings, context) => checkTopicCreation(settings, context),
      (settings, context) => checkAliases(settings, context),
    ],
  },
)

export type SourceFrameworkSettings = SettingsOf<typeof sourceFrameworkConfig>
