/**
 * What the bell merges and what it keeps apart.
 */
import { describe, expect, it } from 'vitest'
import type { Notice } from '../../api-v1.ts'
import { toDays } from './notice-groups.ts'

const NOW = new Date(2026, 10, 21, 14, 0)
let id = 0
const notice = (hoursAgo: number, more: Partial<Notice> = {}): Notice => ({
  ...{ id: ++id, time: new Date(NOW.getTime() - hoursAgo * 3_600_000).toISOString() },
  ...{ kind: 'run', state: 'SUCCESS', text: `done in ${id} s`, jobId: 'a', runId: `r${id}` },
  ...{ rows: 0, elapsedMs: 1, read: true },
  ...more,
})
const failed = (hoursAgo: number, text: string): Notice =>
  notice(hoursAgo, { kind: 'problem', state: 'FAILED', text })

describe('the bell', () => {
  it('merges runs of a job that went well, whatever their figures, within a day', () => {
    const newest = notice(1)
    const days = toDays([newest, notice(2, { read: false }), notice(3), notice(20)], NOW)
    expect(days.map(({ day, groups }) => [day, groups.map(one => one.count)])).toEqual([
      ['Today', [3]],
      ['Yesterday', [1]],
    ])
    expect(days[0]?.groups[0]).toMatchObject({ newest, isUnread: true })
    expect(days[1]?.groups[0]?.isUnread).toBe(false)
  })

  it('keeps jobs and states apart', () => {
    const days = toDays([notice(1), notice(1, { jobId: 'b' }), failed(2, 'key refused')], NOW)
    expect(days[0]?.groups.map(one => one.count)).toEqual([1, 1, 1])
  })

  it('merges failures for one reason only', () => {
    const all = [
      failed(1, 'failed after 12 s: key refused (401)'),
      failed(2, 'failed after 9 s: key refused (401)'),
      failed(3, 'failed after 9 s: no answer'),
    ]
    expect(toDays(all, NOW)[0]?.groups.map(one => one.count)).toEqual([2, 1])
  })

  it('names older days by their date', () => {
    expect(toDays([notice(24 * 5)], NOW)[0]?.day).toBe('Nov 16')
  })
})
