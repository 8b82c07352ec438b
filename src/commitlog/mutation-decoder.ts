/**
 * Decodes the bytes of one record into a Mutation.
 *
 *     mutation  count update*
 *     update    table:16 key flags [bases] [static columns] [regular columns] [deletion]
 *               [static row] [estimate] item* 01
 *
 * Called by SegmentReader once per record whose checksum is good.
 * Invariant: bytes are consumed exactly, or the update is refused (SCM_COMMITLOG_DECODE); those before
 * it stay. An unknown table has no length: alone it is skipped by the record's, else it ends them.
 * Spec: commit-log, sections 6, 9.2 and 10.
 */
import { formatUuid } from '../cql/index.ts'
import { undecodable } from './errors.ts'
import { LayoutCache } from './layout-cache.ts'
import { readCount, readUint8, readUnsigned, skip, skipBytes } from './log-cursor.ts'
import { joinHalves, type Mutation, toDeletionTime } from './mutation.ts'
import { decodeItem, decodeStaticRow } from './row-decoder.ts'
import type { TableLayout } from './table-layout.ts'
import type { SchemaLookup, TableSchema } from './table-schema.ts'
import { UpdateContext } from './update-context.ts'

const IS_EMPTY = 0x01
const IS_REVERSED = 0x02
const HAS_PARTITION_DELETION = 0x04
const HAS_STATIC_ROW = 0x08
const HAS_ROW_ESTIMATE = 0x10
const UPDATE_FLAGS_END = 0x20

export type WantsTable = (table: TableSchema) => boolean

export interface DecoderOptions {
  readonly schema: SchemaLookup
  /** Tables whose updates are given out; others are passed over. @default every table */
  readonly wants?: WantsTable
}

/**
 * decoded: the mutation holds at least one update. skipped: no update of a wanted table.
 * unknownTable: an update, named by `unknownTableId`, is of a table that the schema does not know;
 * the mutation holds the wanted updates before it, maybe none, and is marked as incomplete.
 */
export type DecodeOutcome = 'decoded' | 'skipped' | 'unknownTable'

export class MutationDecoder {
  /** The id that ended the last record with `unknownTable`. */
  unknownTableId = ''
  readonly #layouts: LayoutCache
  readonly #wants: WantsTable | undefined
  readonly #context = new UpdateContext()
  readonly #wanted = new WeakMap<TableLayout, boolean>()
  readonly #scratch = new Int32Array(3)

  constructor({ schema, wants }: DecoderOptions) {
    this.#layouts = new LayoutCache(schema)
    this.#wants = wants
  }

  /** Decodes the range `start..end` that is set in `mutation`, whose content is replaced. */
  decode(mutation: Mutation): DecodeOutcome {
    const context = this.#context
    const { cursor } = context
    context.mutation = mutation
    mutation.clear()
    cursor.reset(mutation.bytes, mutation.start, mutation.end)
    const count = readCount(cursor)
    if (count === 0) throw undecodable('expected at least one update, found none')
    for (let i = 0; i < count; i++) {
      mutation.isComplete = false
      mutation.failedIndex = i
      mutation.failedStart = cursor.position
      const at = skip(cursor, 16)
      const layout = this.#layouts.find(cursor.bytes, at)
      if (layout === undefined) {
        this.unknownTableId = formatUuid(cursor.bytes, at)
        return 'unknownTable'
      }
      const isWanted = this.#isWanted(layout)
      if (!isWanted && i === count - 1) {
        mutation.isComplete = true
        return mutation.updates.length > 0 ? 'decoded' : 'skipped'
      }
      this.#decodeUpdate(layout, isWanted, i)
    }
    mutation.isComplete = true
    if (cursor.position !== cursor.end) {
      // The last update ended too early: it is the one that does not fit.
      mutation.isComplete = false
      if (mutation.updates.at(-1)?.index === count - 1) mutation.updates.pop()
      throw undecodable(
        `expected the end of the record, found ${cursor.end - cursor.position} bytes`,
      )
    }
    return mutation.updates.length > 0 ? 'decoded' : 'skipped'
  }

  #isWanted(layout: TableLayout): boolean {
    if (this.#wants === undefined) return true
    let is = this.#wanted.get(layout)
    if (is === undefined) {
      is = this.#wants(layout.schema)
      this.#wanted.set(layout, is)
    }
    return is
  }

  #decodeUpdate(layout: TableLayout, isWanted: boolean, index: number): void {
    const { mutation, cursor } = this.#context
    const { rowCount, cellCount, rangeCount } = mutation
    const start = cursor.position - 16
    const keyStart = skipBytes(cursor)
    const keyEnd = cursor.position
    const deletion = this.#decodePartition(layout)
    if (isWanted) {
      const rowEnd = mutation.rowCount
      mutation.updates.push({
        ...{ table: layout, index, start, end: cursor.position },
        ...{ keyStart, keyEnd, deletion, rowStart: rowCount, rowEnd },
      })
      return
    }
    mutation.rowCount = rowCount
    mutation.cellCount = cellCount
    mutation.rangeCount = rangeCount
  }

  #decodePartition(layout: TableLayout) {
    const context = this.#context
    const { cursor, mutation } = context
    const flags = readUint8(cursor)
    if (flags >= UPDATE_FLAGS_END || (flags & IS_REVERSED) !== 0) {
      throw undecodable(`expected the flags of an update, found ${flags} at ${cursor.position - 1}`)
    }
    if ((flags & IS_EMPTY) !== 0) return undefined
    context.beginUpdate(layout)
    context.readBases()
    if ((flags & HAS_STATIC_ROW) !== 0) context.staticColumns = layout.readColumns(cursor, 'static')
    context.regularColumns = layout.readColumns(cursor, 'regular')
    const scratch = this.#scratch
    const isDeleted = (flags & HAS_PARTITION_DELETION) !== 0 && context.readDeletion(scratch, 0)
    const deletion = isDeleted
      ? { timestamp: joinHalves(scratch, 0), ldt: toDeletionTime(scratch[2]!, mutation.version) }
      : undefined
    if ((flags & HAS_STATIC_ROW) !== 0) decodeStaticRow(context)
    if ((flags & HAS_ROW_ESTIMATE) !== 0) readUnsigned(cursor)
    while (decodeItem(context));
    return deletion
  }
}
