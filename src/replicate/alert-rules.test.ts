/**
 * Rules of alerts over scripted runs: each fires for its cause and for nothing else.
 */
import { describe, expect, it } from 'vitest'
import type { RowCounts, RunInfo, RunState } from '../api-v1.ts'
import type { AlertRuleKey } from '../api-v1-alerts.ts'
import { countFired, firedBy, mergeRules, RULES_DEFAULT } from './alert-rules.ts'

const NONE: RowCounts = { read: 9, inserted: 0, updated: 0, unchanged: 9, deleted: 0, rejected: 0 }

function run(state: RunState, inserted = 0, more: Partial<RunInfo> = {}): RunInfo {
  const at = '2026-11-20T00:00:00.000Z'
  return {
    ...{ id: 'r', jobId: 'j', jobName: 'J', state, mode: 'incremental', trigger: 'user' },
    ...{ startedAt: at, finishedAt: at, elapsedMs: 1000, rows: { ...NONE, inserted } },
    ...{ requests: { sent: 1, retried: 0, waitedMs: 0 }, text: '1 table', error: null },
    ...{ tasks: [], schemaChanges: [], ...more },
  }
}

const fires = (key: AlertRuleKey, now: RunInfo, earlier: RunInfo[] = []) =>
  firedBy(RULES_DEFAULT.find(one => one.key === key)!, now, earlier)
const good = (rows: number) => run('SUCCESS', rows)

describe('alert rules', () => {
  it('tell failures with their reason, and the first success after them', () => {
    const failed = run('FAILED', 0, { error: 'key refused' })
    expect(fires('failed', failed)).toBe('failed: key refused')
    expect(fires('failed', good(1))).toBeUndefined()
    expect(fires('recovered', good(1), [failed])).toBe('works again')
    expect(fires('recovered', good(1), [good(1), failed])).toBeUndefined()
    expect(fires('completed', failed)).toBeUndefined()
  })

  it('tell that nothing comes, once', () => {
    expect(fires('no_rows', good(0), [good(0), good(0), good(4)])).toBe('wrote no rows in 3 runs')
    expect(fires('no_rows', good(0), [good(0), good(4)])).toBeUndefined()
    expect(fires('no_rows', good(0), [good(0), good(0), good(0), good(4)])).toBeUndefined()
    expect(fires('no_rows', good(0), [good(0), good(0)])).toBeUndefined()
  })

  it('tell what is far from usual only when there is a usual', () => {
    const past = [100, 104, 96, 101, 99].map(good)
    expect(fires('unusual_rows', good(400), past)).toContain('about 100 are usual')
    expect(fires('unusual_rows', good(0), past)).toContain('wrote 0 rows')
    expect(fires('unusual_rows', good(120), past)).toBeUndefined()
    expect(fires('unusual_rows', good(400), past.slice(1))).toBeUndefined()
  })

  it.each([
    ['slow', run('SUCCESS', 1, { elapsedMs: 61 * 60_000 })],
    ['waited', run('SUCCESS', 1, { requests: { sent: 1, retried: 0, waitedMs: 301_000 } })],
    ['schema_changed', run('SUCCESS', 1, { schemaChanges: ['ALTER TABLE a ADD b int'] })],
    ['rejected_rows', run('WARNING', 1, { rows: { ...NONE, rejected: 2 } })],
    ['skipped', run('SKIPPED')],
  ] as const)('%s has its cause', (key, cause) => {
    expect(fires(key, cause)).toBeDefined()
    expect(fires(key, good(1))).toBeUndefined()
  })

  it('do not compare a retry of rejected rows with runs of the job', () => {
    const retry = run('SUCCESS', 0, { mode: 'retry' })
    const past = [100, 104, 96, 101, 99].map(good)
    expect(fires('unusual_rows', retry, past)).toBeUndefined()
    expect(fires('unusual_rows', good(400), [retry, retry, ...past])).toContain('about 100')
    expect(fires('no_rows', retry, [good(0), good(0), good(0), good(4)])).toBeUndefined()
    expect(fires('recovered', retry, [run('FAILED')])).toBeUndefined()
    expect(fires('recovered', good(1), [retry, run('FAILED')])).toBe('works again')
    expect(fires('failed', run('FAILED', 0, { mode: 'retry' }))).toBeDefined()
  })

  it('count over the past, and refuse what cannot be', () => {
    const runs = [good(1), run('FAILED'), good(1), run('FAILED')]
    const failed = { key: 'failed', on: true } as const
    expect(countFired(failed, runs, Date.parse('2026-11-01'))).toBe(2)
    expect(countFired(failed, runs, Date.parse('2026-11-21'))).toBe(0)
    const merged = mergeRules([{ key: 'slow', on: true, limit: 5 }], [{ key: 'failed', on: false }])
    expect(merged?.find(one => one.key === 'slow')).toEqual({ key: 'slow', on: true, limit: 5 })
    expect(merged?.find(one => one.key === 'failed')).toEqual({ key: 'failed', on: false })
    expect(mergeRules([], [{ key: 'slow', on: true, limit: 0 }])).toBeUndefined()
    expect(mergeRules([], [{ key: 'other' as 'slow', on: true }])).toBeUndefined()
  })
})
