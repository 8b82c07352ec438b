/**
 * Sends the records of one flow to its topic: at a steady pace round after round, or a given number
 * of rounds as fast as Kafka takes them. One feeder per topic; started as soon as Kafka answers.
 * Invariants: `sent` counts acknowledged records only; a record is sent once, in the order of its
 * round; at most one chunk is under way.
 */
import type { Clock } from '../base/clock.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import type { ProducerRecord, RecordProducer } from '../kafka/index.ts'
import type { DataFlow, DemoRecord } from './data/data-flow.ts'
import { DEMO_ERRORS } from './errors.ts'

export interface FeederOptions {
  readonly flow: DataFlow
  readonly producer: RecordProducer
  readonly clock: Clock
  /** Records per second; undefined: as fast as Kafka takes them. */
  readonly rate: number | undefined
  /** Undefined: for ever. */
  readonly rounds: number | undefined
  readonly firstRound: number
}

const TICK_MS = 100
const CHUNK_RECORDS = 1_000

export class Feeder {
  readonly #options: FeederOptions
  #sent = 0

  constructor(options: FeederOptions) {
    this.#options = options
  }

  /** Records that Kafka acknowledged. */
  get sent(): number {
    return this.#sent
  }

  /** Resolves after the last round or when the signal aborts; rejects when Kafka refuses a record. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, rate } = this.#options
    const records = this.#records()
    const startedMs = clock.monotonicMs()
    let taken = 0
    while (!signal.aborted) {
      const chunk: ProducerRecord[] = []
      const allowed = rate === undefined ? CHUNK_RECORDS : this.#due(startedMs, rate) - taken
      while (chunk.length < Math.min(allowed, CHUNK_RECORDS)) {
        const next = records.next()
        if (next.done === true) break
        chunk.push(this.#toProducerRecord(next.value))
      }
      taken += chunk.length
      if (chunk.length > 0) await this.#send(chunk)
      else if (allowed > 0) return
      if (rate !== undefined) await clock.sleep(TICK_MS, signal)
    }
  }

  #due(startedMs: number, rate: number): number {
    return Math.ceil(((this.#options.clock.monotonicMs() - startedMs) / 1000) * rate)
  }

  *#records(): Generator<DemoRecord, undefined> {
    const { flow, firstRound, rounds } = this.#options
    const end = rounds === undefined ? Number.POSITIVE_INFINITY : firstRound + rounds
    for (let round = firstRound; round < end; round++) yield* flow.round(round)
  }

  async #send(chunk: readonly ProducerRecord[]): Promise<void> {
    const { failures } = await this.#options.producer.send(chunk)
    this.#sent += chunk.length - failures.length
    const first = failures[0]?.error
    if (first === undefined) return
    const { topic } = this.#options.flow
    const message = `${failures.length} records were not taken by topic ${topic}: ${first.message}`
    throw new ScamanderError(DEMO_ERRORS.PRODUCE, message, { cause: first })
  }

  #toProducerRecord({ key, value, headers = [] }: DemoRecord): ProducerRecord {
    return {
      topic: this.#options.flow.topic,
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers: headers.map(([name, text]) => ({ name, value: Buffer.from(text) })),
    }
  }
}
