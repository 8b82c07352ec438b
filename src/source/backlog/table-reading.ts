/**
 * One reading of a table: its requests, what it knows by now, and the making of rows and pages.
 * Shared by the ways of reading beside this file; made by the reader, once per run and group of tasks.
 * Invariants: `isFaulty` is set as soon as a row may be missing; what is refused is told as a warning,
 * and nothing is derived from it.
 * Spec: backlog-replication 1.5, 1.7, 1.8.
 */
import {
  BACKLOG_ERRORS,
  type BacklogClient,
  type Caller,
  idPages,
  type Json,
  type ListOptions,
  offsetPages,
  type Params,
} from '../../backlog/index.ts'
import { isScamanderError } from '../../base/scamander-error.ts'
import { CATALOGUE } from './catalogue.ts'
import type { CatalogueTable } from './catalogue-table.ts'
import type { LoopValues } from './read-row.ts'
import type { RowFilter } from './row-filter.ts'

export interface SourceRow {
  readonly payload: Json
  readonly loop: LoopValues
  readonly scope: string
}

export interface SourcePage {
  readonly rows: readonly SourceRow[]
  /** All their rows are in this page. */
  readonly scopesDone: readonly string[]
  /** Known to be unchanged. */
  readonly scopesSame: readonly string[]
  /** Known to be deleted. */
  readonly scopesGone: readonly string[]
  readonly cursor: BacklogCursor
  /** For progress: "issues, page 12". */
  readonly at: string
}

export interface BacklogCursor {
  /** First load of issues: rows created before this day are done. */
  readonly loadDay?: string
  /** And those created before this moment of that day. */
  readonly loadedMs?: number
  /** When that load began; its catch-up starts there. */
  readonly loadStartMs?: number
  readonly watermarkMs?: number
  readonly activityId?: number
  readonly lastId?: number
  /** The highest id by what is looped over: projects, users. */
  readonly lastIds?: Readonly<Record<string, number>>
  /** Of wiki pages: `updated` by id. */
  readonly updated?: Readonly<Record<string, string>>
  /** Documents in the trash: one that comes back may be as old as it was. */
  readonly trash?: readonly string[]
  /** The highest version by wiki page. */
  readonly versions?: Readonly<Record<string, number>>
  /** The highest number of a pull request by repository. */
  readonly numbers?: Readonly<Record<string, number>>
  /** Projects that the last run could not read: they are read whole. */
  readonly leftOut?: readonly number[]
  /** When everything was last looked at, in tables whose changes Backlog cannot be asked for. */
  readonly deepMs?: number
  readonly projects?: readonly number[]
}

export interface ReadOptions {
  readonly client: BacklogClient
  readonly caller: Caller
  readonly cursor: BacklogCursor
  /** All rows, whatever the cursor says. */
  readonly isFull: boolean
  /** Rows of these scopes and, of tables that are read whole or in order, others beside them; changes are not looked for. */
  readonly only?: readonly string[]
  /** Names of the tables that are made of this reading; parts of rows that only others need are not asked for. */
  readonly wanted?: ReadonlySet<string>
  /** Rows that may be left out. Changes of issues are read of all: a row that fits no more has to be seen. */
  readonly filter?: RowFilter | undefined
  readonly nowMs: number
  /** How much of the past a first load asks for at a time. @default 180 days */
  readonly windowMs?: number | undefined
  readonly warn: (text: string) => void
  readonly onTotal: (rows: number) => void
}

export type Loop = Readonly<Record<string, string | number>>

export class TableReading {
  readonly table: CatalogueTable
  readonly of: ReadOptions
  isFaulty = false
  /** Every row was listed. */
  isComplete = false
  /** Ids of wiki pages that lists brought. */
  readonly listed = new Set<string>()
  cursor: BacklogCursor
  spaceKey = ''
  myself = 0
  readonly #details: readonly CatalogueTable[]

