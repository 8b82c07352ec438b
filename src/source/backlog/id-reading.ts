/**
 * Reads lists that only grow: rows above the highest id of the last run, of the space, of each project
 * or of each user; the newest notifications once more, and new versions of wiki pages.
 * Called by the reader.
 * Invariant: rows that Backlog does not list any more are no deletes, but the versions of a wiki page
 * that is gone.
 * Spec: backlog-replication 1.8 (MIN-ID, MIN-ID + WINDOW, MIN-VERSION).
 */
import { idPages, type Json, PAGE_ROWS } from '../../backlog/index.ts'
import { ofProjects, usersOf } from './list-reading.ts'
import { fill, type Loop, type SourcePage, type TableReading } from './table-reading.ts'

/** Notifications that may have been read since. */
const WINDOW_ROWS = 500

export async function* grownTable(reading: TableReading): AsyncGenerator<SourcePage> {
  const { iteration, method } = reading.table
  if (iteration === 'space') yield* newOfSpace(reading)
  else if (iteration === 'user') yield* newOfUsers(reading)
  else if (iteration === 'wiki') yield* wikiVersions(reading)
  else yield* ofProjects(reading, project => newOf(reading, { project }))
  if (method === 'MIN-ID + WINDOW') yield* newest(reading)
}

async function* newOfSpace(reading: TableReading): AsyncGenerator<SourcePage> {
  const { isFull, cursor, only } = reading.of
  const named = only === undefined || only.length === 0 ? undefined : Math.min(...only.map(Number))
  const after = isFull ? undefined : named === undefined ? cursor.lastId : named - 1
  for await (const page of idPages(reading.list(reading.table.path, {}), after ?? 0)) {
    reading.cursor = { ...reading.cursor, lastId: highest(page, 'id') }
    yield reading.page(await reading.rows(page, {}))
  }
}

async function* newOfUsers(reading: TableReading): AsyncGenerator<SourcePage> {
  for (const { id } of (await usersOf(reading)) as { id?: number }[]) {
    try {
      yield* newOf(reading, { user: Number(id) })
    } catch (error) {
      reading.leaveOut(`user ${id}`, error)
    }
  }
}

async function* newOf(reading: TableReading, loop: Loop): AsyncGenerator<SourcePage> {
  const { isFull, cursor, only } = reading.of
  const place = Object.values(loop).join('/')
  const isAnew = isFull || only !== undefined
  const after = isAnew ? 0 : (cursor.lastIds?.[place] ?? 0)
  const list = reading.list(fill(reading.table.path, loop), {})
  for await (const page of idPages(list, after)) {
    const lastIds = { ...reading.cursor.lastIds, [place]: highest(page, 'id') }
    reading.cursor = { ...reading.cursor, lastIds }
    yield reading.page(await reading.rows(page, loop))
  }
}

/** From the newest down. */
async function* newest(reading: TableReading): AsyncGenerator<SourcePage> {
  let maxId: number | undefined
  for (let rows = 0; rows < WINDOW_ROWS; ) {
    const params = { count: PAGE_ROWS, order: 'desc', maxId }
    const all = await reading.get<Json[]>(reading.table.path, params)
    const below = maxId
    const page = below === undefined ? all : all.filter(one => Number(one['id']) < below)
    if (page.length > 0) yield reading.page(await reading.rows(page, {}))
    if (page.length === 0 || all.length < PAGE_ROWS) return
    rows += page.length
    maxId = Math.min(...page.map(one => Number(one['id'])))
  }
}

/** Of the pages whose `updated` moved; the versions of one page are one scope. */
async function* wikiVersions(reading: TableReading): AsyncGenerator<SourcePage> {
  const { isFull, cursor, only } = reading.of
  const isAnew = isFull || only !== undefined
  const known = isAnew ? {} : (cursor.updated ?? {})
  yield* ofProjects(reading, async function* (project) {
    const same: string[] = []
    for (const { id, updated } of await reading.get<WikiEntry[]>('wikis', {
      projectIdOrKey: project,
    })) {
      const wiki = String(id)
      reading.listed.add(wiki)
      if (known[wiki] === updated) {
        same.push(wiki)
        continue
      }
      yield* versionsOf(reading, wiki, isAnew)
      reading.cursor = {
        ...reading.cursor,
        updated: { ...reading.cursor.updated, [wiki]: String(updated) },
      }
    }
    yield reading.page([], { scopesSame: same })
  })
  if (reading.isFaulty) return
  const gone = Object.keys(cursor.updated ?? {}).filter(id => !reading.listed.has(id))
  const versions = { ...reading.cursor.versions }
  for (const id of gone) delete versions[id]
  reading.cursor = { ...reading.cursor, versions }
  yield reading.page([], { scopesGone: gone })
  reading.isComplete = isAnew
}

interface WikiEntry {
  readonly id: number
  readonly updated: string
}

async function* versionsOf(
  reading: TableReading,
  wiki: string,
  isAnew: boolean,
): AsyncGenerator<SourcePage> {
  const after = isAnew ? 0 : (reading.of.cursor.versions?.[wiki] ?? 0)
  const path = fill(reading.table.path, { wiki })
  for (let last = after; ; ) {
    const params = { count: PAGE_ROWS, order: 'asc', minId: last }
    const all = await reading.get<Json[]>(path, params)
    const page = all.filter(one => Number(one['version']) > last)
    if (page.length > 0) {
      last = highest(page, 'version')
      const versions = { ...reading.cursor.versions, [wiki]: last }
      reading.cursor = { ...reading.cursor, versions }
      const rows = page.map(one => reading.row(one, { wiki: Number(wiki) }, wiki))
      yield reading.page(rows, { scopesDone: [], at: `versions of wiki page ${wiki}` })
    }
    if (page.length === 0 || all.length < PAGE_ROWS) return
  }
}

function highest(page: readonly Json[], member: string): number {
  return Math.max(...page.map(one => Number(one[member])))
}
