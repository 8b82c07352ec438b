/**
 * The token of a row's partition key, from the cells of a page or from the values bound for the
 * target. Remembers the last key: rows of one partition follow each other.
 * One per binder or scan; no allocation per row.
 */
import { ByteWriter } from '../base/byte-writer.ts'
import type { WriteStatement } from '../cassandra/index.ts'
import {
  type CellCursor,
  int32At,
  murmur3Token,
  type Token,
  writeKeyComponent,
} from '../cql/index.ts'

export class KeyToken {
  readonly #count: number
  readonly #key = new ByteWriter(256)
  readonly #last = new ByteWriter(256)
  readonly #token: Token = { high: 0, low: 0 }
  #isKnown = false

  /** `count` columns make the partition key; they come first in every row. */
  constructor(count: number) {
    this.#count = count
  }

  /** Valid until the next call. */
  ofRow({ bytes, starts, lengths }: CellCursor): Token {
    const key = this.#key
    key.reset()
    if (this.#count === 1) key.writeBytes(bytes, starts[0]!, starts[0]! + lengths[0]!)
    else {
      for (let i = 0; i < this.#count; i++) {
        writeKeyComponent(key, bytes, { start: starts[i]!, length: lengths[i]! })
      }
    }
    return this.#compute()
  }

  /** Of the values region that starts at `start`, by where the statement has the key. */
  ofBound(
    bytes: Buffer,
    { statement, start }: { readonly statement: WriteStatement; readonly start: number },
  ): Token {
    const indexes = statement.partitionKeyIndexes
    const cells: { start: number; length: number }[] = []
    let at = start + 2
    for (let i = 0; i < statement.variables.length; i++) {
      const length = Math.max(0, int32At(bytes, at))
      cells.push({ start: at + 4, length })
      at += 4 + length
    }
    const key = this.#key
    key.reset()
    if (indexes.length === 1) {
      const cell = cells[indexes[0]!]!
      key.writeBytes(bytes, cell.start, cell.start + cell.length)
    } else for (const index of indexes) writeKeyComponent(key, bytes, cells[index]!)
    return this.#compute()
  }

  #compute(): Token {
    const key = this.#key
    const last = this.#last
    if (this.#isKnown && isSame(key, last)) return this.#token
    murmur3Token(key.bytes, { start: 0, end: key.position }, this.#token)
    last.reset()
    last.writeBytes(key.bytes, 0, key.position)
    this.#isKnown = true
    return this.#token
  }
}

function isSame(a: ByteWriter, b: ByteWriter): boolean {
  if (a.position !== b.position) return false
  for (let i = 0; i < a.position; i++) if (a.bytes[i] !== b.bytes[i]) return false
  return true
}
