import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { lz4 } from '../compress/lz4.ts'
import { SegmentWriter } from '../segment/segment-writer.ts'
import { FrameAssembler } from './frame-assembler.ts'
import { beginFrame, endFrame } from './frame-writer.ts'

interface Frame {
  readonly stream: number
  readonly opcode: number
  readonly body: Buffer
}

/** Bodies: mostly small, sometimes around and above the segment limit; with and without patterns. */
const body = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.nat(300) },
      { weight: 1, arbitrary: fc.integer({ min: 131_050, max: 131_090 }) },
      { weight: 1, arbitrary: fc.integer({ min: 200_000, max: 500_000 }) },
    ),
    fc.uint8Array({ minLength: 1, maxLength: 20 }),
  )
  .map(([length, pattern]) => Buffer.alloc(length, pattern))

const frames: fc.Arbitrary<Frame[]> = fc.array(
  fc.record({
    stream: fc.integer({ min: -1, max: 32_767 }),
    opcode: fc.integer({ min: 0, max: 16 }),
    body,
  }),
  { maxLength: 12 },
)
const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.nat(200_000)), { maxLength: 40 })

function write(writer: ByteWriter, frame: Frame, version: number): number {
  const { stream, opcode } = frame
  const start = beginFrame(writer, { version, stream, opcode, isResponse: true })
  writer.writeBytes(frame.body)
  endFrame(writer, start)
  return start
}

function reassemble(assembler: FrameAssembler, bytes: Buffer, sizes: readonly number[]): Frame[] {
  const out: Frame[] = []
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    assembler.push(bytes.subarray(at, at + size), f => {
      out.push({ stream: f.stream, opcode: f.opcode, body: f.bytes.subarray(f.start, f.end) })
    })
    at = Math.min(bytes.length, at + size)
  }
  return out
}

describe('frames cut anywhere', () => {
  it('reassemble as envelopes', () => {
    fc.assert(
      fc.property(frames, cuts, (list, sizes) => {
        const writer = new ByteWriter()
        for (const frame of list) write(writer, frame, 4)
        expect(reassemble(new FrameAssembler(), writer.view(), sizes)).toEqual(list)
      }),
      { numRuns: 15 },
    )
  })

  it.each([
    ['uncompressed', undefined],
    ['LZ4', lz4],
  ])('reassemble from %s segments', (_, compressor) => {
    fc.assert(
      fc.property(frames, cuts, (list, sizes) => {
        const writer = new ByteWriter()
        const segments = new SegmentWriter(writer, compressor)
        for (const frame of list) {
          segments.beforeFrame()
          segments.afterFrame(write(writer, frame, 5))
        }
        segments.finish()
        const assembler = new FrameAssembler()
        assembler.switchToSegments(compressor)
        expect(reassemble(assembler, writer.view(), sizes)).toEqual(list)
        expect(assembler.heldBytes).toBe(0)
      }),
      { numRuns: 15 },
    )
  })
})
