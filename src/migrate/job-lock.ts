/**
 * The right to work on one job of a state file: the same copy running twice would count counters twice
 * and take ranges for done that the other one is at. A lock of the operating system on an empty file
 * of its own, so that it ends with the process, however that ends.
 * Taken by RunStore when a run begins. Invariant: of one state file, whoever has the lock of a job is
 * the only one; the files stay and mean nothing by themselves.
 */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { MIGRATE_ERRORS } from './errors.ts'

export class JobLocks {
  readonly #state: string
  readonly #held = new Map<string, DatabaseSync>()

  /** `state`: path of the state file. */
  constructor(state: string) {
    this.#state = state
  }

  /** Throws when another run has it; does nothing when it is held already. */
  take(job: { readonly name: string; readonly table: string }): void {
    if (this.#held.has(job.name)) return
    let db: DatabaseSync | undefined
    try {
      const folder = `${this.#state}.locks`
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const name = createHash('sha256').update(job.name).digest('hex').slice(0, 24)
      db = new DatabaseSync(join(folder, name))
      db.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF')
      db.exec('BEGIN EXCLUSIVE')
      this.#held.set(job.name, db)
    } catch (cause) {
      db?.close()
      const isTaken = /locked|busy/i.test(messageOf(cause))
      const message = isTaken
        ? `the same run for ${job.table} is under way with the state file ${this.#state}`
        : `state file ${this.#state}: ${messageOf(cause)}`
      const declaration = isTaken ? MIGRATE_ERRORS.RUNNING : MIGRATE_ERRORS.STATE
      throw new ScamanderError(declaration, message, { cause })
    }
  }

  release(name: string): void {
    this.#held.get(name)?.close()
    this.#held.delete(name)
  }

  close(): void {
    for (const name of [...this.#held.keys()]) this.release(name)
  }
}
