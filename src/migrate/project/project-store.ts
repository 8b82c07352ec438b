/**
 * Migration projects in the state file, beside the runs of copies and validations: what is moved, in
 * which phase it is, what was accepted and who confirmed it.
 * Used by the migration desk. Invariants: no secret is stored; history is only added to.
 * Spec: live-migration 5.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { MIGRATE_ERRORS } from '../errors.ts'

export interface ProjectCluster {
  /** Id of a saved connection of the server, which knows the password. */
  readonly connection?: string
  /** `host:port` */
  readonly contactPoints: readonly string[]
  readonly localDc: string
  readonly username: string
  readonly tls: boolean
  /** PEM files; empty: none. */
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface ProjectEvent {
  readonly at: string
  readonly by: string
  readonly text: string
}

export interface Acceptance {
  readonly by: string
  readonly at: string
  readonly reason: string
}

export interface Project {
  readonly name: string
  readonly source: ProjectCluster
  readonly target: ProjectCluster
  readonly keyspace: string
  readonly targetKeyspace: string
  /** Empty: all of the keyspace. */
  readonly tables: readonly string[]
  /** Addresses of the proxies' control API. */
  readonly proxies: readonly string[]
  readonly phase: number
  /** When the phase began. */
  readonly since: string
  /** When every writer went through the proxies. */
  readonly dualSince: string | null
  /** Keys of checks of this phase that someone took upon himself. */
  readonly accepted: readonly string[]
  /** Who accepted what, when and why; of this phase. */
  readonly acceptances?: Readonly<Record<string, Acceptance>>
  readonly history: readonly ProjectEvent[]
}

const HISTORY_MAX = 500

export class ProjectStore {
  readonly #db: DatabaseSync

  constructor(path: string) {
    try {
      mkdirSync(dirname(resolve(path)), { recursive: true })
      // It holds addresses: for its owner only. One that exists stays as it is.
      closeSync(openSync(path, 'a', 0o600))
      this.#db = new DatabaseSync(path, { timeout: 5_000 })
      this.#db.exec('PRAGMA journal_mode = WAL')
      this.#db.exec(
        'CREATE TABLE IF NOT EXISTS project (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID',
      )
    } catch (cause) {
      const message = `state file ${path}: ${messageOf(cause)}`
      throw new ScamanderError(MIGRATE_ERRORS.STATE, message, { cause })
    }
  }

  list(): Project[] {
    const rows = this.#db.prepare('SELECT body FROM project ORDER BY name').all()
    return rows.map(row => JSON.parse(String(row['body'])) as Project)
  }

  find(name: string): Project | undefined {
    const row = this.#db.prepare('SELECT body FROM project WHERE name = ?').get(name)
    return row === undefined ? undefined : (JSON.parse(String(row['body'])) as Project)
  }

  save(project: Project): void {
    const kept = { ...project, history: project.history.slice(-HISTORY_MAX) }
    this.#db
      .prepare('INSERT OR REPLACE INTO project (name, body) VALUES (?, ?)')
      .run(project.name, JSON.stringify(kept))
  }

  close(): void {
    this.#db.close()
  }
}
