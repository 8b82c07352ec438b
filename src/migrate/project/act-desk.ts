/**
 * Copies, validations and repairs that the server does for migration projects, and what the page shows
 * of them: progress per table, ranges, rates, rows that differ.
 * Owned by the migration desk. Invariants: one act per project at a time, and a bounded number in all;
 * `close` returns when nothing runs any more.
 * Spec: live-migration 5 (phase 2); ui 5.6.
 */
import { DatabaseSync } from 'node:sqlite'
import type {
  MigrationAct,
  MigrationActDraft,
  MigrationDifferences,
  MigrationProgress,
  MigrationRanges,
  MigrationTally,
} from '../../api-v1-migrations.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import { MIGRATE_ERRORS } from '../errors.ts'
import type { ClusterPair } from '../settings.ts'
import { ActRun, type ActTask } from './act-run.ts'
import { ActStore } from './act-store.ts'
import { DifferenceList } from './difference-list.ts'
import type { Project } from './project-store.ts'
import { type LastRun, lastRun, rangeStates, rangeTally, reopenRun } from './run-history.ts'

export interface ActDeskOptions {
  readonly state: string
  readonly logger: Logger
  readonly openClusters: (project: Project) => Promise<ClusterPair>
  /** As it is now. */
  readonly projectOf: (name: string) => Project
  /** Names of the tables of the project. */
  readonly listTables: (project: Project) => Promise<readonly string[]>
}

interface Work {
  current: ActRun | undefined
  ended: Promise<void>
  readonly differences: DifferenceList
  /** Seconds and rows per second. */
  readonly rates: { readonly at: number; readonly rows: number | null }[]
}

/** From which phase to which. */
const PHASES_OF: Readonly<Record<MigrationActDraft['kind'], readonly [number, number]>> = {
  copy: [2, 2],
  validate: [2, 5],
  repair: [2, 4],
}
const RUNNING_MAX = 4
const RATES_MAX = 900
const SHOWN_MAX = 20
const TICK_MS = 1_000

export class ActDesk {
  readonly #options: ActDeskOptions
  readonly #store: ActStore
  readonly #work = new Map<string, Work>()
  readonly #timer: NodeJS.Timeout
  #isClosed = false

  constructor(options: ActDeskOptions) {
    this.#options = options
    this.#store = new ActStore(options.state)
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref()
  }

  /** Answers as soon as it has begun. */
  async start(project: Project, draft: MigrationActDraft, by: string): Promise<MigrationAct> {
    this.#check(project, draft)
    const known = await this.#options.listTables(project)
    // Meanwhile another call may have begun one, or moved the project on or back.
    this.#check(this.#options.projectOf(project.name), draft)
    const tasks = this.#tasks(project, draft, known)
    const work = this.#workOf(project.name)
    const { kind } = draft
    if (kind !== 'copy') work.differences.begin(tasks.map(one => one.table))
    const id = this.#store.nextId(project.name)
    const { state, logger, openClusters } = this.#options
    const run = new ActRun(
      { id, kind, by },
      {
        ...{ project, state, logger, tasks, differences: work.differences },
        ...{ writeRate: draft.writeRate, repairTime: draft.time ?? 'source' },
        openClusters: () => openClusters(project),
        onChange: act => this.#store.save(project.name, act),
      },
    )
    this.#store.save(project.name, run.act)
    work.current = run
    work.ended = run.run().finally(() => {
      work.current = undefined
    })
    return run.act
  }

  stop(name: string): MigrationAct {
    const { current } = this.#workOf(name)
    if (current === undefined) refuse(`nothing is under way for ${name}`)
    current.stop()
    return current.act
  }

  working(name: string): MigrationAct['kind'] | null {
    return this.#work.get(name)?.current?.act.kind ?? null
  }

  /** Acts that run now, by the names of their migrations. */
  underWay(): (readonly [name: string, act: MigrationAct])[] {
    return [...this.#work].flatMap(([name, { current }]) =>
      current === undefined ? [] : [[name, current.act] as const],
    )
  }

