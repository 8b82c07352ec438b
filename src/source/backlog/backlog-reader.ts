/**
 * Reads one root table of the catalogue, whole or what changed, as pages of payloads. Each page has
 * the cursor that holds once its rows are written, and the scopes (an issue, a wiki page) whose rows
 * it brought completely: what such a scope had and has no more is gone.
 * Called by the replication engine, once per run and group of tasks.
 * Invariants: `isComplete` is only true when every row of the table was listed without a fault, so
 * that missing keys are deletes; a cursor never passes rows that were not handed out.
 * Spec: backlog-replication 1.6, 1.8, 2.9.
 */

import {
  BACKLOG_ERRORS,
  type BacklogClient,
  type Caller,
  idPages,
  type Json,
  type ListOptions,
  offsetPages,
  PAGE_ROWS,
  type Params,
} from '../../backlog/index.ts'
import { isScamanderError } from '../../base/scamander-error.ts'
import type { CatalogueTable } from './catalogue.ts'
import type { LoopValues } from './read-row.ts'
import { isoDay, nextWatermark, sinceDay, type Watermark } from './watermark.ts'

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
  /** Of wiki pages: `updated` by id. */
  readonly updated?: Readonly<Record<string, string>>
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
  readonly nowMs: number
  readonly warn: (text: string) => void
  readonly onTotal: (rows: number) => void
}

const DAY_MS = 86_400_000

export class BacklogReader {
  /** Every row was listed. Valid at the end. */
  isComplete = false
  readonly #table: CatalogueTable
  readonly #of: ReadOptions
  #isFaulty = false
  /** Issues whose children were read in this run's last phase. */
  readonly #fetched = new Set<string>()
  #cursor: BacklogCursor
  #spaceKey = ''
  #myself = 0

  constructor(table: CatalogueTable, options: ReadOptions) {
    this.#table = table
    this.#of = options
    this.#cursor = options.cursor
  }

  async *pages(): AsyncGenerator<SourcePage> {
    const { iteration, method, path } = this.#table
    const needsSpace =
      this.#table.columns.some(one => one.path === '@space') || path.startsWith('space')
    if (needsSpace) this.#spaceKey = String((await this.#get<Json>('space'))['spaceKey'])
    const needsMyself =
      path.includes('{myself}') || this.#table.columns.some(one => one.path === '@myself')
    if (needsMyself) this.#myself = Number((await this.#get<Json>('users/myself'))['id'])
    if (method === 'UPDATED-DATE' || iteration === 'issue') yield* this.#issuePages()
    else if (method === 'MIN-ID') yield* this.#newRows()
    else yield* this.#wholeTable()
  }

