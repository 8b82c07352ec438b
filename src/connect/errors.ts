/**
 * Error codes of the runtime. Messages are Kafka Connect's where it has one, because clients and
 * people search for them; the server chooses the status by kind, and by code for conflicts.
 * Spec: connect-rest 1 (status code map).
 */
import { declareErrors } from '../base/scamander-error.ts'

export const CONNECT_ERRORS = declareErrors('connect', {
  INVALID_CONFIG: {
    kind: 'config',
    summary: 'The configuration of a connector is not valid.',
    advice: 'Correct every problem listed in the message.',
  },
  NO_CLASS: {
    kind: 'config',
    summary: 'A connector configuration has no connector.class.',
    advice: 'Set connector.class.',
  },
  UNKNOWN_CLASS: {
    kind: 'config',
    summary: 'No connector has the class that connector.class names.',
    advice: 'Use one of the classes listed in the message.',
  },
  NAME_MISMATCH: {
    kind: 'config',
    summary: 'The name in the configuration is not the name the connector is addressed by.',
    advice: 'Give the name once, or twice the same.',
  },
  BAD_REQUEST: {
    kind: 'config',
    summary: 'A request to the REST API is not complete or not well-formed.',
    advice: 'Correct what the message names.',
  },
  WORKER_CONFIG: {
    kind: 'config',
    summary: 'A setting of the worker cannot be used.',
    advice: 'Correct the setting that the message names.',
  },
  BOOTSTRAP: {
    kind: 'config',
    summary: 'No Kafka broker of the worker answers at start.',
    advice: 'Check `bootstrap.servers`, and that the brokers run and accept clients.',
  },
  UNKNOWN_CONNECTOR: {
    kind: 'request',
    summary: 'There is no connector of that name.',
    advice: 'List the connectors with GET /connectors.',
  },
  UNKNOWN_PLUGIN: {
    kind: 'request',
    summary: 'There is no plugin of that class.',
    advice: 'List the plugins with GET /connector-plugins?connectorsOnly=false.',
  },
  EXISTS: {
    kind: 'request',
    summary: 'A connector of that name exists already.',
    advice: 'Use another name, or change the existing one with PUT /connectors/{name}/config.',
  },
  NO_LEADER: {
    kind: 'retriable',
    summary: 'The workers of the cluster are about to agree on a leader.',
    advice: 'Send the request again in a moment.',
  },
  ELSEWHERE: {
    kind: 'retriable',
    summary: 'Another worker must answer the request, and it was passed on as often as allowed.',
    advice: 'Send the request again in a moment.',
  },
  REBALANCE: {
    kind: 'retriable',
    summary: 'The workers of the cluster are distributing connectors and tasks.',
    advice: 'Send the request again in a moment.',
  },
  NOT_STOPPED: {
    kind: 'config',
    summary: 'Offsets of a connector can be changed only while it is stopped.',
    advice: 'Stop it with PUT /connectors/{name}/stop, change them, then resume it.',
  },
  STILL_STOPPING: {
    kind: 'fatal',
    summary: 'Tasks of a stopped connector, or other members of its group, still run.',
    advice: 'Try again when they have ended.',
  },
  OFFSETS_FIXED: {
    kind: 'fatal',
    summary: 'The connector does not let its offsets be changed from outside.',
    advice: 'Change them in the system where the connector keeps them.',
  },
  POSITION_REFUSED: {
    kind: 'config',
    summary: 'A new position of a sink cannot be used.',
    advice: 'Choose an offset from the first record of the partition to the one after the last.',
  },
  TOPICS_OFF: {
    kind: 'request',
    summary: 'The worker does not track topics, or does not let the list be reset.',
    advice: 'Set topic.tracking.enable and topic.tracking.allow.reset in the worker.',
  },
  INTERNAL_REFUSED: {
    kind: 'request',
    summary: 'A call between workers is not signed, or its signature is wrong.',
    advice: 'Do not make these calls: they are for the workers of a cluster alone.',
  },
  NO_LETTERS: {
    kind: 'request',
    summary: 'There is no such dead-letter topic, or a letter does not tell where it belongs.',
    advice:
      'Check the name with `scamander dlq list`; for letters without context headers name the topic with --to.',
  },
  REPLAY_REFUSED: {
    kind: 'fatal',
    summary: 'A dead letter could not be written to its topic.',
    advice:
      'Run the replay again when the reason that the message names is gone: it goes on there.',
  },
  DEAD_LETTER_REFUSED: {
    kind: 'fatal',
    summary: 'The dead-letter topic does not accept a record.',
    advice: 'Raise max.message.bytes of that topic, then restart the task.',
  },
  OFFSET_FILE: {
    kind: 'config',
    summary: 'The file with the positions of source connectors cannot be read.',
    advice:
      'Correct `offset.storage.file.filename`, or move the file away: source connectors then begin anew.',
  },
  OFFSETS_NOT_WRITTEN: {
    kind: 'retriable',
    summary: 'Positions of a source connector could not be written to their file.',
    advice: 'Check that the folder of `offset.storage.file.filename` exists and has room.',
  },
  TASK_COUNT: {
    kind: 'config',
    summary: 'A source connector made more task configurations than tasks.max allows.',
    advice: 'Raise tasks.max, or set tasks.max.enforce=false.',
  },
  TASK_HANGS: {
    kind: 'fatal',
    summary: 'A task, or another one in its thread, kept the thread busy and was ended.',
    advice:
      'Look at the transforms, regular expressions and records of the task; `scamander.task.hang.timeout.ms` is how long it may take.',
  },
  TASK_MEMORY: {
    kind: 'fatal',
    summary:
      'A task, or another one in its thread, used more memory than a thread may, and was ended.',
    advice:
      'Look at the size of the records and the limits of the task; `scamander.task.thread.memory.mb` is how much a thread may use.',
  },
  THREAD_ENDED: {
    kind: 'fatal',
    summary: 'The thread of a task ended with an error.',
    advice: 'Look at the log for the error; the task starts again in another thread.',
  },
  THREAD_LOST: {
    kind: 'retriable',
    summary:
      'A task had to let go: its thread was ended because of another task in it, or its worker lost touch with the group.',
    advice: 'Nothing: the task starts again in another thread, from what it committed.',
  },
  CUT_OFF: {
    kind: 'cancelled',
    summary: 'A run of a task was ended, and others may have its work: nothing more leaves it.',
    advice: 'Nothing; what it had not stored is repeated by the next run.',
  },
  SHUTTING_DOWN: {
    kind: 'fatal',
    summary: 'The worker is shutting down.',
    advice: 'Send the request to another worker, or wait until this one is back.',
  },
  UNEXPECTED: {
    kind: 'fatal',
    summary: 'A connector or task failed in a way that the runtime does not know.',
    advice: 'Report the trace; restart to try again.',
  },
})
