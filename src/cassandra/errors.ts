/**
 * Everything that can go wrong between the product and a Cassandra cluster.
 * Start errors name the configuration key; errors of running requests are made in `classify.ts`.
 * Invariant: one code has one kind; where the phase decides the kind there are two codes.
 */
import { declareErrors } from '../base/scamander-error.ts'

export const CASSANDRA_ERRORS = declareErrors('cassandra', {
  CONTACT_UNKNOWN: {
    kind: 'config',
    summary: 'No contact point has a name that resolves to an address.',
    advice: 'Check `contactPoints`; every entry is a host name or an IP address.',
  },
  CONTACT_REFUSED: {
    kind: 'config',
    summary: 'No contact point answers at start.',
    advice: 'Check `contactPoints` and `port`, and that the cluster accepts CQL clients.',
  },
  CREDENTIALS: {
    kind: 'config',
    summary: 'The cluster demands a login and refuses the one given, or none was given.',
    advice: 'Set `auth.provider=PLAIN`, `auth.username` and `auth.password`.',
  },
  AUTH_UNSUPPORTED: {
    kind: 'config',
    summary: 'The authentication provider is not supported.',
    advice: 'Use `auth.provider=PLAIN`, or client certificates with `ssl.*`.',
  },
  TLS_SETTINGS: {
    kind: 'config',
    summary: 'A TLS setting cannot be used.',
    advice: 'Correct the setting that the message names.',
  },
  TLS_REFUSED: {
    kind: 'config',
    summary: 'The TLS handshake with the cluster fails.',
    advice: 'Compare `ssl.*` with the `client_encryption_options` of the nodes.',
  },
  LOCAL_DC: {
    kind: 'config',
    summary: 'The cluster has no data centre of the name given.',
    advice: 'Set `loadBalancing.localDc` to one of the names listed; case matters.',
  },
  BUNDLE: {
    kind: 'config',
    summary: 'The secure connect bundle cannot be used.',
    advice: 'Download the bundle again and give its path in `cloud.secureConnectBundle`.',
  },
  CLOUD_REFUSED: {
    kind: 'config',
    summary: 'The metadata service named by the secure connect bundle does not answer as expected.',
    advice: 'Check that the database is active and the bundle is not outdated.',
  },
  KEYSPACE_UNKNOWN: {
    kind: 'config',
    summary: 'The keyspace does not exist.',
    advice: 'Create it or correct the name; names are case-sensitive.',
  },
  TABLE_UNKNOWN: {
    kind: 'config',
    summary: 'The table does not exist.',
    advice: 'Create it or correct the name; names are case-sensitive.',
  },
  COLUMN_UNKNOWN: {
    kind: 'config',
    summary: 'The table has no such column.',
    advice: 'Add the column or correct the mapping; names are case-sensitive.',
  },
  SCHEMA_UNREADABLE: {
    kind: 'config',
    summary: 'The schema of a table holds a type that is not understood.',
    advice: 'Report it with the type named in the message.',
  },
  STATEMENT_REFUSED: {
    kind: 'config',
    summary: 'The server refuses to prepare a statement.',
    advice: 'Compare the statement in the message with the schema and the rights of the user.',
  },
  RECORD_REFUSED: {
    kind: 'data',
    summary: 'The server refuses the values of a record.',
    advice: 'Correct the record or the mapping; the message is the server’s.',
  },
  STATEMENT_LOST: {
    kind: 'retriable',
    summary: 'A statement that was prepared before is refused now: its table or columns changed.',
    advice: 'Bring the table back as it was, or change the mapping and restart.',
  },
  BATCH_TOO_LARGE: {
    kind: 'data',
    summary: 'The server refuses a batch for its size.',
    advice: 'Lower `maxNumberOfRecordsInBatch` or raise batch_size_fail_threshold on the nodes.',
  },
  UNAUTHORIZED: {
    kind: 'retriable',
    summary: 'The user may not write to the table (any more).',
    advice: 'Grant MODIFY on the table; records are held back until then.',
  },
  UNPREPARED: {
    kind: 'retriable',
    summary: 'The node has forgotten a prepared statement.',
    advice: 'Nothing: the statement is prepared again and the request repeated.',
  },
  UNAVAILABLE: {
    kind: 'retriable',
    summary: 'Too few replicas are alive for the consistency level.',
    advice: 'Bring the nodes back or lower the consistency level.',
  },
  WRITE_TIMEOUT: {
    kind: 'retriable',
    summary: 'Replicas did not confirm a write in time; it may or may not be applied.',
    advice: 'Look for overloaded nodes; lower the number of requests in flight.',
  },
  READ_TIMEOUT: {
    kind: 'retriable',
    summary: 'Replicas did not answer a read in time.',
    advice: 'Look for overloaded nodes, tombstones or large partitions.',
  },
  WRITE_FAILURE: {
    kind: 'retriable',
    summary: 'Replicas failed while they applied a write.',
    advice: 'Read the logs of the nodes named.',
  },
  READ_FAILURE: {
    kind: 'retriable',
    summary: 'Replicas failed while they read.',
    advice: 'Read the logs of the nodes; too many tombstones is the usual cause.',
  },
  OVERLOADED: {
    kind: 'retriable',
    summary: 'The coordinator refuses work because it has too much.',
    advice: 'Lower the number of requests in flight or add nodes.',
  },
  BOOTSTRAPPING: {
    kind: 'retriable',
    summary: 'The coordinator is still joining the cluster.',
    advice: 'Wait; other nodes take the requests.',
  },
  TRUNCATE_FAILED: {
    kind: 'retriable',
    summary: 'A TRUNCATE did not finish.',
    advice: 'Check that every node is up and try again.',
  },
  SERVER_ERROR: {
    kind: 'retriable',
    summary: 'The coordinator reports an unexpected error of its own.',
    advice: 'Read the log of the node; retried a limited number of times.',
  },
  PROTOCOL_ERROR: {
    kind: 'retriable',
    summary: 'The coordinator could not understand a request.',
    advice: 'Report it with the server version; retried a limited number of times.',
  },
  REQUEST_TIMEOUT: {
    kind: 'retriable',
    summary: 'A node did not answer within the request timeout.',
    advice: 'Look for overloaded nodes or raise `queryExecutionTimeout`.',
  },
  CONNECTION_LOST: {
    kind: 'disconnected',
    summary: 'A connection closed or no node can be reached.',
    advice: 'Nothing if it heals; else check the network and the nodes.',
  },
  CANCELLED: {
    kind: 'cancelled',
    summary: 'The session was closed while it was opening or working.',
    advice: 'Nothing.',
  },
})
