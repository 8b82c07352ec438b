/**
 * Addresses from where the server may be called, as an administrator set them in the page.
 * Part of the replicator's store; the server asks it once at start.
 * Invariant: what is kept are addresses and networks, and their number is bounded.
 * Spec: backlog-replication 2.17 (IP lists).
 */
import { wrongAddress } from '../base/address-list.ts'
import type { Store } from './store.ts'
import { fieldError } from './task-target.ts'

const KIND = 'setting'
const ID = 'addresses'
const ADDRESSES_MAX = 200

export class AddressDesk {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  get allowed(): readonly string[] {
    return this.#store.get<{ allowed: readonly string[] }>(KIND, ID)?.allowed ?? []
  }

  /** What would be kept; throws at what is no address. */
  checked(given: unknown): readonly string[] {
    if (!Array.isArray(given) || given.length > ADDRESSES_MAX)
      throw fieldError('allowed', `allowed: expected a list of at most ${ADDRESSES_MAX} addresses`)
    const wrong = wrongAddress(given)
    if (wrong === undefined) return [...new Set(given.map((one: string) => one.trim()))]
    const message = `allowed: expected addresses and networks like 10.0.0.0/8, found ${wrong}`
    throw fieldError('allowed', message)
  }

  put(allowed: readonly string[]): void {
    this.#store.put(KIND, ID, { allowed })
  }
}
