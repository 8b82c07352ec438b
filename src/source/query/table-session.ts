/**
 * What a query source asks of a cluster: a read session's part, or that of a check of a
 * configuration, which prepares statements and reads no row.
 * Used by both query sources and by their checks.
 * Spec: cassandra-sink 11; ADR 0022.
 */
import { AssertionFailure } from '../../base/assert.ts'
import type { ControlSession, ReadSession, SchemaLink } from '../../cassandra/index.ts'

export interface TableSession extends Pick<ReadSession, 'prepare' | 'readPage'> {
  readonly control: Pick<ControlSession, 'table' | 'onSchemaChange'>
}

/** Finds tables and prepares; reading a page is a mistake of the caller. */
export function checkingSession(link: SchemaLink): TableSession {
  return {
    control: {
      table: (keyspace, table) => link.table(keyspace, table),
      onSchemaChange: () => () => undefined,
    },
    prepare: async (cql, keyspace, consistency) => {
      const { variables, resultMetadata, preparedId, resultMetadataId } = await link.prepare(cql)
      return {
        ...{ cql, keyspace, consistency },
        variables: variables.columns.map(({ name, type }) => ({ name, type })),
        columns: (resultMetadata.columns ?? []).map(({ name, type }) => ({ name, type })),
        id: preparedId,
        resultMetadataId,
      }
    },
    readPage: () => {
      throw new AssertionFailure('a check reads no rows')
    },
  }
}
