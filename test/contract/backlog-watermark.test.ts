/**
 * Issues whose date of change lies in the future, read from the stand-in run after run: they are copied, and
 * what others change meanwhile is not missed because of them.
 * Spec: backlog-replication 1.8 (UPDATED-DATE), 3.4.
 */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { BacklogClient } from '../../src/backlog/index.ts'
import { type BacklogStandIn, startBacklogStandIn } from '../../src/demo/index.ts'
import { type BacklogCursor, BacklogReader, TABLES } from '../../src/source/index.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
const NOW = Date.UTC(2026, 10, 22, 12)
const [FUTURE, EDITED] = [880_003, 880_007]
let standIn: BacklogStandIn

beforeEach(async () => {
  standIn = await startBacklogStandIn({ issues: 12, endMs: NOW - 30 * DAY_MS, now: () => NOW })
})
afterEach(() => standIn.close())

async function run(nowMs: number, cursor: BacklogCursor = {}) {
  const warnings = new Set<string>()
  const ids = new Set<number>()
  const reader = new BacklogReader(TABLES.get('Issues')!, {
    client: new BacklogClient({ origin: standIn.url, apiKey: standIn.apiKey }),
    caller: { signal: AbortSignal.timeout(10_000) },
    ...{ cursor, isFull: false, nowMs, onTotal: () => undefined },
    warn: text => void warnings.add(text),
  })
  let next = cursor
  for await (const page of reader.pages()) {
    for (const { payload } of page.rows) ids.add(Number(payload['id']))
    next = page.cursor
  }
  return { ids: [...ids], warnings: [...warnings], cursor: next }
}

it('are loaded with a warning, and hide no change until their time has come', async () => {
  const { space } = standIn
  const futureMs = NOW + 3 * DAY_MS
  space.updateIssue(FUTURE, { summary: 'from tomorrow' }, futureMs)
  const first = await run(NOW)
  expect(first.ids).toHaveLength(12)
  expect(first.warnings).toEqual([expect.stringContaining('in the future')])
  expect(first.cursor.watermarkMs).toBe(NOW)

  space.updateIssue(EDITED, { summary: 'edited' }, NOW + 30 * MINUTE_MS)
  const second = await run(NOW + 60 * MINUTE_MS, first.cursor)
  expect(second.ids).toEqual([EDITED, FUTURE])
  expect(second.warnings).toHaveLength(1)
  expect(second.cursor.watermarkMs).toBe(NOW + 30 * MINUTE_MS)

  const third = await run(futureMs + DAY_MS, second.cursor)
  expect([third.ids, third.warnings]).toEqual([[EDITED, FUTURE], []])
  expect(third.cursor.watermarkMs).toBe(futureMs)
})

it('by a clock that is a little fast do not move the watermark past the run', async () => {
  const first = await run(NOW)
  standIn.space.updateIssue(FUTURE, { summary: 'soon' }, NOW + 2 * MINUTE_MS)
  const second = await run(NOW, first.cursor)
  expect([second.ids, second.warnings]).toEqual([[FUTURE], []])
  expect(second.cursor.watermarkMs).toBe(NOW)
  standIn.space.updateIssue(EDITED, { summary: 'edited' }, NOW + MINUTE_MS)
  expect((await run(NOW + 5 * MINUTE_MS, second.cursor)).ids).toEqual([EDITED, FUTURE])
})
