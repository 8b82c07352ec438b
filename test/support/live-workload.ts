/**
 * An application that writes while its cluster is moved: inserts, updates, deletes, writes with TTL, each
 * lane with keys of its own, each statement with a write time of its own and repeated until it is
 * acknowledged. So it ends with a known history, whatever was killed meanwhile.
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
const TTL_SHORT_SECONDS = 4
const TTL_LONG_SECONDS = 40_000
const RETRY_MS = 50

export class LiveWorkload {
  /** Acknowledged statements by kind. */
  readonly acknowledged = new Map<string, number>()
  repeated = 0
  readonly #lanes: Promise<void>[]
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

  async #run(client: Client, lane: number): Promise<void> {
    for (let turn = 0; this.#isRunning; turn++) {
      const kind = KINDS[(turn * 7 + lane) % KINDS.length]!
      const id = Math.floor(Math.random() * (this.#keys.partitions / LANES)) * LANES + lane
      const c = Math.floor(Math.random() * (this.#keys.rowsPerPartition + 3))
      const [cql, ...values] = STATEMENTS[kind](this.#table, [id, c], this.#nextUs())
      for (;;) {
        try {
          await client.execute(cql, values, { prepare: true, isIdempotent: true })
          break
        } catch {
          this.repeated += 1
          await sleep(RETRY_MS)
        }
      }
      this.acknowledged.set(kind, (this.acknowledged.get(kind) ?? 0) + 1)
      await sleep(2)
    }
  }

  #nextUs(): number {
    this.#lastUs = Math.max(this.#lastUs + 1, Date.now() * 1000)
    return this.#lastUs
  }
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
