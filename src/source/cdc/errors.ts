/**
 * Error codes of capture: reading Cassandra's commit log and delivering what it says.
 * Invariant: messages name nodes, files, tables and positions, never a row's value.
 * Spec: cdc-replication 9.1.
 */
import { declareErrors } from '../../base/scamander-error.ts'

export const CDC_ERRORS = declareErrors('cdc', {
  NO_CDC: {
    kind: 'config',
    summary: 'Change data capture is off on a node, or for a table.',
    advice:
      'Set `cdc_enabled: true` in cassandra.yaml and restart the node; for a table run the ALTER TABLE of the message.',
  },
  RAW_UNREADABLE: {
    kind: 'config',
    summary: "A node's cdc_raw folder cannot be read, or files in it cannot be deleted.",
    advice: 'Run on the machine of the node, as a user who may read and delete in that folder.',
  },
  SEGMENT_CORRUPT: {
    kind: 'data',
    summary: 'A part of a commit-log segment is damaged; what is lost is named with its bounds.',
    advice: 'Check the disk; read the rows concerned again, for example with a snapshot.',
  },
  UNDECODABLE: {
    kind: 'data',
    summary: 'A record of the commit log does not fit any schema that is known.',
    advice: 'Keep the bytes that were written beside the message and report them.',
  },
  SCHEMA_FILE: {
    kind: 'config',
    summary: 'A file of CQL statements does not describe tables.',
    advice: 'Write it with `DESCRIBE KEYSPACE ... WITH INTERNALS`.',
  },
  DUMP_OPTION: {
    kind: 'config',
    summary: 'An option of `cdc dump` has a value that cannot be used.',
    advice: 'See `scamander help cdc dump`.',
  },
  QUEUE_UNAVAILABLE: {
    kind: 'retriable',
    summary: 'The queue of captured changes cannot be written now.',
    advice: 'Free space on the disk of the data directory; capture goes on by itself.',
  },
  QUEUE_FULL: {
    kind: 'retriable',
    summary: 'The queue of a channel has reached its limit, and its agents wait.',
    advice:
      'Let its connector run, truncate it, or set another limit with `scamander advrep channel update`.',
  },
  TAKEN_OVER: {
    kind: 'fatal',
    summary: 'Another worker has taken over the capture of a prefix of topics.',
    advice: 'Let one of the two go; start this one again when it should be the one.',
  },
  CAPTURED_ELSEWHERE: {
    kind: 'config',
    summary: 'Another worker captures with the same prefix of topics.',
    advice: 'Stop that one, or give each its own `cdc.topic.prefix`.',
  },
  GAP: {
    kind: 'fatal',
    summary: 'Segments vanished before they were read: changes are missing.',
    advice: 'See `scamander advrep gap list`, then read the tables again with a snapshot.',
  },
  AGENT_DUPLICATE: {
    kind: 'request',
    summary: 'Another agent reads the commit log of the same node.',
    advice: 'Stop one of the two.',
  },
  INVALID_MESSAGE: {
    kind: 'data',
    summary: 'A change cannot be written to a destination in Cassandra.',
    advice:
      'Compare the two tables; `scamander advrep conf update --invalid-message-log` chooses where such changes are noted.',
  },
  NOT_LOGGED: {
    kind: 'data',
    summary: 'Changes of a captured table are not logged for capture.',
    advice: 'Do what the message says; see `scamander advrep gap list` for what is missing.',
  },
  AGENT_UNKNOWN: {
    kind: 'request',
    summary: 'No agent captures from that node, or it has not reported yet.',
    advice:
      'See `scamander advrep agent list`; an agent reports once a second and tries again by itself.',
  },
  DESTINATION_UNKNOWN: {
    kind: 'request',
    summary: 'There is no destination of that name.',
    advice: 'Create it with `scamander advrep destination create --name NAME`.',
  },
  DESTINATION_EXISTS: {
    kind: 'request',
    summary: 'A destination of that name exists.',
    advice: 'Choose another name, or change it with `scamander advrep destination update`.',
  },
  DESTINATION_BUSY: {
    kind: 'request',
    summary: 'Channels or a connector use the destination.',
    advice: 'Delete them first, or use --force.',
  },
  CHANNEL_EXISTS: {
    kind: 'request',
    summary: 'There is such a channel.',
    advice: 'Change it with `scamander advrep channel update`.',
  },
  CHANNEL_UNKNOWN: {
    kind: 'request',
    summary: 'There is no such channel.',
    advice: 'See `scamander advrep channel status`.',
  },
  SETTING: {
    kind: 'config',
    summary: 'A setting of capture has a value that cannot be used, or is missing.',
    advice: 'Correct it as the message says.',
  },
  SNAPSHOT: {
    kind: 'fatal',
    summary: 'A snapshot cannot go on.',
    advice: 'Do what the message says, then restart the task; what was given is not given again.',
  },
  SOURCE_UNREACHABLE: {
    kind: 'disconnected',
    summary: 'The cluster that changes are captured from does not answer.',
    advice: 'Check `cdc.contact.points` and whether the node runs.',
  },
  WORKER_UNREACHABLE: {
    kind: 'disconnected',
    summary: 'The worker that an agent gives its changes to does not answer.',
    advice: 'Start the worker; the agent goes on by itself, and the log waits.',
  },
  CAPTURE_UNREACHABLE: {
    kind: 'disconnected',
    summary: 'The worker that captures does not answer a worker that delivers.',
    advice: 'Check `cdc.worker.url` and whether that worker runs; delivery goes on by itself.',
  },
  WORKER_REFUSED: {
    kind: 'config',
    summary: 'The worker that captures refuses what an agent or another worker tells it.',
    advice: 'Check the login (`cdc.worker.token`), and that both are of one release.',
  },
  AGENT_ENDED: {
    kind: 'fatal',
    summary: 'An agent cannot go on reading the log of its node.',
    advice: 'Correct what the message says and start it again; it goes on where it stood.',
  },
  NOT_HERE: {
    kind: 'config',
    summary: 'This worker does not capture changes.',
    advice:
      'Run the connector in a worker whose properties have `cdc.contact.points`, or `cdc.worker.url` of one that has.',
  },
  VALUE: {
    kind: 'data',
    summary: 'A value of a captured row does not fit the form that the connector writes.',
    advice:
      'Choose another form (scamander.decimal, scamander.varint), or skip such records with errors.tolerance.',
  },
  STATE: {
    kind: 'fatal',
    summary: 'The state of capture cannot be opened.',
    advice: 'Check `cdc.data.directory`; only one worker may use it.',
  },
})
