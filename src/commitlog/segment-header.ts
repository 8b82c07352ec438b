/**
 * The descriptor at the head of a segment file.
 *
 *     version i32 | segmentId i64 | paramsLength u16 | params JSON | crc u32
 *
 * Read once per segment. A half-written header is no error: the file is being created.
 * Invariant: nothing of it is believed before its checksum matched.
 * Spec: commit-log, section 3.1.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { int32At } from '../cql/index.ts'
import { crc32Int, crc32Range } from './crc32.ts'
import { COMMITLOG_ERRORS } from './errors.ts'

export interface SegmentHeader {
  readonly version: 7 | 8
  readonly segmentId: bigint
  /** Halves of the id, as the checksums of markers take them. */
  readonly idHigh: number
  readonly idLow: number
  /** Bytes of the descriptor: where the first section starts. */
  readonly headerBytes: number
  /** Last part of the class name, e.g. `LZ4Compressor`; undefined for none. */
  readonly compression: string | undefined
  readonly encryption: SegmentEncryption | undefined
}

export interface SegmentEncryption {
  /** Java's name, e.g. `AES/CBC/PKCS5Padding`. */
  readonly cipher: string
  readonly keyAlias: string
  readonly iv: Buffer
}

/** Bytes that stand before the parameters. */
export const HEADER_BYTES_MIN = 14
/** Bytes that every header fits in. */
export const HEADER_BYTES_MAX = HEADER_BYTES_MIN + 0xffff + 4

/**
 * The header at the start of `bytes`; a number tells how many bytes it needs when there are less,
 * undefined that its checksum does not match.
 */
export function readSegmentHeader(bytes: Buffer): SegmentHeader | number | undefined {
  if (bytes.length < HEADER_BYTES_MIN) return HEADER_BYTES_MIN
  const version = int32At(bytes, 0)
  const idHigh = int32At(bytes, 4)
  const idLow = int32At(bytes, 8)
  const paramsLength = (bytes[12]! << 8) | bytes[13]!
  const end = HEADER_BYTES_MIN + paramsLength
  if (bytes.length < end + 4) return end + 4
  const fields = crc32Int(paramsLength, crc32Int(idHigh, crc32Int(idLow, crc32Int(version))))
  if (crc32Range(bytes, HEADER_BYTES_MIN, end, fields) !== int32At(bytes, end)) return undefined
  if (version !== 7 && version !== 8) {
    throw new ScamanderError(
      COMMITLOG_ERRORS.VERSION,
      `segment: expected version 7 or 8, found ${version}`,
    )
  }
  const params = parseParams(bytes.utf8Slice(HEADER_BYTES_MIN, end))
  const segmentId = bytes.readBigInt64BE(4)
  return { version, segmentId, idHigh, idLow, headerBytes: end + 4, ...params }
}

function parseParams(text: string): Pick<SegmentHeader, 'compression' | 'encryption'> {
  const params = parseObject(text)
  const cipher = stringOf(params['encCipher'])
  const keyAlias = stringOf(params['encKeyAlias'])
  if (cipher !== undefined && keyAlias !== undefined) {
    const iv = Buffer.from(stringOf(params['encIV']) ?? '', 'hex')
    return { compression: undefined, encryption: { cipher, keyAlias, iv } }
  }
  const compression = stringOf(params['compressionClass'])
  return { compression: compression?.replace(/^.*\./, ''), encryption: undefined }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    const message = 'segment: expected a JSON object as parameters'
    throw new ScamanderError(COMMITLOG_ERRORS.VERSION, message, { cause })
  }
  throw new ScamanderError(COMMITLOG_ERRORS.VERSION, 'segment: expected an object as parameters')
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
