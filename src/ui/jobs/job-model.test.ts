/**
 * Filters, order and progress of jobs.
 */
import { describe, expect, it } from 'vitest'
import type { JobInfo, RunInfo } from '../../api-v1.ts'
import { byAttention, matches, progressOf, scheduleText } from './job-model.ts'

const job = (name: string, more: Partial<JobInfo> = {}) =>
  ({
    ...{ name, sourceName: 'acme', destinationName: 'ops', labels: [], enabled: true },
    ...{ lastRun: null, schedule: { interval: 'none', next: [], text: '' }, ...more },
  }) as unknown as JobInfo
const ended = (state: string) => ({ lastRun: { state } }) as unknown as Partial<JobInfo>

describe('jobs', () => {
  it('that need attention stand first', () => {
    const all = [job('a'), job('z', ended('FAILED')), job('m', ended('WARNING'))]
    expect(all.toSorted(byAttention).map(one => one.name)).toEqual(['z', 'm', 'a'])
  })

  it.each([
    [{ state: 'failed' as const }, ['z']],
    [{ state: 'off' as const }, ['o']],
    [{}, ['a', 'z', 'o']],
    [{ label: 'prod' }, ['o']],
  ])('are filtered by %o', (filter, names) => {
    const all = [
      job('a'),
      job('z', ended('FAILED')),
      job('o', { enabled: false, labels: ['prod'] }),
    ]
    const of = { state: '' as const, label: undefined, ...filter }
    expect(all.filter(one => matches(one, of)).map(one => one.name)).toEqual(names)
  })

  it('tell when they are off', () => {
    const schedule = { interval: 'daily', on: true, text: 'Daily 02:00 UTC', next: [] }
    expect(scheduleText(job('a', { schedule } as unknown as Partial<JobInfo>))).toBe(
      'Daily 02:00 UTC',
    )
    const off = { schedule, enabled: false } as unknown as Partial<JobInfo>
    expect(scheduleText(job('a', off))).toBe('Daily 02:00 UTC, off')
  })
})

describe('progress', () => {
  const run = (more: object) =>
    ({
      rows: { read: 25 },
      elapsedMs: 1000,
      finishedAt: null,
      tasks: [],
      ...more,
    }) as unknown as RunInfo

  it('has no percent while the total is unknown', () => {
    expect(progressOf(run({ tasks: [{ rowsTotal: null }] })).percent).toBeUndefined()
  })

  it('is 100 only at the end', () => {
    expect(progressOf(run({ tasks: [{ rowsTotal: 100 }] })).percent).toBe(25)
    expect(progressOf(run({ tasks: [{ rowsTotal: 10 }] })).percent).toBe(99)
    expect(progressOf(run({ finishedAt: 'x', tasks: [{ rows: { read: 25 } }] })).percent).toBe(100)
    const failed = { finishedAt: 'x', state: 'FAILED' }
    expect(progressOf(run({ ...failed, tasks: [] })).percent).toBe(0)
    const tasks = [{ rowsTotal: 100, rows: { read: 25 } }]
    expect(progressOf(run({ ...failed, tasks })).percent).toBe(25)
  })
})
