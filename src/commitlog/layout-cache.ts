/**
 * Finds the layout of a table by the 16 bytes of its id, without making text of them each time.
 * Called once per update. Answers, also "unknown", are kept until the schema's version changes.
 * Invariant: bounded; an id is compared in full, the hash only chooses the chain.
 */
import { formatUuid, int32At } from '../cql/index.ts'
import { TableLayout } from './table-layout.ts'
import type { SchemaLookup } from './table-schema.ts'

interface Entry {
  readonly words: readonly [number, number, number, number]
  readonly layout: TableLayout | undefined
  readonly next: Entry | undefined
}

const ENTRIES_MAX = 10_000

export class LayoutCache {
  readonly #schema: SchemaLookup
  readonly #chains = new Map<number, Entry>()
  #version: number
  #count = 0
  #last: Entry | undefined

  constructor(schema: SchemaLookup) {
    this.#schema = schema
    this.#version = schema.version
  }

  /** The layout for the id at `at`; undefined when the schema does not know it. */
  find(bytes: Buffer, at: number): TableLayout | undefined {
    if (this.#version !== this.#schema.version) this.#clear()
    const last = this.#last
    if (last !== undefined && isSame(last, bytes, at)) return last.layout
    const hash = int32At(bytes, at) ^ int32At(bytes, at + 12)
    let entry = this.#chains.get(hash)
    while (entry !== undefined && !isSame(entry, bytes, at)) entry = entry.next
    entry ??= this.#add(bytes, at, hash)
    this.#last = entry
    return entry.layout
  }

  #add(bytes: Buffer, at: number, hash: number): Entry {
    if (this.#count >= ENTRIES_MAX) this.#clear()
    const word = (i: number) => int32At(bytes, at + i * 4)
    const table = this.#schema.tableById(formatUuid(bytes, at))
    const entry: Entry = {
      words: [word(0), word(1), word(2), word(3)],
      layout: table === undefined ? undefined : new TableLayout(table),
      next: this.#chains.get(hash),
    }
    this.#chains.set(hash, entry)
    this.#count++
    return entry
  }

  #clear(): void {
    this.#chains.clear()
    this.#count = 0
    this.#last = undefined
    this.#version = this.#schema.version
  }
}

function isSame({ words }: Entry, bytes: Buffer, at: number): boolean {
  return (
    words[0] === int32At(bytes, at) &&
    words[1] === int32At(bytes, at + 4) &&
    words[2] === int32At(bytes, at + 8) &&
    words[3] === int32At(bytes, at + 12)
  )
}
