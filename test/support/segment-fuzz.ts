/**
 * Damages a segment that a server wrote, again and again, and reads it: cut anywhere, flipped bits,
 * overwritten stretches, zeroed stretches. Used by capture-oracle.it.ts.
 * Throws when reading does not end, throws, goes back, or gives a record that was not written, or not
 * after the one before; tells what it did otherwise. Positions behind a packed section that cannot be
 * opened are as good as its announced length, so they are not compared.
 */
import { createHash } from 'node:crypto'
import {
  readCellValue,
  readPartitionKey,
  type SchemaLookup,
  SegmentReader,
} from '../../src/commitlog/index.ts'
import type { Random } from './random-cql.ts'

export interface FuzzCount {
  readonly runs: number
  /** Of the undamaged segment. */
  readonly records: number
  /** Over all runs: what was given in spite of the damage, and what was told as a problem. */
  readonly given: number
  readonly problems: number
}

interface Reading {
  readonly records: readonly string[]
  readonly problems: number
}

const STRETCH_MAX = 64

export function fuzzSegment(
  whole: Buffer,
  schema: SchemaLookup,
  { runs, random }: { readonly runs: number; readonly random: Random },
): FuzzCount {
  const { records: expected } = read(whole, schema, 'undamaged')
  let given = 0
  let problems = 0
  for (let run = 0; run < runs; run++) {
    const { bytes, what } = damage(whole, random)
    const found = read(bytes, schema, what)
    let at = 0
    for (const record of found.records) {
      while (at < expected.length && expected[at] !== record) at++
      if (at === expected.length) throw new Error(`${what}: a record that was never written`)
      at++
    }
    given += found.records.length
    problems += found.problems
  }
  return { runs, records: expected.length, given, problems }
}

function damage(whole: Buffer, random: Random): { bytes: Buffer; what: string } {
  const at = random.below(whole.length)
  if (random.chance(30)) return { bytes: whole.subarray(0, at), what: `cut at ${at}` }
  const bytes = Buffer.from(whole)
  if (random.chance(50)) {
    const bits = 1 + random.below(3)
    const places = Array.from({ length: bits }, () => random.below(bytes.length * 8))
    for (const bit of places) bytes[bit >> 3]! ^= 1 << (bit & 7)
    return { bytes, what: `bits ${places.join(', ')} flipped` }
  }
  const end = Math.min(bytes.length, at + 1 + random.below(STRETCH_MAX))
  const isZero = random.chance(30)
  for (let i = at; i < end; i++) bytes[i] = isZero ? 0 : random.below(256)
  return { bytes, what: `${at} to ${end} overwritten` }
}

/** Every record by its content; its values are read, too. */
function read(bytes: Buffer, schema: SchemaLookup, what: string): Reading {
  const reader = new SegmentReader({ schema })
  reader.feed({ bytes, offset: 0, fileBytes: bytes.length, isFinal: true })
  const records: string[] = []
  let problems = 0
  let position = 0
  // A record has more bytes than this, so that reading cannot take more steps.
  for (let step = 0; step <= bytes.length; step++) {
    const state = reader.next()
    if (state === 'end' || state === 'corrupt') return { records, problems }
    if (state === 'problem') {
      problems++
      continue
    }
    if (state !== 'mutation') throw new Error(`${what}: ${state} of a whole file`)
    const { mutation } = reader
    const content = mutation.bytes.subarray(mutation.start, mutation.end)
    records.push(createHash('md5').update(content).digest('base64'))
    if (mutation.position <= position) throw new Error(`${what}: positions go back`)
    position = mutation.position
    for (const update of mutation.updates) {
      readPartitionKey(mutation, update)
      const isCounter = update.table.schema.isCounter
      for (let row = update.rowStart; row < update.rowEnd && !isCounter; row++) {
        for (let cell = mutation.cellStart(row); cell < mutation.cellEnd(row); cell++) {
          readCellValue(mutation, update, cell)
        }
      }
    }
  }
  throw new Error(`${what}: reading does not end`)
}
