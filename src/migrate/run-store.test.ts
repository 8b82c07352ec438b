import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RunStore } from './run-store.ts'
import { splitRange } from './token-range.ts'

let folder: string
const stores: RunStore[] = []
const open = () => {
  const store = new RunStore(join(folder, 'deep', 'state.sqlite'))
  stores.push(store)
  return store
}
const JOB = { name: 'a to b', type: 'MIGRATE', table: 'ks.t' } as const
const plan = () => splitRange({ start: 0n, end: 2n ** 62n }, 4)
const fresh = (isRestart = false, backdateUs = 5n, info = '') => ({
  isRestart,
  backdateUs,
  info,
  plan,
})

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-store-'))
})
afterEach(() => {
  for (const store of stores.splice(0)) store.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('RunStore', () => {
  it('gives an unfinished run what is left of it, and its first timestamp', () => {
    const first = open()
    const run = first.begin(JOB, fresh(false, 5n, 'first'))
    expect([run.isResumed, run.attempt, run.ranges.length]).toEqual([false, 1, 4])
    first.finish(run.runId, false)
    const store = open() // another process
    store.mark(run.runId, 0, 'PASS')
    store.mark(run.runId, 1, 'FAIL')
    store.mark(run.runId, 2, 'STARTED')
    store.checkpoint(run.runId, 2, 2n ** 61n + 7n)
    const again = open().begin(JOB, fresh(false, 99n, 'second'))
    expect(again).toMatchObject({ runId: run.runId, isResumed: true, attempt: 2, backdateUs: 5n })
    expect(again.info).toBe('first')
    expect(again.rangesTotal).toBe(4)
    expect(again.ranges.map(one => [one.id, one.status, one.checkpoint])).toEqual([
      [1, 'FAIL', undefined],
      [2, 'STARTED', 2n ** 61n + 7n],
      [3, 'NOT_STARTED', undefined],
    ])
    expect(again.ranges[0]!.range).toEqual(plan()[1])
  })

  it('begins anew after the end, and on request', () => {
    const store = open()
    const run = store.begin(JOB, fresh())
    store.finish(run.runId, true)
    const second = store.begin(JOB, fresh(false, 6n))
    expect(second).toMatchObject({ isResumed: false, attempt: 2, backdateUs: 6n })
    const third = store.begin(JOB, fresh(true, 7n))
    expect(third).toMatchObject({ isResumed: false, attempt: 3, backdateUs: 7n })
    expect(third.ranges).toHaveLength(4)
  })

  it('begins anew when the unfinished run had other options, and resumes when it had the same', () => {
    const store = open()
    const first = store.begin(JOB, { ...fresh(false, 5n, '1/2'), options: 'renamed' })
    store.mark(first.runId, 0, 'PASS')
    store.finish(first.runId, false)
    const same = store.begin(JOB, { ...fresh(), options: 'renamed' })
    expect(same).toMatchObject({ runId: first.runId, isResumed: true, attempt: 2, info: '1/2' })
    expect(same.ranges).toHaveLength(3)
    const other = store.begin(JOB, { ...fresh(false, 6n, '3/4'), options: 'plain' })
    expect(other).toMatchObject({
      hasOtherOptions: true,
      isResumed: false,
      attempt: 3,
      info: '3/4',
    })
    expect(other.ranges).toHaveLength(4)
  })

  it('counts attempts over all jobs that write one table, whatever part of it', () => {
    const store = open()
    const part = (name: string) => ({ ...JOB, name, family: '["a","t"' })
    expect(store.begin(part('["a","t","x > 1"]'), fresh()).attempt).toBe(1)
    expect(store.begin(part('["a","t",""]'), fresh()).attempt).toBe(2)
    const other = { ...JOB, name: '["a","tt",""]', family: '["a","tt"' }
    expect(store.begin(other, fresh()).attempt).toBe(1)
  })

  it('keeps jobs apart', () => {
    const store = open()
    store.begin(JOB, fresh())
    expect(store.begin({ ...JOB, name: 'a to c' }, fresh()).isResumed).toBe(false)
  })

  it('lets a job be under way once, until its run ended or its process is gone', () => {
    const [first, second] = [open(), open()]
    const run = first.begin(JOB, fresh())
    expect(() => second.begin(JOB, fresh())).toThrow(/same run for ks.t is under way/)
    expect(second.begin({ ...JOB, name: 'another' }, fresh()).attempt).toBe(1)
    first.finish(run.runId, false)
    expect(second.begin(JOB, fresh())).toMatchObject({ isResumed: true, attempt: 2 })
    stores.splice(stores.indexOf(second), 1)[0]!.close()
    expect(first.begin(JOB, fresh())).toMatchObject({ isResumed: true, attempt: 3 })
  })

  it('is readable by its owner only', () => {
    open()
    expect(statSync(join(folder, 'deep', 'state.sqlite')).mode & 0o077).toBe(0)
  })

  it('says what is wrong with the file', () => {
    expect(() => new RunStore('/dev/null/state')).toThrow(/state file \/dev\/null\/state/)
    const store = open()
    const { runId } = store.begin(JOB, fresh())
    using other = new DatabaseSync(join(folder, 'deep', 'state.sqlite'))
    other.exec('DROP TABLE range')
    expect(() => store.mark(runId, 0, 'PASS')).toThrow(/state file .*state.sqlite: no such table/)
  })
})