  async *#issuePages(): AsyncGenerator<SourcePage> {
    const { cursor, isFull, nowMs, only } = this.#of
    if (only !== undefined) {
      yield* this.#namedIssues(only)
      return
    }
    const isLoading = cursor.watermarkMs === undefined || isFull
    if (!isLoading) {
      yield* this.#changedIssues({ watermarkMs: cursor.watermarkMs ?? 0 })
      return
    }
    const projects = await this.#projects()
    const isResumed = cursor.loadDay !== undefined
    const startMs = isResumed ? (cursor.loadStartMs ?? nowMs) : nowMs
    const activityId = isResumed ? cursor.activityId : await this.#newestActivity()
    this.#cursor = {
      loadStartMs: startMs,
      projects: this.#everKnown(projects),
      ...(activityId === undefined ? {} : { activityId }),
    }
    const { count } = await this.#get<{ count: number }>('issues/count')
    this.#of.onTotal(count)
    const from = cursor.loadDay === undefined || !isResumed ? undefined : Date.parse(cursor.loadDay)
    yield* this.#loadIssues(from, nowMs)
    const isSafe = !isResumed && !this.#isFaulty && !(await this.#lostProject(projects))
    this.#fetched.clear()
    yield* this.#changedIssues({ watermarkMs: startMs })
    this.isComplete = isSafe && !this.#isFaulty
  }

  /** Not complete: what is not named is not looked at. */
  async *#namedIssues(ids: readonly string[]): AsyncGenerator<SourcePage> {
    let gone = 0
    for (let at = 0; at < ids.length; at += PAGE_ROWS) {
      const id = ids.slice(at, at + PAGE_ROWS)
      const rows = await this.#get<Json[]>('issues', { id, count: PAGE_ROWS })
      gone += id.length - rows.length
      yield* this.#issueRows(rows, () => this.#cursor, 'issues that were named')
    }
    if (gone > 0)
      this.#of.warn(
        `${gone} issues of rejected rows are not there any more; nothing was read of them`,
      )
  }

  /** Windows by creation day: their order does not move while people edit. */
  async *#loadIssues(fromMs: number | undefined, nowMs: number): AsyncGenerator<SourcePage> {
    const oldest = await this.#get<Json[]>('issues', { sort: 'created', order: 'asc', count: 1 })
    const first = oldest[0]
    if (first === undefined) return
    const windowMs = 180 * DAY_MS
    // What changed since it was read is caught up with after the load.
    const doneMs = fromMs === undefined ? 0 : (this.#of.cursor.loadedMs ?? 0)
    let start = Math.max(fromMs ?? 0, Date.parse(String(first['created']))) - DAY_MS
    for (; start <= nowMs + 2 * DAY_MS; start += windowMs) {
      const params = {
        sort: 'created',
        order: 'asc',
        createdSince: isoDay(start),
        createdUntil: isoDay(start + windowMs),
      }
      for await (const all of offsetPages(this.#list('issues', params))) {
        const rows = all.filter(one => createdMs(one) >= doneMs)
        const day = String(all.at(-1)?.['created']).slice(0, 10)
        yield* this.#issueRows(rows, one => this.#loadedUntil(one), `issues of ${day}`)
        this.#cursor = this.#loadedUntil(all.at(-1)!)
      }
    }
  }

  #loadedUntil(issue: Json): BacklogCursor {
    const loadDay = String(issue['created']).slice(0, 10)
    return { ...this.#cursor, loadDay, loadedMs: createdMs(issue) }
  }

  async *#changedIssues(mark: Watermark): AsyncGenerator<SourcePage> {
    const { nowMs, warn } = this.#of
    const floor = mark.watermarkMs - OVERLAP_MS
    let seenMs = mark.watermarkMs
    const params = { sort: 'updated', order: 'asc', updatedSince: sinceDay(mark) }
    for await (const all of offsetPages(this.#list('issues', params))) {
      const rows = all.filter(one => Date.parse(String(one['updated'])) >= floor)
      for (const row of rows) {
        const updatedMs = Date.parse(String(row['updated']))
        if (updatedMs > nowMs + OVERLAP_MS)
          warn(
            'an issue has a date of change in the future: it is loaded, and read again each time',
          )
        else seenMs = Math.max(seenMs, updatedMs)
      }
      if (rows.length > 0)
        yield* this.#issueRows(rows, () => this.#cursor, `issues changed until ${isoDay(seenMs)}`)
    }
    const { gone, touched, activityId } = await this.#activities()
    yield* this.#touchedIssues([...touched].filter(id => !this.#fetched.has(id)))
    const { loadDay: _day, loadStartMs: _start, loadedMs: _done, ...kept } = this.#cursor
    const watermarkMs = nextWatermark(seenMs, nowMs)
    this.#cursor = { ...kept, watermarkMs, ...(activityId === undefined ? {} : { activityId }) }
    yield {
      rows: [],
      scopesDone: [],
      scopesSame: [],
      scopesGone: gone,
      cursor: this.#cursor,
      at: 'activities',
    }
  }

  /** The issues themselves, or what belongs to each of them; `cursorOf` holds once an issue is done. */
  async *#issueRows(
    issues: readonly Json[],
    cursorOf: (issue: Json) => BacklogCursor,
    at: string,
  ): AsyncGenerator<SourcePage> {
    const last = issues.at(-1)
    if (last === undefined) return
    const scopes = issues.map(one => String(one['id']))
    if (this.#table.iteration !== 'issue') {
      const rows = issues.map(payload =>
        this.#row(payload, {
          issue: payload['id'],
          project: payload['projectId'],
          issueUrl: `${this.#of.client.origin}/view/${payload['issueKey']}`,
        }),
      )
      const cursor = cursorOf(last)
      yield { rows, scopesDone: scopes, scopesSame: [], scopesGone: [], cursor, at }
      return
    }
    for (const issue of issues) yield* this.#childrenOf(issue, cursorOf(issue), at)
  }

  async *#childrenOf(issue: Json, cursor: BacklogCursor, at: string): AsyncGenerator<SourcePage> {
    const scope = String(issue['id'])
    this.#fetched.add(scope)
    const loop = { issue: issue['id'], project: issue['projectId'] }
    const rows: SourceRow[] = []
    try {
      for await (const page of this.#listPages({ issue: scope }))
        rows.push(...page.map(payload => ({ payload, loop, scope })))
      yield { rows, scopesDone: [scope], scopesSame: [], scopesGone: [], cursor, at }
    } catch (error) {
      if (!isScamanderError(error) || error.code !== BACKLOG_ERRORS.GONE.code) throw error
      yield { rows: [], scopesDone: [], scopesSame: [], scopesGone: [scope], cursor, at }
    }
  }

  /** What belongs to issues that activities name; of those that are gone the list says nothing. */
  async *#touchedIssues(ids: readonly string[]): AsyncGenerator<SourcePage> {
    for (let at = 0; at < ids.length; at += PAGE_ROWS) {
      const id = ids.slice(at, at + PAGE_ROWS)
      const found = await this.#get<Json[]>('issues', { id, count: PAGE_ROWS })
      const byId = new Map(found.map(one => [String(one['id']), one]))
      for (const one of id) {
        const issue = byId.get(one) ?? { id: Number(one), projectId: null }
        yield* this.#childrenOf(issue, this.#cursor, 'issues named by activities')
      }
    }
  }

  /** Deleted issues, and those that were commented on, since the last run. */
  async #activities(): Promise<{
    gone: string[]
    touched: Set<string>
    activityId: number | undefined
  }> {
    const after = this.#cursor.activityId ?? this.#of.cursor.activityId
    const gone: string[] = []
    const touched = new Set<string>()
    let activityId = after
    if (after === undefined) return { gone, touched, activityId: await this.#newestActivity() }
    const isChild = this.#table.iteration === 'issue'
    const types = isChild ? [2, 3, 4, 14, 17, 35] : [4]
    for await (const page of idPages(
      this.#list('space/activities', { activityTypeId: types }),
      after,
    )) {
      for (const one of page) {
        activityId = Math.max(activityId ?? 0, Number(one['id']))
        const id = (one['content'] as Json | null)?.['id']
        if (id === undefined || id === null) continue
        if (one['type'] === 4) gone.push(String(id))
        else if (isChild) touched.add(String(id))
      }
    }
    for (const id of gone) touched.delete(id)
    return { gone, touched, activityId }
  }

  async #newestActivity(): Promise<number | undefined> {
    const [newest] = await this.#get<Json[]>('space/activities', { count: 1 })
    return newest === undefined ? 0 : Number(newest['id'])
  }

  async *#newRows(): AsyncGenerator<SourcePage> {
    const { isFull, cursor, only } = this.#of
    const named =
      only === undefined || only.length === 0 ? undefined : Math.min(...only.map(Number))
    const after = isFull ? undefined : named === undefined ? cursor.lastId : named - 1
    for await (const page of idPages(this.#list(this.#table.path, {}), after ?? 0)) {
      const lastId = Math.max(...page.map(one => Number(one['id'])))
      yield this.#page(
        page.map(one => this.#row(one, {})),
        { ...this.#cursor, lastId },
      )
    }
  }

  async *#wholeTable(): AsyncGenerator<SourcePage> {
    const { iteration } = this.#table
    if (iteration === 'space') yield* this.#listOf({})
    else {
      const projects = await this.#projects()
      for (const project of projects) yield* this.#ofProject(project)
      if (await this.#lostProject(projects)) this.#isFaulty = true
      this.#cursor = { ...this.#cursor, projects: this.#everKnown(projects) }
      yield this.#page([], this.#cursor)
    }
    this.isComplete = !this.#isFaulty
  }

  async *#ofProject(project: number): AsyncGenerator<SourcePage> {
    try {
      if (this.#table.iteration === 'project') {
        yield* this.#listOf({ project })
        return
      }
      const repositories = await this.#get<Json[]>(`projects/${project}/git/repositories`)
      for (const { id } of repositories as { id?: number }[])
        yield* this.#listOf({ project, repository: Number(id) })
    } catch (error) {
      const isRefused =
        isScamanderError(error) &&
        [BACKLOG_ERRORS.REFUSED.code, BACKLOG_ERRORS.GONE.code].includes(error.code)
      if (!isRefused) throw error
      this.#isFaulty = true
      this.#of.warn(`project ${project} was left out, and its rows were kept: ${error.message}`)
    }
  }

  async *#listOf(loop: { project?: number; repository?: number }): AsyncGenerator<SourcePage> {
    for await (const page of this.#listPages(loop)) {
      if (this.#table.method === 'LIST-DIFF') yield await this.#changedBodies(page, loop)
      else
        yield this.#page(
          page.map(payload => this.#row(payload, loop)),
          this.#cursor,
        )
    }
  }

  /** The list tells which changed; only those are fetched whole. */
  async #changedBodies(page: readonly Json[], loop: LoopValues): Promise<SourcePage> {
    const known = this.#of.isFull ? {} : { ...this.#of.cursor.updated }
    for (const id of this.#of.only ?? []) delete known[id]
    const rows: SourceRow[] = []
    const same: string[] = []
    const updated: Record<string, string> = { ...this.#cursor.updated }
    for (const listed of page) {
      const id = String(listed['id'])
      updated[id] = String(listed['updated'])
      if (known[id] === updated[id]) same.push(id)
      else rows.push(this.#row(await this.#get<Json>(`${this.#table.path}/${id}`), loop))
    }
    this.#cursor = { ...this.#cursor, updated }
    return { ...this.#page(rows, this.#cursor), scopesSame: same }
  }

  async *#listPages(loop: Readonly<Record<string, string | number>>): AsyncGenerator<Json[]> {
    const { path, params = {}, paging } = this.#table
    const values = { ...loop, myself: this.#myself }
    const at = fill(path, values)
    const query: Record<string, string> = {}
    for (const [name, value] of Object.entries(params)) query[name] = fill(value, values)
    const list = this.#list(at, query)
    if (paging === 'offset') yield* offsetPages(list)
    else if (paging === 'id') yield* idPages(list, undefined)
    else {
      const answer = await this.#get<Json | Json[]>(at, query)
      yield Array.isArray(answer) ? answer : [answer as Json]
    }
  }

  #row(payload: Json, loop: LoopValues): SourceRow {
    const month = String(payload['created'] ?? '').slice(0, 7)
    const id = (payload as { id?: unknown }).id ?? payload['spaceKey'] ?? this.#spaceKey
    const scope = `${loop['project'] ?? ''}${loop['project'] === undefined || this.#table.name === 'WikiPages' ? '' : '/'}${id}`
    return {
      payload,
      loop: { space: this.#spaceKey, myself: this.#myself, month, ...loop },
      scope:
        this.#table.iteration === 'issue' ||
        this.#table.name === 'WikiPages' ||
        this.#table.name === 'Issues'
          ? String(id)
          : scope,
    }
  }

  #page(rows: readonly SourceRow[], cursor: BacklogCursor): SourcePage {
    return {
      rows,
      scopesDone: rows.map(one => one.scope),
      scopesSame: [],
      scopesGone: [],
      cursor,
      at: this.#table.name,
    }
  }

  async #projects(): Promise<number[]> {
    const projects = await this.#get<Json[]>('projects')
    return projects.map(one => Number(one['id']))
  }

  /** A project that was there and is not: its rows are not deletes. */
  async #lostProject(now: readonly number[]): Promise<boolean> {
    const lost = (this.#of.cursor.projects ?? []).filter(one => !now.includes(one))
    for (const id of lost)
      this.#of.warn(
        `project ${id} cannot be read any more; its rows were kept, and no missing row was deleted. Run with "accept deletes" when it is gone for good.`,
      )
    return lost.length > 0
  }

  /** A project that is lost stays in sight, so that the run after this one does not take its rows for deletes. */
  #everKnown(now: readonly number[]): number[] {
    return [...new Set([...now, ...(this.#of.cursor.projects ?? [])])]
  }

  #list(path: string, params: Params): ListOptions {
    const onDrift = () => {
      this.#isFaulty = true
      this.#of.warn('PAGING_DRIFT: the list moved while it was read; the next run reads it again')
    }
    return { client: this.#of.client, caller: this.#of.caller, path, params, onDrift }
  }

  #get<T>(path: string, params: Params = {}): Promise<T> {
    return this.#of.client.get<T>(path, params, this.#of.caller)
  }
}

const OVERLAP_MS = 5 * 60_000

function createdMs(issue: Json): number {
  return Date.parse(String(issue['created']))
}

function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values[name] ?? '')),
  )
}
