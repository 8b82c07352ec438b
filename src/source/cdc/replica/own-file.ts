/**
 * What the file of a worker notes of the topics that it belongs to: whose ownerships it has seen, how
 * far the last one was, and the prefix.
 * Used at a start, to tell whether the file is as new as the topics, and by OwnerWriter.
 * Invariant: a round of the owner stands in the file before it stands in the topic, so that a file
 * whose round is older (brought back from a backup) never counts as current.
 * Spec: docs/adr/0032-queues-in-topics.md.
 */
import type { CaptureStore } from '../state/capture-store.ts'
import type { OwnerRecord } from './owner-record.ts'

const KIND = 'replica'

interface Facts {
  readonly id: string
  readonly round: number
  readonly prefix: string
}

export class OwnFile {
  readonly #store: CaptureStore
  readonly #ids: readonly string[]
  readonly #facts: Facts | undefined

  constructor(store: CaptureStore) {
    this.#store = store
    const all = store.readAll<string | Facts>(KIND)
    this.#ids = all.filter(one => typeof one === 'string')
    this.#facts = all.find(one => typeof one !== 'string')
  }

  /** It has belonged to topics before. */
  get isKnown(): boolean {
    return this.#ids.length > 0
  }

  /** Of the topics that it belongs to; undefined: it belongs to none, or an older release wrote it. */
  get prefix(): string | undefined {
    return this.#facts?.prefix
  }

  /** It belongs to the ownership that the topics name, as it is now or as it was once. */
  has(owner: OwnerRecord): boolean {
    return this.#ids.includes(owner.id)
  }

  /** It has everything that the topics have. */
  isCurrent(owner: OwnerRecord | undefined): boolean {
    if (owner === undefined) return true
    if (!this.has(owner)) return false
    if (this.#facts === undefined) return owner.round === 0
    // Of the ownership before the last start: it was found to be current then.
    return this.#facts.id !== owner.id || this.#facts.round >= owner.round
  }

  /** Before its owner is written to the topic for the first time. */
  noteNext(id: string): void {
    this.#store.put(KIND, 'next', id)
  }

  /** Afterwards: whatever fails in between, the file is known as that of the owner. */
  noteOwner(id: string): void {
    this.#store.put(KIND, 'owner', id)
  }

  /** Before the round is written to the topic. */
  noteRound(facts: Facts): void {
    this.#store.put(KIND, 'round', facts)
  }
}
