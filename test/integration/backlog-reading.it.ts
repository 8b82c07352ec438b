/**
 * Readings of Backlog tables from the stand-in without a destination: what a run asks for again, where a
 * reading that was cut off goes on, projects that come back, and what only a look at everything finds.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { BacklogClient } from '../../src/backlog/index.ts'
import { type BacklogStandIn, startBacklogStandIn } from '../../src/demo/index.ts'
import { type BacklogCursor, BacklogReader, TABLES } from '../../src/source/index.ts'

const DAY_MS = 86_400_000
const NOW_MS = Date.UTC(2026, 10, 20)

let standIn: BacklogStandIn

afterEach(async () => await standIn.close())

async function open(isInclusive = false): Promise<void> {
  const limits = { read: 1_000_000, search: 1_000_000 }
  const options = { projects: 2, issues: 20, users: 3, limits, now: () => NOW_MS - DAY_MS }
  standIn = await startBacklogStandIn({ ...options, isInclusive })
}

interface Reading {
  readonly ids: string[]
  readonly gone: string[]
  readonly same: string[]
  readonly warnings: string[]
  readonly paths: string[]
  readonly isComplete: boolean
  readonly cursor: BacklogCursor
}

/** Stops after so many pages. */
async function read(
  table: string,
  cursor: BacklogCursor,
  of: { nowMs?: number; pages?: number; isFull?: boolean } = {},
): Promise<Reading> {
  const { nowMs = NOW_MS, pages = Number.POSITIVE_INFINITY, isFull = false } = of
  standIn.journal.length = 0
  const lists = { ids: [] as string[], gone: [] as string[], same: [] as string[] }
  const warnings: string[] = []
  const reader = new BacklogReader(TABLES.get(table)!, {
    client: new BacklogClient({ origin: standIn.url, apiKey: standIn.apiKey }),
    caller: { signal: AbortSignal.timeout(60_000) },
    ...{ cursor, isFull, nowMs, onTotal: () => undefined },
    warn: text => void warnings.push(text),
  })
  let last = cursor
  let count = 0
  for await (const page of reader.pages()) {
    if (count++ === pages) break
    for (const { payload } of page.rows)
      lists.ids.push(String(payload['id'] ?? `${payload['pageId']}/${payload['version']}`))
    lists.gone.push(...page.scopesGone)
    lists.same.push(...page.scopesSame)
    last = page.cursor
  }
  const paths = standIn.journal.map(one => one.path)
  return { ...lists, warnings, paths, isComplete: reader.isComplete, cursor: last }
}

const pullIds = (project: number) =>
  [5, 6].flatMap(one =>
    standIn.space.contents.pulls.get(project * 10 + one)!.map(pull => String(pull.payload.id)),
  )

describe('pull requests', () => {
  it.each([false, true])(
    'are looked for where they may have changed (ids inclusive: %s)',
    async is => {
      await open(is)
      const first = await read('PullRequests', {})
      expect(first.ids.sort()).toEqual([...pullIds(101), ...pullIds(102)].sort())
      expect(first.isComplete).toBe(true)
      const { contents } = standIn.space
      // Number 2 of 1015 is merged: neither open nor new.
      contents.editPull({ repository: 1015, number: 2 }, { summary: 'told' })
      contents.editPull({ repository: 1025, number: 2 }, { summary: 'silent' }, true)
      contents.addPull(102, 1026)
      const second = await read('PullRequests', first.cursor)
      expect(second.isComplete).toBe(false)
      expect(second.ids).toContain('1015002')
      expect(second.ids).toContain('1026003')
      expect(second.ids).not.toContain('1025002')
      expect(new Set(second.ids).size).toBe(second.ids.length)
      const week = await read('PullRequests', second.cursor, { nowMs: NOW_MS + 8 * DAY_MS })
      expect(week.ids).toContain('1025002')
      expect(week.isComplete).toBe(true)
      const after = await read('PullRequests', week.cursor, { nowMs: NOW_MS + 9 * DAY_MS })
      expect(after.isComplete).toBe(false)
    },
  )

  it('whose comments were being read go on with the repositories that are left', async () => {
    await open()
    const commentsOf = (paths: readonly string[]) => paths.filter(one => one.endsWith('/comments'))
    const all = await read('PullRequestComments', {})
    expect(commentsOf(all.paths).length).toBe(14)
    const cut = await read('PullRequestComments', {}, { pages: 6 })
    const rest = await read('PullRequestComments', cut.cursor)
    expect(commentsOf(rest.paths).length).toBeLessThan(11)
    expect(new Set([...cut.ids, ...rest.ids])).toEqual(new Set(all.ids))
    standIn.space.contents.commentPull({ repository: 1015, number: 4 }, 'late')
    const next = await read('PullRequestComments', rest.cursor)
    expect(commentsOf(next.paths)).toContain(
      'projects/101/git/repositories/1015/pullRequests/4/comments',
    )
    expect(commentsOf(next.paths).length).toBeLessThan(3)
  })
})

describe('projects that could not be read', () => {
  it.each(['PullRequests', 'Documents'])('%s: are read whole when they can be', async table => {
    await open()
    const whole = (await read(table, {})).ids.sort()
    standIn.space.hiddenProjects.set(102, 404)
    const without = await read(table, {})
    expect(without.ids.length).toBeLessThan(whole.length)
    standIn.space.hiddenProjects.clear()
    const back = await read(table, without.cursor)
    expect([...new Set([...without.ids, ...back.ids])].sort()).toEqual(whole)

    const { projects = [] } = back.cursor
    expect(projects).toEqual([101, 102])
    standIn.space.hiddenProjects.set(102, 403)
    const lost = await read(table, back.cursor, { isFull: true })
    expect(lost).toMatchObject({ isComplete: false, gone: [] })
    expect(lost.warnings.join()).toContain('project 102')
    standIn.space.hiddenProjects.clear()
    const again = await read(table, lost.cursor)
    const own = whole.filter(id => !without.ids.includes(id))
    expect(own.every(id => again.ids.includes(id))).toBe(true)
  })
})

describe('wiki pages and documents', () => {
  it('of which few changed cost few requests', async () => {
    await open()
    const history = await read('WikiPageHistory', {})
    expect(history.ids.length).toBe(12)
    standIn.space.contents.editWiki(10_102, 'new')
    standIn.space.wikiPatches.set(10_203, null)
    const next = await read('WikiPageHistory', history.cursor)
    expect(next.ids).toEqual(['10102/3'])
    expect(next.gone).toEqual(['10203'])
    standIn.space.wikiPatches.delete(10_203)
    // It is as it was, but its rows are gone.
    const back = await read('WikiPageHistory', next.cursor)
    expect(back.ids).toEqual(['10203/1', '10203/2', '10203/3'])

    const documents = await read('Documents', {})
    const [first = '', second = ''] = documents.ids
    standIn.space.contents.editDocument(first, 'changed')
    standIn.space.contents.trashDocument(second)
    const changed = await read('Documents', documents.cursor)
    expect(changed.ids).toContain(first)
    expect(changed.ids).not.toContain(second)
    expect(changed.ids.length).toBeLessThan(documents.ids.length / 2)
    expect(changed.same).not.toContain(second)
    expect(changed.isComplete).toBe(true)
    standIn.faults.push({
      ...{ path: /^documents\/tree/, action: 'status', status: 403, backlogCode: 5 },
    })
    const blind = await read('Documents', changed.cursor)
    expect(blind.isComplete).toBe(false)
  })
})
