/**
 * Steps over JSON values in bytes, checking them fully (RFC 8259) and building nothing.
 * Owned by a JsonIndex; all methods take positions and return the position behind what they
 * stepped over, or -1 with `errorOffset` set. Bytes inside strings are not checked to be UTF-8.
 * Invariant: no byte at or after `end` is read; nesting is held in a bounded array, not on the
 * call stack, and more than DEPTH_MAX levels are an error.
 */
import {
  KIND_ARRAY,
  KIND_FALSE,
  KIND_FRACTION,
  KIND_INTEGER,
  KIND_NULL,
  KIND_OBJECT,
  KIND_STRING,
  KIND_STRING_ESCAPED,
  KIND_TRUE,
} from './json-kind.ts'

/** Deepest nesting of objects and arrays that is accepted. */
export const DEPTH_MAX = 1000

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39

/** The first position from `i` that is not white space; `end` when there is none. */
export function skipBlank(bytes: Buffer, i: number, end: number): number {
  let at = i
  while (at < end) {
    const byte = bytes[at]!
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break
    at++
  }
  return at
}

export class JsonCursor {
  /** Kind and range of the last value of `skipValue`; strings without their quotes. */
  kind = 0
  valueStart = 0
  valueEnd = 0
  /** Whether the last string of `skipString` has escapes. */
  escaped = false
  errorOffset = -1
  readonly #closers = new Uint8Array(DEPTH_MAX)

