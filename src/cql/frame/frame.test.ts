import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { lz4 } from '../compress/lz4.ts'
import { snappy } from '../compress/snappy.ts'
import { FrameAssembler } from './frame-assembler.ts'
import { compressFrame, decompressFrame } from './frame-compression.ts'
import { FrameView, readFrameHeader } from './frame-view.ts'
import { beginFrame, endFrame, setFrameStream } from './frame-writer.ts'
import { OPCODE, opcodeName } from './opcode.ts'

const READY_V5 = Buffer.from('850000010200000000', 'hex')

function frameBytes(body: Buffer, version = 4): ByteWriter {
  const writer = new ByteWriter(64)
  const start = beginFrame(writer, { version, stream: 258, opcode: OPCODE.QUERY, flags: 2 })
  writer.writeBytes(body)
  endFrame(writer, start)
  return writer
}

function compressedView(hex: string): FrameView {
  const view = new FrameView()
  view.version = 4
  view.flags = 1
  view.bytes = Buffer.from(hex, 'hex')
  view.end = view.bytes.length
  return view
}

describe('frame header', () => {
  it('is written and read', () => {
    const writer = frameBytes(Buffer.from([9, 9]))
    expect(writer.view().toString('hex')).toBe('0402010207000000020909')
    const view = new FrameView()
    readFrameHeader(writer.view(), 0, view)
    expect([view.version, view.isResponse, view.flags, view.stream, view.opcode]).toEqual([
      4,
      false,
      2,
      258,
      OPCODE.QUERY,
    ])
    expect([view.start, view.end]).toEqual([9, 11])
  })

  it('knows the stream of events and the direction', () => {
    const view = new FrameView()
    readFrameHeader(Buffer.from('8400ffff0c00000000', 'hex'), 0, view)
    expect([view.stream, view.isResponse, opcodeName(view.opcode)]).toEqual([-1, true, 'EVENT'])
  })

  it('can change a stream id afterwards', () => {
    const writer = frameBytes(Buffer.alloc(0))
    setFrameStream(writer.bytes, 0, 32_767)
    expect(writer.view().toString('hex')).toBe('04027fff0700000000')
  })
})

describe('assembler', () => {
  it('hands on a whole frame without a copy', () => {
    const chunk = Buffer.concat([READY_V5, READY_V5])
    const starts: number[] = []
    new FrameAssembler().push(chunk, frame => {
      expect(frame.bytes).toBe(chunk)
      starts.push(frame.start)
    })
    expect(starts).toEqual([9, 18])
  })

  it('switches to segments inside one chunk', () => {
    const segment = Buffer.from('090002a4c8c1050000010500000000b5557486', 'hex')
    const assembler = new FrameAssembler()
    const opcodes: number[] = []
    assembler.push(Buffer.concat([READY_V5, segment]), frame => {
      opcodes.push(frame.opcode)
      if (frame.opcode === OPCODE.READY) assembler.switchToSegments()
    })
    expect(opcodes).toEqual([OPCODE.READY, OPCODE.OPTIONS])
    expect(assembler.isSegmented).toBe(true)
  })

  it('refuses a body above the limit before it arrives', () => {
    const assembler = new FrameAssembler({ bodyBytesMax: 100 })
    const header = Buffer.from('840000010800000065', 'hex')
    expect(() => assembler.push(header, () => undefined)).toThrow(/at most 100 bytes, found 101/)
  })

  it('reads an unsigned length', () => {
    const header = Buffer.from('8400000108ffffffff', 'hex')
    expect(() => new FrameAssembler().push(header, () => undefined)).toThrow(/found 4294967295/)
  })

  it.each([
    ['150301', /TLS/],
    ['020000', /version 3 to 6/],
    ['474554', /first byte 0x47/],
  ])('refuses first bytes %s', (hex, message) => {
    const push = () => new FrameAssembler().push(Buffer.from(hex, 'hex'), () => undefined)
    expect(push).toThrow(message)
  })

  it('hands on frames of any version when asked, also cut ones', () => {
    const v2 = Buffer.from('02000505000000020a0b', 'hex')
    const v7 = Buffer.from('070000090500000000', 'hex')
    const assembler = new FrameAssembler({ anyVersion: true })
    const seen: number[][] = []
    for (const byte of Buffer.concat([v2, v7])) {
      assembler.push(Buffer.from([byte]), f => {
        seen.push([f.version, f.stream, f.opcode, f.end - f.start])
      })
    }
    expect(seen).toEqual([
      [2, 5, 5, 2],
      [7, 9, 5, 0],
    ])
  })

  it('refuses a self-contained segment that ends inside a frame', () => {
    const assembler = new FrameAssembler()
    assembler.switchToSegments()
    const segment = Buffer.from('0100027256ac010b2b9bba', 'hex')
    expect(() => assembler.push(segment, () => undefined)).toThrow(/version 3 to 6/)
  })
})

describe('frame compression', () => {
  it.each([
    ['lz4', lz4],
    ['snappy', snappy],
  ])('%s', (_, codec) => {
    const body = Buffer.alloc(1000, 'scamander ')
    const writer = frameBytes(body)
    compressFrame(writer, 0, codec)
    expect(writer.position).toBeLessThan(200)
    const seen: Buffer[] = []
    new FrameAssembler().push(Buffer.from(writer.view()), frame => {
      expect(frame.flags).toBe(3)
      decompressFrame(frame, codec)
      expect(frame.flags).toBe(2)
      seen.push(frame.bytes.subarray(frame.start, frame.end))
    })
    expect(seen).toEqual([body])
  })

  it.each([
    [lz4, '00000005504141414141', 'AAAAA'],
    [snappy, '05104141414141', 'AAAAA'],
  ])('reads known blocks %#', (codec, hex, text) => {
    const view = compressedView(hex)
    decompressFrame(view, codec)
    expect(view.bytes.toString('latin1', view.start, view.end)).toBe(text)
  })

  it.each(['0000000a50414141414104000f', '0000000950414141', '0000'])('refuses %s', hex => {
    expect(() => decompressFrame(compressedView(hex), lz4)).toThrow(/LZ4 block|no length/)
  })

  it('leaves a frame alone that would grow', () => {
    const writer = frameBytes(Buffer.from([1, 2, 3]))
    compressFrame(writer, 0, lz4)
    expect(writer.view().toString('hex')).toBe('040201020700000003010203')
  })

  it('refuses a compressed frame when nothing was agreed, and a bomb', () => {
    const view = compressedView('7fffffff1f61010050')
    expect(() => decompressFrame(view, undefined)).toThrow(/no compression was agreed/)
    expect(() => decompressFrame(view, lz4)).toThrow(/announced/)
    const bomb = compressedView('ffffffff0f00')
    expect(() => decompressFrame(bomb, snappy)).toThrow(/announced/)
  })
})
