/**
 * What of the history goes and what stays: by age, by size, with a job that is gone; runs that go on and
 * the newest of each job stay.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Logger } from '../telemetry/index.ts'
import { HistoryKeeper, RETENTION_DEFAULT } from './history-keeper.ts'
import { Store } from './store.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 10, 20)
let folder: string
let store: Store

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-history-'))
  store = new Store(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

const keeper = (retention = RETENTION_DEFAULT) =>
  new HistoryKeeper({ store, logger: Logger.silent(), fixed: retention })

/** Runs that started so many days ago. */
function addRuns(jobId: string, days: readonly number[], text = 'read'): void {
  for (const day of days) {
    const id = `${jobId}-${day}`
    const startedAt = new Date(NOW - day * DAY_MS).toISOString()
    store.putRun({ ...{ id, jobId, startedAt }, ...{ finishedAt: startedAt } })
    store.log(id, { level: 'info', task: null, text })
    store.addEvent('rejected', { key: 'k' }, id)
  }
}

const left = (jobId: string) =>
  store.runs<{ id: string }>({ jobId, limit: 1_000 }).map(one => one.id)
const days = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => to - index)

describe('the history', () => {
  it('loses what is too old, but not the newest of a job', async () => {
    store.put('job', 'busy', {})
    store.put('job', 'rare', {})
    addRuns('busy', days(1, 200))
    addRuns('rare', days(101, 125))
    expect(await keeper().prune(NOW)).toBe(110 + 5)
    expect(left('busy')).toEqual(
      days(1, 90)
        .reverse()
        .map(one => `busy-${one}`),
    )
    expect(left('rare').length).toBe(20)
    expect(store.logOf('busy-91', 9)).toEqual([])
    expect(store.events('rejected', { run: 'busy-91', limit: 9 })).toEqual([])
    expect(store.logOf('busy-90', 9).length).toBe(1)
    expect(await keeper().prune(NOW)).toBe(0)
  })

  it('goes with its job, and leaves a run that goes on', async () => {
    addRuns('gone', [1, 2])
    const open = { id: 'open', jobId: 'gone', startedAt: new Date(NOW).toISOString() }
    store.putRun({ ...open, ...{ finishedAt: null } })
    expect(await keeper().prune(NOW)).toBe(2)
    expect(left('gone')).toEqual(['open'])
  })

  it('leaves the run whose rejected rows are being tried again', async () => {
    store.put('job', 'old', {})
    addRuns('old', days(100, 130))
    const retry = { id: 'retry', jobId: 'old', startedAt: new Date(NOW).toISOString() }
    store.putRun({ ...retry, ...{ finishedAt: null, retryOf: 'old-130' } })
    expect(await keeper().prune(NOW)).toBe(11)
    expect(store.events('rejected', { run: 'old-130', limit: 9 }).length).toBe(1)
    store.putRun({ ...retry, ...{ finishedAt: retry.startedAt, retryOf: 'old-130' } })
    expect(await keeper().prune(NOW)).toBe(1)
  })

  it('loses the oldest of all jobs when it takes too much room', async () => {
    store.put('job', 'a', {})
    store.put('job', 'b', {})
    const text = 'x'.repeat(10_000)
    addRuns('a', days(1, 80), text)
    addRuns('b', days(1, 40), text)
    const bytesMax = 500_000
    expect(store.history.bytes()).toBeGreaterThan(1_200_000)
    expect(
      await keeper({ days: 90, gigabytes: bytesMax / 1e9, archive: '' }).prune(NOW),
    ).toBeGreaterThan(60)
    expect(store.history.bytes()).toBeLessThan(bytesMax)
    // Steps of a fixed size: not many more went than had to.
    expect(left('a').length + left('b').length).toBeGreaterThanOrEqual(40)
    expect([left('a')[0], left('b')[0]]).toEqual(['a-1', 'b-1'])
  })

  it('loses old notices and entries of the audit trail', async () => {
    store.addEvent('notice', {})
    store.addEvent('audit', {})
    const later = Date.now() + 91 * DAY_MS
    store.addEvent('delivery', {})
    await keeper().prune(later - 2 * DAY_MS)
    expect(store.events('notice', { limit: 9 }).length).toBe(1)
    await keeper().prune(later)
    for (const kind of ['notice', 'audit', 'delivery'] as const)
      expect(store.events(kind, { limit: 9 })).toEqual([])
  })
})
