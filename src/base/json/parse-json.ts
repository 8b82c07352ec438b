/**
 * Parses a whole JSON text into a tree without losing anything: numbers keep their text.
 * For configuration, schemas and values that need a tree; the hot path uses JsonIndex.
 * The lenient dialect, for collections written as text, adds single-quoted strings and unquoted
 * member names (cassandra-sink 9.4). Text behind the value is an error in both dialects.
 * Invariant: nesting is bounded by DEPTH_MAX, so the recursion is too.
 */
import { DEPTH_MAX, hexDigit, skipBlank } from './json-cursor.ts'
import { describeFound, locate } from './json-location.ts'
import { readJsonString } from './json-string.ts'

/** A number by its text: `1.50` and `1.5` stay different. */
export class JsonNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** No fraction and no exponent. */
  get isInteger(): boolean {
    return /^-?\d+$/.test(this.text)
  }
}

/** An object: members in order of first appearance; of equal names the last value counts. */
export interface JsonObject extends Map<string, JsonValue> {}

export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject

/** A text that is not JSON. `offset` counts bytes from the start of the text. */
export class JsonSyntaxError extends Error {
  readonly offset: number
  readonly line: number
  readonly column: number

  constructor(reason: string, at: { offset: number; line: number; column: number }) {
    super(`${reason} at line ${at.line}, column ${at.column}`)
    this.name = 'JsonSyntaxError'
    this.offset = at.offset
    this.line = at.line
    this.column = at.column
  }
}

export interface ParseJsonOptions {
  /** Accept single quotes and unquoted member names. @default false */
  readonly lenient?: boolean
}

/** Parses `bytes[start..end)`, which must hold exactly one value. */
export function parseJson(
  bytes: Buffer,
  start = 0,
  end = bytes.length,
  options: ParseJsonOptions = {},
): JsonValue {
  return new Parser(bytes, { start, end, lenient: options.lenient ?? false }).parse()
}

