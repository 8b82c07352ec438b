/**
 * The rows of the latest millisecond seen, by a digest of their primary key. That millisecond is read
 * again by the next query, since rows may still be written to it; those known are left out.
 * Owned by the reader of a table. Invariant: bounded; what is not remembered is told by `isOverfull`,
 * so that the reader passes the millisecond instead of giving its rows again and again.
 * Spec: cassandra-sink 12 (D21).
 */
import { createHash } from 'node:crypto'
import type { CellCursor } from '../../../cql/index.ts'

/** In memory, per table. */
export const SEEN_MAX = 100_000
/** In a stored position: more would make it large; then rows of that millisecond may come twice. */
const STORED_MAX = 1_000
const DIGEST_BYTES = 15

export class SeenRows {
  readonly timeMs: number
  readonly #digests: Set<string>
  #isOverfull = false

  constructor(timeMs: number, digests: Iterable<string> = []) {
    this.timeMs = timeMs
    this.#digests = new Set(digests)
  }

  has(digest: string): boolean {
    return this.#digests.has(digest)
  }

  add(digest: string): void {
    if (this.#digests.size < SEEN_MAX) this.#digests.add(digest)
    else if (!this.#digests.has(digest)) this.#isOverfull = true
  }

  /** There are more rows than are remembered. */
  get isOverfull(): boolean {
    return this.#isOverfull
  }

  /** All that came before this moment joins. */
  addAll(others: SeenRows): void {
    for (const digest of others.#digests) this.add(digest)
    this.#isOverfull ||= others.#isOverfull
  }

  /** For a position. */
  toStored(): readonly string[] {
    return this.#digests.size > STORED_MAX ? [] : [...this.#digests]
  }
}

/** `indexes`: where the columns of the primary key are. */
export function rowDigest(cursor: CellCursor, indexes: readonly number[]): string {
  const hash = createHash('sha256')
  for (const index of indexes) {
    const start = cursor.starts[index]!
    const length = cursor.lengths[index]!
    hash.update(`${length}:`)
    if (length > 0) hash.update(cursor.bytes.subarray(start, start + length))
  }
  return hash.digest().subarray(0, DIGEST_BYTES).toString('base64')
}
