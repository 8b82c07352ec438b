/**
 * What happens to records of a source that failed: tolerated, logged and counted, or the end of the
 * task, in the words of Kafka Connect. Sources have no dead letters.
 * Called by the source task when a batch settles, in the order of reading.
 * Invariant: only a fault of the record itself is tolerated, or a conversion that was repeated for
 * errors.retry.timeout. A cluster that refuses to be written to, or that stays away, is never a reason
 * to skip records.
 * Spec: connect-rest 14.
 */
import { ScamanderError, type Stage } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import { PIPELINE_ERRORS } from './errors.ts'
import type { EncodeFailure } from './record-encoder.ts'
import type { SourceTaskMetrics } from './source-metrics.ts'
import type { WriteFailure } from './source-task.ts'

export interface SourceErrorPolicy {
  /** errors.tolerance */
  readonly tolerance: 'none' | 'all'
  /** errors.retry.delay.max.ms */
  readonly retryDelayMaxMs: number
  /** errors.log.enable */
  readonly logErrors: boolean
}

export interface SourceErrorParts {
  readonly connector: string
  readonly task: number
  readonly policy: SourceErrorPolicy
  readonly logger: Logger
  readonly metrics: SourceTaskMetrics
}

interface Failed {
  readonly stage: Stage
  readonly className: string
  readonly error: ScamanderError
}

/** Conversions and transforms come here only when they are not repeated any more. */
function isOfRecord({ stage, error }: Failed): boolean {
  return error.kind === 'data' || (stage !== 'KAFKA_PRODUCE' && stage !== 'TASK_POLL')
}

const PRODUCER_CLASS = 'org.apache.kafka.clients.producer.KafkaProducer'

export class SourceErrors {
  readonly #parts: SourceErrorParts

  constructor(parts: SourceErrorParts) {
    this.#parts = parts
  }

  /** A failure that is not one record's. */
  count(): void {
    this.#parts.metrics.add('failed', 1)
  }

  /** Throws what ends the task. */
  judge(encoded: readonly EncodeFailure[], written: readonly WriteFailure[]): void {
    if (encoded.length === 0 && written.length === 0) return
    const { metrics, policy } = this.#parts
    const failed: Failed[] = [
      ...encoded,
      ...written.map(({ error }) => ({
        stage: 'KAFKA_PRODUCE' as const,
        className: PRODUCER_CLASS,
        error,
      })),
    ]
    metrics.add('failed', failed.length)
    for (const one of failed) if (policy.logErrors) this.#log(one)
    const stopper = failed.find(one => !this.#isTolerated(one))
    if (stopper !== undefined) throw this.#fatal(stopper)
    metrics.add('skipped', failed.length)
  }

  #isTolerated(failed: Failed): boolean {
    return this.#parts.policy.tolerance === 'all' && isOfRecord(failed)
  }

  /** Of a record's failure nothing but its place is told. */
  #log({ stage, className, error }: Failed): void {
    const { connector, task, logger } = this.#parts
    logger.error(
      `Error encountered in task ${connector}-${task}. Executing stage '${stage}' with class '${className}'.`,
      error,
    )
  }

  #fatal(failed: Failed): ScamanderError {
    const { stage, error } = failed
    // A producer that gave up for a while is started again; its records are read again.
    if (!isOfRecord(failed)) return error
    const message = `Tolerance exceeded in error handler (${stage}): ${error.message}`
    return new ScamanderError(PIPELINE_ERRORS.TOLERANCE_EXCEEDED, message, { stage, cause: error })
  }
}
