/**
 * What the server did for a migration: copies, validations and repairs with their results, in the state
 * file beside the project. Used by the act desk.
 * Invariants: an act that was under way when the process ended reads `stopped`; of each project only
 * the last ones are kept.
 * Spec: live-migration 5 (status shown).
 */
import { DatabaseSync } from 'node:sqlite'
import type { MigrationAct } from '../../api-v1-migrations.ts'

const KEPT_MAX = 50
const CUT_OFF = 'The server ended meanwhile. Start it again: it goes on where it was.'

export class ActStore {
  readonly #db: DatabaseSync

  /** The file exists: the project store made it. */
  constructor(state: string) {
    this.#db = new DatabaseSync(state, { timeout: 5_000 })
    this.#db.exec(
      'CREATE TABLE IF NOT EXISTS act (project TEXT NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (project, id)) WITHOUT ROWID',
    )
  }

  /** Newest first. What is under way in no process of ours has been cut off. */
  list(project: string, isRunning: (id: number) => boolean): MigrationAct[] {
    const rows = this.#db
      .prepare('SELECT body FROM act WHERE project = ? ORDER BY id DESC')
      .all(project)
    return rows.map(row => {
      const act = JSON.parse(String(row['body'])) as MigrationAct
      if (act.state !== 'running' || isRunning(act.id)) return act
      const tables = act.tables.map(one =>
        one.state === 'running' || one.state === 'waiting'
          ? { ...one, state: 'stopped' as const, rowsPerSecond: 0, leftMs: null }
          : one,
      )
      return { ...act, state: 'stopped', text: CUT_OFF, tables }
    })
  }

  nextId(project: string): number {
    const row = this.#db.prepare('SELECT max(id) AS id FROM act WHERE project = ?').get(project)
    return Number(row?.['id'] ?? 0) + 1
  }

  save(project: string, act: MigrationAct): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO act (project, id, body) VALUES (?, ?, ?)')
      .run(project, act.id, JSON.stringify(act))
    this.#db
      .prepare('DELETE FROM act WHERE project = ? AND id <= ?')
      .run(project, act.id - KEPT_MAX)
  }

  close(): void {
    this.#db.close()
  }
}
