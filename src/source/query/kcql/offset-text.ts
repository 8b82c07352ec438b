/**
 * Times in positions of the KCQL source, as its predecessors write them: `yyyy-MM-dd HH:mm:ss.SSSZ`,
 * UTC; and the time inside a time UUID.
 * Spec: cassandra-sink 11.2 (`initial.offset`), 11.5.
 */
const TEXT = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/

/** Milliseconds since the epoch; undefined for text of another form. */
export function parseOffsetTime(text: string): number | undefined {
  const match = TEXT.exec(text.trim())
  if (match === null) return undefined
  const at = (group: number) => Number(match[group])
  const fraction = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const ms = Date.UTC(at(1), at(2) - 1, at(3), at(4), at(5), at(6), fraction)
  // Months and days that there are not would move on into the next.
  const isReal = formatOffsetTime(ms).slice(0, 19) === text.trim().slice(0, 19).replace('T', ' ')
  return isReal ? ms : undefined
}

export function formatOffsetTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ')
}

const TICKS_PER_MS = 10_000
const GREGORIAN_OFFSET_MS = 12_219_292_800_000
const HIGH_UNIT = 2 ** 32

/** The instant of the version-1 UUID at `start`, rounded down to milliseconds. */
export function timeUuidMs(bytes: Buffer, start: number): number {
  const low = bytes.readUInt32BE(start)
  const high = bytes.readUInt16BE(start + 4) + (bytes.readUInt16BE(start + 6) & 0x0fff) * 0x10000
  // The number of ticks has 60 bits: it is divided in two steps, exactly.
  const quotient = Math.floor(high / TICKS_PER_MS)
  const rest = high - quotient * TICKS_PER_MS
  const ms = quotient * HIGH_UNIT + Math.floor((rest * HIGH_UNIT + low) / TICKS_PER_MS)
  return ms - GREGORIAN_OFFSET_MS
}
