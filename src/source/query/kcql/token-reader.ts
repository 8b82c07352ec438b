/**
 * Reads a table in the order of tokens, a limited number of rows at a time: mode TOKEN. A partition
 * that the limit cuts is read to its end by a second query, so that nothing of it is skipped.
 * Rows whose token is below the last one are never seen: a limit of the mode itself.
 * Invariant: the position is the key of a partition that was given as a whole.
 * Spec: cassandra-sink 11.3, 11.7, 12 (D22).
 */
import { assert } from '../../../base/assert.ts'
import type { Clock } from '../../../base/clock.ts'
import { ScamanderError } from '../../../base/scamander-error.ts'
import { quoteIdentifier, type ReadStatement } from '../../../cassandra/index.ts'
import { CellCursor, type CqlType, type CqlValue, codecFor } from '../../../cql/index.ts'
import type { SourceBatch, SourceOffset } from '../../../flow/index.ts'
import { boundValues } from '../bound-values.ts'
import { QUERY_SOURCE_ERRORS } from '../errors.ts'
import type { Lane } from '../lanes.ts'
import { PageFetch } from '../page-fetch.ts'
import type { MadeRecords, RecordMaker } from './record-maker.ts'
import {
  checkKeyKind,
  keyIndex,
  placeText,
  prepareSelect,
  type ReaderContext,
  recordMaker,
  type TableQuery,
} from './table-query.ts'
import { additionName } from './time-position.ts'

export interface TokenReaderParts {
  readonly query: TableQuery
  readonly context: ReaderContext
  readonly clock: Clock
  readonly stored: SourceOffset | undefined
}

const EMPTY: SourceBatch = { items: [], sizeBytes: 0 }
const LIMIT_DEFAULT = 100
/** Types whose values a position holds as text. */
const KEY_KINDS: readonly CqlType['kind'][] = [
  'uuid',
  'timeuuid',
  'text',
  'ascii',
  'int',
  'bigint',
  'smallint',
  'tinyint',
  'varint',
]

/** A partition that is read to its end, a page at a time. */
interface CutPartition {
  readonly key: CqlValue
  readonly pages: PageFetch
}

interface Statements {
  readonly first: ReadStatement
  readonly further: ReadStatement
  readonly partition: ReadStatement
}

export class TokenReader implements Lane {
  readonly #parts: TokenReaderParts
  readonly #statements: Statements
  readonly #maker: RecordMaker
  readonly #cursor: CellCursor
  readonly #keyIndex: number
  readonly #limit: number
  /** The key of the last partition that was given; undefined: none yet. */
  #last: CqlValue | undefined
  #dueAtMs = 0
  #cut: CutPartition | undefined

  private constructor(parts: TokenReaderParts, statements: Statements, limit: number) {
    this.#parts = parts
    this.#statements = statements
    this.#limit = limit
    const { query, stored } = parts
    this.#maker = recordMaker(query, statements.first)
    this.#cursor = new CellCursor(statements.first.columns.length)
    this.#keyIndex = keyIndex(query, statements.first)
    if (stored !== undefined) this.#restore(stored)
  }

  static async open(parts: TokenReaderParts): Promise<TokenReader> {
    const { query } = parts
    const { keyColumn, table, statement } = query
    const [only] = table.partitionKey
    if (table.partitionKey.length !== 1 || keyColumn !== only) {
      const names = table.partitionKey.map(column => column.name).join(', ')
      const message = `${placeText(query.settings, statement, statement.keyColumn ?? '')}: PK: expected the partition key (${names}), of one column, in mode TOKEN`
      throw new ScamanderError(QUERY_SOURCE_ERRORS.COLUMN, message)
    }
    checkKeyKind(query, KEY_KINDS)
    const limit = statement.batch ?? LIMIT_DEFAULT
    const key = quoteIdentifier(only!.name)
    const statements = {
      first: await prepareSelect(query, ` LIMIT ${limit}`),
      further: await prepareSelect(query, ` WHERE token(${key}) > token(?) LIMIT ${limit}`),
      partition: await prepareSelect(query, ` WHERE ${key} = ?`),
    }
    return new TokenReader(parts, statements, limit)
  }

