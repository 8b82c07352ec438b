import { expect, it } from 'vitest'
import type { RawMessage } from '../flow/index.ts'
import type { TopicInspector } from '../kafka/index.ts'
import { readWindow, type Topic, type WindowQuery } from './record-window.ts'

type PartitionRead = Parameters<TopicInspector['read']>[1]

const MIB = 1024 * 1024
const RECORDS = 1_000

/** One partition of RECORDS records of a size, which is read as Kafka is: whole, or up to `bytesMax`. */
function log(recordBytes: number, onRead: (count: number) => void = () => undefined) {
  let held = 0
  const read = (_topic: Topic, at: PartitionRead, signal: AbortSignal) => {
    const messages: RawMessage[] = []
    let next = at.fromOffset
    let sizeBytes = 0
    while (next < at.toOffset && messages.length < at.recordsMax && !signal.aborted) {
      messages.push({ partition: 0, offset: next, timestampMs: next } as RawMessage)
      next += 1
      sizeBytes += recordBytes
      if (sizeBytes >= (at.bytesMax ?? Number.POSITIVE_INFINITY)) break
    }
    held = Math.max(held, sizeBytes)
    onRead(messages.length)
    return Promise.resolve({ messages, nextOffset: next, logEnd: RECORDS, sizeBytes })
  }
  return { read, heldMax: () => held }
}

function query(more: Partial<WindowQuery>): WindowQuery {
  return {
    ...{ topic: {} as Topic, starts: new Map([[0, 0]]), ends: new Map([[0, RECORDS]]) },
    ...{ isBackward: true, recordsMax: 100, isWanted: () => true, hasFilter: false },
    ...{ signal: new AbortController().signal, ...more },
  }
}

const offsets = (messages: readonly RawMessage[]) => messages.map(one => one.offset)
const downFrom = (count: number) => Array.from({ length: count }, (_, i) => RECORDS - 1 - i)

it('shows the newest, and goes on below them', async () => {
  const found = await readWindow(log(1_000), query({}))
  expect(offsets(found.messages)).toEqual(downFrom(100))
  expect([found.lows.get(0), found.isCutOff]).toEqual([RECORDS - 100, false])
})

it('holds a few MiB of large records, and leaves none out', async () => {
  const large = log(MIB)
  const found = await readWindow(large, query({}))
  expect(large.heldMax()).toBeLessThanOrEqual(4 * MIB)
  expect(found.messages.length).toBeGreaterThan(10)
  expect(offsets(found.messages)).toEqual(downFrom(found.messages.length))
  expect(found.lows.get(0)).toBe(RECORDS - found.messages.length)
  expect(found.isCutOff).toBe(true)
})

it.each([true, false])('skips nothing when its time is over (backward: %s)', async isBackward => {
  const stop = new AbortController()
  let reads = 0
  const slow = log(1_000, () => {
    reads += 1
    if (reads === 2) stop.abort()
  })
  const isWanted = (one: RawMessage) => one.offset % 400 === 0
  const more = { isBackward, hasFilter: true, isWanted, signal: stop.signal, recordsMax: 2 }
  const ends = new Map([[0, RECORDS]])
  const first = await readWindow(slow, query({ ...more, ends }))
  const shown = new Set(offsets(first.messages))
  const edge = isBackward ? (first.lows.get(0) ?? 0) : (first.highs.get(0) ?? 0)
  for (let offset = 0; offset < RECORDS; offset += 400) {
    const isBehind = isBackward ? offset < edge : offset >= edge
    expect([offset, shown.has(offset) || isBehind]).toEqual([offset, true])
  }
})

it('skips nothing when its time was over before the first record', async () => {
  const stop = new AbortController()
  stop.abort()
  const found = await readWindow(log(1_000), query({ signal: stop.signal }))
  expect([found.messages.length, found.lows.get(0), found.isCutOff]).toEqual([0, RECORDS, true])
})

it('skips nothing when its time is over while a step is read', async () => {
  const stop = new AbortController()
  const { read } = log(1_000)
  const late = {
    read: (...given: Parameters<typeof read>) => {
      stop.abort()
      return read(...given)
    },
  }
  const found = await readWindow(late, query({ signal: stop.signal }))
  expect([found.messages.length, found.lows.get(0), found.isCutOff]).toEqual([0, RECORDS, true])
})
