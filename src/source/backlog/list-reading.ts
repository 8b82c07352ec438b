/**
 * Reads tables that are listed whole in every run: of the space, of each project, of folders; and wiki
 * pages, of which the list tells which to fetch.
 * Called by the reader.
 * Invariant: `isComplete` only when every list was answered without a fault.
 * Spec: backlog-replication 1.7, 1.8 (FULL, FULL-HASH, LIST-DIFF), 2.9.
 */
import { type Json, offsetPages } from '../../backlog/index.ts'
import type { Loop, SourcePage, SourceRow, TableReading } from './table-reading.ts'

/** The list may be long: so many bodies are held at a time, and not fetched again after a cut. */
const BODIES = 100

export async function* listedTable(reading: TableReading): AsyncGenerator<SourcePage> {
  const { iteration, name } = reading.table
  if (name === 'Users') yield* userPages(reading)
  else if (iteration === 'space') yield* ofSpace(reading)
  else
    yield* ofProjects(reading, project =>
      iteration === 'directory' ? filesOf(reading, project) : listOf(reading, { project }),
    )
  reading.isComplete = !reading.isFaulty
}

/** What `read` has for each project; those that are refused are left out, with a warning. */
export async function* ofProjects(
  reading: TableReading,
  read: (project: number) => AsyncIterable<SourcePage>,
): AsyncGenerator<SourcePage> {
  const projects = await reading.projects()
  const leftOut: number[] = []
  for (const project of projects) {
    if (reading.of.filter?.projects?.has(project) === false) continue
    try {
      yield* read(project)
    } catch (error) {
      reading.leaveOut(`project ${project}`, error)
      leftOut.push(project)
    }
  }
  const everKnown = reading.everKnown(projects)
  if (reading.isProjectLost(projects)) reading.isFaulty = true
  leftOut.push(...everKnown.filter(one => !projects.includes(one)))
  const { leftOut: _before, ...cursor } = reading.cursor
  reading.cursor = {
    ...cursor,
    projects: everKnown,
    ...(leftOut.length === 0 ? {} : { leftOut }),
    ...(cursor.updated === undefined ? {} : { updated: stillThere(reading, cursor.updated) }),
  }
  yield reading.page([])
}

/** What is not listed any more is forgotten: it may come back as it was. */
function stillThere(
  { isFaulty, listed }: TableReading,
  updated: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (isFaulty) return updated
  return Object.fromEntries(Object.entries(updated).filter(([id]) => listed.has(id)))
}

async function* ofSpace(reading: TableReading): AsyncGenerator<SourcePage> {
  try {
    yield* listOf(reading, {})
  } catch (error) {
    if (reading.table.isOptional !== true || !reading.isGone(error)) throw error
    reading.leaveOut(reading.table.path, error)
  }
}

async function* listOf(reading: TableReading, loop: Loop): AsyncGenerator<SourcePage> {
  for await (const page of reading.payloads(loop)) {
    if (reading.table.method !== 'LIST-DIFF') yield reading.page(await reading.rows(page, loop))
    else
      for (let at = 0; at < page.length; at += BODIES)
        yield await changedBodies(reading, page.slice(at, at + BODIES), loop)
  }
}

/** The list tells which changed; only those are fetched whole. */
async function changedBodies(
  reading: TableReading,
  page: readonly Json[],
  loop: Loop,
): Promise<SourcePage> {
  const known = reading.of.isFull ? {} : { ...reading.of.cursor.updated }
  for (const id of reading.of.only ?? []) delete known[id]
  const rows: SourceRow[] = []
  const same: string[] = []
  const updated: Record<string, string> = { ...reading.cursor.updated }
  for (const listed of page) {
    const id = String(listed['id'])
    updated[id] = String(listed['updated'])
    reading.listed.add(id)
    if (known[id] === updated[id]) same.push(id)
    else {
      const payload = await reading.get<Json>(`${reading.table.path}/${id}`)
      rows.push(...(await reading.rows([payload], loop)))
    }
  }
  reading.cursor = { ...reading.cursor, updated }
  return reading.page(rows, { scopesSame: same })
}

/** Folder by folder, breadth first. */
async function* filesOf(reading: TableReading, project: number): AsyncGenerator<SourcePage> {
  const folders = ['']
  const seen = new Set(folders)
  for (const folder of folders) {
    const path = folder.split('/').map(encodeURIComponent).join('/')
    const at = `projects/${project}/files/metadata/${path}`
    try {
      for await (const page of offsetPages(reading.list(at, { order: 'asc' }))) {
        for (const { type, dir, name } of page as FileEntry[]) {
          const below = `${dir}${name}`.replace(/^\/+/, '')
          if (type !== 'directory' || seen.has(below)) continue
          seen.add(below)
          folders.push(below)
        }
        const rows = await reading.rows(page, { project })
        yield reading.page(rows, { at: `files of /${folder}` })
      }
    } catch (error) {
      // The root is the project's, and refused with it.
      if (folder === '') throw error
      reading.leaveOut(`the folder /${folder} of project ${project}`, error)
    }
  }
}

interface FileEntry {
  readonly type?: string
  readonly dir?: string
  readonly name?: string
}

async function* userPages(reading: TableReading): AsyncGenerator<SourcePage> {
  yield reading.page(await reading.rows(await usersOf(reading), {}))
}

/** All of the space or, where this user may not see that, the members of the projects. */
export async function usersOf(reading: TableReading): Promise<Json[]> {
  try {
    return await reading.get<Json[]>('users')
  } catch (error) {
    reading.leaveOut('the list of all users', error)
  }
  const users = new Map<unknown, Json>()
  for (const project of await reading.projects()) {
    try {
      for (const user of await reading.get<Json[]>(`projects/${project}/users`))
        users.set(user['id'], user)
    } catch (error) {
      reading.leaveOut(`project ${project}`, error)
    }
  }
  return [...users.values()]
}
