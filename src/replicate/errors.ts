/**
 * Error codes of replication: what a person entered, what a run met.
 * The kinds decide the status of `/api/v1` and the exit codes of commands.
 * Spec: backlog-replication 2.
 */
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'

export const REPLICATE_ERRORS = declareErrors('replicate', {
  FIELD: {
    kind: 'config',
    summary: 'A property of a connection, a job or a task cannot be used.',
    advice: 'Correct the named field; nothing was saved.',
  },
  UNKNOWN: {
    kind: 'request',
    summary: 'There is no connection, job, task or run of that id or name.',
    advice: 'List them with `scamander job list` or on the page.',
  },
  CONFLICT: {
    kind: 'request',
    summary: 'The object is in use, or there is one of that name already.',
    advice: 'Reload it and try again.',
  },
  CHANGED: {
    kind: 'request',
    summary: 'The job was changed by somebody else since it was read; nothing was saved.',
    advice:
      'Read the job again, look at the differences, and send the change with its new version.',
  },
  QUERY: {
    kind: 'config',
    summary: 'A query or expression cannot be used.',
    advice:
      'Write one SELECT over the tables of the source; files, settings and functions with effects are not allowed.',
  },
  TABLE: {
    kind: 'config',
    summary: 'The destination table does not fit the task.',
    advice: 'Choose another table name, or change the columns of the task.',
  },
  VALUE: {
    kind: 'data',
    summary: 'A value cannot become a value of the destination column.',
    advice: 'Choose another type or an expression for the column, or accept rejected rows.',
  },
  REJECTED: {
    kind: 'fatal',
    summary: 'More rows were rejected than the job allows.',
    advice: 'Look at the rejected rows of the run; correct the columns or raise the limit.',
  },
  STATE: {
    kind: 'config',
    summary: 'The product database or its key cannot be used.',
    advice: 'Check the data folder; the key must be the one that the secrets were written with.',
  },
  BUSY: {
    kind: 'retriable',
    summary: 'Too many sign-ins are being checked at the same time.',
    advice: 'Try again in a moment; whoever sends so many logins should be stopped.',
  },
  CHANNEL: {
    kind: 'retriable',
    summary: 'A channel of alerts did not take a message.',
    advice: 'Check its address and login with Test; the delivery is tried again for an hour.',
  },
  HOOK: {
    kind: 'fatal',
    summary: 'An event before or after a run failed.',
    advice:
      'Look at the tab Events of the job; correct it, switch it off, or let the run go on without it.',
  },
  MOVED: {
    kind: 'disconnected',
    summary: 'The replication jobs of the worker group are at another worker, or move there now.',
    advice: 'Send the call again in a few seconds; any worker passes it on.',
  },
  STATE_TOPIC: {
    kind: 'config',
    summary: 'The topic that keeps the replication jobs of the worker group cannot be used.',
    advice: 'Name a topic of its own: compacted, with one partition; or let the worker make it.',
  },
  STOPPED: {
    kind: 'cancelled',
    summary: 'A run was stopped.',
    advice: 'Nothing to do; the next run goes on.',
  },
})

export function unknown(message: string): ScamanderError {
  return new ScamanderError(REPLICATE_ERRORS.UNKNOWN, message)
}

/** It is no longer what whoever changes it has seen. */
export function changed(message: string): ScamanderError {
  return new ScamanderError(REPLICATE_ERRORS.CHANGED, message)
}

export function conflict(message: string): ScamanderError {
  return new ScamanderError(REPLICATE_ERRORS.CONFLICT, message)
}
