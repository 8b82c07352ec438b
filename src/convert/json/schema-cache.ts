/**
 * Remembers parsed schemas, with their compiled readers, by the bytes they were written in, so
 * that a schema that comes with every message is parsed once.
 * Owned by one JSON converter. The last schema is compared first: topics mostly carry one.
 * Invariant: at most `entriesMax` entries, oldest use first out; equal hash is not yet equality.
 */
import type { Schema } from '../../flow/index.ts'
import { compilePayloadReader, type PayloadReader } from './payload-reader.ts'
import { readSchema } from './schema-reader.ts'

export interface CachedSchema {
  readonly bytes: Buffer
  readonly schema: Schema | null
  readonly reader: PayloadReader
}

export class SchemaCache {
  readonly #entriesMax: number
  readonly #byHash = new Map<number, CachedSchema>()
  #last: CachedSchema | undefined

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax
  }

  get size(): number {
    return this.#byHash.size
  }

  /** The schema written in `bytes[start..end)`. */
  get(bytes: Buffer, start: number, end: number): CachedSchema {
    const last = this.#last
    if (last !== undefined && isSame(last, bytes, { start, end })) return last
    const hash = hashBytes(bytes, start, end)
    let entry = this.#byHash.get(hash)
    if (entry === undefined || !isSame(entry, bytes, { start, end })) {
      const schema = readSchema(bytes, start, end)
      const reader = compilePayloadReader(schema)
      entry = { bytes: Buffer.from(bytes.subarray(start, end)), schema, reader }
    }
    this.#keep(hash, entry)
    return entry
  }

  #keep(hash: number, entry: CachedSchema): void {
    if (this.#entriesMax < 1) return
    this.#last = entry
    this.#byHash.delete(hash)
    this.#byHash.set(hash, entry)
    if (this.#byHash.size > this.#entriesMax) {
      const oldest = this.#byHash.keys().next().value
      if (oldest !== undefined) this.#byHash.delete(oldest)
    }
  }
}

function isSame(
  entry: CachedSchema,
  bytes: Buffer,
  range: { readonly start: number; readonly end: number },
): boolean {
  const own = entry.bytes
  if (own.length !== range.end - range.start) return false
  return bytes.compare(own, 0, own.length, range.start, range.end) === 0
}

/** FNV-1a, 32 bits. */
function hashBytes(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash
}
