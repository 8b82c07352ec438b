/**
 * Opens the tables of a configuration as a task would, over one connection and without writing:
 * what only the cluster knows is told before anything runs.
 * Called by the catalog for all sinks of this folder, when a configuration is checked.
 * Invariant: the code that opens tables for a task is the code that runs here, so that a check and
 * a start never disagree.
 * Spec: cassandra-sink 4.2, 7 (start errors), 10.4; ADR 0022.
 */
import type { SchemaLink, SchemaLinks, WriteStatement } from '../../cassandra/index.ts'
import type { Lint } from '../../config/index.ts'
import { Logger, MetricRegistry } from '../../telemetry/index.ts'
import { ColumnCheck } from './column-check.ts'
import { toConnectionSettings } from './connection-settings.ts'
import type { DatastaxSinkSettings } from './datastax/settings.ts'
import { HostNames } from './host-names.ts'
import type { OpenContext, TableSession } from './opened-table.ts'
import { SinkBeans } from './sink-beans.ts'
import { tryTopics } from './topic-writer.ts'

const NAME = 'check'

/** Rejects when the cluster does not answer. */
export async function examineTables(
  settings: DatastaxSinkSettings,
  links: SchemaLinks,
): Promise<readonly Lint[]> {
  const connection = await toConnectionSettings(settings, NAME)
  return await links.ask(connection, async link => {
    const { problems } = await tryTopics(settings, checkContext(link, settings))
    return problems.map(
      ({ key, error }): Lint => ({
        kind: 'invalid',
        severity: 'error',
        key,
        message: error.message,
      }),
    )
  })
}

/** What opening tables needs, over one connection that writes nothing. */
export function checkContext(link: SchemaLink, settings: DatastaxSinkSettings): OpenContext {
  // Nothing is counted: these metrics belong to nobody.
  const registry = new MetricRegistry()
  const beans = new SinkBeans(registry.jmx, NAME, { ...settings.jmx, enabled: false })
  return {
    session: sessionOf(link),
    logger: Logger.silent(),
    metrics: { registry, connector: NAME, beans },
    hosts: new HostNames(),
    columns: new ColumnCheck(),
  }
}

function sessionOf(link: SchemaLink): TableSession {
  return {
    protocolVersion: link.protocolVersion,
    control: {
      table: (keyspace, table) => link.table(keyspace, table),
      onSchemaChange: () => () => undefined,
    },
    prepare: async (cql, _keyspace, options): Promise<WriteStatement> => {
      const { variables, preparedId, resultMetadataId } = await link.prepare(cql)
      return {
        ...options,
        cql,
        variables: variables.columns.map(({ name, type }) => ({ name, type })),
        partitionKeyIndexes: variables.partitionKeyIndexes,
        isStale: false,
        id: preparedId,
        resultMetadataId,
      }
    },
  }
}
