/**
 * Variable-length integers at every length, from the specification's table.
 */
import { describe, expect, it } from 'vitest'
import { crc32Int, crc32Range } from './crc32.ts'
import { LogCursor, readCount, readUnsigned } from './log-cursor.ts'
import { joinHalves } from './mutation.ts'

const cases: [value: bigint, hex: string][] = [
  [0n, '00'],
  [1n, '01'],
  [127n, '7f'],
  [128n, '8080'],
  [300n, '812c'],
  [16_383n, 'bfff'],
  [16_384n, 'c04000'],
  [2_097_151n, 'dfffff'],
  [2_097_152n, 'e0200000'],
  [2n ** 28n, 'f010000000'],
  [2n ** 35n, 'f80800000000'],
  [2n ** 42n, 'fc040000000000'],
  [2n ** 49n, 'fe02000000000000'],
  [2n ** 56n - 1n, 'feffffffffffffff'],
  [2n ** 56n, 'ff0100000000000000'],
  [2n ** 64n - 1n, 'ffffffffffffffffff'],
]

function cursorOf(hex: string): LogCursor {
  const bytes = Buffer.from(hex, 'hex')
  const cursor = new LogCursor()
  cursor.reset(bytes, 0, bytes.length)
  return cursor
}

describe('unsigned integers', () => {
  it.each(cases)('%s', (value, hex) => {
    const cursor = cursorOf(hex)
    readUnsigned(cursor)
    expect(joinHalves(Int32Array.of(cursor.high, cursor.low), 0)).toBe(BigInt.asIntN(64, value))
    expect(cursor.position).toBe(hex.length / 2)
    const cut = cursorOf(hex)
    cut.end--
    expect(() => readUnsigned(cut)).toThrow(/expected/)
  })

  it.each(['81ff', '05', 'ffffffffffffffffff', 'f0ffffffff', ''])('count %s', hex => {
    expect(() => readCount(cursorOf(hex))).toThrow(/expected/)
  })
})

describe('halves', () => {
  it.each([0n, -1n, 1n, 2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 53n) - 1n])(
    '%s',
    value => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64BE(value)
      const halves = Int32Array.of(bytes.readInt32BE(0), bytes.readInt32BE(4))
      expect(joinHalves(halves, 0)).toBe(value)
    },
  )
})

describe('CRC-32', () => {
  it('is that of the standard check value, at any length and seed', () => {
    const check = Buffer.from('123456789')
    expect(crc32Range(check, 0, 9) >>> 0).toBe(0xcbf43926)
    for (let cut = 0; cut <= 9; cut++) {
      expect(crc32Range(check, cut, 9, crc32Range(check, 0, cut)) >>> 0).toBe(0xcbf43926)
    }
    const long = Buffer.alloc(2000, 7)
    for (const cut of [0, 5, 511, 512, 1000, 1999]) {
      expect(crc32Range(long, cut, 2000, crc32Range(long, 0, cut))).toBe(crc32Range(long, 0, 2000))
    }
    const four = Buffer.from('fffefdfc', 'hex')
    expect(crc32Int(four.readInt32BE(), 77)).toBe(crc32Range(four, 0, 4, 77))
  })
})
