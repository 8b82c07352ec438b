/**
 * An application that writes while its cluster is moved: inserts, updates, deletes, writes with TTL, each
 * lane with keys of its own, each statement with a write time of its own and repeated until it is
 * acknowledged. So it ends with a known history, whatever was killed meanwhile.
 * What became of each statement is kept, so that a row that differs in the end can be explained.
 * Used by the fault test of migration. Invariants: a statement is never given up; statements of one
 * partition follow each other; the same write time is never used twice.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'cassandra-driver'

export const WORKLOAD_TABLE =
  '(id int, c int, s text static, a text, b int, m map<text, int>, tags set<text>, PRIMARY KEY (id, c))'

/** Rows that were there before, so that deletes and updates meet what the copy moves. */
export interface WorkloadKeys {
  readonly partitions: number
  readonly rowsPerPartition: number
}

type Statement = readonly [cql: string, ...values: unknown[]]

const LANES = 8
/** Ends while the copy runs. */
export const TTL_SHORT_SECONDS = 4
const TTL_LONG_SECONDS = 40_000
const RETRY_MS = 50
/** Statements kept of one partition. */
const HISTORY_MAX = 100
const ATTEMPTS_KEPT = 12

/** One statement, with each attempt at it. */
interface Past {
  readonly kind: Kind
  readonly c: number
  readonly us: number
  /** Time and outcome of each attempt. */
  readonly attempts: string[]
}

export class LiveWorkload {
  /** Acknowledged statements by kind. */
  readonly acknowledged = new Map<string, number>()
  repeated = 0
  readonly #lanes: Promise<void>[]
  /** By partition. */
  readonly #past = new Map<number, Past[]>()
  readonly #table: string
  readonly #keys: WorkloadKeys
  #isRunning = true
  #lastUs = 0

  constructor(client: Client, table: string, keys: WorkloadKeys) {
    this.#table = table
    this.#keys = keys
    this.#lanes = Array.from({ length: LANES }, (_, lane) => this.#run(client, lane))
  }

  get total(): number {
    return [...this.acknowledged.values()].reduce((sum, one) => sum + one, 0)
  }

  /** Resolves when everything under way is acknowledged. */
  async stop(): Promise<void> {
    this.#isRunning = false
    await Promise.all(this.#lanes)
  }

  /** What was written to the partition, oldest first, one line for each statement. */
  history(id: number): string {
    const past = this.#past.get(id) ?? []
    const line = ({ kind, c, us, attempts }: Past) =>
      `  ${us} ${kind} c=${c}: ${attempts.join(', ')}`
    return [`written to partition ${id}:`, ...past.map(line)].join('\n')
  }

  async #run(client: Client, lane: number): Promise<void> {
    for (let turn = 0; this.#isRunning; turn++) {
      const kind = KINDS[(turn * 7 + lane) % KINDS.length]!
      const id = Math.floor(Math.random() * (this.#keys.partitions / LANES)) * LANES + lane
      const c = Math.floor(Math.random() * (this.#keys.rowsPerPartition + 3))
      const us = this.#nextUs()
      const [cql, ...values] = STATEMENTS[kind](this.#table, [id, c], us)
      const attempts = this.#note({ kind, c, us, attempts: [] }, id)
      for (;;) {
        const started = clockText()
        try {
          await client.execute(cql, values, { prepare: true, isIdempotent: true })
          attempts.push(`${started} to ${clockText()} acknowledged`)
          break
        } catch (error) {
          attempts.push(`${started} to ${clockText()} ${String(error).slice(0, 120)}`)
          if (attempts.length > ATTEMPTS_KEPT) attempts.splice(ATTEMPTS_KEPT >> 1, 1)
          this.repeated += 1
          await sleep(RETRY_MS)
        }
      }
      this.acknowledged.set(kind, (this.acknowledged.get(kind) ?? 0) + 1)
      await sleep(2)
    }
  }

  #note(past: Past, id: number): string[] {
    const known = this.#past.get(id) ?? []
    if (known.length === 0) this.#past.set(id, known)
    known.push(past)
    if (known.length > HISTORY_MAX) known.shift()
    return past.attempts
  }

  #nextUs(): number {
    this.#lastUs = Math.max(this.#lastUs + 1, Date.now() * 1000)
    return this.#lastUs
  }
}

function clockText(): string {
  return new Date().toISOString().slice(11, 23)
}

const AT = 'WHERE id = ? AND c = ?'
const STATEMENTS = {
  insert: (t: string, key: readonly number[], us: number): Statement => [
    `INSERT INTO ${t} (id, c, a, b, m, tags) VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    ...[...key, `insert ${us}`, us % 1000, { x: us % 7 }, ['t', `t${us % 5}`], us],
  ],
  update: (t: string, key: readonly number[], us: number): Statement => [
    `UPDATE ${t} USING TIMESTAMP ? SET a = ? ${AT}`,
    ...[us, `update ${us}`, ...key],
  ],
  element: (t: string, key: readonly number[], us: number): Statement => [
    `UPDATE ${t} USING TIMESTAMP ? SET m = m + ?, tags = tags - ? ${AT}`,
    ...[us, { y: us % 100 }, ['t'], ...key],
  ],
  static: (t: string, [id]: readonly number[], us: number): Statement => [
    `INSERT INTO ${t} (id, s) VALUES (?, ?) USING TIMESTAMP ?`,
    ...[id, `static ${us}`, us],
  ],
  'delete cell': (t: string, key: readonly number[], us: number): Statement => [
    `DELETE b FROM ${t} USING TIMESTAMP ? ${AT}`,
    ...[us, ...key],
  ],
  'delete row': (t: string, key: readonly number[], us: number): Statement => [
    `DELETE FROM ${t} USING TIMESTAMP ? ${AT}`,
    ...[us, ...key],
  ],
  'delete rows': (t: string, [id, c]: readonly number[], us: number): Statement => [
    `DELETE FROM ${t} USING TIMESTAMP ? WHERE id = ? AND c > ? AND c <= ?`,
    ...[us, id, c, c! + 2],
  ],
  'delete partition': (t: string, [id]: readonly number[], us: number): Statement => [
    `DELETE FROM ${t} USING TIMESTAMP ? WHERE id = ?`,
    ...[us, id],
  ],
  'short TTL': (t: string, key: readonly number[], us: number): Statement => [
    `INSERT INTO ${t} (id, c, a, b) VALUES (?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?`,
    ...[...key, `short ${us}`, us % 1000, us, TTL_SHORT_SECONDS],
  ],
  'long TTL': (t: string, key: readonly number[], us: number): Statement => [
    `UPDATE ${t} USING TIMESTAMP ? AND TTL ? SET a = ?, b = ? ${AT}`,
    ...[us, TTL_LONG_SECONDS, `long ${us}`, us % 1000, ...key],
  ],
} as const

type Kind = keyof typeof STATEMENTS
const KINDS = [
  ...Array<Kind>(6).fill('insert'),
  ...Array<Kind>(4).fill('update'),
  ...Array<Kind>(3).fill('element'),
  ...(Object.keys(STATEMENTS) as Kind[]),
]
