/**
 * Opens the content of an encrypted section: LZ4 chunks, each encrypted by itself.
 *
 *     plainLength i32 | block*
 *     block      cipherLength i32 | compressedLength i32 | ciphertext
 *     decrypted  rawLength i32 | length i32 little-endian | LZ4 block
 *
 * Every block starts anew with the segment's key and IV. Records may straddle chunks.
 * Invariant: the chunks together have exactly `plainLength` bytes.
 * Spec: commit-log, section 3.4.
 */
import { createDecipheriv } from 'node:crypto'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { int32At, lz4 } from '../cql/index.ts'
import { COMMITLOG_ERRORS } from './errors.ts'
import { brokenSection, SECTION_BYTES_MAX, type SectionCodec } from './section-limits.ts'
import type { SegmentEncryption } from './segment-header.ts'

/** The raw key under an alias; undefined when it is not known. */
export type KeyLookup = (alias: string) => Uint8Array | undefined

const CIPHER = 'AES/CBC/PKCS5Padding'
const KEY_BYTES: ReadonlySet<number> = new Set([16, 24, 32])
const BLOCK_HEADER_BYTES = 8
const CHUNK_HEADER_BYTES = 8

/** Chooses cipher and key; throws when the segment cannot be read at all. */
export function encryptedSectionCodec(
  { cipher, keyAlias, iv }: SegmentEncryption,
  keyOf: KeyLookup | undefined,
): SectionCodec {
  if (cipher !== CIPHER) {
    const message = `encrypted segment: expected cipher ${CIPHER}, found ${cipher}`
    throw new ScamanderError(COMMITLOG_ERRORS.ALGORITHM, message)
  }
  const key = keyOf?.(keyAlias)
  if (key === undefined || !KEY_BYTES.has(key.length)) {
    const found = key === undefined ? 'none' : `${key.length} bytes`
    const message = `encrypted segment: expected an AES key with alias ${keyAlias}, found ${found}`
    throw new ScamanderError(COMMITLOG_ERRORS.KEY, message)
  }
  const name = `aes-${key.length * 8}-cbc`
  const decrypt = (block: Buffer): Buffer => {
    try {
      const decipher = createDecipheriv(name, key, iv)
      const head = decipher.update(block)
      return Buffer.concat([head, decipher.final()])
    } catch (cause) {
      throw brokenSection(messageOf(cause), cause)
    }
  }
  return (bytes, start, end) => openBlocks(bytes, { start, end }, decrypt)
}

function openBlocks(
  bytes: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  decrypt: (block: Buffer) => Buffer,
): Buffer {
  if (end - start < 4) throw brokenSection('expected a length of 4 bytes')
  const plainLength = int32At(bytes, start)
  if (plainLength < 0 || plainLength > SECTION_BYTES_MAX) {
    throw brokenSection(`expected at most ${SECTION_BYTES_MAX} bytes, found ${plainLength}`)
  }
  const chunks: Buffer[] = []
  let length = 0
  let at = start + 4
  while (length < plainLength) {
    if (end - at < BLOCK_HEADER_BYTES) throw brokenSection('the last block is incomplete')
    const cipherLength = int32At(bytes, at)
    const compressedLength = int32At(bytes, at + 4)
    at += BLOCK_HEADER_BYTES
    if (cipherLength <= 0 || cipherLength > end - at) {
      throw brokenSection(`expected a block of at most ${end - at} bytes, found ${cipherLength}`)
    }
    const block = decrypt(bytes.subarray(at, at + cipherLength))
    const chunk = openChunk(block, compressedLength, plainLength - length)
    chunks.push(chunk)
    length += chunk.length
    at += cipherLength
  }
  if (at !== end) throw brokenSection(`expected no more blocks, found ${end - at} bytes`)
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, plainLength)
}

function openChunk(block: Buffer, compressedLength: number, sizeMax: number): Buffer {
  if (compressedLength < CHUNK_HEADER_BYTES || compressedLength > block.length) {
    throw brokenSection(`expected a chunk of at most ${block.length} bytes`)
  }
  const size = int32At(block, 0)
  if (size <= 0 || size > sizeMax) {
    throw brokenSection(`expected a chunk of at most ${sizeMax} bytes, found ${size}`)
  }
  try {
    return lz4.decompress(block, {
      ...{ start: CHUNK_HEADER_BYTES, end: compressedLength, size, sizeMax },
    })
  } catch (cause) {
    throw brokenSection(messageOf(cause), cause)
  }
}
