/**
 * Error codes of a worker that is one of a cluster: its group, its internal topics, its leader.
 * Those that every worker has stand in ../errors.ts.
 * Spec: connect-rest 1, 2.6, 7, 18.
 */
import { declareErrors } from '../../base/scamander-error.ts'

export const CLUSTER_ERRORS = declareErrors('connect', {
  FOREIGN_GROUP: {
    kind: 'config',
    summary: 'The group that `group.id` names has members of another kind.',
    advice:
      'Give this cluster of workers a `group.id` of its own, or stop the workers of Kafka Connect first.',
  },
  FOREIGN_MEMBER: {
    kind: 'fatal',
    summary: 'A message in the group of the workers has a form that this version does not know.',
    advice: 'Run the same version on all workers.',
  },
  MEMBERSHIP: {
    kind: 'fatal',
    summary: 'The membership in the group of the workers ended and cannot be taken up again.',
    advice: 'Correct what the message names, then start the worker again.',
  },
  INTERNAL_TOPIC: {
    kind: 'config',
    summary: 'An internal topic exists with settings that would lose what it keeps.',
    advice:
      'Set `cleanup.policy=compact` on the topic, and one partition for the topic of configurations; or name another topic.',
  },
  INTERNAL_TOPIC_LOST: {
    kind: 'fatal',
    summary: 'An internal topic can no longer be read.',
    advice: 'Check the topic and the permissions of the worker, then start the worker again.',
  },
  NOT_SYNCHRONISED: {
    kind: 'retriable',
    summary: 'The worker could not read the newest configurations in time.',
    advice: 'Try again; if it repeats, check the brokers, or raise `worker.sync.timeout.ms`.',
  },
  NO_SESSION_KEY: {
    kind: 'retriable',
    summary: 'The key that signs calls between workers was not read yet.',
    advice: 'Try again in a moment.',
  },
  UNSIGNED: {
    kind: 'config',
    summary: 'A call between workers carries no signature, or one of an algorithm not allowed.',
    advice: 'Do not make these calls: they are for the workers of a cluster alone.',
  },
  OFFSETS_LATE: {
    kind: 'retriable',
    summary: 'Positions of source connectors could not be written to the topic of offsets in time.',
    advice: 'Check the brokers; the task repeats what was not stored.',
  },
})