  progress(project: Project): MigrationProgress {
    const { current, rates } = this.#workOf(project.name)
    const stored = this.#store.list(project.name, id => current?.act.id === id)
    const acts = stored.map(one => (one.id === current?.act.id ? current.act : one))
    const tables = project.tables.length > 0 ? project.tables : tablesOf(acts)
    return {
      act: acts[0] ?? null,
      acts: acts.slice(0, SHOWN_MAX),
      tables: this.#read(db =>
        tables.map(table => ({
          table,
          copy: tallyOf(db, lastRun(db, project, { table, type: 'MIGRATE' })),
          validation: tallyOf(db, lastRun(db, project, { table, type: 'VALIDATE' })),
        })),
      ),
      rates: { times: rates.map(one => one.at), rows: rates.map(one => one.rows) },
    }
  }

  ranges(project: Project, table: string, of: 'copy' | 'validation'): MigrationRanges {
    const type = of === 'copy' ? 'MIGRATE' : 'VALIDATE'
    const states = this.#read(db => {
      const run = lastRun(db, project, { table, type })
      return run === undefined ? '' : rangeStates(db, run.runId)
    })
    return { table, of, states }
  }

  differences(
    name: string,
    of: { readonly table: string | undefined; readonly kind: string | undefined },
  ): MigrationDifferences {
    return this.#workOf(name).differences.view(of)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    for (const { current } of this.#work.values()) current?.stop()
    await Promise.all([...this.#work.values()].map(one => one.ended))
    this.#store.close()
  }

  #check(project: Project, { kind }: MigrationActDraft): void {
    if (this.#isClosed) refuse('the server ends')
    const [from, to] = PHASES_OF[kind]
    if (project.phase < from || project.phase > to) {
      const phases = from === to ? `phase ${from}` : `the phases ${from} to ${to}`
      refuse(`a ${kind} belongs to ${phases}; ${project.name} is in phase ${project.phase}`)
    }
    const { current } = this.#workOf(project.name)
    if (current !== undefined) refuse(`a ${current.act.kind} of ${project.name} is under way`)
    const running = [...this.#work.values()].filter(one => one.current !== undefined).length
    if (running >= RUNNING_MAX) refuse(`${RUNNING_MAX} migrations are being worked on already`)
  }

  #tasks(project: Project, draft: MigrationActDraft, known: readonly string[]): ActTask[] {
    const wanted = draft.tables ?? known
    if (wanted.length === 0) refuse('expected at least one table')
    const unknown = wanted.filter(one => !known.includes(one))
    if (unknown.length > 0) refuse(`${unknown.join(', ')}: not among the tables of the migration`)
    if (draft.kind === 'repair') return this.#repairs(project, draft)
    const dualMs = Date.parse(project.dualSince ?? '')
    return this.#read(db =>
      wanted.map(table => {
        const last = lastRun(db, project, { table, type: 'MIGRATE' })
        const isTooEarly = last !== undefined && last.startedMs < dualMs
        const isRestart = draft.kind === 'validate' || draft.restart === true || isTooEarly
        return { table, isRestart, hasTimes: draft.compareTimestamps === true, keys: undefined }
      }),
    )
  }

  /** Looks again at the ranges that differ, and repairs the chosen rows. */
  #repairs(project: Project, { differences, tables }: MigrationActDraft): ActTask[] {
    const chosen = this.#workOf(project.name).differences.keys(differences)
    const db = new DatabaseSync(this.#options.state, { timeout: 5_000 })
    try {
      const tasks = [...chosen].flatMap(([table, keys]): ActTask[] => {
        if (tables !== undefined && !tables.includes(table)) return []
        const last = lastRun(db, project, { table, type: 'VALIDATE' })
        if (last === undefined) return []
        reopenRun(db, last.runId)
        return [{ table, isRestart: false, hasTimes: last.hasTimes, keys }]
      })
      if (tasks.length === 0) refuse('there is no row to repair: validate first')
      return tasks
    } finally {
      db.close()
    }
  }

  #workOf(name: string): Work {
    const known = this.#work.get(name)
    if (known !== undefined) return known
    const made: Work = {
      ...{ current: undefined, ended: Promise.resolve() },
      ...{ differences: new DifferenceList(), rates: [] },
    }
    this.#work.set(name, made)
    return made
  }

  #read<T>(read: (db: DatabaseSync) => T): T {
    const db = new DatabaseSync(this.#options.state, { readOnly: true, timeout: 5_000 })
    try {
      return read(db)
    } finally {
      db.close()
    }
  }

  /** A pause between two acts is a gap of one point. */
  #tick(): void {
    const at = Math.round(Date.now() / 1000)
    for (const { current, rates } of this.#work.values()) {
      const rows = current === undefined ? null : Math.round(current.rowsPerSecond)
      if (rows === null && (rates.at(-1)?.rows ?? null) === null) continue
      rates.push({ at, rows })
      if (rates.length > RATES_MAX) rates.shift()
    }
  }
}

function tablesOf(acts: readonly MigrationAct[]): string[] {
  return [...new Set(acts.flatMap(act => act.tables.map(one => one.table)))].sort()
}

function tallyOf(db: DatabaseSync, run: LastRun | undefined): MigrationTally | null {
  if (run === undefined) return null
  return { ...rangeTally(db, run.runId), startedAt: new Date(run.startedMs).toISOString() }
}

function refuse(message: string): never {
  throw new ScamanderError(MIGRATE_ERRORS.PROJECT_STATE, message)
}