/** `parseJson` of a string. */
export function parseJsonText(text: string, options: ParseJsonOptions = {}): JsonValue {
  const bytes = Buffer.from(text)
  return parseJson(bytes, 0, bytes.length, options)
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const LITERALS: readonly (readonly [string, JsonValue])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class Parser {
  readonly #bytes: Buffer
  readonly #start: number
  readonly #end: number
  readonly #lenient: boolean
  #at: number

  constructor(bytes: Buffer, options: { start: number; end: number; lenient: boolean }) {
    this.#bytes = bytes
    this.#start = options.start
    this.#end = options.end
    this.#lenient = options.lenient
    this.#at = options.start
  }

  parse(): JsonValue {
    const at = this.#at
    const bytes = this.#bytes
    const hasMark = bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf
    if (hasMark && at + 3 <= this.#end) this.#at += 3
    const value = this.#value(0)
    if (this.#peek() >= 0) throw this.#error('expected the end of the text')
    return value
  }

  /** The next byte that is not blank, or -1 at the end; the position is at it. */
  #peek(): number {
    this.#at = skipBlank(this.#bytes, this.#at, this.#end)
    return this.#at < this.#end ? this.#bytes[this.#at]! : -1
  }

  #value(depth: number): JsonValue {
    const first = this.#peek()
    switch (first) {
      case 0x7b:
        return this.#object(depth + 1)
      case 0x5b:
        return this.#array(depth + 1)
      case 0x22:
        return this.#string(first)
      case 0x27:
        if (this.#lenient) return this.#string(first)
        break
      default:
        if (first === 0x2d || (first >= 0x30 && first <= 0x39)) return this.#number()
    }
    return this.#literal()
  }

  #object(depth: number): JsonValue {
    this.#enter(depth)
    const members: JsonObject = new Map()
    if (this.#peek() === 0x7d) {
      this.#at++
      return members
    }
    for (;;) {
      const name = this.#name()
      if (this.#peek() !== 0x3a) throw this.#error("expected ':' behind a member name")
      this.#at++
      members.set(name, this.#value(depth))
      const next = this.#peek()
      if (next !== 0x2c && next !== 0x7d) throw this.#error("expected ',' or '}' behind a member")
      this.#at++
      if (next === 0x7d) return members
    }
  }

  #array(depth: number): JsonValue {
    this.#enter(depth)
    const elements: JsonValue[] = []
    if (this.#peek() === 0x5d) {
      this.#at++
      return elements
    }
    for (;;) {
      elements.push(this.#value(depth))
      const next = this.#peek()
      if (next !== 0x2c && next !== 0x5d) throw this.#error("expected ',' or ']' behind an element")
      this.#at++
      if (next === 0x5d) return elements
    }
  }

  #enter(depth: number): void {
    if (depth > DEPTH_MAX) throw this.#error(`expected at most ${DEPTH_MAX} levels of nesting`)
    this.#at++
  }

  #name(): string {
    const first = this.#peek()
    if (first === 0x22 || (first === 0x27 && this.#lenient)) return this.#string(first)
    const start = this.#at
    if (this.#lenient) {
      while (this.#at < this.#end && isNameByte(this.#bytes[this.#at]!)) this.#at++
    }
    if (this.#at === start) throw this.#error('expected a member name')
    return this.#bytes.utf8Slice(start, this.#at)
  }

  #string(quote: number): string {
    const bytes = this.#bytes
    const start = ++this.#at
    let escaped = false
    while (this.#at < this.#end) {
      const byte = bytes[this.#at]!
      if (byte === quote) {
        this.#at++
        return readJsonString(bytes, start, this.#at - 1, escaped)
      }
      if (byte < 0x20) throw this.#error('expected an escape for a control character in a string')
      if (byte === 0x5c) {
        escaped = true
        this.#escape()
      } else this.#at++
    }
    throw this.#error('expected the closing quote of a string')
  }

  #escape(): void {
    const letter = this.#at + 1 < this.#end ? String.fromCharCode(this.#bytes[this.#at + 1]!) : ''
    this.#at++
    const known = letter !== '' && '"\\/bfnrtu'.includes(letter)
    if (!known && !(this.#lenient && letter === "'")) throw this.#error('expected an escape letter')
    this.#at++
    if (letter !== 'u') return
    for (let i = 0; i < 4; i++, this.#at++) {
      if (this.#at >= this.#end || hexDigit(this.#bytes[this.#at]!) < 0) {
        throw this.#error('expected four hexadecimal digits')
      }
    }
  }

  #number(): JsonNumber {
    const start = this.#at
    while (this.#at < this.#end && isNumberByte(this.#bytes[this.#at]!)) this.#at++
    const text = this.#bytes.latin1Slice(start, this.#at)
    if (!NUMBER.test(text)) {
      this.#at = start
      throw this.#error('expected a number in JSON notation')
    }
    return new JsonNumber(text)
  }

  #literal(): JsonValue {
    for (const [word, value] of LITERALS) {
      const end = this.#at + word.length
      if (end > this.#end || this.#bytes.latin1Slice(this.#at, end) !== word) continue
      if (end < this.#end && isNameByte(this.#bytes[end]!)) continue
      this.#at = end
      return value
    }
    throw this.#error('expected a JSON value')
  }

  #error(expected: string): JsonSyntaxError {
    const found = describeFound(this.#bytes, this.#at, this.#end)
    const location = locate(this.#bytes, this.#at, this.#start)
    const offset = this.#at - this.#start
    return new JsonSyntaxError(`${expected}, found ${found}`, { offset, ...location })
  }
}

/** Bytes of unquoted names: letters, digits, `_$@#*+-` and everything beyond ASCII. */
function isNameByte(byte: number): boolean {
  if (byte >= 0x80) return true
  return /[A-Za-z0-9_$@#*+-]/.test(String.fromCharCode(byte))
}

function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte | 0x20) === 0x65 || byte === 0x2e || isSign(byte)
}

function isSign(byte: number): boolean {
  return byte === 0x2b || byte === 0x2d
}
