/**
 * Encoder of duration: `1mo2d3h`, ISO 8601 `P1Y2M3DT4H`, `P0001-02-03T04:05:06` and `P2W`, each with
 * an optional minus in front. Three signed variable-length integers: months, days, nanoseconds.
 * Invariant: units stand in descending order, at most once; all parts have one sign and fit.
 * Spec: cassandra-sink 9.4; native protocol v5, section 6.8.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { CellEncoder, type Status, VALUE } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'
import { writeUnsignedVint } from './vint.ts'

export interface Parts {
  months: bigint
  days: bigint
  nanos: bigint
}

/** What one of a unit adds, in the order in which units must stand. */
const UNITS: readonly (readonly [name: string, part: keyof Parts, factor: bigint])[] = [
  ['y', 'months', 12n],
  ['mo', 'months', 1n],
  ['w', 'days', 7n],
  ['d', 'days', 1n],
  ['h', 'nanos', 3_600_000_000_000n],
  ['m', 'nanos', 60_000_000_000n],
  ['s', 'nanos', 1_000_000_000n],
  ['ms', 'nanos', 1_000_000n],
  ['us', 'nanos', 1_000n],
  ['ns', 'nanos', 1n],
]

const STANDARD = /^(?:\d+(?:y|mo|w|d|h|ms|m|s|us|\u00b5s|\u03bcs|ns))+$/i
const STANDARD_UNIT = /(\d+)(y|mo|w|d|h|ms|m|s|us|\u00b5s|\u03bcs|ns)/gi
const ISO = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/
const ISO_WEEKS = /^P(\d+)W$/
const ALTERNATIVE = /^P(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$/
const ISO_UNITS = ['y', 'mo', 'd', 'h', 'm', 's']
const INT32_MAX = 2n ** 31n - 1n
const INT64_MAX = 2n ** 63n - 1n

export class DurationEncoder extends CellEncoder {
  constructor(codec: Codec) {
    super('duration', codec)
  }

  override fromText(writer: ByteWriter, text: string): Status {
    const parts = parseDuration(text)
    if (parts === undefined) return this.refuse('not a duration', 'text')
    const { months, days, nanos } = parts
    const isIn = (part: bigint, max: bigint) => part <= max && part >= -max
    if (!isIn(months, INT32_MAX) || !isIn(days, INT32_MAX) || !isIn(nanos, INT64_MAX)) {
      return this.refuse('overflow', 'duration')
    }
    for (const part of [months, days, nanos]) {
      writeUnsignedVint(writer, part < 0n ? -part * 2n - 1n : part * 2n)
    }
    return VALUE
  }
}

/** Months, days and nanoseconds, all of one sign; undefined when the text is no duration. */
export function parseDuration(text: string): Parts | undefined {
  if (!text.startsWith('-')) return parseParts(text)
  const parts = parseParts(text.slice(1))
  return parts && { months: -parts.months, days: -parts.days, nanos: -parts.nanos }
}

function parseParts(text: string): Parts | undefined {
  if (STANDARD.test(text)) {
    const pairs = [...text.matchAll(STANDARD_UNIT)].map(
      ([, count, unit]) => [count!, unit!.toLowerCase().replace(/[\u00b5\u03bc]/, 'u')] as const,
    )
    return sum(pairs)
  }
  const weeks = ISO_WEEKS.exec(text)
  if (weeks !== null) return sum([[weeks[1]!, 'w']])
  const iso = ALTERNATIVE.exec(text) ?? ISO.exec(text)
  if (iso === null || text === 'P' || text.endsWith('T')) return undefined
  const pairs: (readonly [string, string])[] = []
  for (const [i, unit] of ISO_UNITS.entries()) {
    const count = iso[i + 1]
    if (count !== undefined) pairs.push([count, unit])
  }
  return sum(pairs)
}

function sum(pairs: readonly (readonly [count: string, unit: string])[]): Parts | undefined {
  const parts: Parts = { months: 0n, days: 0n, nanos: 0n }
  let last = -1
  for (const [count, name] of pairs) {
    const index = UNITS.findIndex(([unit]) => unit === name)
    if (index <= last) return undefined
    last = index
    const [, part, factor] = UNITS[index]!
    parts[part] += BigInt(count) * factor
  }
  return parts
}
