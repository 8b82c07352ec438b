/**
 * The application of the migration demo: a small shop whose orders are made, changed, forgotten and
 * deleted all the time, through the proxy.
 * Used by migration-demo.ts. Invariant: statements have no write times of their own, as in most
 * applications: the proxy gives both clusters the same.
 */
import { systemClock } from '../../base/clock.ts'
import type { ControlSession } from '../../cassandra/index.ts'

export const KEYSPACE = 'shop'
export const TABLE = 'orders'
const NAME = `${KEYSPACE}.${TABLE}`

export const CREATE_KEYSPACE = `CREATE KEYSPACE ${KEYSPACE} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`
export const CREATE_TABLE = `CREATE TABLE ${NAME} (customer int, number int, item text, amount decimal, state text, marks map<text, text>, PRIMARY KEY (customer, number))`

const INSERT = `INSERT INTO ${NAME} (customer, number, item, state, marks) VALUES (?, ?, ?, ?, ?)`
const STATEMENTS = [
  INSERT,
  `UPDATE ${NAME} SET state = 'sent', marks['carrier'] = 'post' WHERE customer = ? AND number = ?`,
  `UPDATE ${NAME} USING TTL 86400 SET item = 'offer of the day' WHERE customer = ? AND number = ?`,
  `DELETE FROM ${NAME} WHERE customer = ? AND number = ?`,
] as const
const ITEMS = ['amphora', 'olive oil', 'wool', 'bronze mirror', 'figs', 'lyre']
const LANES = 4
const FILL_LANES = 64
const PAUSE_MS = 10
const RETRY_MS = 200
const ATTEMPTS_MAX = 20
const NEVER = new AbortController().signal
const ORDERS_PER_CUSTOMER = 20

/** Orders from before the migration. */
export async function fillShop(
  session: ControlSession,
  rows: number,
  signal: AbortSignal,
): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < rows && !signal.aborted) {
      const number = next++
      await session.execute(INSERT, orderOf(Math.floor(number / ORDERS_PER_CUSTOMER), number))
    }
  }
  await Promise.all(Array.from({ length: FILL_LANES }, lane))
  signal.throwIfAborted()
}

export class Shop {
  /** Statements that were acknowledged. */
  writes = 0
  repeated = 0
  /** Given up. */
  lost = 0
  readonly #rows: number
  readonly #lanes: readonly Promise<void>[]
  #isOpen = true

  constructor(session: ControlSession, rows: number) {
    this.#rows = rows
    this.#lanes = Array.from({ length: LANES }, () => this.#serve(session))
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#isOpen = false
    await Promise.all(this.#lanes)
  }

  async #serve(session: ControlSession): Promise<void> {
    while (this.#isOpen) {
      const number = Math.floor(Math.random() * this.#rows * 1.02)
      const customer = Math.floor(number / ORDERS_PER_CUSTOMER)
      const turn = Math.floor(Math.random() * STATEMENTS.length)
      const values = turn === 0 ? orderOf(customer, number) : [customer, number]
      await this.#write(session, STATEMENTS[turn]!, values)
      await systemClock.sleep(PAUSE_MS, NEVER)
    }
  }

  /** What failed may be on one cluster only: the shop says it again. */
  async #write(session: ControlSession, cql: string, values: readonly unknown[]): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      try {
        await session.execute(cql, values)
        this.writes += 1
        return
      } catch {
        this.repeated += 1
        await systemClock.sleep(RETRY_MS, NEVER)
      }
    }
    this.lost += 1
  }
}

function orderOf(customer: number, number: number): unknown[] {
  return [customer, number, ITEMS[number % ITEMS.length], 'new', { via: 'web' }]
}
