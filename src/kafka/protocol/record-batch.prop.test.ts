import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RawMessage } from '../../flow/index.ts'
import { COMPRESSIONS } from './compression.ts'
import { RecordReader } from './record-reader.ts'
import { encodeBatch, recordBytesMax } from './record-writer.ts'
import { readVarint, readVarlong, sizeOfVarint, sizeOfVarlong, varintEnd } from './varint.ts'

const bytes = fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array))
const record = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), value: fc.option(bytes) }), {
    maxLength: 4,
  }),
  timestampMs: fc.integer({ min: 0, max: 2 ** 50 }),
})

describe('record batches', () => {
  it('read back as they were written, in any portions', () => {
    const cases = fc.tuple(
      fc.array(record, { minLength: 1, maxLength: 30 }),
      fc.constantFrom(...COMPRESSIONS),
      fc.integer({ min: 1, max: 40 }),
    )
    fc.assert(
      fc.property(cases, ([records, compression, portion]) => {
        const batch = encodeBatch(records, compression)
        if (compression === 'none') {
          const most = records.reduce((sum, one) => sum + recordBytesMax(one), 61)
          expect(batch.length).toBeLessThanOrEqual(most)
        }
        const options = { origin: { topic: 't', partition: 0 }, fromOffset: 0, checkCrc: true }
        const reader = new RecordReader(batch, [0, batch.length], options)
        const found: RawMessage[] = []
        while (reader.hasMore) reader.read(found, portion)
        expect(found.map(toRecord)).toEqual(records)
        expect(found.map(message => message.offset)).toEqual(records.map((_, i) => i))
      }),
      { numRuns: 150 },
    )
  })

  it('never read beyond damaged bytes: an error of ours or fewer messages', () => {
    const cases = fc.tuple(
      fc.array(record, { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
    )
    fc.assert(
      fc.property(cases, ([records, at, value]) => {
        const batch = encodeBatch(records, 'none')
        batch[61 + (at % (batch.length - 61))] = value
        const options = { origin: { topic: 't', partition: 0 }, fromOffset: 0, checkCrc: false }
        const reader = new RecordReader(batch, [0, batch.length], options)
        const found: RawMessage[] = []
        try {
          reader.read(found, 100)
        } catch (error) {
          expect(error).toMatchObject({ code: 'SCM_KAFKA_CORRUPT' })
        }
        for (const { valueStart, valueLength } of found) {
          expect(valueStart + Math.max(0, valueLength)).toBeLessThanOrEqual(batch.length)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('varints', () => {
  it('are as long as computed, up to 32 bits', () => {
    fc.assert(
      fc.property(fc.integer(), value => {
        const encoded = encode(BigInt(value))
        expect(readVarint(encoded, 0)).toBe(value)
        expect([varintEnd, sizeOfVarint(value)]).toEqual([encoded.length, encoded.length])
      }),
    )
  })

  it('are exact up to 2^52', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), value => {
        const encoded = encode(BigInt(value))
        expect(readVarlong(encoded, 0)).toBe(value)
        expect([varintEnd, sizeOfVarlong(value)]).toEqual([encoded.length, encoded.length])
      }),
    )
  })
})

function toRecord(message: RawMessage) {
  return {
    key: message.key(),
    value: message.value(),
    headers: message.headers.map(({ name, value }) => ({ name, value })),
    timestampMs: message.timestampMs,
  }
}

/** Zigzag by the definition, with bigints. */
function encode(value: bigint): Buffer {
  let rest = value < 0n ? -2n * value - 1n : 2n * value
  const out: number[] = []
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128)
  return Buffer.from([...out, Number(rest)])
}
