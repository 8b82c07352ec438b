/**
 * Settles one delivery after its write: judges every failure, sends dead letters, asks for rewinds
 * and moves the positions of the rest. Deliveries come here in the order they were read.
 * Invariant: a position moves past a failed record only after the policy gave the record up and,
 * where a dead-letter topic is configured, after the broker has the letter.
 * Spec: cassandra-sink 7, connect-rest 14.
 */
import { isScamanderError, ScamanderError, type Stage } from '../base/scamander-error.ts'
import type { Failure, Outcome, RawMessage } from '../flow/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { type DeadLetterContext, type DeadLetterWriter, toDeadLetter } from './dead-letter.ts'
import type { Delivery } from './delivery.ts'
import {
  type ErrorPolicy,
  judgeDecodeFailure,
  judgePutFailure,
  type Verdict,
} from './error-policy.ts'
import { PIPELINE_ERRORS } from './errors.ts'
import type { TaskMetrics } from './metrics.ts'
import type { PositionTracker } from './position-tracker.ts'
import type { RewindCause, Rewinds } from './rewinds.ts'

export interface SettlerParts {
  readonly policy: ErrorPolicy
  readonly positions: PositionTracker
  readonly rewinds: Rewinds
  readonly deadLetters: DeadLetterWriter | undefined
  readonly context: DeadLetterContext
  readonly sinkClassName: string
  readonly logger: Logger
  readonly metrics: TaskMetrics
}

interface Judged {
  readonly message: RawMessage
  readonly stage: Stage
  readonly className: string
  readonly error: ScamanderError
  readonly verdict: Verdict
}

export class Settler {
  readonly #parts: SettlerParts

  constructor(parts: SettlerParts) {
    this.#parts = parts
  }

  /** Throws kind `fatal` when the policy lets a failure stop the task. */
  async settle(delivery: Delivery, outcome: Outcome): Promise<void> {
    const failed = this.#judge(delivery, outcome)
    const lowest = new Map<string, Judged>()
    for (const one of failed) if (one.verdict === 'rewind') keepLowest(lowest, one)
    const written = await this.#writeDeadLetters(failed)
    if (!written) for (const one of failed) if (isLetter(one)) keepLowest(lowest, one)
    this.#count(delivery, failed, written)
    // Every partition stops at its own: one message is told, none is passed.
    for (const one of failed) if (one.verdict === 'fail') keepLowest(lowest, one)
    const fatal = failed.find(one => one.verdict === 'fail')
    this.#move(delivery, lowest, fatal !== undefined)
    if (fatal !== undefined) throw this.#fatal(fatal)
  }

  /** Nothing of the delivery is settled: read all of it again. `error`: why, for people. */
  rewindAll(delivery: Delivery, error?: ScamanderError): void {
    for (const { topic, partition, epoch, firstOffset } of delivery.reaches) {
      if (this.#parts.positions.epoch(topic, partition) !== epoch) continue
      this.#parts.rewinds.request({ topic, partition, offset: firstOffset }, 'delivery', error)
      this.#parts.metrics.add('rewinds', 1)
    }
  }

  /** Nothing of the delivery is settled and the task is ending: no position may pass it. */
  holdAll(delivery: Delivery): void {
    for (const reach of delivery.reaches) this.#parts.positions.hold(reach)
  }

  #judge(delivery: Delivery, outcome: Outcome): Judged[] {
    const { policy } = this.#parts
    const judged: Judged[] = delivery.decodeFailures.map(failure => ({
      ...failure,
      verdict: judgeDecodeFailure(policy),
    }))
    let previous: Judged | undefined
    let previousIndex = -1
    for (const failure of outcome.failures) {
      const one = this.#judgePut(delivery.records[failure.index]!.origin, failure)
      // A record that failed for several tables is one failed record: the strictest verdict counts,
      // so that a dead letter for one table does not give up the write to another.
      if (failure.index !== previousIndex) judged.push(one)
      else if (STRICTNESS[one.verdict] > STRICTNESS[previous!.verdict]) judged.splice(-1, 1, one)
      else continue
      previous = one
      previousIndex = failure.index
    }
    return judged
  }

