/**
 * Error codes of the query sources: statements that do not fit their tables, positions and values
 * that cannot be used. Errors of the cluster itself keep the codes of the cassandra room.
 * Messages never hold a value of a row.
 */
import { declareErrors } from '../../base/scamander-error.ts'

export const QUERY_SOURCE_ERRORS = declareErrors('source', {
  COLUMN: {
    kind: 'config',
    summary: 'A query source names a column that its table does not have, or not as it needs it.',
    advice: 'Correct the statement; the message lists the columns of the table.',
  },
  QUERY: {
    kind: 'config',
    summary: 'The query of a token-range source does not fit its table.',
    advice:
      'Write WHERE token(…) > ? AND token(…) <= ? over all columns of the partition key, in order.',
  },
  BEGINNING: {
    kind: 'config',
    summary: 'A query source without a stored position would begin too many time buckets ago.',
    advice: 'Set connect.cassandra.initial.offset to where the data begins.',
  },
  PARTITIONER: {
    kind: 'config',
    summary: 'The cluster has a partitioner whose tokens cannot be divided into ranges.',
    advice: 'Use a cluster with Murmur3Partitioner or RandomPartitioner.',
  },
  OFFSET: {
    kind: 'fatal',
    summary: 'A stored position of a query source cannot be understood.',
    advice: 'Stop the connector and remove or correct the position with the offsets call.',
  },
  TABLE_CHANGED: {
    kind: 'retriable',
    summary: 'The definition of a table changed while a query source reads it.',
    advice: 'Nothing: the source begins again at its position with the new columns.',
  },
  VALUE: {
    kind: 'data',
    summary: 'A value of a row does not fit the Connect type of its column.',
    advice: 'Select the column in another form, or set errors.tolerance=all to skip such rows.',
  },
})
