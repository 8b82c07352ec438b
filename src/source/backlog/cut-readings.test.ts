/** What a reading passes and hands out when the space changes under it, or is large. */
import { expect, it } from 'vitest'
import { BacklogClient, type Json } from '../../backlog/index.ts'
import { BacklogReader } from './backlog-reader.ts'
import { TABLES } from './catalogue.ts'
import type { BacklogCursor, SourcePage } from './table-reading.ts'

/** The pages of a table out of a space that `answer` plays, by path below `/api/v2`. */
async function pagesOf(table: string, cursor: BacklogCursor, answer: (path: string) => unknown) {
  const fetch = async (url: string) =>
    new Response(JSON.stringify(answer(new URL(url).pathname.replace('/api/v2/', '')) ?? []))
  const reader = new BacklogReader(TABLES.get(table)!, {
    client: new BacklogClient({ origin: 'https://acme.backlog.com', apiKey: 'key', fetch }),
    caller: { signal: new AbortController().signal },
    ...{ cursor, isFull: false, nowMs: Date.parse('2026-11-20T00:05:00Z') },
    warn: () => undefined,
    onTotal: () => undefined,
  })
  const pages: SourcePage[] = []
  for await (const page of reader.pages()) pages.push(page)
  return pages
}

it('leaves a comment that was made after its issue was read to the next run', async () => {
  let isCommented = false
  const answer = (path: string): readonly Json[] => {
    if (path === 'issues') return [{ id: 1, projectId: 101, updated: '2026-11-20T00:00:00Z' }]
    if (path === 'issues/1/comments') isCommented = true
    if (path !== 'space/activities' || !isCommented) return []
    return [{ id: 11, type: 3, content: { id: 1 } }]
  }
  const cursor = { watermarkMs: Date.parse('2026-11-19T23:59:00Z'), activityId: 10 }
  const pages = await pagesOf('IssueComments', cursor, answer)
  expect([isCommented, pages.at(-1)?.cursor.activityId]).toEqual([true, 10])
})

const WIKIS = Array.from({ length: 150 }, (_, at) => ({ id: at + 1, updated: 'u' }))

function wikiSpace(path: string): unknown {
  if (path === 'projects') return [{ id: 101 }]
  if (path === 'wikis') return WIKIS
  const [, id, history] = path.split('/')
  return history === undefined ? { id: Number(id), updated: 'u' } : []
}

it('hands out a hundred wiki pages at a time, each with the cursor that holds then', async () => {
  const pages = await pagesOf('WikiPages', {}, wikiSpace)
  const told = pages.map(one => [one.rows.length, Object.keys(one.cursor.updated ?? {}).length])
  expect(told).toEqual([
    [100, 100],
    [50, 150],
    [0, 150],
  ])
})

it('tells wiki pages without new versions at once', async () => {
  const first = await pagesOf('WikiPageHistory', {}, wikiSpace)
  const second = await pagesOf('WikiPageHistory', first.at(-1)!.cursor, wikiSpace)
  const same = second.map(one => one.scopesSame.length).filter(count => count > 0)
  expect(same).toEqual([150])
})

it('reads a document that comes out of the trash, however old it is', async () => {
  const old = { id: 'd', updated: '2026-01-01T00:00:00Z' }
  const answer = (isTrashed: boolean) => (path: string) => {
    if (path === 'projects') return [{ id: 101 }]
    if (path === 'documents') return isTrashed ? [] : [old]
    if (path === 'documents/d') return old
    const [active, trash] = [isTrashed ? [] : [old], isTrashed ? [old] : []]
    return { activeTree: { children: active }, trashTree: { children: trash } }
  }
  const start = { projects: [101], watermarkMs: Date.parse('2026-11-19T00:00:00Z') }
  const away = (await pagesOf('Documents', start, answer(true))).at(-1)!
  expect([away.rows.length, away.cursor.trash]).toEqual([0, ['d']])
  const back = await pagesOf('Documents', away.cursor, answer(false))
  expect(back.flatMap(one => one.rows.map(row => row.scope))).toEqual(['d'])
  expect(back.at(-1)?.cursor.trash).toBeUndefined()
})
