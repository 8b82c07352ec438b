import { describe, expect, it } from 'vitest'
import type { SourceOffset, SourcePosition } from '../../flow/index.ts'
import { splitRange } from '../token-range.ts'
import { OffsetRunStorage } from './offset-run-storage.ts'

const RANGES = splitRange({ start: 0n, end: 99n }, 10)
const FRESH = { plan: () => RANGES, info: '' }
const JOB = { name: 'a to b', type: 'MIGRATE', table: 'ks.t' } as const

function open(index: number, count: number, stored: readonly SourcePosition[] = []) {
  return new OffsetRunStorage({ work: 'copy', part: { index, count } }, stored, 5n)
}

/** As the offset store keeps them: the last of each partition. */
function stored(...batches: (readonly SourcePosition[])[]): SourcePosition[] {
  const kept = new Map<string, SourcePosition>()
  for (const one of batches.flat()) kept.set(JSON.stringify(one.partition), one)
  return [...kept.values()]
}

describe('OffsetRunStorage', () => {
  it('shares the ranges out: each has one owner', () => {
    const shares = [0, 1, 2].map(index => open(index, 3).begin(JOB, FRESH).ranges)
    const all = shares.flat().map(one => one.range.start)
    expect([...all].sort((a, b) => Number(a - b))).toEqual(RANGES.map(one => one.start))
    expect(shares.map(one => one.length)).toEqual([4, 3, 3])
  })

  it('goes on at the stored positions, also with another number of tasks', () => {
    const first = open(0, 2)
    const run = first.begin(JOB, FRESH)
    first.mark(run.runId, 0, 'STARTED')
    first.mark(run.runId, 0, 'PASS')
    first.checkpoint(run.runId, 1, 25n)
    first.mark(run.runId, 2, 'FAIL')
    expect([run.attempt, first.open]).toEqual([1, 4])
    const again = open(0, 1, stored(first.take())).begin(JOB, FRESH)
    expect([again.attempt, again.isResumed, again.ranges.length]).toEqual([2, true, 9])
    expect(again.ranges.find(one => one.range.start === 20n)?.checkpoint).toBe(25n)
    expect(again.ranges.find(one => one.range.start === 40n)?.status).toBe('FAIL')
  })

  it('remembers when the first run began', () => {
    const first = open(0, 1)
    const run = first.begin(JOB, { ...FRESH, info: '700/800' })
    expect(run.info).toBe('700/800')
    first.mark(run.runId, 3, 'PASS')
    const next = open(0, 1, stored(first.take()))
    const again = next.begin(JOB, { ...FRESH, info: '1000/1100' })
    expect(again.info).toBe('700/800')
    next.mark(again.runId, 0, 'PASS')
    expect(next.take().at(-1)?.offset).toMatchObject({ status: 'PASS', began: '700/800' })
  })

  it('a range that passed stays so, of another table nothing is known', () => {
    const first = open(0, 1)
    const run = first.begin(JOB, FRESH)
    first.mark(run.runId, 3, 'PASS')
    first.mark(run.runId, 3, 'FAIL')
    const positions = stored(first.take())
    const next = open(0, 1, positions)
    expect(next.begin(JOB, FRESH).ranges).toHaveLength(9)
    expect(next.begin({ ...JOB, table: 'ks.other' }, FRESH).ranges).toHaveLength(10)
  })

  it('numbers of attempts grow over all tasks and are secured when stored', async () => {
    const known: SourcePosition[] = [
      { partition: { work: 'copy', task: 4 }, offset: { attempt: 7 } },
      { partition: { work: 'validation', task: 1 }, offset: { attempt: 50 } },
    ]
    const storage = open(1, 2, known)
    expect(storage.begin(JOB, FRESH).attempt).toBe(8)
    let isSecured = false
    const secured = storage.secured().then(() => {
      isSecured = true
    })
    const attempt = (offset: SourceOffset) => [{ partition: { work: 'copy', task: 1 }, offset }]
    storage.stored(attempt({ attempt: 7 }))
    await Promise.resolve()
    expect(isSecured).toBe(false)
    expect(storage.take()).toEqual(attempt({ attempt: 8 }))
    storage.stored(attempt({ attempt: 8 }))
    await secured
  })
})
