import { expect, it } from 'vitest'
import type { RawMessage } from '../flow/index.ts'
import { takeWithin } from './take-within.ts'

/** Records of one size, one after the other. */
function records(count: number, bytes: number) {
  const reader = {
    nextOffset: 0,
    get hasMore() {
      return reader.nextOffset < count
    },
    read(out: RawMessage[], countMax: number) {
      const taken = Math.min(countMax, count - reader.nextOffset)
      for (let i = 0; i < taken; i++) out.push({ offset: reader.nextOffset++ } as RawMessage)
      return taken * bytes
    },
  }
  return reader
}

const LIMITS = { recordsMax: 1_000, bytesMax: 1_000_000, toOffset: 10_000 }

it.each([
  ['all there is', 120, 10, LIMITS, 120, 1_200],
  ['so many records', 5_000, 10, { ...LIMITS, recordsMax: 70 }, 70, 700],
  ['so many bytes when unpacked', 5_000, 10_000, { ...LIMITS, bytesMax: 600_000 }, 100, 1_000_000],
  ['no more than the range', 5_000, 10, { ...LIMITS, toOffset: 120 }, 150, 1_500],
  ['nothing', 0, 10, LIMITS, 0, 0],
])('takes %s', (_, count, size, limits, expected, bytes) => {
  const out: RawMessage[] = []
  expect(takeWithin(records(count, size), out, limits)).toBe(bytes)
  expect(out).toHaveLength(expected)
})
