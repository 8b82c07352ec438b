/**
 * Binds one record to the statements of one (topic, table): writes the row's values into the batch,
 * decides between insert and delete, computes token and write timestamp.
 * Called by the table sink for every record and table. One instance per (topic, table) and task.
 * Invariant: either the batch has one more row, or nothing was added and a ScamanderError of kind
 * `data` was thrown. Messages name fields and columns, never values.
 * Spec: cassandra-sink 4.4 (presence), 5.3 (delete), 5.4 (timestamp), 5.5 (nulls), 12 D1-D7.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { ScamanderError } from '../../../base/scamander-error.ts'
import { writeFreshTimeUuid } from '../../../base/time-uuid.ts'
import {
  FLAG_ORDERED,
  FLAG_UNROUTED,
  type RowBatch,
  type WriteStatement,
} from '../../../cassandra/index.ts'
import { murmur3Token, type Token } from '../../../cql/index.ts'
import { NO_TIMESTAMP } from '../../../flow/index.ts'
import {
  ConversionFailure,
  EMPTY,
  type Status,
  toMicros,
  toSeconds,
  VALUE,
} from '../conversion/index.ts'
import { TABLE_SINK_ERRORS } from '../errors.ts'
import { TIMESTAMP_VARIABLE } from '../plan/statement-text.ts'
import type { TablePlan } from '../plan/table-plan.ts'
import type { TieRanks } from '../plan/tie-ranks.ts'
import { ABSENT, type BoundView } from './record-view.ts'
import type { VariableBinding } from './variable-binding.ts'
import { processWriteClock } from './write-clock.ts'

/** What the caller keeps apart: statements and settings that do not change while it runs. */
export interface BinderParts {
  readonly plan: TablePlan
  readonly insert: WriteStatement
  readonly variables: readonly VariableBinding[]
  /** Present exactly when the plan may delete. */
  readonly delete: WriteStatement | undefined
  /** Deviations restored to the reference's behaviour. */
  readonly reference: ReadonlySet<string>
  /** False for protocol v3, which cannot leave a variable unset. */
  readonly canUnset: boolean
}

const TIME_ROLES: ReadonlySet<string> = new Set(['timestamp', 'clock'])
const LENGTH_NULL = -1
const LENGTH_UNSET = -2
/** Milliseconds whose microseconds, ranks included, are safe integers. */
const SAFE_MS_MAX = Math.floor(Number.MAX_SAFE_INTEGER / 1000) - 1
const token: Token = { high: 0, low: 0 }
/** Reused for every row. */
const keyRange = { start: 0, end: 0 }

export class RowBinder {
  readonly plan: TablePlan
  readonly #parts: BinderParts
  /** Where each value's length field is in the arena. */
  readonly #valueAt: Int32Array
  /** Per variable of the delete, the index of the insert's variable. */
  readonly #deleteSources: readonly number[]
  readonly #timestampIndex: number
  readonly #hasRecordTimestamp: boolean
  readonly #scratch: { bytes: Buffer }
  readonly #unset: number
  #nonKeyValues = 0
  /** Columns are found by name: a record without any of them is a slip, not a delete. */
  readonly #mapsRest: boolean
  /** Fields beyond the key that the record has, null or not. */
  #nonKeyFields = 0
  /** A `__ttl` that is no number: only an error when the record is no delete. */
  #ttlProblem: ScamanderError | undefined
  /** `__timestamp` is null or absent: likewise; a delete then takes the record's timestamp. */
  #timestampProblem: ScamanderError | undefined

