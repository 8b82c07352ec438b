/**
 * Writes one page of frames into the tables of a destination: decodes, plans, prepares what is new,
 * sends everything at once.
 * Made by DestinationWriter per connection. Throws when the cluster does not answer: nothing of the page
 * counts as written then.
 * Invariant: a change that cannot be written costs itself alone.
 * Spec: cdc-replication 1.6.
 */

import { ByteWriter } from '../../../base/byte-writer.ts'
import { isScamanderError, messageOf, type ScamanderError } from '../../../base/scamander-error.ts'
import {
  CASSANDRA_ERRORS,
  RowBatch,
  type WriteSession,
  type WriteStatement,
} from '../../../cassandra/index.ts'
import { type ConsistencyCode, murmur3Token, partitionKeyOf } from '../../../cql/index.ts'
import type { ChangeEvent } from '../delivery/change-event.ts'
import type { DeliveryQueue, QueuedFrame } from '../delivery/delivery-queue.ts'
import { FrameDecoder } from '../delivery/frame-decoder.ts'
import { RowReader } from '../delivery/row-reader.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { Frame } from '../frame.ts'
import type { CopiedChange } from '../snapshot/copied-changes.ts'
import type { Channel } from '../state/records.ts'
import type { KnownDefinition } from '../state/table-definition.ts'
import type { ListToRead } from './cell-writes.ts'
import type { InvalidMessage } from './invalid-log.ts'
import { type PlannedWrite, StatementBuilder } from './statement-builder.ts'
import { TargetTables } from './target-tables.ts'
import { planWrites } from './write-plan.ts'

export interface PageWriterParts {
  readonly session: WriteSession
  readonly queue: DeliveryQueue
  readonly consistency: ConsistencyCode
}

export interface WrittenPage {
  readonly failures: readonly InvalidMessage[]
  /** Columns that the target does not have. */
  readonly missing: ReadonlySet<string>
}

const STATEMENTS_MAX = 2000
const ATTEMPTS = 2
const PASSING: ReadonlySet<string> = new Set(['retriable', 'disconnected', 'cancelled'])

interface Attempt {
  readonly place: string
  readonly write: PlannedWrite
}

/** Instead of a place in the log. */
const SNAPSHOT = 'snapshot'

export class PageWriter {
  readonly #parts: PageWriterParts
  readonly #decoder = new FrameDecoder()
  readonly #rows: RowReader
  readonly #targets: TargetTables
  readonly #statements = new Map<string, WriteStatement>()
  readonly #batch = new RowBatch()
  readonly #token = { high: 0, low: 0 }

  constructor(parts: PageWriterParts) {
    this.#parts = parts
    this.#rows = new RowReader(parts.queue.cluster)
    this.#targets = new TargetTables(parts.session.control, parts.queue.cluster)
  }

  close(): void {
    this.#rows.close()
  }

