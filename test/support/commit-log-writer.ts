/**
 * Builds commit-log segments byte by byte: records, sections, markers, header.
 * Used by the tests of the commit-log room and its benchmark, to make what a server would not: torn,
 * damaged and odd files. Checksums come from zlib, not from the room under test.
 */
import { crc32 } from 'node:zlib'

export interface SegmentShape {
  readonly version?: number
  readonly segmentId?: bigint
  readonly params?: string
  /** Turns the content of a section into what stands after the marker. */
  readonly pack?: (content: Buffer) => Buffer
  /** Zeros after the last section. */
  readonly padding?: number
}

/** A record: length, its checksum, the mutation, the checksum of both. */
export function frameRecord(mutation: Buffer): Buffer {
  const head = int32(mutation.length)
  const sizeCrc = crc32(head)
  return Buffer.concat([head, uint32(sizeCrc), mutation, uint32(crc32(mutation, sizeCrc))])
}

/** A segment with one section for each list of mutations. */
export function buildSegment(
  sections: readonly (readonly Buffer[])[],
  shape: SegmentShape = {},
): Buffer {
  const id = shape.segmentId ?? 1_700_000_000_000n
  const parts = [buildHeader(shape)]
  let offset = parts[0]!.length
  for (const mutations of sections) {
    const content = Buffer.concat(mutations.map(frameRecord))
    const body = shape.pack?.(content) ?? content
    const next = offset + 8 + body.length
    parts.push(int32(next), uint32(markerChecksum(id, offset)), body)
    offset = next
  }
  return Buffer.concat([...parts, Buffer.alloc(shape.padding ?? 16)])
}

export function buildHeader(shape: SegmentShape = {}): Buffer {
  const version = int32(shape.version ?? 8)
  const id = shape.segmentId ?? 1_700_000_000_000n
  const params = Buffer.from(shape.params ?? '{}')
  const [high, low] = idWords(id)
  const crc = [version, low, high, int32(params.length), params].reduce((c, b) => crc32(b, c), 0)
  return Buffer.concat([version, high, low, int32(params.length).subarray(2), params, uint32(crc)])
}

export function markerChecksum(segmentId: bigint, offset: number): number {
  const [high, low] = idWords(segmentId)
  return [low, high, int32(offset)].reduce((c, b) => crc32(b, c), 0)
}

export function int32(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeInt32BE(value | 0)
  return out
}

function uint32(value: number): Buffer {
  return int32(value)
}

function idWords(id: bigint): [high: Buffer, low: Buffer] {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(id)
  return [bytes.subarray(0, 4), bytes.subarray(4)]
}
