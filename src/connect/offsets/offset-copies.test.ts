import { describe, expect, it } from 'vitest'
import { OffsetCopies } from './offset-copies.ts'
import type { OffsetEntry } from './offset-store.ts'

const entry = (t: string, n: number): OffsetEntry => ({ partition: { t }, offset: { n } })

/** Copies to a store whose writes end when they are told to. */
function copying() {
  const writes: { entries: readonly OffsetEntry[]; end: PromiseWithResolvers<void> }[] = []
  const failures: unknown[] = []
  const slept: number[] = []
  const copies = new OffsetCopies({
    to: {
      write: (_connector, entries) => {
        const end = Promise.withResolvers<void>()
        writes.push({ entries, end })
        return end.promise
      },
    },
    failed: (_connector, error) => failures.push(error),
    clock: {
      nowMs: () => 0,
      monotonicMs: () => 0,
      sleep: async ms => {
        slept.push(ms)
      },
    },
  })
  const settled = () => new Promise(resolve => setImmediate(resolve))
  return { copies, writes, failures, slept, settled }
}

describe('copies of positions', () => {
  it('are made one after the other, the newest of each partition', async () => {
    const { copies, writes, settled } = copying()
    copies.put('c', [entry('a', 1), entry('b', 1)])
    copies.put('c', [entry('a', 2)])
    copies.put('c', [entry('a', 3), entry('b', 2)])
    expect(writes.map(one => one.entries)).toEqual([[entry('a', 1), entry('b', 1)]])
    writes[0]!.end.resolve()
    await settled()
    expect(writes[1]?.entries).toEqual([entry('a', 3), entry('b', 2)])
    writes[1]!.end.resolve()
    await settled()
    copies.put('c', [entry('a', 4)])
    expect(writes.length).toBe(3)
  })

  it('that fail are told, and the next is made', async () => {
    const { copies, writes, failures, settled } = copying()
    copies.put('c', [entry('a', 1)])
    copies.put('c', [entry('a', 2)])
    writes[0]!.end.reject(new Error('away'))
    await settled()
    expect(failures).toMatchObject([{ message: 'away' }])
    expect(writes[1]?.entries).toEqual([entry('a', 2)])
  })

  it('of positions that were removed are not begun', async () => {
    const { copies, writes, settled } = copying()
    copies.put('c', [entry('a', 1)])
    copies.put('c', [entry('a', 2)])
    copies.drop('c', [{ t: 'a' }])
    writes[0]!.end.resolve()
    await settled()
    expect(writes.length).toBe(1)
    copies.put('c', [entry('a', 3)])
    expect(writes.length).toBe(2)
  })

  it('are waited for no longer than the limit, and not begun after it', async () => {
    const { copies, writes, slept, failures, settled } = copying()
    copies.put('c', [entry('a', 1)])
    copies.put('c', [entry('a', 2)])
    await copies.close(1_000)
    expect(slept).toEqual([1_000])
    writes[0]!.end.reject(new Error('away'))
    copies.put('c', [entry('a', 3)])
    await settled()
    expect(writes.length).toBe(1)
    expect(failures).toEqual([])
  })
})
