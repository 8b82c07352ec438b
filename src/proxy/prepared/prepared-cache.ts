/**
 * Prepared statements by the id that clients use. One per thread, shared by all its client links.
 * Looked up for every EXECUTE, straight from the frame's bytes: no string, no copy.
 * Invariant: at most `max` statements; the least recently used tenth goes when it is full.
 * Spec: live-migration 2.5.
 */
import type { Cluster } from '../cluster.ts'
import type { PreparedStatement } from './prepared-statement.ts'

export class PreparedCache {
  /** By the first bytes of the id; almost always one statement per list. */
  readonly #lists = new Map<number, PreparedStatement[]>()
  readonly #max: number
  #size = 0
  #uses = 0

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#size
  }

  /** The statement whose client id is `bytes[at..at+length)`. */
  find(bytes: Buffer, at: number, length: number): PreparedStatement | undefined {
    const list = this.#lists.get(hashOf(bytes, at, length))
    if (list === undefined) return undefined
    for (const statement of list) {
      if (isEqual(statement.clientId, bytes, at, length)) {
        statement.usedAt = ++this.#uses
        return statement
      }
    }
    return undefined
  }

  /** Adds it, or improves the one of the same id; returns the one that is kept. */
  put(statement: PreparedStatement): PreparedStatement {
    const { clientId } = statement
    const known = this.find(clientId, 0, clientId.length)
    if (known !== undefined && known.clientQuery === statement.clientQuery) {
      known.merge(statement)
      return known
    }
    if (known !== undefined) this.#remove(known)
    if (this.#size >= this.#max) this.#evict()
    const key = hashOf(clientId, 0, clientId.length)
    const list = this.#lists.get(key)
    if (list === undefined) this.#lists.set(key, [statement])
    else list.push(statement)
    statement.usedAt = ++this.#uses
    this.#size += 1
    return statement
  }

  /** Every statement, for a thread that starts later. */
  all(): PreparedStatement[] {
    return [...this.#lists.values()].flat()
  }

  #remove(statement: PreparedStatement): void {
    const key = hashOf(statement.clientId, 0, statement.clientId.length)
    const rest = (this.#lists.get(key) ?? []).filter(one => one !== statement)
    if (rest.length === 0) this.#lists.delete(key)
    else this.#lists.set(key, rest)
    this.#size -= 1
  }

  #evict(): void {
    const byAge = this.all().sort((a, b) => a.usedAt - b.usedAt)
    for (const statement of byAge.slice(0, Math.ceil(this.#max / 10))) this.#remove(statement)
  }
}

/** The statement among `candidates` that `cluster` knows by this id. */
export function findByClusterId(
  candidates: readonly PreparedStatement[],
  cluster: Cluster,
  id: Buffer,
): PreparedStatement | undefined {
  return candidates.find(one => one.ids[cluster]?.equals(id) === true)
}

/** Six bytes fit a safe integer; ids are digests, so they are as good as all. */
function hashOf(bytes: Buffer, at: number, length: number): number {
  if (length < 6) return length
  const low = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
  const high = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!
  return high * 0x1000000 + low
}

function isEqual(id: Buffer, bytes: Buffer, at: number, length: number): boolean {
  if (id.length !== length) return false
  for (let i = 0; i < length; i++) if (id[i] !== bytes[at + i]) return false
  return true
}