  constructor(table: CatalogueTable, options: ReadOptions) {
    this.table = table
    this.of = options
    this.cursor = options.cursor
    this.#details = CATALOGUE.filter(
      one =>
        one.parent === table.name &&
        one.detail !== undefined &&
        options.wanted?.has(one.name) === true,
    )
  }

  get<T>(path: string, params: Params = {}): Promise<T> {
    return this.of.client.get<T>(path, params, this.of.caller)
  }

  list(path: string, params: Params): ListOptions {
    const onDrift = () => {
      this.isFaulty = true
      this.of.warn('PAGING_DRIFT: the list moved while it was read; the next run reads it again')
    }
    return { client: this.of.client, caller: this.of.caller, path, params, onDrift }
  }

  /** The resource of the table, in its own way of paging. */
  async *payloads(loop: Loop): AsyncGenerator<Json[]> {
    const { path, params = {}, paging } = this.table
    const values = { ...loop, myself: this.myself }
    const at = fill(path, values)
    const query: Record<string, string> = {}
    for (const [name, value] of Object.entries(params)) query[name] = fill(value, values)
    const list = this.list(at, query)
    if (paging === 'offset') yield* offsetPages(list)
    else if (paging === 'id') yield* idPages(list, undefined)
    else {
      const answer = await this.get<Json | Json[]>(at, query)
      yield Array.isArray(answer) ? answer : [answer as Json]
    }
  }

  /** Rows by themselves: each has a scope of its own. */
  async rows(payloads: readonly Json[], loop: Loop): Promise<SourceRow[]> {
    const rows: SourceRow[] = []
    for (const payload of payloads) {
      const whole = await this.detailed(payload, loop)
      for (const one of this.table.rows?.(whole) ?? [whole]) rows.push(this.row(one, loop))
    }
    return rows
  }

  row(payload: Json, loop: LoopValues, ownScope?: string): SourceRow {
    const month = String(payload['created'] ?? '').slice(0, 7)
    const id = (payload as { id?: unknown }).id ?? payload['spaceKey'] ?? this.spaceKey
    const outer = loop['project'] ?? loop['user']
    const isAlone = outer === undefined || HAS_OWN_ID.has(this.table.name)
    return {
      payload,
      loop: { space: this.spaceKey, myself: this.myself, month, ...loop },
      scope: ownScope ?? (isAlone ? String(id) : `${outer}/${id}`),
    }
  }

  /** With the parts that a payload has in short only, where a table needs them whole. */
  async detailed(payload: Json, loop: Loop): Promise<Json> {
    let whole = payload
    for (const { detail = '', member = '' } of this.#details) {
      const parts = payload[member]
      const isShort = (part: Json) => part['created'] === undefined
      if (!Array.isArray(parts) || !parts.some(isShort)) continue
      const at = fill(detail, { ...loop, ...(payload as Loop) })
      try {
        whole = { ...whole, [member]: await this.get<Json[]>(at) }
      } catch (error) {
        if (!isLeftOut(error)) throw error
      }
    }
    return whole
  }

  page(rows: readonly SourceRow[], of: Partial<Omit<SourcePage, 'rows'>> = {}): SourcePage {
    return {
      rows,
      scopesDone: rows.map(one => one.scope),
      scopesSame: [],
      scopesGone: [],
      cursor: this.cursor,
      at: this.table.name,
      ...of,
    }
  }

  isGone(error: unknown): boolean {
    return isScamanderError(error) && error.code === BACKLOG_ERRORS.GONE.code
  }

  /** Its rows stay; nothing is derived from their absence. */
  leaveOut(what: string, error: unknown): void {
    if (!isLeftOut(error)) throw error
    this.isFaulty = true
    this.of.warn(`${what} was left out, and its rows were kept: ${error.message}`)
  }

  async projects(): Promise<number[]> {
    const projects = await this.get<Json[]>('projects')
    return projects.map(one => Number(one['id']))
  }

  /** A project that was there and is not: its rows are not deletes. */
  isProjectLost(now: readonly number[]): boolean {
    const lost = (this.of.cursor.projects ?? []).filter(one => !now.includes(one))
    for (const id of lost)
      this.of.warn(
        `project ${id} cannot be read any more; its rows were kept, and no missing row was deleted. Run with "accept deletes" when it is gone for good.`,
      )
    return lost.length > 0
  }

  /** A project that is lost stays in sight, so that the run after this one does not take its rows for deletes. */
  everKnown(now: readonly number[]): number[] {
    return [...new Set([...now, ...(this.of.cursor.projects ?? [])])]
  }

  /** The newest id of the space's activities: what comes later is looked at by the next run. */
  async newestActivity(): Promise<number> {
    const [newest] = await this.get<Json[]>('space/activities', { count: 1 })
    return newest === undefined ? 0 : Number(newest['id'])
  }
}

/** Their ids are unique in the space, whatever they were found by. */
const HAS_OWN_ID: ReadonlySet<string> = new Set(['WikiPages', 'Issues', 'Documents'])

/** Refused to this user, not in this plan, or gone meanwhile. */
export function isLeftOut(error: unknown): error is Error {
  const codes = [BACKLOG_ERRORS.REFUSED.code, BACKLOG_ERRORS.GONE.code]
  return isScamanderError(error) && codes.includes(error.code)
}

export function fill(text: string, values: Loop): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values[name] ?? '')),
  )
}