  constructor(parts: BinderParts) {
    this.plan = parts.plan
    this.#parts = parts
    const { variables } = parts
    this.#valueAt = new Int32Array(variables.length)
    this.#timestampIndex = variables.findIndex(one => TIME_ROLES.has(one.role))
    const time = variables[this.#timestampIndex]
    this.#hasRecordTimestamp = time?.role === 'timestamp' && time.source === undefined
    this.#mapsRest = variables.some(one => one.source?.kind === 'named')
    const indexOf = (name: string) => variables.findIndex(one => one.name === name)
    this.#deleteSources = (parts.delete?.variables ?? []).map(one => indexOf(one.name))
    this.#unset = parts.canUnset ? LENGTH_UNSET : LENGTH_NULL
    this.#scratch = { bytes: Buffer.allocUnsafeSlow(256) }
  }

  /** `ranks` belongs to the record's topic partition. */
  bind(view: BoundView, batch: RowBatch, recordIndex: number, ranks: TieRanks): void {
    const { arena } = batch
    const start = arena.position
    try {
      this.#bindValues(view, arena)
      this.#addRow(view, batch, recordIndex, start, ranks)
    } catch (error) {
      arena.position = start
      throw error
    }
  }

  #bindValues(view: BoundView, arena: ByteWriter): void {
    const { variables } = this.#parts
    this.#nonKeyValues = 0
    this.#nonKeyFields = 0
    this.#ttlProblem = undefined
    this.#timestampProblem = undefined
    arena.writeInt16(variables.length)
    for (let i = 0; i < variables.length; i++) {
      const lengthAt = arena.reserve(4)
      arena.position = lengthAt + 4
      this.#valueAt[i] = lengthAt
      arena.setInt32(lengthAt, this.#bindValue(variables[i]!, view, arena))
    }
  }

  /** Writes the value and returns its length field. */
  #bindValue(variable: VariableBinding, view: BoundView, arena: ByteWriter): number {
    switch (variable.role) {
      case 'field':
        return this.#bindField(variable, view, arena)
      case 'now':
        writeFreshTimeUuid(arena)
        if (!variable.isPrimaryKey && !this.#parts.reference.has('D3')) this.#nonKeyValues += 1
        return 16
      case 'timestamp':
        return this.#bindTimestamp(variable, view, arena)
      case 'clock':
        arena.writeSafeInt64(processWriteClock.nextMicros())
        return 8
      case 'ttl':
        return this.#bindTtl(variable, view, arena)
      default:
        return this.#unset
    }
  }

  #bindField(variable: VariableBinding, view: BoundView, arena: ByteWriter): number {
    const before = arena.position
    const status = this.#encode(variable, view, arena)
    if (status === ABSENT) this.#checkAbsent(variable, view)
    else if (!variable.isPrimaryKey) this.#nonKeyFields += 1
    const length = arena.position - before
    if (status === VALUE) {
      if (!variable.isPrimaryKey) this.#nonKeyValues += 1
      return length
    }
    if (variable.isPrimaryKey) throw this.#keyNull(view, variable)
    const { nullToUnset, absentToUnset = nullToUnset } = this.plan.settings
    if (status === ABSENT ? absentToUnset : nullToUnset) return this.#unset
    return status === EMPTY ? length : LENGTH_NULL
  }

