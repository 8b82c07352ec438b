/**
 * The demo's live capture: changes of one table, made by CQL, become records of a topic and rows of a
 * second table. Makes the destination and the channel as a user would, over the REST API.
 * Used by demo-run.ts. Every change it makes sets all columns, since a sink cannot tell a column that
 * was not named from one that is null.
 * Invariant: both tables are equal, or the demo says that they are not.
 */
import { systemClock } from '../base/clock.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import type { ControlSession } from '../cassandra/index.ts'
import { DEMO_ERRORS } from './errors.ts'

export interface LiveCaptureParts {
  readonly url: string
  readonly session: ControlSession
  readonly signal: AbortSignal
}

/** In this order: the first gives what the second takes. */
export const CAPTURE_CONNECTORS = ['watchlist-source', 'watchers-sink'] as const

export const CHANGES_TOPIC = 'watchlist-changes'
const NAME = 'watchlist'
const FROM = 'market.watchlist'
const TO = 'market.watchers_by_symbol'
const COLUMNS = 'owner, symbol, shares, note'
const OWNERS = ['ann', 'ben', 'cleo', 'dora', 'emil'] as const
const SYMBOLS = ['AAPL', 'AMZN', 'GOOG', 'IBM', 'MSFT'] as const
const POLL_MS = 20
const TIMEOUT_MS = 60_000
const CONFLICT = 409

export class LiveCapture {
  /** Changes made so far. */
  changes = 0
  readonly #parts: LiveCaptureParts

  constructor(parts: LiveCaptureParts) {
    this.#parts = parts
  }

  /** When it resolves, every later change is captured. */
  async open(): Promise<void> {
    await this.#post('/destinations', { name: NAME })
    const channel = { sourceKeyspace: 'market', sourceTable: 'watchlist', destination: NAME }
    await this.#post('/channels', channel)
  }

  /** One change; every seventh removes a row. */
  async change(): Promise<void> {
    const n = this.changes++
    const owner = OWNERS[n % OWNERS.length]!
    const symbol = SYMBOLS[Math.floor(n / OWNERS.length) % SYMBOLS.length]!
    const where = `owner = '${owner}' AND symbol = '${symbol}'`
    const cql =
      n % 7 === 6
        ? `DELETE FROM ${FROM} WHERE ${where}`
        : `INSERT INTO ${FROM} (${COLUMNS}) VALUES ('${owner}', '${symbol}', ${n}, 'change ${n}')`
    await this.#parts.session.execute(cql)
  }

  /** Resolves when the second table has what the first has; answers the number of rows. */
  async awaitEqual(): Promise<number> {
    const { signal } = this.#parts
    const untilMs = performance.now() + TIMEOUT_MS
    for (;;) {
      const [left, right] = [await this.#rows(FROM), await this.#rows(TO)]
      const isEqual = left.length === right.length && left.every((row, i) => row === right[i])
      if (isEqual) return left.length
      if (signal.aborted) {
        throw new ScamanderError(DEMO_ERRORS.CANCELLED, 'the demo was interrupted')
      }
      if (performance.now() > untilMs) {
        const message = `${TO}: expected the ${left.length} rows of ${FROM} within ${TIMEOUT_MS / 1000} s, found ${right.length} rows or other values`
        throw new ScamanderError(DEMO_ERRORS.STALLED, message)
      }
      await systemClock.sleep(POLL_MS, signal)
    }
  }

  async #rows(table: string): Promise<string[]> {
    const rows = await this.#parts.session.execute(`SELECT JSON ${COLUMNS} FROM ${table}`)
    return rows.map(row => String(row['[json]'])).sort()
  }

  /** What is there already is used. */
  async #post(path: string, body: unknown): Promise<void> {
    const response = await fetch(`${this.#parts.url}/api/v1/cdc${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    if (response.status < 300 || response.status === CONFLICT) return
    const message = `capture: expected ${path} to be made, found status ${response.status}: ${text}`
    throw new ScamanderError(DEMO_ERRORS.CONNECTOR, message)
  }
}
