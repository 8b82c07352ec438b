/**
 * Prepared statements of the product database, each prepared once.
 * Shared by the store and the states of rows.
 * Invariant: the texts come from the source only, so their number is bounded.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export class Statements {
  readonly #db: DatabaseSync
  readonly #known = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  of(sql: string): StatementSync {
    let statement = this.#known.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#known.set(sql, statement)
    }
    return statement
  }
}
