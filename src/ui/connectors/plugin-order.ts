/**
 * What people know the connector classes as, and the order in which they are offered. Pure.
 * Used by the cards of Add Connector.
 * Invariant: a class that the page does not know has no title; nothing is left out.
 * Spec: ui 5.4 (add connector).
 */
import type { PluginInfo } from '../../api.ts'

const MAPPING = ['Cassandra sink', 'Topics to tables, with a mapping for each topic.'] as const
const KCQL_SINK = [
  'Cassandra sink (KCQL)',
  'Topics to tables, by INSERT INTO table SELECT fields FROM topic.',
] as const
const KCQL_SOURCE = [
  'Cassandra query source (KCQL)',
  'Rows of tables to topics, read again and again by time or token.',
] as const
const CAPTURE = ['Capture source', 'Each change in a table to a topic.'] as const

/** What people know a class as; any other is shown by its name. */
const TITLES: Readonly<Record<string, readonly [string, string]>> = {
  'com.datastax.oss.kafka.sink.CassandraSinkConnector': MAPPING,
  'com.datastax.kafkaconnector.CassandraSinkConnector': MAPPING,
  'com.datastax.kafkaconnector.DseSinkConnector': MAPPING,
  'com.datamountaineer.streamreactor.connect.cassandra.sink.CassandraSinkConnector': KCQL_SINK,
  'io.lenses.streamreactor.connect.cassandra.sink.CassandraSinkConnector': KCQL_SINK,
  'io.lenses.streamreactor.connect.cassandra.CassandraSinkConnector': KCQL_SINK,
  'com.datamountaineer.streamreactor.connect.cassandra.source.CassandraSourceConnector':
    KCQL_SOURCE,
  'io.lenses.streamreactor.connect.cassandra.source.CassandraSourceConnector': KCQL_SOURCE,
  'com.datastax.oss.kafka.source.CassandraSourceConnector': CAPTURE,
  'com.datastax.kafkaconnector.source.DseSourceConnector': CAPTURE,
}

const OWN: Readonly<Record<string, readonly [string, string]>> = {
  'io.scamander.migrate.TableCopyConnector': [
    'Bulk copy',
    'A table of one cluster to another, by token ranges, in many workers.',
  ],
  'io.scamander.migrate.TableValidationConnector': [
    'Validation',
    'Compares a table of two clusters, by token ranges, in many workers.',
  ],
  'io.scamander.replicate.ReplicationConnector': [
    'Replication of a group',
    'Runs the jobs of a group of workers at one of them. The workers make it themselves.',
  ],
}

/** Classes of today; what else is titled is an older name of one of them. */
const CURRENT: readonly string[] = [
  'com.datastax.oss.kafka.sink.CassandraSinkConnector',
  'io.lenses.streamreactor.connect.cassandra.CassandraSinkConnector',
  'com.datastax.oss.kafka.source.CassandraSourceConnector',
  'io.lenses.streamreactor.connect.cassandra.source.CassandraSourceConnector',
]

/** What most people want stands first, older names last. */
export function inOrder(plugins: readonly PluginInfo[]): PluginInfo[] {
  const rank = (plugin: PluginInfo) => {
    const at = CURRENT.indexOf(plugin.class)
    if (at >= 0) return at
    return isOlder(plugin) ? CURRENT.length + 1 : CURRENT.length
  }
  return [...plugins].sort((one, other) => rank(one) - rank(other))
}

export function isOlder({ class: name }: PluginInfo): boolean {
  return TITLES[name] !== undefined && !CURRENT.includes(name)
}

export function titleOf(plugin: Pick<PluginInfo, 'class'>): readonly [string, string] | undefined {
  return TITLES[plugin.class] ?? OWN[plugin.class]
}
