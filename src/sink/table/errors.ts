/**
 * Error codes of the table sink: mapping against the schema at start, single records at run time.
 * Record errors are kind `data`: the dialect's policy decides what becomes of them.
 * Spec: cassandra-sink 4.2-4.4, 5, 7.
 */
import { declareErrors } from '../../base/scamander-error.ts'

export const TABLE_SINK_ERRORS = declareErrors('sink', {
  MAPPING_COLUMNS: {
    kind: 'config',
    summary: 'A mapping does not fit the table: unknown columns, or key columns left out.',
    advice: 'Correct the mapping or the table; names are case-sensitive on both sides.',
  },
  COUNTER_TTL: {
    kind: 'config',
    summary: 'A TTL is configured for a table with counters.',
    advice: 'Remove `ttl` and `__ttl` for that table.',
  },
  TABLE: {
    kind: 'config',
    summary: 'A table setting does not fit the cluster: its table, mapping or query.',
    advice: 'Correct the settings that the message names; names are case-sensitive.',
  },
  TABLE_CHANGED: {
    kind: 'retriable',
    summary: 'A table was dropped or changed while its sink runs, and its mapping fits no more.',
    advice: 'Bring the table back, or change the mapping and restart; records are held until then.',
  },
  CODEC: {
    kind: 'config',
    summary: 'A codec setting of a topic cannot be used.',
    advice: 'Correct the setting that the message names.',
  },
  CLOSED: {
    kind: 'cancelled',
    summary: 'The sink was closed while it was writing.',
    advice: 'Nothing.',
  },
  UNKNOWN_TOPIC: {
    kind: 'data',
    summary: 'A record came from a topic that no table setting names.',
    advice: 'Add `topic.<topic>.<keyspace>.<table>.mapping`, or narrow topics.regex.',
  },
  FIELD_MISSING: {
    kind: 'data',
    summary: 'A record does not contain a field that the mapping names.',
    advice: 'Repair the producer, or set allowMissingFields=true to treat absent as null.',
  },
  KEY_NULL: {
    kind: 'data',
    summary: 'A primary key column would be null.',
    advice: 'Repair the record or map the column to a field that is always there.',
  },
  CONVERSION: {
    kind: 'data',
    summary: 'A field cannot be converted to the type of its column without loss.',
    advice: 'Repair the record, change the column, or set the codec of the topic.',
  },
  TOMBSTONE: {
    kind: 'data',
    summary: 'A record without value came to a KCQL sink that cannot delete by it.',
    advice:
      'Set connect.cassandra.delete.enabled and .delete.statement, or scamander.kcql.ignore.tombstones=true.',
  },
  NOT_A_NUMBER: {
    kind: 'data',
    summary: 'The field mapped to __ttl or __timestamp is not a number.',
    advice: 'Map a numeric field.',
  },
})