  async next(signal: AbortSignal): Promise<SourceBatch | undefined> {
    this.#parts.context.watch.check()
    if (this.#cut !== undefined) return await this.#readCut(this.#cut)
    const { clock, query } = this.#parts
    await clock.sleep(Math.max(0, this.#dueAtMs - clock.monotonicMs()), signal)
    if (signal.aborted) return EMPTY
    const { pages, page } = await this.#fetch()
    if (page.rowCount === 0) {
      this.#dueAtMs = clock.monotonicMs() + query.settings.pollIntervalMs
      return EMPTY
    }
    const keys = this.#keysOf(page)
    const lastKey = keys.at(-1)!
    const isFull = page.rowCount >= this.#limit || !pages.isDone
    // The rows of a partition that may go on are left to the query that reads all of it.
    const isCut = isFull && query.table.clusteringKey.length > 0
    let row = 0
    const made = this.#maker.make(this.#cursor, page, () => !isCut || keys[row++] !== lastKey)
    if (isCut) {
      this.#last = keys.findLast(key => key !== lastKey) ?? this.#last
      this.#cut = { key: lastKey, pages: this.#partitionPages(lastKey) }
    } else this.#last = lastKey
    if (!isFull) this.#dueAtMs = clock.monotonicMs() + query.settings.pollIntervalMs
    return this.#batch(made, page.rowsEnd - page.rowsStart)
  }

  async #fetch() {
    const { session } = this.#parts.query
    const { first, further } = this.#statements
    const last = this.#last
    const statement = last === undefined ? first : further
    const values = boundValues(last === undefined ? [] : [[this.#keyType, last]])
    const { watch } = this.#parts.context
    const pages = new PageFetch(session, { statement, watch, values, pageSize: this.#limit })
    const page = await pages.next()
    assert(page !== 'refused', 'nothing is resumed')
    return { pages, page }
  }

  async #readCut(cut: CutPartition): Promise<SourceBatch> {
    const page = await cut.pages.next()
    if (page === 'refused') {
      this.#parts.query.logger.warn(
        'the cluster refuses a stored paging state: a partition is read again',
      )
      this.#cut = { key: cut.key, pages: this.#partitionPages(cut.key) }
      return EMPTY
    }
    const made = this.#maker.make(this.#cursor, page, () => true)
    if (cut.pages.isDone) {
      this.#cut = undefined
      this.#last = cut.key
    }
    return this.#batch(made, page.rowsEnd - page.rowsStart)
  }

  #partitionPages(key: CqlValue, resume?: Buffer): PageFetch {
    const { session, pageSize } = this.#parts.query
    const values = boundValues([[this.#keyType, key]])
    const statement = this.#statements.partition
    const { watch } = this.#parts.context
    return new PageFetch(session, { statement, watch, values, pageSize, resume })
  }

  #batch(made: MadeRecords, sizeBytes: number): SourceBatch {
    const { partition } = this.#parts.query
    const offset = this.#offset()
    const positions = Object.keys(offset).length === 0 ? [] : [{ partition, offset }]
    return { items: made.records, failures: made.failures, sizeBytes, positions }
  }

  /** The last whole partition, and how far the next one was read. */
  #offset(): SourceOffset {
    const name = this.#parts.query.keyColumn?.name ?? ''
    const whole = this.#last === undefined ? {} : { [name]: String(this.#last) }
    const cut = this.#cut
    if (cut === undefined) return whole
    const { pagingState } = cut.pages
    if (pagingState === undefined) return whole
    return {
      ...whole,
      [additionName(name, 'partition')]: String(cut.key),
      [additionName(name, 'paging')]: pagingState.toString('base64'),
    }
  }

  get #keyType(): CqlType {
    return this.#parts.query.keyColumn!.type
  }

  /** The key of every row. */
  #keysOf(page: Parameters<CellCursor['reset']>[0]): CqlValue[] {
    const codec = codecFor(this.#keyType)
    const cursor = this.#cursor
    const keys: CqlValue[] = []
    cursor.reset(page)
    while (cursor.nextRow()) {
      const { bytes, starts, lengths } = cursor
      keys.push(codec.decode(bytes, starts[this.#keyIndex]!, lengths[this.#keyIndex]!))
    }
    return keys
  }

  #restore(stored: SourceOffset): void {
    const name = this.#parts.query.keyColumn?.name ?? ''
    const partition = stored[additionName(name, 'partition')]
    const paging = stored[additionName(name, 'paging')]
    const text = stored[name]
    if (text !== undefined || partition === undefined) this.#last = this.#fromText(text)
    if (partition === undefined || typeof paging !== 'string') return
    const key = this.#fromText(partition)
    this.#cut = { key, pages: this.#partitionPages(key, Buffer.from(paging, 'base64')) }
  }

  #fromText(text: unknown): CqlValue {
    try {
      if (typeof text !== 'string') throw new TypeError('no text')
      const value = keyFromText(this.#keyType, text)
      boundValues([[this.#keyType, value]])
      return value
    } catch (error) {
      const name = this.#parts.query.keyColumn?.name
      const message = `expected an offset {"${name}": "…"} with a key of type ${this.#keyType.kind}, found another form`
      throw new ScamanderError(QUERY_SOURCE_ERRORS.OFFSET, message, { cause: error })
    }
  }
}

function keyFromText({ kind }: CqlType, text: string): CqlValue {
  if (kind === 'bigint' || kind === 'varint') return BigInt(text)
  if (kind === 'int' || kind === 'smallint' || kind === 'tinyint') return Number(text)
  return text
}
