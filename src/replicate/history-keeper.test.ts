/**
 * What of the history goes and what stays: by age, by size, with a job that is gone; runs that go on and
 * the newest of each job stay.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
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

  it('writes what goes into files first, and keeps what it cannot write', async () => {
    store.put('job', 'a', {})
    addRuns('a', days(1, 130))
    const archive = join(folder, 'old', 'runs')
    const kept = keeper({ ...RETENTION_DEFAULT, archive })
    const cutOff = '{"id":"a-1'
    mkdirSync(archive, { recursive: true })
    writeFileSync(join(archive, 'runs-2026-07.jsonl'), cutOff, { mode: 0o600 })
    expect(await kept.prune(NOW)).toBe(40)
    const names = readdirSync(archive).sort()
    expect(names).toEqual(['runs-2026-07.jsonl', 'runs-2026-08.jsonl'])
    const all = names.flatMap(one => readFileSync(join(archive, one), 'utf8').trim().split('\n'))
    expect(all[0]).toBe(cutOff)
    const lines = all.slice(1)
    expect(lines.length).toBe(40)
    const found = lines.map(one => JSON.parse(one)).find(one => one.id === 'a-100')
    expect(found).toMatchObject({ log: [{ text: 'read' }], rejected: [{ key: 'k' }] })
    const mode = statSync(join(archive, 'runs-2026-08.jsonl')).mode
    expect(mode & 0o077).toBe(0)
    rmSync(archive, { recursive: true })
    writeFileSync(archive, 'in the way')
    await expect(kept.prune(NOW + 10 * DAY_MS)).rejects.toThrow()
    expect(left('a').length).toBe(90)
  })

  it('is as the start command says, else as it was set', async () => {
    const fixed = new HistoryKeeper({ store, logger: Logger.silent(), fixed: { days: 7 } })
    expect(fixed.retention()).toMatchObject({ ...RETENTION_DEFAULT, days: 7, fixed: ['days'] })
    const spec = { ...RETENTION_DEFAULT, days: 7 }
    expect(await fixed.set({ ...spec, gigabytes: 2 })).toMatchObject({ days: 7, gigabytes: 2 })
    await expect(fixed.set({ ...spec, days: 8 })).rejects.toThrow('start command says 7')
    await expect(fixed.set({ ...spec, archive: 'old' })).rejects.toThrow('a whole path')
    const archive = join(folder, 'archive')
    expect(await fixed.set({ ...spec, gigabytes: 2, archive })).toMatchObject({ archive })
    await expect(fixed.set({ ...spec, gigabytes: 0 })).rejects.toThrow('0.01 to 10000')
    expect(fixed.retention().gigabytes).toBe(2)
    await fixed.close()
  })

  it('is searched by state, day and task, and summed by day', () => {
    const rows = { inserted: 2, updated: 1, deleted: 0 }
    const add = (day: number, state: string, table: string) => {
      const startedAt = new Date(NOW - day * DAY_MS).toISOString()
      const run = { id: `r-${day}`, jobId: 'a', startedAt, finishedAt: startedAt, state }
      store.putRun({ ...run, ...{ rows, tasks: [{ table }] } })
    }
    for (let day = 1; day <= 6; day++)
      add(day, day % 2 === 0 ? 'FAILED' : 'SUCCESS', day > 3 ? 'Issues' : 'Users')
    const { history } = store
    const ids = (of: object) =>
      history.list<{ id: string }>({ limit: 9, jobId: 'a', ...of }).map(one => one.id)
    expect(ids({ states: ['FAILED'] })).toEqual(['r-2', 'r-4', 'r-6'])
    expect(ids({ table: 'Issues', states: ['SUCCESS'] })).toEqual(['r-5'])
    const sinceMs = NOW - 3 * DAY_MS
    expect(ids({ sinceMs, beforeMs: NOW - DAY_MS })).toEqual(['r-2', 'r-3'])
    const slots = history.slots('a', sinceMs)
    expect(slots.map(one => [one.startedMs, one.runs, one.failed, one.rows])).toEqual(
      [3, 2, 1].map(day => [NOW - day * DAY_MS, 1, day === 2 ? 1 : 0, 3]),
    )
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
