/** What is left of ranges after rings changed, again and again, in the middle of a pass. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import type { SourcePosition } from '../../../flow/index.ts'
import { leftOver, overlap } from './left-over.ts'
import type { TokenRange } from './ring-split.ts'
import { reachedEnd, reachedWithin, ScanProgress } from './scan-progress.ts'

const TABLE = 'ks.t'
const END = 60
const SIGNAL = new AbortController().signal
const range = (start: number, end: number): TokenRange => ({
  start: BigInt(start),
  end: BigInt(end),
})
const keyOf = ({ partition }: SourcePosition) => JSON.stringify(partition)

/** The ring in ranges: bounds as they are after a node came or went. */
const ring = fc
  .uniqueArray(fc.integer({ min: 1, max: END - 1 }), { maxLength: 6 })
  .map(ends => [0, ...ends.sort((a, b) => a - b), END])
  .map(bounds => bounds.slice(1).map((end, i) => range(bounds[i]!, end)))

/** One life: takes some ranges, reads each to its end or stops within. */
const life = fc.record({
  ring,
  reads: fc.array(fc.record({ share: fc.nat(4), hasPaging: fc.boolean() }), { maxLength: 5 }),
})

async function live(
  ranges: readonly TokenRange[],
  reads: readonly { readonly share: number; readonly hasPaging: boolean }[],
  positions: Map<string, SourcePosition>,
): Promise<number[]> {
  const parts = { table: TABLE, ranges, pauseMs: undefined, clock: systemClock }
  const progress = new ScanProgress(parts, [...positions.values()])
  const given: number[] = []
  for (const { share, hasPaging } of reads) {
    const work = await progress.take(SIGNAL)
    if (work === undefined) break
    const { end } = work.range
    const token = work.afterToken + ((end - work.afterToken) * BigInt(share)) / 4n
    for (let at = work.afterToken + 1n; at <= token; at++) given.push(Number(at))
    const pagingState = Buffer.from(hasPaging ? [1] : [])
    const reached = share === 4 ? reachedEnd(work) : reachedWithin(work, { token, pagingState })
    positions.set(keyOf(reached), reached)
  }
  return given
}

describe('a pass over a ring that changes', () => {
  it('gives every token once, whatever the bounds are after each restart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(life, { maxLength: 5 }), ring, async (lives, last) => {
        const positions = new Map<string, SourcePosition>()
        const given: number[] = []
        for (const { ring: ranges, reads } of lives) {
          given.push(...(await live(ranges, reads, positions)))
        }
        const rest = Array.from({ length: 100 }, () => ({ share: 4, hasPaging: false }))
        given.push(...(await live(last, rest, positions)))
        expect(given.sort((a, b) => a - b)).toEqual(Array.from({ length: END }, (_, i) => i + 1))
        expect(await live(last, rest, positions)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})

describe('leftOver', () => {
  it('goes on at the page where a former range lies within', () => {
    const resume = Buffer.from([1])
    const stored = [
      { range: range(0, 10), token: 10n, isDone: true, resume: undefined },
      { range: range(10, 20), token: 15n, isDone: false, resume },
      { range: range(20, 40), token: 25n, isDone: false, resume },
    ]
    expect(leftOver(range(0, 30), stored)).toEqual([
      { range: range(10, 20), afterToken: 15n, resume },
      { range: range(25, 30), afterToken: 25n, resume: undefined },
    ])
    expect(leftOver(range(30, 60), stored)).toEqual([
      { range: range(30, 60), afterToken: 30n, resume: undefined },
    ])
    expect(leftOver(range(0, 10), stored)).toEqual([])
    expect(overlap(range(0, 10), range(10, 20))).toBe(false)
  })

  it('begins a later pass with all of it', async () => {
    const done = (pass: number, start: number, end: number): SourcePosition => ({
      partition: { table: TABLE, start: String(start), end: String(end) },
      offset: { pass, token: String(end), done: true },
    })
    const parts = {
      ...{ table: TABLE, pauseMs: undefined, clock: systemClock },
      ranges: [range(0, 30)],
    }
    const other = { ...done(9, 0, 60), partition: { table: 'ks.u', start: '0', end: '60' } }
    const progress = new ScanProgress(parts, [done(1, 0, 60), done(2, 0, 10), other])
    expect(await progress.take(SIGNAL)).toMatchObject({ range: range(10, 30), pass: 2 })
    expect(await progress.take(SIGNAL)).toBeUndefined()
  })
})
