/**
 * Addresses of host names that records carry for inet columns: a cache that encoders ask without
 * waiting, and `resolve`, which looks up what they asked for in vain.
 * Used by the table sink: after a delivery met unknown names, it resolves them and binds again.
 * Invariant: bounded; an answer, also "no such host", is kept for a minute at most.
 * Spec: cassandra-sink 9.4 (inet).
 */
import { lookup } from 'node:dns/promises'
import type { HostResolver } from './conversion/index.ts'
import { parseAddress } from './conversion/inet-encoder.ts'

interface Answer {
  readonly address: Buffer | undefined
  readonly untilMs: number
}

const KNOWN_MS = 60_000
const UNKNOWN_MS = 10_000
const NAMES_MAX = 10_000
const LOOKUPS_AT_ONCE = 16

export class HostNames implements HostResolver {
  readonly #answers = new Map<string, Answer>()
  readonly #wanted = new Set<string>()
  readonly #lookup: (name: string) => Promise<string>

  /** `lookUp` resolves to an IP literal or rejects. @default the system's resolver */
  constructor(lookUp: (name: string) => Promise<string> = systemLookup) {
    this.#lookup = lookUp
  }

  /** Names were asked for that `resolve` would look up. */
  get hasWanted(): boolean {
    return this.#wanted.size > 0
  }

  lookup(name: string): Buffer | undefined {
    const answer = this.#answers.get(name)
    if (answer !== undefined && answer.untilMs > Date.now()) return answer.address
    if (this.#wanted.size < NAMES_MAX) this.#wanted.add(name)
    return undefined
  }

  /** Looks up all names wanted so far. */
  async resolve(): Promise<void> {
    const names = [...this.#wanted]
    this.#wanted.clear()
    if (this.#answers.size + names.length > NAMES_MAX) this.#answers.clear()
    const next = names.values()
    const worker = async () => {
      for (const name of next) this.#answers.set(name, await this.#ask(name))
    }
    await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, worker))
  }

  async #ask(name: string): Promise<Answer> {
    try {
      const address = parseAddress(await this.#lookup(name))
      return { address, untilMs: Date.now() + KNOWN_MS }
    } catch {
      return { address: undefined, untilMs: Date.now() + UNKNOWN_MS } // the record tells it
    }
  }
}

async function systemLookup(name: string): Promise<string> {
  const { address } = await lookup(name)
  return address
}