  #encode(variable: VariableBinding, view: BoundView, arena: ByteWriter): Status | typeof ABSENT {
    try {
      return view.encode(variable, arena)
    } catch (error) {
      if (!(error instanceof ConversionFailure)) throw error
      throw this.#recordError(view, 'CONVERSION', `${this.#place(variable)}: ${error}`)
    }
  }

  /** Returns when an absent field counts as null. */
  #checkAbsent(variable: VariableBinding, view: BoundView): void {
    if (this.plan.settings.allowMissingFields) return
    const { source } = variable
    if (source!.kind === 'named') return
    // Null and `{}` contribute no field; in the reference nor does text that is no object (D1).
    if (source!.kind === 'value' && view.isFieldless(this.#parts.reference.has('D1'))) return
    const name = sourceText(variable)
    const found = `required field missing: expected ${name}, found a record without it`
    throw this.#recordError(view, 'FIELD_MISSING', `${this.#place(variable)}: ${found}`)
  }

  #bindTimestamp(variable: VariableBinding, view: BoundView, arena: ByteWriter): number {
    if (variable.source === undefined) return this.#bindRecordTimestamp(variable, view, arena)
    const number = view.readNumber(variable)
    if (number === undefined) {
      const problem = this.#notANumber(view, variable, 'timestamp')
      if (!view.isNull(variable)) throw problem
      this.#timestampProblem = problem
      return this.#bindRecordTimestamp(variable, view, arena)
    }
    const unit = this.plan.settings.timestampTimeUnit
    arena.writeBigInt64(this.#convert(view, variable, () => toMicros(number, unit)))
    return 8
  }

  #bindRecordTimestamp(variable: VariableBinding, view: BoundView, arena: ByteWriter): number {
    const { timestampMs } = view.record
    if (timestampMs === NO_TIMESTAMP) {
      if (this.#parts.canUnset) return LENGTH_UNSET
      arena.writeSafeInt64(Date.now() * 1000)
      return 8
    }
    // Beyond the year 287396 someone sends other units than milliseconds: 64 bits must hold them.
    if (timestampMs <= SAFE_MS_MAX) arena.writeSafeInt64(timestampMs * 1000)
    else {
      arena.writeBigInt64(
        this.#convert(view, variable, () => toMicros(timestampMs, 'MILLISECONDS')),
      )
    }
    return 8
  }

  #bindTtl(variable: VariableBinding, view: BoundView, arena: ByteWriter): number {
    const number = view.readNumber(variable)
    if (number === undefined) {
      this.#ttlProblem = this.#notANumber(view, variable, 'TTL')
      return LENGTH_NULL
    }
    const unit = this.plan.settings.ttlTimeUnit
    arena.writeInt32(this.#convert(view, variable, () => toSeconds(number, unit)))
    // In the reference a TTL counts as a value of the row (D3).
    if (this.#parts.reference.has('D3')) this.#nonKeyValues += 1
    return 4
  }

  #convert<T>(view: BoundView, variable: VariableBinding, convert: () => T): T {
    try {
      return convert()
    } catch (error) {
      if (!(error instanceof ConversionFailure)) throw error
      throw this.#recordError(view, 'CONVERSION', `${this.#place(variable)}: ${error}`)
    }
  }

  #addRow(
    view: BoundView,
    batch: RowBatch,
    recordIndex: number,
    boundAt: number,
    ranks: TieRanks,
  ): void {
    const { insert, delete: deletion } = this.#parts
    const { arena } = batch
    const isDelete = deletion !== undefined && this.#nonKeyValues === 0
    const problem = this.#ttlProblem ?? this.#timestampProblem
    if (problem !== undefined && !isDelete) throw problem
    if (isDelete && this.#mapsRest && this.#nonKeyFields === 0 && !view.isFieldless(false)) {
      throw this.#noColumn(view)
    }
    const isRouted = this.#computeToken(view, arena)
    if (this.#hasRecordTimestamp) this.#breakTie(view, arena, ranks)
    let start = boundAt
    if (isDelete) {
      start = arena.position
      this.#writeDelete(arena)
    }
    const flags =
      (isRouted ? 0 : FLAG_UNROUTED) | (this.#isOrdered(arena, isDelete) ? FLAG_ORDERED : 0)
    const row = batch.add(isDelete ? deletion : insert, recordIndex, start, flags)
    batch.setToken(row, token.high, token.low)
  }

  /** Without a timestamp of its own the row's order of arrival decides (D7). */
  #isOrdered(arena: ByteWriter, isDelete: boolean): boolean {
    if (this.plan.kind === 'counter' || this.#parts.reference.has('D7')) return false
    if (isDelete && !this.plan.deleteHasTimestamp) return true
    if (this.#timestampIndex < 0) return true
    return readInt32(arena.bytes, this.#valueAt[this.#timestampIndex]!) < 0
  }

  /** The row's token; false, with the Kafka key's hash as token, when it has no routing key. */
  #computeToken(view: BoundView, arena: ByteWriter): boolean {
    const { partitionKeyIndexes } = this.#parts.insert
    const { bytes } = arena
    if (!this.#hasRoutingKey(bytes, partitionKeyIndexes)) {
      const { origin } = view.record
      keyRange.start = origin.keyStart
      keyRange.end = origin.keyStart + Math.max(0, origin.keyLength)
      murmur3Token(origin.bytes, keyRange, token)
      return false
    }
    if (partitionKeyIndexes.length === 1) {
      const lengthAt = this.#valueAt[partitionKeyIndexes[0]!]!
      keyRange.start = lengthAt + 4
      keyRange.end = keyRange.start + readInt32(bytes, lengthAt)
      murmur3Token(bytes, keyRange, token)
    } else this.#compositeToken(bytes, partitionKeyIndexes)
    return true
  }

  #hasRoutingKey(bytes: Buffer, indexes: readonly number[]): boolean {
    for (const index of indexes) if (readInt32(bytes, this.#valueAt[index]!) < 0) return false
    return indexes.length > 0
  }

  /** Components as `[short length][bytes][0]`. */
  #compositeToken(bytes: Buffer, indexes: readonly number[]): void {
    let total = 0
    for (const index of indexes) total += readInt32(bytes, this.#valueAt[index]!) + 3
    const scratch = this.#scratch
    if (scratch.bytes.length < total) scratch.bytes = Buffer.allocUnsafeSlow(total * 2)
    let to = 0
    for (const index of indexes) {
      const lengthAt = this.#valueAt[index]!
      const length = readInt32(bytes, lengthAt)
      scratch.bytes[to] = length >> 8
      scratch.bytes[to + 1] = length
      bytes.copy(scratch.bytes, to + 2, lengthAt + 4, lengthAt + 4 + length)
      scratch.bytes[to + 2 + length] = 0
      to += length + 3
    }
    murmur3Token(scratch.bytes, { start: 0, end: total }, token)
  }

  /** Adds the tie-breaking microseconds to the timestamp that was bound (D7). */
  #breakTie(view: BoundView, arena: ByteWriter, ranks: TieRanks): void {
    const { timestampMs } = view.record
    if (timestampMs === NO_TIMESTAMP || timestampMs > SAFE_MS_MAX) return
    if (this.#parts.reference.has('D7')) return
    const rank = ranks.next(timestampMs, token.high * 2097152 + (token.low >>> 11))
    if (rank === 0) return
    const micros = timestampMs * 1000 + rank
    const high = Math.floor(micros / 4294967296)
    const at = this.#valueAt[this.#timestampIndex]! + 4
    arena.setInt32(at, high)
    arena.setInt32(at + 4, micros - high * 4294967296)
  }

  /** The key and timestamp were bound for the insert; the delete takes them over. */
  #writeDelete(arena: ByteWriter): void {
    arena.writeInt16(this.#deleteSources.length)
    for (const source of this.#deleteSources) {
      const lengthAt = this.#valueAt[source]!
      const length = readInt32(arena.bytes, lengthAt)
      arena.writeInt32(length)
      if (length > 0) arena.writeBytes(arena.bytes, lengthAt + 4, lengthAt + 4 + length)
    }
  }

  #place(variable: VariableBinding): string {
    const { keyspace, table } = this.plan.settings
    return `${keyspace}.${table}, ${variable.name}=${sourceText(variable)}`
  }

  #noColumn(view: BoundView): ScamanderError {
    const { keyspace, table } = this.plan.settings
    const message = `${keyspace}.${table}: expected a record with fields named like columns, found none beyond the key`
    return this.#recordError(view, 'FIELD_MISSING', message)
  }

  #keyNull(view: BoundView, variable: VariableBinding): ScamanderError {
    const place = this.#place(variable)
    const message = `Primary key column ${variable.name} cannot be mapped to null (${place})`
    return this.#recordError(view, 'KEY_NULL', message)
  }

  #notANumber(view: BoundView, variable: VariableBinding, what: string): ScamanderError {
    const message = `${this.#place(variable)}: the value used as a ${what} is not a Number`
    return this.#recordError(view, 'NOT_A_NUMBER', message)
  }

  #recordError(
    view: BoundView,
    code: 'CONVERSION' | 'FIELD_MISSING' | 'KEY_NULL' | 'NOT_A_NUMBER',
    message: string,
  ): ScamanderError {
    const { topic, partition, offset } = view.record.origin
    return new ScamanderError(TABLE_SINK_ERRORS[code], message, {
      context: { topic, partition, offset },
    })
  }
}

function sourceText(variable: VariableBinding): string {
  const { source } = variable
  if (variable.name === TIMESTAMP_VARIABLE && source === undefined) return 'record timestamp'
  if (source === undefined || source.kind === 'now') return 'now()'
  return source.field === undefined ? source.kind : `${source.kind}.${source.field}`
}

function readInt32(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
