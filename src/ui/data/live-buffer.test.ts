import { expect, it } from 'vitest'
import type { RecordInfo } from '../../api-v1-data.ts'
import { Allowance, EMPTY_BUFFER, KEPT_MAX, paused, received, resumed } from './live-buffer.ts'

const record = (offset: number) => ({ partition: 0, offset: String(offset) }) as RecordInfo
const offsets = (all: readonly RecordInfo[]) => all.map(one => one.offset)

it('puts what comes on top', () => {
  const buffer = received(received(EMPTY_BUFFER, [record(1)], 0), [record(3), record(2)], 4)
  expect(offsets(buffer.shown)).toEqual(['3', '2', '1'])
  expect(buffer.skipped).toBe(4)
})

it('holds back what comes while somebody reads, and shows it then', () => {
  const before = paused(received(EMPTY_BUFFER, [record(1)], 0))
  const during = received(before, [record(2)], 0)
  expect([offsets(during.shown), offsets(during.waiting)]).toEqual([['1'], ['2']])
  const after = resumed(during)
  expect([offsets(after.shown), after.waiting, after.isPaused]).toEqual([['2', '1'], [], false])
})

it('is bounded and counts what it dropped', () => {
  const many = Array.from({ length: KEPT_MAX + 5 }, (_, at) => record(at))
  expect(received(EMPTY_BUFFER, many, 0).shown).toHaveLength(KEPT_MAX)
  const waiting = received(paused(EMPTY_BUFFER), many, 1)
  expect([waiting.waiting.length, waiting.skipped]).toEqual([KEPT_MAX, 6])
})

it('lets a burst through and slows a stream down', () => {
  const allowance = new Allowance(0)
  expect(allowance.take(10_000)).toBe(100)
  allowance.spend(100)
  expect(allowance.take(10_100)).toBe(5)
  allowance.spend(5)
  expect(allowance.take(10_100)).toBe(1)
})