  async write(channel: Channel, frames: readonly QueuedFrame[]): Promise<WrittenPage> {
    const missing = new Set<string>()
    const failures: InvalidMessage[] = []
    const attempts: Attempt[] = []
    for (const { frame } of frames) {
      if (frame.isControl) continue
      const place = `${frame.hostId}:${frame.segmentId}:${frame.position}`
      try {
        const writes = await this.#plan(channel, frame, missing)
        attempts.push(...writes.map(write => ({ place, write })))
      } catch (error) {
        if (!isData(error)) throw error
        failures.push({ place, cql: '', error: messageOf(error) })
      }
    }
    failures.push(...(await this.#sendAll(channel, attempts)))
    return { failures, missing }
  }

  /** Rows that were read, with their own times. */
  async writeRows(
    channel: Channel,
    { table }: KnownDefinition,
    rows: readonly CopiedChange[],
  ): Promise<WrittenPage> {
    const target = await this.#targets.of(channel, table)
    const nowSeconds = Math.floor(Date.now() / 1000)
    const missing = new Set<string>()
    const failures: InvalidMessage[] = []
    const attempts: Attempt[] = []
    for (const { key, change } of rows) {
      try {
        const plan = planWrites(change, { target, key, nowSeconds })
        for (const name of plan.missing) missing.add(name)
        attempts.push(...plan.writes.map(write => ({ place: SNAPSHOT, write })))
      } catch (error) {
        if (!isData(error)) throw error
        failures.push({ place: SNAPSHOT, cql: '', error: messageOf(error) })
      }
    }
    failures.push(...(await this.#sendAll(channel, attempts)))
    return { failures, missing }
  }

  /** What the cluster does not take after all, each with its reason. */
  async #sendAll(channel: Channel, all: readonly Attempt[]): Promise<InvalidMessage[]> {
    let attempts = all
    for (let attempt = 1; attempts.length > 0; attempt++) {
      const refused = await this.#send(channel, attempts)
      if (attempt >= ATTEMPTS) {
        return refused.map(({ attempt: { place, write }, error }) => ({
          ...{ place, cql: write.cql, error },
        }))
      }
      attempts = refused.map(one => one.attempt)
    }
    return []
  }

  async #plan(channel: Channel, frame: Frame, missing: Set<string>): Promise<PlannedWrite[]> {
    const definition = await this.#parts.queue.definitionOf(frame)
    const target = await this.#targets.of(channel, definition.table)
    const nowSeconds = Math.floor(Date.now() / 1000)
    const out: PlannedWrite[] = []
    for (const event of this.#decoder.decode(frame, definition, channel)) {
      const options = { target, key: event.key, nowSeconds }
      const plan = planWrites(event.change, options)
      for (const name of plan.missing) missing.add(name)
      out.push(...plan.writes)
      const builder = new StatementBuilder(options)
      for (const list of plan.lists) out.push(await this.#wholeList(event, list, builder))
    }
    return out
  }

  /** The list as it is at the source now, with the time of the change. */
  async #wholeList(
    event: ChangeEvent,
    { column, type, timestamp }: ListToRead,
    builder: StatementBuilder,
  ): Promise<PlannedWrite> {
    const { key, change } = event
    const where = change.isStatic ? key : [...key, ...change.clustering]
    const row = await this.#rows.read(event, [column])
    const value = row?.[column] ?? null
    if (value === null) return builder.remove(column, timestamp, where)
    const assignment = { column, set: 'value', field: '', type, value, isEmpty: false } as const
    return builder.update([assignment], { timestamp, ttl: 0 }, where)
  }

  /** Those that were refused; throws when the cluster cannot be reached. */
  async #send(
    channel: Channel,
    attempts: readonly Attempt[],
  ): Promise<{ attempt: Attempt; error: string }[]> {
    const batch = this.#batch
    batch.reset()
    const refused: { attempt: Attempt; error: string }[] = []
    for (const [i, attempt] of attempts.entries()) {
      const statement = await this.#statementOf(channel, attempt.write.cql).catch(error => {
        if (!isRefusal(error)) throw error
        refused.push({ attempt, error: messageOf(error) })
        return undefined
      })
      if (statement !== undefined) this.#bind(batch, statement, i, attempt.write)
    }
    for (const { recordIndex, error } of await this.#parts.session.write(batch)) {
      if (!isRefusal(error)) throw error
      const attempt = attempts[recordIndex]!
      this.#statements.delete(attempt.write.cql)
      refused.push({ attempt, error: error.message })
    }
    return refused
  }

  #bind(batch: RowBatch, statement: WriteStatement, index: number, write: PlannedWrite): void {
    const { arena } = batch
    const start = arena.position
    arena.writeInt16(write.values.length)
    for (const value of write.values) {
      arena.writeInt32(value === null ? -1 : value.length)
      if (value !== null) arena.writeBytes(value)
    }
    const row = batch.add(statement, index, start, 0)
    const components = write.keyAt.map(at => write.values[at] ?? NO_BYTES)
    const key = partitionKeyOf(components, new ByteWriter(64))
    murmur3Token(key, { start: 0, end: key.length }, this.#token)
    batch.setToken(row, this.#token.high, this.#token.low)
  }

  async #statementOf(channel: Channel, cql: string): Promise<WriteStatement> {
    const known = this.#statements.get(cql)
    if (known !== undefined && !known.isStale) return known
    const { session, consistency } = this.#parts
    const statement = await session.prepare(cql, channel.destinationKeyspace, {
      ...{ consistency, isIdempotent: true, isCounter: false, batchGroup: channel.id % 60_000 },
    })
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear()
    this.#statements.set(cql, statement)
    return statement
  }
}

const NO_BYTES = Buffer.alloc(0)

/** It lies in what is to be written, or in the table: another try changes nothing. */
export function isData(error: unknown): error is ScamanderError {
  return isScamanderError(error) && (error.kind === 'data' || isUnknownTable(error))
}

function isUnknownTable(error: ScamanderError): boolean {
  return (
    error.code === CASSANDRA_ERRORS.TABLE_UNKNOWN.code ||
    error.code === CDC_ERRORS.INVALID_MESSAGE.code
  )
}

/** The cluster has understood and will not take it, now or later. */
function isRefusal(error: unknown): error is ScamanderError {
  return isScamanderError(error) && !PASSING.has(error.kind)
}
