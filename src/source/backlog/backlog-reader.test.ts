/** Projects that cannot be read any more, over more than one run. */
import { expect, it } from 'vitest'
import { BacklogClient } from '../../backlog/index.ts'
import { BacklogReader } from './backlog-reader.ts'
import { TABLES } from './catalogue.ts'
import type { BacklogCursor } from './table-reading.ts'

const ANSWERS: Readonly<Record<string, unknown>> = {
  'issues/count': { count: 0 },
  issues: [],
  'space/activities': [],
}

/** A whole reading by somebody who sees these projects. */
async function read(table: string, projects: readonly number[], cursor: BacklogCursor) {
  const warnings: string[] = []
  const fetch = async (url: string) => {
    const path = new URL(url).pathname.replace('/api/v2/', '')
    const own = path === 'projects' ? projects.map(id => ({ id })) : (ANSWERS[path] ?? [])
    return new Response(JSON.stringify(own))
  }
  const reader = new BacklogReader(TABLES.get(table)!, {
    client: new BacklogClient({ origin: 'https://acme.backlog.com', apiKey: 'key', fetch }),
    caller: { signal: new AbortController().signal },
    ...{ cursor, isFull: true, nowMs: Date.parse('2026-11-20T00:00:00Z') },
    warn: text => void warnings.push(text),
    onTotal: () => undefined,
  })
  let next = cursor
  for await (const page of reader.pages()) next = page.cursor
  return { isComplete: reader.isComplete, cursor: next, warnings }
}

it.each(['ProjectStatuses', 'Issues'])(
  '%s: rows of a lost project are no deletes in the run after either',
  async table => {
    const first = await read(table, [101, 102], {})
    expect([first.isComplete, first.cursor.projects, first.warnings]).toEqual([
      ...[true, [101, 102], []],
    ])
    const second = await read(table, [101], first.cursor)
    const third = await read(table, [101, 103], second.cursor)
    for (const one of [second, third])
      expect([one.isComplete, one.warnings]).toEqual([
        ...[false, [expect.stringContaining('project 102 cannot be read any more')]],
      ])
    const back = await read(table, [101, 102, 103], third.cursor)
    expect([back.isComplete, back.warnings]).toEqual([true, []])
  },
)