  /** Steps over the value whose first byte is at `i`. */
  skipValue(bytes: Buffer, i: number, end: number): number {
    if (i >= end) return this.fail(end)
    const first = bytes[i]!
    if (first === QUOTE) {
      const close = this.skipString(bytes, i + 1, end)
      this.kind = this.escaped ? KIND_STRING_ESCAPED : KIND_STRING
      this.valueStart = i + 1
      this.valueEnd = close
      return close < 0 ? -1 : close + 1
    }
    let next: number
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      next = this.#skipContainer(bytes, i, end)
      this.kind = first === OPEN_BRACE ? KIND_OBJECT : KIND_ARRAY
    } else {
      next = this.#skipPlain(bytes, i, end)
    }
    this.valueStart = i
    this.valueEnd = next
    return next
  }

  /** Steps from behind the opening quote to the closing quote and returns the quote's position. */
  skipString(bytes: Buffer, i: number, end: number): number {
    let at = i
    while (at < end) {
      const byte = bytes[at]!
      if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) break
      at++
    }
    if (at < end && bytes[at] === QUOTE) {
      this.escaped = false
      return at
    }
    return this.#skipEscapedString(bytes, at, end)
  }

  /** Steps over a member's name, colon and blanks; `i` must be at the opening quote. */
  skipName(bytes: Buffer, i: number, end: number): number {
    if (i >= end || bytes[i] !== QUOTE) return this.fail(Math.min(i, end))
    const close = this.skipString(bytes, i + 1, end)
    return close < 0 ? -1 : this.skipColon(bytes, close + 1, end)
  }

  /** Steps over the colon behind a name and the blanks around it. */
  skipColon(bytes: Buffer, i: number, end: number): number {
    let at = i
    if (at >= end || bytes[at] !== COLON) {
      at = skipBlank(bytes, at, end)
      if (at >= end || bytes[at] !== COLON) return this.fail(at)
    }
    at++
    return at < end && bytes[at]! > 0x20 ? at : skipBlank(bytes, at, end)
  }

  /** Notes where the text is wrong. */
  fail(offset: number): -1 {
    this.errorOffset = offset
    return -1
  }

  /** The rest of a string from its first escape or error on. */
  #skipEscapedString(bytes: Buffer, i: number, end: number): number {
    this.escaped = true
    let at = i
    while (at < end) {
      const byte = bytes[at]!
      if (byte === QUOTE) return at
      if (byte < 0x20) return this.fail(at)
      if (byte === BACKSLASH) {
        at = this.#skipEscape(bytes, at, end)
        if (at < 0) return -1
      } else at++
    }
    return this.fail(end)
  }

  #skipContainer(bytes: Buffer, i: number, end: number): number {
    const closers = this.#closers
    let depth = 0
    let at = i
    for (;;) {
      if (at >= end) return this.fail(end)
      const first = bytes[at]!
      if (first === QUOTE) {
        at = this.skipString(bytes, at + 1, end) + 1
        if (at === 0) return -1
      } else if (first === OPEN_BRACE || first === OPEN_BRACKET) {
        if (depth === DEPTH_MAX) return this.fail(at)
        const closer = first + 2
        at = skipBlank(bytes, at + 1, end)
        if (at >= end) return this.fail(end)
        closers[depth++] = closer
        if (bytes[at] !== closer) {
          if (closer === CLOSE_BRACE) at = this.skipName(bytes, at, end)
          if (at < 0) return -1
          continue
        }
        depth--
        at++
      } else {
        at = this.#skipPlain(bytes, at, end)
        if (at < 0) return -1
      }
      while (depth > 0) {
        at = skipBlank(bytes, at, end)
        if (at >= end) return this.fail(end)
        const byte = bytes[at]!
        const closer = closers[depth - 1]!
        if (byte === COMMA) {
          at = skipBlank(bytes, at + 1, end)
          if (closer === CLOSE_BRACE) at = this.skipName(bytes, at, end)
          if (at < 0) return -1
          break
        }
        if (byte !== closer) return this.fail(at)
        depth--
        at++
      }
      if (depth === 0) return at
    }
  }

  /** A number or a literal; sets `kind`. */
  #skipPlain(bytes: Buffer, i: number, end: number): number {
    const first = bytes[i]!
    if (first <= NINE && (first >= ZERO || first === MINUS)) return this.#skipNumber(bytes, i, end)
    switch (first) {
      case 0x74:
        this.kind = KIND_TRUE
        if (i + 4 > end) return this.#failWord(bytes, i, end, 'true')
        if (bytes[i + 1] === 0x72 && bytes[i + 2] === 0x75 && bytes[i + 3] === 0x65) return i + 4
        return this.#failWord(bytes, i, end, 'true')
      case 0x66:
        this.kind = KIND_FALSE
        if (i + 5 > end) return this.#failWord(bytes, i, end, 'false')
        if (bytes[i + 1] !== 0x61) return this.fail(i + 1)
        if (bytes[i + 2] === 0x6c && bytes[i + 3] === 0x73 && bytes[i + 4] === 0x65) return i + 5
        return this.#failWord(bytes, i, end, 'false')
      case 0x6e:
        this.kind = KIND_NULL
        if (i + 4 > end) return this.#failWord(bytes, i, end, 'null')
        if (bytes[i + 1] === 0x75 && bytes[i + 2] === 0x6c && bytes[i + 3] === 0x6c) return i + 4
        return this.#failWord(bytes, i, end, 'null')
      default:
        return this.fail(i)
    }
  }

  #failWord(bytes: Buffer, i: number, end: number, word: string): number {
    let at = i
    while (at < end && bytes[at] === word.charCodeAt(at - i)) at++
    return this.fail(at)
  }

  #skipNumber(bytes: Buffer, i: number, end: number): number {
    this.kind = KIND_INTEGER
    let at = bytes[i] === MINUS ? i + 1 : i
    let byte = at < end ? bytes[at]! : 0
    if (byte < ZERO || byte > NINE) return this.fail(at)
    if (byte === ZERO) {
      at++
      byte = at < end ? bytes[at]! : 0
    } else {
      do {
        at++
        byte = at < end ? bytes[at]! : 0
      } while (byte >= ZERO && byte <= NINE)
    }
    if (byte === 0x2e) {
      this.kind = KIND_FRACTION
      at = this.#skipDigits(bytes, at + 1, end)
      if (at < 0) return -1
      byte = at < end ? bytes[at]! : 0
    }
    if ((byte | 0x20) === 0x65) {
      this.kind = KIND_FRACTION
      at++
      if (at < end && (bytes[at] === 0x2b || bytes[at] === MINUS)) at++
      at = this.#skipDigits(bytes, at, end)
    }
    return at
  }

  /** At least one digit. */
  #skipDigits(bytes: Buffer, i: number, end: number): number {
    let at = i
    while (at < end) {
      const byte = bytes[at]!
      if (byte < ZERO || byte > NINE) break
      at++
    }
    return at === i ? this.fail(at) : at
  }

  #skipEscape(bytes: Buffer, i: number, end: number): number {
    if (i + 1 >= end) return this.fail(end)
    switch (bytes[i + 1]) {
      case 0x22:
      case 0x2f:
      case 0x5c:
      case 0x62:
      case 0x66:
      case 0x6e:
      case 0x72:
      case 0x74:
        return i + 2
      case 0x75:
        for (let at = i + 2; at < i + 6; at++) {
          if (at >= end) return this.fail(end)
          if (hexDigit(bytes[at]!) < 0) return this.fail(at)
        }
        return i + 6
      default:
        return this.fail(i + 1)
    }
  }
}

/** The value of a hexadecimal digit's byte, or -1. */
export function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

export { CLOSE_BRACE, CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE }
