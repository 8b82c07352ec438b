/**
 * What a task tells its worker while it runs, beside its state: the topics it uses and how it goes.
 * Handed down by the worker through `Connector` and `ConnectorTask`; called at most once per
 * delivery, never per record.
 * Invariant: a hook never throws and never waits.
 * Spec: connect-rest 2.2 (topics); design, comfort (automatic restart).
 */
import type { ScamanderError } from '../base/scamander-error.ts'

export interface TaskHooks {
  /** A record of that topic was read from Kafka or written to it. */
  usesTopic(topic: string): void
  /** The task runs. */
  started(task: number): void
  /** The task has become FAILED. */
  failed(task: number, error: ScamanderError): void
  /** False: others may have the work, so nothing may begin to be written. Not given: always. */
  mayWrite?(): boolean
  /** Asked after a failure of a task, or of the connector itself: how it goes on, for the log. */
  afterFailure?(task: number | undefined): AfterFailure
}

export interface AfterFailure {
  /** Somebody else tells of the failure: it is not logged here. */
  readonly isTold: boolean
  /** What follows; undefined: nothing by itself. */
  readonly next: string | undefined
}
