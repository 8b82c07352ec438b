/**
 * The rows of the latest millisecond seen, by a digest of their primary key. That millisecond is read
 * again by the next query, since rows may still be written to it; those known are left out.
 * Owned by the reader of a table. Invariant: bounded; beyond the bound rows come twice, none is lost.
 * Spec: cassandra-sink 12 (D21).
 */
import { createHash } from 'node:crypto'
import type { CellCursor } from '../../../cql/index.ts'

/** In memory, per table. */
const SEEN_MAX = 100_000
/** In a stored position: more would make it large; then rows of that millisecond may come twice. */
const STORED_MAX = 1_000
const DIGEST_BYTES = 15

export class SeenRows {
  readonly timeMs: number
  readonly #digests: Set<string>

  constructor(timeMs: number, digests: Iterable<string> = []) {
    this.timeMs = timeMs
    this.#digests = new Set(digests)
  }

  has(digest: string): boolean {
    return this.#digests.has(digest)
  }

  add(digest: string): void {
    if (this.#digests.size < SEEN_MAX) this.#digests.add(digest)
  }

  /** For a position. */
  toStored(): readonly string[] {
    return this.#digests.size > STORED_MAX ? [] : [...this.#digests]
  }

  digests(): Iterable<string> {
    return this.#digests
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
