/**
 * A task that holds work: taken when it opens, left at once when it is stopped, laid down while it is
 * paused, and not given up by somebody who has lost it.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HeldSource } from './held-source.ts'

const OPENING = {
  offsets: { read: () => Promise.resolve([]), readAll: () => Promise.resolve([]) },
}
let done: string[]
let isLost: boolean
let source: HeldSource
let stop: AbortController

beforeEach(() => {
  vi.useFakeTimers()
  ;[done, isLost, stop] = [[], false, new AbortController()]
  source = new HeldSource({
    connector: 'held',
    take: async () => void done.push('take'),
    check: () => {
      if (isLost) throw new Error('elsewhere')
    },
    leave: () => void done.push('leave'),
    release: async () => void done.push('release'),
  })
})
afterEach(() => vi.useRealTimers())

async function read(): Promise<number> {
  const batch = source.read(stop.signal)
  await vi.advanceTimersByTimeAsync(600)
  return (await batch).items.length
}

describe('HeldSource', () => {
  it('takes the work, gives no record, and releases it', async () => {
    await source.open(OPENING, stop.signal)
    expect([await read(), await read()]).toEqual([0, 0])
    await source.close()
    await source.close()
    expect(done).toEqual(['take', 'leave', 'release'])
  })

  it('leaves before anything else when it is stopped', async () => {
    await source.open(OPENING, stop.signal)
    stop.abort()
    expect(done).toEqual(['take', 'leave'])
    await source.close()
    expect(done.at(-1)).toBe('release')
  })

  it('lays the work down while nothing is read, and is opened again afterwards', async () => {
    await source.open(OPENING, stop.signal)
    await read()
    await vi.advanceTimersByTimeAsync(9_000)
    expect(done).toEqual(['take'])
    await vi.advanceTimersByTimeAsync(3_000)
    expect(done).toEqual(['take', 'leave', 'release'])
    await expect(source.read(stop.signal)).rejects.toMatchObject({ kind: 'disconnected' })
    await source.close()
    await source.open(OPENING, stop.signal)
    expect(await read()).toBe(0)
    expect(done).toEqual(['take', 'leave', 'release', 'take'])
  })

  it('is closed when the work that it laid down is released', async () => {
    const released = Promise.withResolvers<void>()
    const slow = new HeldSource({
      ...{ connector: 'held', take: () => Promise.resolve(), check: () => undefined },
      ...{ leave: () => undefined, release: () => released.promise },
    })
    await slow.open(OPENING, stop.signal)
    await vi.advanceTimersByTimeAsync(12_000)
    let isClosed = false
    const closed = slow.close().then(() => {
      isClosed = true
    })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(isClosed).toBe(false)
    released.resolve()
    await closed
  })

  it('tells that the work was lost', async () => {
    await source.open(OPENING, stop.signal)
    isLost = true
    await expect(source.read(stop.signal)).rejects.toThrow('elsewhere')
  })
})