  #judgePut(message: RawMessage, failure: Failure): Judged {
    const { policy, rewinds, sinkClassName } = this.#parts
    const { error } = failure
    return {
      message,
      stage: error.stage ?? 'TASK_PUT',
      className: sinkClassName,
      error,
      verdict: judgePutFailure(policy, failure, rewinds.attemptsAt(message)),
    }
  }

  async #writeDeadLetters(failed: readonly Judged[]): Promise<boolean> {
    const { deadLetters, context, logger } = this.#parts
    const letters = failed.filter(isLetter)
    if (letters.length === 0 || deadLetters === undefined) return true
    try {
      await deadLetters.write(letters.map(one => toDeadLetter(one, context)))
      return true
    } catch (error) {
      if (isScamanderError(error, 'fatal')) throw error
      logger.error('dead letters were not accepted; their records are read again', error)
      return false
    }
  }

  #move(delivery: Delivery, lowest: Map<string, Judged>, isFatal: boolean): void {
    const { positions, rewinds, metrics } = this.#parts
    for (const reach of delivery.reaches) {
      const { topic, partition, epoch, nextOffset, timestampMs } = reach
      const failed = lowest.get(keyOf(reach))
      const offset = failed?.message.offset ?? nextOffset
      const at = { topic, partition, offset }
      const counts = positions.settle(at, epoch, failed?.message.timestampMs ?? timestampMs)
      // What was read before the rewind tells nothing of the record that is tried again.
      if (counts) rewinds.settled(at)
      if (failed === undefined) continue
      if (isFatal) positions.hold(at)
      else if (positions.epoch(topic, partition) === epoch) {
        rewinds.request(at, causeOf(failed), failed.error)
        metrics.add('rewinds', 1)
      }
    }
  }

  #count(delivery: Delivery, failed: readonly Judged[], lettersWritten: boolean): void {
    const { metrics, policy, logger } = this.#parts
    const letters = lettersWritten ? failed.filter(isLetter).length : 0
    metrics.add('failed', failed.length)
    metrics.add('skipped', failed.filter(one => one.verdict === 'skip').length)
    metrics.add('deadLettered', letters)
    const putFailures = failed.length - delivery.decodeFailures.length
    metrics.add('written', delivery.records.length - putFailures)
    for (const one of failed) {
      if (one.stage === 'TASK_PUT') this.#logFailure(logger, one)
      else if (policy.logErrors) this.#logConnectError(logger, one)
    }
  }

  #logFailure(logger: Logger, { message, stage, error, verdict }: Judged): void {
    const { topic, partition, offset } = message
    // A target that is away fails every record alike: once per partition is enough.
    const place = error.kind === 'data' ? `${partition}/${offset}` : `${partition}`
    logger.warnLimited(
      `${topic}/${place}/${error.code}`,
      `record failed, ${CONSEQUENCE[verdict]}: ${error.message}`,
      { code: error.code, stage, topic, partition, offset },
    )
  }

  /** In the words of Kafka Connect, which log searches know. */
  #logConnectError(logger: Logger, { message, stage, className, error }: Judged): void {
    const { context, policy } = this.#parts
    const { topic, partition, offset, timestampMs } = message
    const place =
      `, where consumed record is {topic='${topic}', partition=${partition}, ` +
      `offset=${offset}, timestamp=${timestampMs}, timestampType=CreateTime}`
    logger.error(
      `Error encountered in task ${context.connector}-${context.task}. ` +
        `Executing stage '${stage}' with class '${className}'${policy.logMessages ? place : ''}.`,
      error,
    )
  }

  #fatal({ message, stage, error }: Judged): ScamanderError {
    const { topic, partition, offset } = message
    const place = `topic ${topic}, partition ${partition}, offset ${offset}`
    const exhausted = this.#parts.policy.attemptsMax > 0 && stage === 'TASK_PUT'
    return new ScamanderError(
      exhausted ? PIPELINE_ERRORS.ATTEMPTS_EXHAUSTED : PIPELINE_ERRORS.TOLERANCE_EXCEEDED,
      `Tolerance exceeded in error handler (${stage}, ${place}): ${error.message}`,
      { stage, cause: error, context: { topic, partition, offset } },
    )
  }
}

const STRICTNESS: Readonly<Record<Verdict, number>> = {
  skip: 0,
  'dead-letter': 1,
  rewind: 2,
  fail: 3,
}

const CONSEQUENCE: Readonly<Record<Verdict, string>> = {
  rewind: 'it is tried again',
  skip: 'it is skipped',
  'dead-letter': 'it goes to the dead-letter topic',
  fail: 'the task stops',
}

function isLetter(one: Judged): boolean {
  return one.verdict === 'dead-letter'
}

function keepLowest(lowest: Map<string, Judged>, one: Judged): void {
  const key = keyOf(one.message)
  const known = lowest.get(key)
  if (known === undefined || one.message.offset < known.message.offset) lowest.set(key, one)
}

/** A letter that comes back was not accepted by its topic. */
function causeOf({ error, verdict }: Judged): RewindCause {
  return error.kind === 'data' && verdict !== 'dead-letter' ? 'record' : 'target'
}

function keyOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${partition}/${topic}`
}
