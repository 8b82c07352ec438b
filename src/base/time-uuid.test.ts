/** Version-1 UUIDs: layout, uniqueness, and instants. */
import { describe, expect, it } from 'vitest'
import { ByteWriter } from './byte-writer.ts'
import { writeFreshTimeUuid, writeTimeUuidAt } from './time-uuid.ts'

/** Milliseconds since the epoch of a version-1 UUID. */
function instantOf(uuid: Buffer): number {
  const high = BigInt(uuid.readUInt16BE(6) & 0x0fff)
  const ticks = (high << 48n) | (BigInt(uuid.readUInt16BE(4)) << 32n) | BigInt(uuid.readUInt32BE(0))
  return Number(ticks / 10_000n) - 12_219_292_800_000
}

function uuidAt(ms: number): Buffer {
  const writer = new ByteWriter()
  expect(writeTimeUuidAt(writer, ms)).toBe(true)
  return Buffer.from(writer.view())
}

describe('time UUIDs', () => {
  it.each([0, -1, 1_520_612_345_678, -12_219_292_800_000, 4_102_444_800_000])(
    'carry the instant %d',
    ms => {
      const uuid = uuidAt(ms)
      expect([uuid.length, instantOf(uuid), uuid[6]! >> 4, uuid[8]! >> 6]).toEqual([16, ms, 1, 2])
    },
  )

  it('refuse an instant before 1582', () => {
    expect(writeTimeUuidAt(new ByteWriter(), -12_219_292_800_001)).toBe(false)
  })

  it('are unique and ascending within one millisecond', () => {
    const writer = new ByteWriter()
    const texts: string[] = []
    for (let i = 0; i < 25_000; i++) {
      writer.reset()
      writeFreshTimeUuid(writer, 5_000_000_000_000)
      texts.push(writer.view().toString('hex'))
    }
    expect(new Set(texts).size).toBe(25_000)
    expect(instantOf(Buffer.from(texts[24_999]!, 'hex'))).toBe(5_000_000_000_002)
  })
})
