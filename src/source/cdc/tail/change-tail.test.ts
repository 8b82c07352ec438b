/**
 * The tail of changes: what it keeps, how it counts what it does not, and copies of replicas. Frames are
 * control frames or such as no definition fits: decoding has tests of its own.
 */
import { expect, it } from 'vitest'
import { ScamanderError } from '../../../base/scamander-error.ts'
import { CDC_ERRORS } from '../errors.ts'
import { FRAME_HEADER_BYTES, Frame, writeFrame } from '../frame.ts'
import type { Channel } from '../state/records.ts'
import { ChangeTail, type TailedFrame } from './change-tail.ts'

const owner = { cluster: 'c', dataCenter: 'dc1', destination: 'd' } as Channel

function frameOf(text: string, host = 1): TailedFrame {
  const bytes = Buffer.from(text.padEnd(16, '-'))
  const out = Buffer.alloc(FRAME_HEADER_BYTES + bytes.length)
  const facts = {
    ...{ version: 7, hostId: Buffer.alloc(16, host), segmentId: 1n, position: 1, updateIndex: 0 },
    ...{ token: 0n, schemaHash: 0n, readAtMs: 0 },
  }
  writeFrame(out, 0, { facts, bytes, start: 0, end: bytes.length })
  return { frame: new Frame(out), owners: [owner] }
}

function newTail() {
  let asked = 0
  const tail = new ChangeTail(() => {
    asked++
    throw new ScamanderError(CDC_ERRORS.STATE, 'no definition')
  })
  return { tail, asked: () => asked }
}

it('decodes nothing until somebody reads, and then what is newer than the reader knows', () => {
  const { tail, asked } = newTail()
  tail.offer([frameOf('a'), frameOf('b')])
  expect(asked()).toBe(0)
  expect(tail.read({ after: 0, limit: 10 })).toEqual({ items: [], next: 2, skipped: 0 })
  expect(asked()).toBe(2)
  tail.offer([frameOf('c')])
  expect(tail.read({ after: 2, limit: 10 }).next).toBe(3)
  expect(asked()).toBe(3)
})

it('keeps few of a batch while nobody looks, and counts the others for who has read before', () => {
  const { tail, asked } = newTail()
  tail.offer(Array.from({ length: 500 }, (_, i) => frameOf(`n${i}`)))
  tail.read({ after: 0, limit: 1000 })
  expect(asked()).toBe(10)
  tail.offer(Array.from({ length: 500 }, (_, i) => frameOf(`w${i}`)))
  expect(tail.read({ after: 500, limit: 1000 })).toMatchObject({ next: 1000, skipped: 300 })
})

it('leaves out what no channel collects, and takes copies of another replica for one change', () => {
  const { tail } = newTail()
  tail.offer([{ ...frameOf('x'), owners: [] }, frameOf('a', 1), frameOf('a', 2), frameOf('b', 1)])
  expect(tail.read({ after: 0, limit: 10 }).next).toBe(2)
})

it('begins anew for a reader from before a restart', () => {
  const { tail, asked } = newTail()
  tail.offer([frameOf('a')])
  expect(tail.read({ after: 99, limit: 10 }).next).toBe(1)
  expect(asked()).toBe(1)
})
