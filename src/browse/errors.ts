/**
 * Error codes of browsing: what a person asks of a table or a topic that cannot be answered.
 * The kinds decide the status of `/api/v1/data`.
 * Spec: ui 4.2, 4.5, 5.7.
 */
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'

export const BROWSE_ERRORS = declareErrors('browse', {
  NOT_SET_UP: {
    kind: 'request',
    summary: 'The server has no Kafka to look into.',
    advice: 'Set bootstrap.servers in the properties of the worker and start it again.',
  },
  CONNECTION: {
    kind: 'request',
    summary: 'The connection has no tables to browse.',
    advice: 'Choose a connection of Cassandra.',
  },
  QUERY: {
    kind: 'config',
    summary: 'A position, a key, a limit or a filter cannot be used.',
    advice: 'Correct the named field.',
  },
  STATEMENT: {
    kind: 'config',
    summary: 'A CQL statement cannot be run here.',
    advice: 'Write one statement of CQL as the message says.',
  },
  WRITE: {
    kind: 'config',
    summary: 'A CQL statement changes something, and may not.',
    advice: 'Switch Allow writes on; on a connection that is read-only choose another connection.',
  },
  CONFIRM: {
    kind: 'request',
    summary: 'A statement or an act that deletes was not confirmed by the name of its object.',
    advice: 'Type the name of the object that the statement deletes from.',
  },
  UNKNOWN: {
    kind: 'request',
    summary: 'There is no such topic, partition or record.',
    advice: 'Load the list again; retention may have removed it meanwhile.',
  },
  BUSY: {
    kind: 'retriable',
    summary: 'Too many clusters are browsed at once.',
    advice: 'Wait a minute and try again; clusters that nobody looks at are closed.',
  },
})

export function badQuery(field: string, message: string): ScamanderError {
  return new ScamanderError(BROWSE_ERRORS.QUERY, `${field}: ${message}`, { context: { field } })
}
