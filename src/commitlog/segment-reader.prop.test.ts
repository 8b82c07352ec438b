/**
 * Damage of every kind: cut files, flipped bits, random bytes, partial windows.
 * What is given out must be exactly records that were written, in order; reading always ends.
 */
import { constants, deflateSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { compressSync } from 'lz4-napi'
import { describe, expect, it } from 'vitest'
import { buildSegment, int32, type SegmentShape } from '../../test/support/commit-log-writer.ts'
import { lookupOf, tableOf } from '../../test/support/mutation-text.ts'
import { SegmentReader, type SegmentReaderOptions } from './index.ts'

const TABLE = '11112222333344445555666677778888'
const schema = lookupOf(
  tableOf('11112222-3333-4444-5555-666677778888', 'demo_table', {
    partition: ['k: text'],
    others: ['v: text'],
  }),
)

const withLength = (pack: (content: Buffer) => Buffer) => (content: Buffer) =>
  Buffer.concat([int32(content.length), pack(content)])

/** As Cassandra packs: a frame carries a checksum. */
const zstd = (content: Buffer) =>
  zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })

const SHAPES: Record<string, SegmentShape> = {
  plain: {},
  lz4: { params: '{"compressionClass":"LZ4Compressor"}', pack: withLength(compressSync) },
  deflate: { params: '{"compressionClass":"DeflateCompressor"}', pack: withLength(deflateSync) },
  zstd: { params: '{"compressionClass":"ZstdCompressor"}', pack: withLength(zstd) },
}

const PACKED = Object.entries(SHAPES).filter(([, { pack }]) => pack !== undefined)
/** Before the first marker. */
const segmentHeaderBytes = ({ params = '' }: SegmentShape) => 4 + 8 + 2 + params.length + 4
const hexOf = (all: readonly Buffer[]) => all.map(one => one.toString('hex'))

/** INSERT of a value under a one-byte key. */
function mutationOf(key: number, value: string): Buffer {
  const text = Buffer.from(value)
  return Buffer.concat([
    Buffer.from(`01${TABLE}01`, 'hex'),
    Buffer.from([key]),
    Buffer.from('10fce9d96a43c000000001017601240008', 'hex'),
    Buffer.from([text.length]),
    text,
    Buffer.from([1]),
  ])
}

const mutations = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.string({ maxLength: 30 })), { maxLength: 8 })
  .map(pairs => pairs.map(([key, value]) => mutationOf(key, value)))
const sections = fc.array(mutations, { minLength: 1, maxLength: 4 })

interface Reading {
  readonly records: string[]
  readonly problems: string[]
  readonly last: string
}

const MAX_STEPS = 10_000

/** Reads a whole final file; the steps are counted, so that a hang fails. */
function read(bytes: Buffer, options: Partial<SegmentReaderOptions> = {}): Reading {
  const reader = new SegmentReader({ schema, ...options })
  reader.feed({ bytes, offset: 0, fileBytes: bytes.length, isFinal: true })
  const records: string[] = []
  const problems: string[] = []
  for (let step = 0; step < MAX_STEPS; step++) {
    const state = reader.next()
    if (state === 'mutation') {
      const { bytes: content, start, end } = reader.mutation
      records.push(content.toString('hex', start, end))
    } else if (state === 'problem') problems.push(reader.problem!.kind)
    else return { records, problems, last: state }
  }
  throw new Error('reading does not end')
}

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0
  for (const one of whole) if (at < part.length && part[at] === one) at++
  return at === part.length
}

