/**
 * A copy or a validation as a task of the worker group. Its records are rows that were rejected or
 * differ, where a topic for them is named; what it gives above all are positions: which ranges are done.
 * The work runs beside `read`, and stops when nothing is read any more (a paused task).
 * Made by the classes in connector.ts. Invariants: a position is given only after every row of the
 * range before it was acknowledged; the task fails when its work ended with rows rejected or different.
 * Spec: live-migration 3.7, 4.4; connect-rest 13.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { assert } from '../../base/assert.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import {
  type RecordSource,
  type SourceBatch,
  type SourceOpening,
  type SourcePosition,
  SourceRecord,
  STRING,
} from '../../flow/index.ts'
import { MIGRATE_ERRORS } from '../errors.ts'
import type { JsonValue } from '../value-text.ts'
import type { OffsetRunStorage } from './offset-run-storage.ts'

/** One run over the ranges of the task. */
export interface MigrationWork {
  readonly storage: OffsetRunStorage
  /** Resolves with what went wrong, in words; undefined: all is done. */
  run(signal: AbortSignal, tell: (line: ReportLine) => void): Promise<string | undefined>
}

export type ReportLine = { readonly [key: string]: JsonValue }

export interface MigrationSourceParts {
  /** Empty: rows are not told. */
  readonly reportTopic: string
  readonly begin: (opening: SourceOpening) => Promise<MigrationWork>
}

const EMPTY: SourceBatch = { items: [], sizeBytes: 0 }
const WAIT_MS = 200
/** Nothing was read for so long: the task is paused. */
const PAUSED_MS = 10_000
/** Lines that wait to be read; more are counted. */
const LINES_MAX = 10_000

interface Running {
  readonly stop: AbortController
  readonly ended: Promise<void>
  problem: string | undefined
  error: unknown
  hasEnded: boolean
}

export class MigrationSource implements RecordSource {
  readonly #parts: MigrationSourceParts
  #opening: SourceOpening | undefined
  #work: MigrationWork | undefined
  #running: Running | undefined
  #lines: ReportLine[] = []
  #dropped = 0
  #readMs = 0
  #watch: NodeJS.Timeout | undefined

  constructor(parts: MigrationSourceParts) {
    this.#parts = parts
  }

  async open(opening: SourceOpening): Promise<void> {
    this.#opening = opening
    this.#work = await this.#parts.begin(opening)
    this.#readMs = performance.now()
    this.#watch = setInterval(() => {
      if (performance.now() - this.#readMs > PAUSED_MS) this.#running?.stop.abort()
    }, WAIT_MS)
    this.#running = this.#start(this.#work)
  }

  async read(signal: AbortSignal): Promise<SourceBatch | undefined> {
    this.#readMs = performance.now()
    const running = this.#running
    assert(running !== undefined, 'read after open')
    if (!running.hasEnded)
      await Promise.race([
        running.ended,
        sleep(WAIT_MS, undefined, { signal }).catch(() => undefined),
      ])
    const batch = this.#take()
    if (!running.hasEnded || batch !== EMPTY) return batch
    if (running.stop.signal.aborted) {
      await this.#restart()
      return EMPTY
    }
    if (running.error !== undefined) throw running.error
    if (running.problem === undefined) return undefined
    const more = this.#dropped === 0 ? '' : `; ${this.#dropped} more rows are not in the topic`
    throw new ScamanderError(MIGRATE_ERRORS.INCOMPLETE, running.problem + more)
  }

  async commit(positions: readonly SourcePosition[]): Promise<void> {
    this.#work?.storage.stored(positions)
  }

  async close(): Promise<void> {
    clearInterval(this.#watch)
    this.#running?.stop.abort()
    await this.#running?.ended
    this.#running = undefined
    this.#work = undefined
  }

  /** After a pause: anew, from what is stored. */
  async #restart(): Promise<void> {
    assert(this.#opening !== undefined, 'restart after open')
    this.#work = await this.#parts.begin(this.#opening)
    this.#running = this.#start(this.#work)
  }

  #start(work: MigrationWork): Running {
    const stop = new AbortController()
    const running: Running = {
      ...{ stop, problem: undefined, error: undefined, hasEnded: false },
      ended: Promise.resolve(),
    }
    const tell = (line: ReportLine) => {
      if (this.#parts.reportTopic === '') return
      if (this.#lines.length < LINES_MAX) this.#lines.push(line)
      else this.#dropped += 1
    }
    const ended = work
      .run(stop.signal, tell)
      .then(
        problem => {
          running.problem = problem
        },
        error => {
          running.error = error
        },
      )
      .finally(() => {
        running.hasEnded = true
      })
    return Object.assign(running, { ended })
  }

  #take(): SourceBatch {
    const positions = this.#work!.storage.take()
    if (positions.length === 0 && this.#lines.length === 0) return EMPTY
    const lines = this.#lines
    this.#lines = []
    let sizeBytes = 0
    const items = lines.map(line => {
      const value = JSON.stringify(line)
      sizeBytes += value.length
      const key = JSON.stringify(line['key'] ?? null)
      const schemas = { keySchema: STRING, valueSchema: STRING }
      return new SourceRecord({
        topic: this.#parts.reportTopic,
        ...schemas,
        key,
        value,
        position: null,
      })
    })
    return { items, sizeBytes, positions }
  }
}
