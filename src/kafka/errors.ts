/**
 * Error codes of the Kafka room. `classify.ts` chooses among them; nothing else turns a library,
 * network or broker error into one of these.
 * Invariant: the kind says what the engine does; see the advice for what the user does.
 */
import { declareErrors } from '../base/scamander-error.ts'

export const KAFKA_ERRORS = declareErrors('KAFKA', {
  DISCONNECTED: {
    kind: 'disconnected',
    summary: 'No connection to a Kafka broker, or it closed or timed out during a request.',
    advice:
      'Check that the brokers run and that bootstrap.servers and their advertised listeners are reachable.',
  },
  UNKNOWN_HOST: {
    kind: 'config',
    summary: 'A host name in bootstrap.servers, or one that a broker advertises, does not resolve.',
    advice:
      'Correct the host name in bootstrap.servers or the advertised listeners of the brokers.',
  },
  TLS: {
    kind: 'config',
    summary: 'The TLS handshake with a broker failed, or TLS is expected on one side only.',
    advice:
      'Check security.protocol and the ssl.* settings: trust store, host name, validity of certificates.',
  },
  AUTHENTICATION: {
    kind: 'config',
    summary: 'A broker refused the credentials or the SASL mechanism.',
    advice: 'Check sasl.mechanism and sasl.jaas.config.',
  },
  NOT_AUTHORIZED: {
    kind: 'config',
    summary: 'The principal may not read, write or describe a topic, group or cluster.',
    advice: 'Grant the missing permission on the topic, group or cluster named in the message.',
  },
  OLD_BROKER: {
    kind: 'config',
    summary: 'A broker does not support a request version that the product needs.',
    advice: 'Use Kafka 2.8 or newer.',
  },
  BAD_SETTING: {
    kind: 'config',
    summary: 'A Kafka client setting has a value that cannot be used, or the cluster refused it.',
    advice: 'Correct the setting that the message names.',
  },
  RETRIABLE: {
    kind: 'retriable',
    summary: 'The cluster answered with an error that passes: a leader moved, a coordinator loads.',
    advice: 'Nothing, unless it goes on: then check the state of the brokers.',
  },
  MEMBERSHIP_LOST: {
    kind: 'retriable',
    summary: 'The consumer group gave the partitions to another member before the commit arrived.',
    advice:
      'If it repeats, raise max.poll.interval.ms or session.timeout.ms, or lower max.poll.records.',
  },
  INSTANCE_FENCED: {
    kind: 'fatal',
    summary: 'Another process uses the same group.instance.id.',
    advice: 'Give each running member its own group.instance.id.',
  },
  PRODUCER_FENCED: {
    kind: 'fatal',
    summary: 'Another process took over the transactional id of this producer.',
    advice: 'Nothing when a task or the leadership moved; else give each process its own names.',
  },
  TRANSACTION_LATE: {
    kind: 'retriable',
    summary: 'A transaction was open for longer than `transaction.timeout.ms` and was aborted.',
    advice:
      'Nothing: its records are written again. If it repeats, check the brokers, or raise `producer.override.transaction.timeout.ms`.',
  },
  NO_POSITION: {
    kind: 'fatal',
    summary: 'A partition has no usable offset and auto.offset.reset is none.',
    advice: 'Set auto.offset.reset to earliest or latest, or commit a position within the log.',
  },
  RECORD_REFUSED: {
    kind: 'data',
    summary: 'The cluster refused a record: too large, or not valid for its topic.',
    advice: 'Raise max.message.bytes of the topic, or make the record smaller.',
  },
  CORRUPT: {
    kind: 'fatal',
    summary: 'Bytes of a record batch are damaged or of an unknown format.',
    advice: 'Check the disks of the brokers; skip the batch by moving the offset past it.',
  },
  REFUSED: {
    kind: 'request',
    summary: 'The named topic or group does not exist, exists already, or is in use.',
    advice: 'Check the name, or stop the members of the group first.',
  },
  FAILED: {
    kind: 'fatal',
    summary: 'The cluster answered with an error that does not pass by itself.',
    advice: 'See the name of the Kafka error in the message.',
  },
  CLOSED: {
    kind: 'cancelled',
    summary: 'The client was closed while the request was under way.',
    advice: 'Nothing.',
  },
  REGISTRY_UNREACHABLE: {
    kind: 'retriable',
    summary: 'No schema registry answers, or it answers that it cannot serve now.',
    advice:
      'Check that the registry runs and that schema.registry.url is right; records wait until it answers.',
  },
  REGISTRY_REFUSED: {
    kind: 'config',
    summary: 'The schema registry refused the credentials, the certificate or the address.',
    advice:
      'Check schema.registry.url with its path, basic.auth.*, bearer.auth.* and schema.registry.ssl.*.',
  },
  REGISTRY_NOT_FOUND: {
    kind: 'data',
    summary: 'The schema registry has no such schema, subject or version (40401, 40402, 40403).',
    advice:
      'Check that the producer used this registry; with auto.register.schemas=false register the schema first.',
  },
  REGISTRY_INCOMPATIBLE: {
    kind: 'data',
    summary: 'The schema registry refused a new version because readers could not read it (409).',
    advice: 'Change the schema in a compatible way, or the compatibility of its subject.',
  },
  REGISTRY_INVALID: {
    kind: 'data',
    summary: 'The schema registry refused a schema or a request as not valid (422xx).',
    advice: 'See the text of the registry in the message.',
  },
  BUFFER_FULL: {
    kind: 'retriable',
    summary: 'Records waited longer than max.block.ms for room in the producer buffer.',
    advice: 'Raise buffer.memory, or check that the brokers accept records.',
  },
})