describe.each(Object.entries(SHAPES))('%s segments', (name, shape) => {
  const build = (all: Buffer[][]) => buildSegment(all, shape)

  it('give back what was written', () => {
    fc.assert(
      fc.property(sections, all => {
        const expected = { records: hexOf(all.flat()), problems: [], last: 'end' }
        expect(read(build(all))).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  it('cut anywhere give a prefix, and never fail', () => {
    fc.assert(
      fc.property(sections, fc.nat(), (all, seed) => {
        const bytes = build(all)
        const whole = hexOf(all.flat())
        const cut = bytes.subarray(0, seed % bytes.length)
        const { records, problems } = read(cut)
        expect(records).toEqual(whole.slice(0, records.length))
        if (name === 'plain' && problems.includes('truncated')) {
          expect(records.length).toBeLessThanOrEqual(whole.length)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('with a flipped bit give only records that were written, and tell what is lost', () => {
    fc.assert(
      fc.property(sections, fc.nat(), (all, seed) => {
        const bytes = build(all)
        const bit = seed % (bytes.length * 8)
        bytes[bit >> 3]! ^= 1 << (bit & 7)
        const whole = hexOf(all.flat())
        const { records, problems, last } = read(bytes)
        expect(isSubsequence(records, whole)).toBe(true)
        if (records.length < whole.length) {
          expect(problems.length > 0 || last === 'corrupt').toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('with random damage end, and give only records that were written', () => {
    fc.assert(
      fc.property(sections, fc.nat(), fc.uint8Array({ maxLength: 40 }), (all, seed, noise) => {
        const bytes = build(all)
        bytes.set(noise.subarray(0, bytes.length), seed % Math.max(1, bytes.length - noise.length))
        expect(isSubsequence(read(bytes).records, hexOf(all.flat()))).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})

describe.each(PACKED)('%s segments', (_name, shape) => {
  const all = [mutationOf(65, 'first'), mutationOf(66, 'second'), mutationOf(67, 'third')]

  // The checksum of a marker covers where it stands, not where it points.
  it('tell a marker that points past the next one', () => {
    const first = segmentHeaderBytes(shape)
    const bytes = buildSegment(
      all.map(one => [one]),
      shape,
    )
    const second = bytes.readInt32BE(first)
    bytes.writeInt32BE(bytes.readInt32BE(second), first)
    const { records, problems } = read(bytes)
    expect(problems).toContain('section')
    expect(isSubsequence(records, hexOf(all))).toBe(true)
  })

  it('tell zeros where records were', () => {
    const pack = (content: Buffer) => shape.pack!(Buffer.alloc(content.length))
    const { records, problems } = read(buildSegment([all], { ...shape, pack }))
    expect({ records, problems }).toEqual({ records: [], problems: ['framing'] })
  })
})

describe('plain segments', () => {
  it('lose one record to one bit of its content', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.nat(), (index, seed) => {
        const all = Array.from({ length: 5 }, (_, i) => mutationOf(65 + i, `value ${i}`))
        const bytes = buildSegment([all])
        const length = all[0]!.length
        const at = 20 + 8 + index * (length + 12) + 8 + (seed % (length + 4))
        bytes[at]! ^= 1 << (seed % 8)
        const { records, problems, last } = read(bytes)
        const rest = all.filter((_, i) => i !== index).map(one => one.toString('hex'))
        expect({ records, problems, last }).toEqual({
          ...{ records: rest, problems: ['checksum'], last: 'end' },
        })
      }),
      { numRuns: 60 },
    )
  })

  it('lose one section to one bit of a length', () => {
    const all = ['abcde', 'fghij'].map(keys =>
      [...keys].map(key => mutationOf(key.charCodeAt(0), 'v')),
    )
    const length = all[0]![0]!.length + 12
    const bytes = buildSegment(all)
    for (let bit = 0; bit < 64; bit++) {
      const damaged = Buffer.from(bytes)
      damaged[20 + 8 + 2 * length + (bit >> 3)]! ^= 1 << (bit & 7)
      const { records, problems, last } = read(damaged)
      const rest = [...all[0]!.slice(0, 2), ...all[1]!].map(one => one.toString('hex'))
      expect({ records, problems, last }).toEqual({
        ...{ records: rest, problems: ['framing'], last: 'end' },
      })
    }
  })

  it('read in windows of any size give the same', () => {
    fc.assert(
      fc.property(sections, fc.integer({ min: 1, max: 200 }), (all, size) => {
        const bytes = buildSegment(all)
        const reader = new SegmentReader({ schema })
        const records: string[] = []
        let state = 'needMore'
        while (state === 'needMore' || state === 'mutation') {
          if (state === 'needMore') {
            const { offset } = reader
            const end = offset + Math.max(size, reader.bytesWanted)
            const window = bytes.subarray(offset, end)
            reader.feed({ bytes: window, offset, fileBytes: bytes.length, isFinal: true })
          } else {
            const { bytes: content, start, end } = reader.mutation
            records.push(content.toString('hex', start, end))
          }
          state = reader.next()
        }
        expect({ state, records }).toEqual({
          ...{ state: 'end', records: all.flat().map(one => one.toString('hex')) },
        })
      }),
      { numRuns: 100 },
    )
  })

  it('that grow are followed to the last marker and never beyond', () => {
    fc.assert(
      fc.property(sections, all => {
        const whole = buildSegment(all)
        const bytes = Buffer.alloc(whole.length)
        const reader = new SegmentReader({ schema })
        const records: string[] = []
        const look = (isFinal: boolean) => {
          const { offset } = reader
          const window = Buffer.from(bytes.subarray(offset))
          reader.feed({ bytes: window, offset, fileBytes: bytes.length, isFinal })
          let state = reader.next()
          for (; state === 'mutation'; state = reader.next()) {
            const { bytes: content, start, end } = reader.mutation
            records.push(content.toString('hex', start, end))
          }
          return state
        }
        expect(look(false)).toBe('caughtUp')
        whole.copy(bytes, 0, 0, 20)
        expect(look(false)).toBe('caughtUp')
        let at = 20
        let seen = 0
        for (const section of all) {
          const next = whole.readInt32BE(at)
          whole.copy(bytes, at + 8, at + 8, next) // records first, as the server writes them
          expect(look(false)).toBe('caughtUp')
          expect(records).toHaveLength(seen)
          whole.copy(bytes, at, at, at + 4) // then `next`, then its checksum
          expect(look(false)).toBe('caughtUp')
          expect(records).toHaveLength(seen)
          whole.copy(bytes, at + 4, at + 4, at + 8)
          expect(look(false)).toBe('caughtUp')
          seen += section.length
          expect(records).toHaveLength(seen)
          at = next
        }
        expect(look(true)).toBe('end')
        expect(records).toEqual(all.flat().map(one => one.toString('hex')))
      }),
      { numRuns: 60 },
    )
  })
})

describe('plain segments that are read eagerly', () => {
  it('give each record once it and all before it are whole, and none twice', () => {
    fc.assert(
      fc.property(sections, fc.infiniteStream(fc.nat()), (all, random) => {
        const whole = buildSegment(all)
        const bytes = Buffer.alloc(whole.length)
        const reader = new SegmentReader({ schema, isEager: true })
        const records: string[] = []
        let position = 0
        const look = (isFinal: boolean) => {
          const { offset } = reader
          const window = Buffer.from(bytes.subarray(offset))
          reader.feed({ bytes: window, offset, fileBytes: bytes.length, isFinal })
          let state = reader.next()
          for (; state === 'mutation'; state = reader.next()) {
            const { bytes: content, start, end } = reader.mutation
            records.push(content.toString('hex', start, end))
            expect(reader.position).toBeGreaterThan(position)
            position = reader.position
          }
          expect(reader.position).toBeGreaterThanOrEqual(position)
          return state
        }
        whole.copy(bytes, 0, 0, 20)
        const expected: string[] = []
        let at = 20
        for (const section of all) {
          let next = at + 8
          const places = section.map(mutation => {
            const start = next
            next += mutation.length + 12
            return { start, end: next, isWritten: false, hex: mutation.toString('hex') }
          })
          const before = expected.length
          for (const pick of [...places].sort(() => (random.next().value! % 2) - 0.5)) {
            whole.copy(bytes, pick.start, pick.start, pick.end)
            pick.isWritten = true
            const hole = places.findIndex(one => !one.isWritten)
            const given = hole < 0 ? places : places.slice(0, hole)
            expected.splice(before, expected.length, ...given.map(one => one.hex))
            expect(look(false)).toBe('caughtUp')
            expect(records).toEqual(expected)
          }
          whole.copy(bytes, at, at, at + 8)
          expect(look(false)).toBe('caughtUp')
          expect(records).toEqual(expected)
          at = next
        }
        expect(look(true)).toBe('end')
        expect(records).toEqual(all.flat().map(one => one.toString('hex')))
      }),
      { numRuns: 80 },
    )
  })
})

describe('random bytes behind a good checksum', () => {
  const wide = tableOf('11112222-3333-4444-5555-666677778888', 'demo_table', {
    partition: ['k: text'],
    clustering: ['c: int', 'd: text'],
    others: ['s: text static', 'v: text', 'm: map<text, int>', 'i: int'],
  })

  it('never throw, hang or refer to bytes outside the record', () => {
    const head = `01${TABLE}016b`
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 80 }), noise => {
        const bytes = buildSegment([[Buffer.concat([Buffer.from(head, 'hex'), noise])]])
        const reader = new SegmentReader({ schema: lookupOf(wide) })
        reader.feed({ bytes, offset: 0, fileBytes: bytes.length, isFinal: true })
        const state = reader.next()
        expect(['mutation', 'problem']).toContain(state)
        const { mutation } = reader
        for (let cell = 0; cell < mutation.cellCount && state === 'mutation'; cell++) {
          expect(mutation.valueEnd(cell)).toBeLessThanOrEqual(mutation.end)
          expect(mutation.pathEnd(cell)).toBeLessThanOrEqual(mutation.end)
        }
        expect(reader.next()).toBe('end')
      }),
      { numRuns: 500 },
    )
  })
})
