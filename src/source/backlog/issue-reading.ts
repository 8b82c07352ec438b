/**
 * Reads issues, or what belongs to each of them: a first load by day of creation, then what changed by
 * day of change and by the activities of the space.
 * Called by the reader.
 * Invariant: a cursor never passes issues that were not handed out.
 * Spec: backlog-replication 1.8 (UPDATED-DATE, CHILD-OF-CHANGED).
 */
import { idPages, type Json, offsetPages, PAGE_ROWS, type Params } from '../../backlog/index.ts'
import { issueParams } from './row-filter.ts'
import type { BacklogCursor, SourcePage, SourceRow, TableReading } from './table-reading.ts'
import { isoDay, nextWatermark, sinceDay, type Watermark } from './watermark.ts'

const DAY_MS = 86_400_000
export const OVERLAP_MS = 5 * 60_000
/** Of the children of an issue; with bulk changes, and those that name it. */
const CHILD_TYPES = [2, 3, 4, 14, 17, 35, 47]
const EXPAND = { expand: ['childIssueSummary'] }

export class IssueReading {
  readonly #reading: TableReading
  /** Issues whose children were read in this run's last phase. */
  readonly #fetched = new Set<string>()

  constructor(reading: TableReading) {
    this.#reading = reading
  }

  async *pages(): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    const { cursor, isFull, nowMs, only } = reading.of
    if (only !== undefined) {
      yield* this.#named(only)
      return
    }
    if (cursor.watermarkMs !== undefined && !isFull) {
      yield* this.#changed({ watermarkMs: cursor.watermarkMs })
      return
    }
    const projects = await reading.projects()
    const isResumed = cursor.loadDay !== undefined
    const startMs = isResumed ? (cursor.loadStartMs ?? nowMs) : nowMs
    const activityId = isResumed ? cursor.activityId : await reading.newestActivity()
    reading.cursor = {
      loadStartMs: startMs,
      projects: reading.everKnown(projects),
      ...(activityId === undefined ? {} : { activityId }),
    }
    const wanted = issueParams(reading.of.filter, projects)
    if (wanted !== undefined)
      yield* this.#load(isResumed ? Date.parse(cursor.loadDay) : undefined, wanted)
    const isSafe = !isResumed && !reading.isFaulty && !reading.isProjectLost(projects)
    this.#fetched.clear()
    yield* this.#changed({ watermarkMs: startMs })
    reading.isComplete = isSafe && !reading.isFaulty
  }

  /** Not complete: what is not named is not looked at. */
  async *#named(ids: readonly string[]): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    let gone = 0
    for (let at = 0; at < ids.length; at += PAGE_ROWS) {
      const id = ids.slice(at, at + PAGE_ROWS)
      const rows = await reading.get<Json[]>('issues', { id, count: PAGE_ROWS, ...EXPAND })
      gone += id.length - rows.length
      yield* this.#issueRows(rows, () => reading.cursor, 'issues that were named')
    }
    if (gone > 0)
      reading.of.warn(
        `${gone} issues of rejected rows are not there any more; nothing was read of them`,
      )
  }

  /** Windows by creation day: their order does not move while people edit. */
  async *#load(fromMs: number | undefined, wanted: Params): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    const { count } = await reading.get<{ count: number }>('issues/count', wanted)
    reading.of.onTotal(count)
    const { nowMs, filter } = reading.of
    const oldest = { ...wanted, sort: 'created', order: 'asc' }
    const [first] = await reading.get<Json[]>('issues', { ...oldest, count: 1 })
    if (first === undefined) return
    // Backlog is asked by days.
    const windowMs = Math.max(reading.of.windowMs ?? 180 * DAY_MS, DAY_MS)
    // What changed since it was read is caught up with after the load.
    const doneMs = fromMs === undefined ? 0 : (reading.of.cursor.loadedMs ?? 0)
    const end = Math.min(nowMs + 2 * DAY_MS, filter?.createdUntilMs ?? nowMs + 2 * DAY_MS)
    let start = Math.max(fromMs ?? 0, createdMs(first), filter?.createdSinceMs ?? 0) - DAY_MS
    for (; start <= end; start += windowMs) {
      const params = {
        ...oldest,
        createdSince: isoDay(start),
        createdUntil: isoDay(Math.min(start + windowMs, end + DAY_MS)),
        ...EXPAND,
      }
      for await (const all of offsetPages(reading.list('issues', params))) {
        const rows = all.filter(one => createdMs(one) >= doneMs)
        const day = String(all.at(-1)?.['created']).slice(0, 10)
        yield* this.#issueRows(rows, one => this.#loadedUntil(one), `issues of ${day}`)
        reading.cursor = this.#loadedUntil(all.at(-1)!)
      }
    }
  }

  #loadedUntil(issue: Json): BacklogCursor {
    const loadDay = String(issue['created']).slice(0, 10)
    return { ...this.#reading.cursor, loadDay, loadedMs: createdMs(issue) }
  }

  async *#changed(mark: Watermark): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    const { nowMs, warn } = reading.of
    // Before the list: what is told after this is read by the next run, whenever its issue was read.
    const { gone, touched, activityId } = await this.#activities()
    const floor = mark.watermarkMs - OVERLAP_MS
    let seenMs = mark.watermarkMs
    const params = { sort: 'updated', order: 'asc', updatedSince: sinceDay(mark), ...EXPAND }
    for await (const all of offsetPages(reading.list('issues', params))) {
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
        yield* this.#issueRows(rows, () => reading.cursor, `issues changed until ${isoDay(seenMs)}`)
    }
    yield* this.#touched([...touched].filter(id => !this.#fetched.has(id)))
    const { loadDay: _day, loadStartMs: _start, loadedMs: _done, ...kept } = reading.cursor
    const watermarkMs = nextWatermark(seenMs, nowMs)
    reading.cursor = { ...kept, watermarkMs, ...(activityId === undefined ? {} : { activityId }) }
    yield reading.page([], { scopesGone: gone, at: 'activities' })
  }

  /** The issues themselves, or what belongs to each of them; `cursorOf` holds once an issue is done. */
  async *#issueRows(
    issues: readonly Json[],
    cursorOf: (issue: Json) => BacklogCursor,
    at: string,
  ): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    const last = issues.at(-1)
    if (last === undefined) return
    if (reading.table.iteration === 'issue') {
      for (const issue of issues) yield* this.#childrenOf(issue, cursorOf(issue), at)
      return
    }
    const rows: SourceRow[] = []
    for (const payload of issues) {
      const loop = {
        issue: payload['id'],
        project: payload['projectId'],
        issueUrl: `${reading.of.client.origin}/view/${payload['issueKey']}`,
      }
      rows.push(reading.row(await reading.detailed(payload, {}), loop))
    }
    yield reading.page(rows, { cursor: cursorOf(last), at })
  }

  async *#childrenOf(issue: Json, cursor: BacklogCursor, at: string): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    const scope = String(issue['id'])
    this.#fetched.add(scope)
    const loop = { issue: issue['id'], project: issue['projectId'] }
    const rows: SourceRow[] = []
    try {
      for await (const page of reading.payloads({ issue: scope }))
        rows.push(...page.map(payload => reading.row(payload, loop, scope)))
      yield reading.page(rows, { scopesDone: [scope], cursor, at })
    } catch (error) {
      if (!reading.isGone(error)) throw error
      yield reading.page([], { scopesGone: [scope], cursor, at })
    }
  }

  /** What belongs to issues that activities name; of those that are gone the list says nothing. */
  async *#touched(ids: readonly string[]): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    for (let at = 0; at < ids.length; at += PAGE_ROWS) {
      const id = ids.slice(at, at + PAGE_ROWS)
      const found = await reading.get<Json[]>('issues', { id, count: PAGE_ROWS })
      const byId = new Map(found.map(one => [String(one['id']), one]))
      for (const one of id) {
        const issue = byId.get(one) ?? { id: Number(one), projectId: null }
        yield* this.#childrenOf(issue, reading.cursor, 'issues named by activities')
      }
    }
  }

  /** Deleted issues, and those that were commented on, since the last run. */
  async #activities(): Promise<{
    gone: string[]
    touched: Set<string>
    activityId: number | undefined
  }> {
    const reading = this.#reading
    const after = reading.cursor.activityId ?? reading.of.cursor.activityId
    const gone: string[] = []
    const touched = new Set<string>()
    let activityId = after
    if (after === undefined) return { gone, touched, activityId: await reading.newestActivity() }
    const isChild = reading.table.iteration === 'issue'
    const params = { activityTypeId: isChild ? CHILD_TYPES : [4] }
    for await (const page of idPages(reading.list('space/activities', params), after)) {
      for (const one of page) {
        activityId = Math.max(activityId ?? 0, Number(one['id']))
        const ids = issuesOf(one['content'] as Json | null)
        if (one['type'] === 4) gone.push(...ids)
        else if (isChild) for (const id of ids) touched.add(id)
      }
    }
    for (const id of gone) touched.delete(id)
    return { gone, touched, activityId }
  }
}

/** One, or those of a change in bulk. */
function issuesOf(content: Json | null): string[] {
  const links = Array.isArray(content?.['link']) ? (content['link'] as Json[]) : []
  return [content ?? {}, ...links]
    .map(one => one['id'])
    .filter(id => id !== undefined && id !== null)
    .map(String)
}

function createdMs(issue: Json): number {
  return Date.parse(String(issue['created']))
}
