/**
 * Which runs are told by a toast.
 */
import { describe, expect, it } from 'vitest'
import type { Notice } from '../../api-v1.ts'
import { NoticeRule } from './notice-rule.ts'

const MINUTE_MS = 60_000
const notice = (more: Partial<Notice> = {}): Notice => ({
  ...{ id: 1, time: '2026-01-01T00:00:00Z', kind: 'run', state: 'SUCCESS', text: 'done' },
  ...{ jobId: 'a', runId: 'r', trigger: 'schedule', rows: 3, elapsedMs: 1, read: false },
  ...more,
})

describe('a toast', () => {
  it('of a job that runs each minute comes once an hour', () => {
    const rule = new NoticeRule()
    const told = Array.from({ length: 121 }, (_, minute) =>
      rule.isTold(notice(), minute * MINUTE_MS) ? minute : undefined,
    )
    expect(told.filter(one => one !== undefined)).toEqual([0, 60, 120])
  })

  it.each([
    ['somebody started it', { trigger: 'user' as const, rows: 0 }],
    ['an older server does not tell who', { trigger: undefined }],
    ['it failed', { state: 'FAILED' as const, kind: 'problem' as const }],
    ['it warns', { state: 'WARNING' as const }],
    ['it is of no job', { jobId: null }],
  ])('always comes when %s', (_why, more) => {
    const rule = new NoticeRule()
    const one = notice(more as Partial<Notice>)
    expect([rule.isTold(one, 0), rule.isTold(one, 1)]).toEqual([true, true])
  })

  it('does not come when nothing changed, but when it goes well again', () => {
    const rule = new NoticeRule()
    expect(rule.isTold(notice({ rows: 0 }), 0)).toBe(false)
    expect(rule.isTold(notice({ state: 'FAILED' }), 1)).toBe(true)
    expect(rule.isTold(notice({ rows: 0 }), 2)).toBe(true)
    expect(rule.isTold(notice({ rows: 0 }), 3)).toBe(false)
  })

  it('of another job is told for itself', () => {
    const rule = new NoticeRule()
    expect(rule.isTold(notice(), 0)).toBe(true)
    expect(rule.isTold(notice({ jobId: 'b' }), 1)).toBe(true)
    expect(rule.isTold(notice(), 2)).toBe(false)
  })
})
