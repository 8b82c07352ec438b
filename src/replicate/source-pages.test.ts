/** Tables of a query: rows of a project that cannot be read any more are not taken for deletes. */
import { expect, it } from 'vitest'
import { BacklogClient } from '../backlog/index.ts'
import { sourcePages } from './source-pages.ts'
import { backlogTables } from './source-table.ts'

const table = backlogTables().find(one => one.name === 'ProjectStatuses')!

/** Who sees these projects, each with one status. */
async function read(seen: readonly number[], projects: Set<number>) {
  const fetch = async (url: string) => {
    const path = new URL(url).pathname.split('/').slice(3)
    const [, project] = path
    const rows = project === undefined ? seen : [Number(project)]
    return new Response(JSON.stringify(rows.map(id => ({ id, projectId: id, name: 'Open' }))))
  }
  const told = { faults: 0, warnings: 0, rows: 0 }
  const client = new BacklogClient({ origin: 'https://acme.backlog.com', apiKey: 'key', fetch })
  const { signal } = new AbortController()
  const pages = sourcePages({
    ...{ source: { kind: 'backlog', client }, table, projects, signal, nowMs: 0 },
    caller: { signal },
    warn: () => void told.warnings++,
    onTotal: () => undefined,
    onFault: () => void told.faults++,
  })
  for await (const page of pages) told.rows += page.length
  return told
}

it('are read without a fault until a project is lost, in that run and those after', async () => {
  const projects = new Set<number>()
  expect(await read([1, 2], projects)).toEqual({ faults: 0, warnings: 0, rows: 2 })
  for (let run = 0; run < 2; run++)
    expect(await read([1, 3], projects)).toEqual({ faults: 1, warnings: 1, rows: 2 })
  expect([...projects].sort()).toEqual([1, 2, 3])
  expect(await read([1, 3], new Set())).toEqual({ faults: 0, warnings: 0, rows: 2 })
})
