/**
 * The configuration of the DataStax sink dialect: one declaration, and its parser.
 * Called by the runtime (REST validation), by `scamander lint` and when a task starts.
 * Invariant: every problem is in one error, before any connection is opened; settings come out
 * only when there is none.
 * Spec: cassandra-sink 1-4.2, 12.
 */
import {
  type ConfigSource,
  defineConfig,
  type EvaluateOptions,
  type Lint,
  parseConfig,
} from '../../../config/index.ts'
import { assembleSettings } from './assemble.ts'
import {
  checkAuth,
  checkClassName,
  checkCloud,
  checkCompat,
  checkContact,
  checkReconnect,
  checkSsl,
} from './checks.ts'
import { connectionFields } from './connection-fields.ts'
import { checkDriverEffects } from './driver-checks.ts'
import { driverFields } from './driver-fields.ts'
import { securityFields } from './security-fields.ts'
import type { DatastaxSinkSettings } from './settings.ts'
import { tableFields } from './table-fields.ts'
import {
  checkQueries,
  checkTables,
  checkTopics,
  checkUnknownTopicKeys,
  checkUnreadTopics,
} from './topic-checks.ts'

/** Class names of this dialect, the current one first. */
export const DATASTAX_SINK_CLASSES = [
  'com.datastax.oss.kafka.sink.CassandraSinkConnector',
  'com.datastax.kafkaconnector.DseSinkConnector',
  'com.datastax.kafkaconnector.CassandraSinkConnector',
] as const

export const datastaxSinkConfig = defineConfig(
  'cassandra-sink',
  { ...connectionFields, ...tableFields, ...securityFields, ...driverFields },
  {
    summary: 'Writes records of Kafka topics into Cassandra tables.',
    description:
      'Keys, defaults and meaning are those of the DataStax Apache Kafka connector; its configurations run unchanged. ' +
      'Each topic feeds one or more tables through a mapping of record fields to columns. ' +
      'The framework keys (name, topics, converters, errors.*) stand beside these.',
    examples: [
      {
        title: 'One topic into one table',
        config: {
          name: 'users',
          'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
          'tasks.max': '1',
          topics: 'users',
          contactPoints: '127.0.0.1',
          'loadBalancing.localDc': 'datacenter1',
          'topic.users.demo.users.mapping': 'id=key, name=value.name, age=value.age',
        },
      },
    ],
    crossChecks: [
      checkClassName,
      checkContact,
      checkAuth,
      checkSsl,
      checkCloud,
      checkReconnect,
      checkDriverEffects,
      checkCompat,
      checkUnknownTopicKeys,
      checkTables,
      checkTopics,
      checkUnreadTopics,
      checkQueries,
    ],
  },
)

export interface ParsedDatastaxSink {
  readonly settings: DatastaxSinkSettings
  /** To be logged once each. */
  readonly warnings: readonly Lint[]
  /** Information about what was derived, e.g. raised consistency levels. */
  readonly notes: readonly string[]
}

/**
 * Throws one `ConfigError` with all problems. `options.isForeignKey` names the framework's keys,
 * which are not this dialect's business.
 */
export function parseDatastaxSink(
  source: ConfigSource,
  options: EvaluateOptions = {},
): ParsedDatastaxSink {
  const { settings, warnings } = parseConfig(datastaxSinkConfig, source, options)
  return { ...assembleSettings(settings), warnings }
}
