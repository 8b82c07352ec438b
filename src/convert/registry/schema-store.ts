/**
 * What a converter made of schemas of a registry, by id or by subject and text, and what it still
 * lacks. A missing entry is thrown as `SchemaNeeded`; a failure that belongs to the records is kept
 * for a while, so that a flood of bad records does not become a flood of requests.
 * Owned by one converter. Invariants: at most `entriesMax` entries, oldest use out first; a failure
 * that may pass is never kept.
 */
import type { Clock } from '../../base/clock.ts'
import { isScamanderError, type ScamanderError } from '../../base/scamander-error.ts'
import { SchemaNeeded } from '../../flow/index.ts'

type Entry<V> = { readonly value: V } | { readonly error: ScamanderError; readonly untilMs: number }

const FAILURE_KEPT_MS = 30_000

export class SchemaStore<K, V> {
  readonly #clock: Clock
  readonly #entriesMax: number
  readonly #entries = new Map<K, Entry<V>>()
  readonly #needs = new Map<K, SchemaNeeded>()

  constructor(entriesMax: number, clock: Clock) {
    this.#entriesMax = Math.max(1, entriesMax)
    this.#clock = clock
  }

  get size(): number {
    return this.#entries.size
  }

  /** The entry; undefined when it must be loaded. Throws the data error that is kept in its place. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if ('value' in entry) {
      this.#keep(key, entry)
      return entry.value
    }
    if (this.#clock.monotonicMs() < entry.untilMs) throw entry.error
    this.#entries.delete(key)
    return undefined
  }

  /** To be thrown; the same object for everyone who waits for this key. */
  need(key: K, what: string, load: () => Promise<V>): SchemaNeeded {
    const known = this.#needs.get(key)
    if (known !== undefined) return known
    const need = new SchemaNeeded(what, async () => {
      try {
        this.#keep(key, { value: await load() })
      } catch (error) {
        if (!isScamanderError(error, 'data')) throw error
        this.#keep(key, { error, untilMs: this.#clock.monotonicMs() + FAILURE_KEPT_MS })
      } finally {
        this.#needs.delete(key)
      }
    })
    this.#needs.set(key, need)
    return need
  }

  #keep(key: K, entry: Entry<V>): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size > this.#entriesMax) {
      this.#entries.delete(this.#entries.keys().next().value as K)
    }
  }
}
