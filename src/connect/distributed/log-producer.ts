/**
 * The producer of a worker's states and positions, which loses what waits in it when the worker loses
 * its work: others may have stored later positions meanwhile.
 * Owned by cluster-log.ts.
 * Invariant: from `discard` on no position is taken until the work has ended; states are, always.
 * Spec: connect-rest 18.3 (8).
 */
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import type { ProducerRecord, RecordProducer } from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'

type Producer = Pick<RecordProducer, 'send' | 'close'>

export class LogProducer {
  readonly #newProducer: () => Producer
  readonly #logger: Logger
  #producer: Producer
  /** Losses of the work after which some of it may still run. */
  #losses = 0

  constructor(newProducer: () => Producer, logger: Logger) {
    this.#newProducer = newProducer
    this.#logger = logger
    this.#producer = newProducer()
  }

  /** Rejects when one of them is not known to be in its topic. */
  async send(records: readonly ProducerRecord[]): Promise<void> {
    const { failures } = await this.#producer.send(records)
    if (failures[0] !== undefined) throw failures[0].error
  }

  async sendPositions(records: readonly ProducerRecord[]): Promise<void> {
    if (this.#losses > 0) {
      const message = 'the worker lets go of its work: others may have it'
      throw new ScamanderError(CONNECT_ERRORS.CUT_OFF, message)
    }
    await this.send(records)
  }

  /** What waits fails. The answer is called once, when nothing of the work runs any more. */
  discard(): () => void {
    this.#losses += 1
    const discarded = this.#producer
    this.#producer = this.#newProducer()
    discarded.close(0).catch(error => {
      this.#logger.debug(`a producer did not close: ${messageOf(error)}`)
    })
    return () => {
      this.#losses -= 1
    }
  }

  async close(): Promise<void> {
    await this.#producer.close()
  }
}
