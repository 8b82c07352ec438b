import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { lz4 } from '../compress/lz4.ts'
import { snappy } from '../compress/snappy.ts'
import { crc24, payloadCrc32 } from './checksum.ts'
import { SegmentDecoder } from './segment-decoder.ts'
import { writeSegmentHeader } from './segment-header.ts'
import { SegmentWriter } from './segment-writer.ts'

const OPTIONS_V5 = Buffer.from('050000010500000000', 'hex')

function segmentOf(payload: Buffer, compressor?: typeof lz4): string {
  const writer = new ByteWriter(64)
  const segments = new SegmentWriter(writer, compressor)
  segments.beforeFrame()
  const start = writer.position
  writer.writeBytes(payload)
  segments.afterFrame(start)
  segments.finish()
  return writer.view().toString('hex')
}

describe('checksums', () => {
  it('computes CRC-24 and CRC-32 of known bytes', () => {
    expect(crc24(Buffer.from('ffff01', 'hex'), 0, 3)).toBe(0xfe9138)
    expect(crc24(Buffer.alloc(5), 0, 5)).toBe(11_185_162)
    expect(payloadCrc32(Buffer.alloc(0), 0, 0) >>> 0).toBe(0x44777ed3)
  })
})

describe('segment bytes', () => {
  it.each([
    ['uncompressed', OPTIONS_V5, undefined, '090002a4c8c1050000010500000000b5557486'],
    ['LZ4 link, stored', OPTIONS_V5, lz4, '0900000004c2b895050000010500000000b5557486'],
    ['one byte', Buffer.from([1]), undefined, '0100027256ac010b2b9bba'],
  ])('%s', (_, payload, compressor, hex) => {
    expect(segmentOf(payload, compressor)).toBe(hex)
  })

  it('marks a slice that is not self-contained', () => {
    const bytes = Buffer.alloc(6)
    writeSegmentHeader(bytes, 0, { payloadLength: 1, plainLength: 0, selfContained: false })
    expect(bytes.toString('hex')).toBe('0100006f8715')
  })

  it('writes nothing for an opened segment without a frame', () => {
    const writer = new ByteWriter(64)
    const segments = new SegmentWriter(writer)
    segments.beforeFrame()
    segments.finish()
    expect(writer.position).toBe(0)
  })

  it('refuses Snappy', () => {
    expect(() => new SegmentWriter(new ByteWriter(), snappy)).toThrow(/expected lz4/)
    expect(() => new SegmentDecoder(snappy)).toThrow(/expected lz4/)
  })
})

describe('a flipped bit', () => {
  it.each([
    ['uncompressed', undefined],
    ['LZ4', lz4],
  ])('is detected anywhere (%s)', (_, compressor) => {
    const good = Buffer.from(segmentOf(Buffer.alloc(100, 'scamander'), compressor), 'hex')
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = Buffer.from(good)
      bad[bit >> 3]! ^= 1 << (bit & 7)
      let payloads = 0
      const push = () => new SegmentDecoder(compressor).push(bad, 0, () => payloads++)
      expect(push).toThrow(/CRC-(24|32)/)
      expect(payloads).toBe(0)
    }
  })
})
