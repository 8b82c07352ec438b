/**
 * Text of JSON strings: from the bytes inside the quotes to a JavaScript string or to UTF-8 bytes.
 * Called with ranges that a JsonIndex or the parser has checked already, so escapes are well formed.
 * A surrogate that is not part of a pair becomes U+FFFD, in both forms, because UTF-8 has no
 * bytes for it. Spec: RFC 8259, section 7.
 */
import { ByteWriter } from '../byte-writer.ts'
import { hexDigit } from './json-cursor.ts'

const BACKSLASH = 0x5c
const LETTER_U = 0x75
const REPLACEMENT = 0xfffd

const scratch = new ByteWriter(1024)

/** The string whose content is `bytes[start..end)`; `escaped` as the index says. */
export function readJsonString(
  bytes: Buffer,
  start: number,
  end: number,
  escaped: boolean,
): string {
  if (!escaped) return bytes.utf8Slice(start, end)
  scratch.reset()
  unescapeInto(bytes, start, end, scratch)
  return scratch.bytes.utf8Slice(0, scratch.position)
}

/** Appends the content of a string as UTF-8 without escapes. */
export function unescapeInto(bytes: Buffer, start: number, end: number, writer: ByteWriter): void {
  // Every escape is at least as long as the bytes it stands for.
  let out = writer.reserve(end - start)
  const target = writer.bytes
  let at = start
  while (at < end) {
    const byte = bytes[at]!
    if (byte !== BACKSLASH) {
      target[out++] = byte
      at++
    } else if (bytes[at + 1] !== LETTER_U) {
      target[out++] = simpleEscape(bytes[at + 1]!)
      at += 2
    } else {
      let point = readUnit(bytes, at + 2)
      at += 6
      if (point >= 0xd800 && point <= 0xdfff) {
        const low = isUnitAt(bytes, at, end) && point < 0xdc00 ? readUnit(bytes, at + 2) : 0
        if (low >= 0xdc00 && low <= 0xdfff) {
          point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00)
          at += 6
        } else point = REPLACEMENT
      }
      out = putCodePoint(target, out, point)
    }
  }
  writer.position = out
}

/** Writes one code point as UTF-8 at `at`; returns the position behind it. */
function putCodePoint(target: Buffer, at: number, point: number): number {
  let out = at
  if (point < 0x80) {
    target[out++] = point
  } else if (point < 0x800) {
    target[out++] = 0xc0 | (point >> 6)
    target[out++] = 0x80 | (point & 0x3f)
  } else {
    if (point < 0x10000) target[out++] = 0xe0 | (point >> 12)
    else {
      target[out++] = 0xf0 | (point >> 18)
      target[out++] = 0x80 | ((point >> 12) & 0x3f)
    }
    target[out++] = 0x80 | ((point >> 6) & 0x3f)
    target[out++] = 0x80 | (point & 0x3f)
  }
  return out
}

function isUnitAt(bytes: Buffer, at: number, end: number): boolean {
  return at + 6 <= end && bytes[at] === BACKSLASH && bytes[at + 1] === LETTER_U
}

/** A UTF-16 code unit from four hexadecimal digits. */
function readUnit(bytes: Buffer, at: number): number {
  let unit = 0
  for (let i = at; i < at + 4; i++) unit = (unit << 4) | hexDigit(bytes[i]!)
  return unit
}

function simpleEscape(letter: number): number {
  switch (letter) {
    case 0x62:
      return 0x08
    case 0x66:
      return 0x0c
    case 0x6e:
      return 0x0a
    case 0x72:
      return 0x0d
    case 0x74:
      return 0x09
    default:
      return letter
  }
}
