import { describe, expect, it } from 'vitest'
import type { ActivityItem } from '../../api-v1-activity.ts'
import { activityText, shareOf } from './activity-text.ts'

const run = (more: Partial<ActivityItem> = {}): ActivityItem => ({
  ...{ key: 'run r', kind: 'run', name: 'nightly', state: 'running', text: 'Issues, page 12' },
  ...{ done: 1_200, total: 4_800, share: null, startedAt: null },
  ...{ id: 'j', runId: 'r', canStop: true, ...more },
})

describe('how far an act is', () => {
  it('is below 100 % until it ended, and unknown without a total', () => {
    expect(shareOf(run())).toBe(0.25)
    expect(shareOf(run({ done: 9_000 }))).toBe(0.99)
    expect(shareOf(run({ total: null }))).toBeUndefined()
    expect(shareOf(run({ share: 0.5, total: null }))).toBe(0.5)
  })

  it.each([
    [run(), 5_000, '1,200 of about 4,800 rows · 25 % · Issues, page 12'],
    [run(), 60_000, '1,200 of about 4,800 rows · 25 % · about 3 min 0 s left · Issues, page 12'],
    [run({ total: null, text: '', state: 'waiting' }), 60_000, '1,200 rows · waiting'],
    [
      run({ kind: 'replay', done: 0, total: 7, text: 'dead letters' }),
      0,
      '7 records · dead letters',
    ],
  ])('is told in words', (item, forMs, expected) => {
    expect(activityText(item, forMs)).toBe(expected)
  })
})
