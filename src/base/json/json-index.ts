/**
 * An index of one JSON text: where the members of its object, or the elements of its array, lie.
 * The decoder of the hot path: nothing is built, values stay in the bytes they arrived in.
 * Reusable, one owner: the arrays are valid until the next `scan` and grow when needed. To walk
 * nested values, scan the range of the value with another index.
 * Invariant: after a form other than `invalid` and `blank`, the whole first value was checked
 * (RFC 8259); text behind it is only reported by `trailing`.
 */

import { ByteWriter } from '../byte-writer.ts'
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  JsonCursor,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipBlank,
} from './json-cursor.ts'
import { formOfKind, type JsonForm, KIND_ARRAY, KIND_OBJECT } from './json-kind.ts'
import { unescapeInto } from './json-string.ts'

const INITIAL_CAPACITY = 64
const BUCKETS = 256
/** Names of equal hash that are compared during a scan; longer chains count as duplicates. */
const CHAIN_MAX = 8

const unescaped = new ByteWriter(256)

export class JsonIndex {
  /** Members of the object or elements of the array; 0 for other values. */
  memberCount = 0
  /** Member names inside their quotes; not set for the elements of an array. */
  nameStart = new Int32Array(INITIAL_CAPACITY)
  nameEnd = new Int32Array(INITIAL_CAPACITY)
  /** 1: the name contains escapes. */
  nameEscaped = new Uint8Array(INITIAL_CAPACITY)
  /** Values; strings inside their quotes. */
  valueStart = new Int32Array(INITIAL_CAPACITY)
  valueEnd = new Int32Array(INITIAL_CAPACITY)
  /** One of the KIND constants. */
  valueKind = new Uint8Array(INITIAL_CAPACITY)
  /** The scanned value itself; strings inside their quotes. */
  rootKind = 0
  rootStart = 0
  rootEnd = 0
  /** Behind the first value, its quotes and brackets included. */
  endOffset = 0
  /** Something other than white space follows the first value. */
  trailing = false
  /** Where an `invalid` text is wrong; -1 otherwise. */
  errorOffset = -1

  #bytes: Buffer = Buffer.alloc(0)
  readonly #cursor = new JsonCursor()
  readonly #bucketScan = new Int32Array(BUCKETS)
  readonly #bucketHead = new Int32Array(BUCKETS)
  #sameHash = new Int32Array(INITIAL_CAPACITY)
  #capacity = INITIAL_CAPACITY
  #scanNumber = 0
  #hintSafe = false
  #escapedNames = false

  /** Checks and indexes the first JSON value in `bytes[start..end)`; a byte order mark is skipped. */
  scan(bytes: Buffer, start: number, end: number): JsonForm {
    this.#begin(bytes)
    let at = start
    if (end - at >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) {
      at += 3
    }
    at = skipBlank(bytes, at, end)
    if (at >= end) {
      this.endOffset = end
      return 'blank'
    }
    const first = bytes[at]!
    let next: number
    if (first === OPEN_BRACE) next = this.#indexObject(bytes, at, end)
    else if (first === OPEN_BRACKET) next = this.#indexArray(bytes, at, end)
    else next = this.#readScalar(bytes, at, end)
    if (next < 0) return this.#refuse()
    this.endOffset = next
    this.trailing = skipBlank(bytes, next, end) < end
    return formOfKind(this.rootKind)
  }

  /**
   * The index of the last member with that name (UTF-8, unescaped), or -1. `hint` is tried first:
   * give the index at which the previous record of the same shape had it.
   */
  find(name: Buffer, hint: number): number {
    if (this.memberCount === 0) return -1
    if (this.#hintSafe && hint >= 0 && hint < this.memberCount && this.#isName(hint, name)) {
      return hint
    }
    if (this.#escapedNames) return this.#findBackwards(name)
    const bucket = hashName(name, 0, name.length)
    if (this.#bucketScan[bucket] !== this.#scanNumber) return -1
    for (let i = this.#bucketHead[bucket]!; i >= 0; i = this.#sameHash[i]!) {
      if (this.#isName(i, name)) return i
    }
    return -1
  }

  /** Makes the scanned value the only element, for readers that take an index and a position. */
  selectRoot(): void {
    this.memberCount = 1
    this.#hintSafe = false
    this.#escapedNames = false
    this.#bucketScan.fill(0)
    this.valueStart[0] = this.rootStart
    this.valueEnd[0] = this.rootEnd
    this.valueKind[0] = this.rootKind
  }

  #begin(bytes: Buffer): void {
    this.#bytes = bytes
    this.memberCount = 0
    this.rootKind = 0
    this.endOffset = 0
    this.trailing = false
    this.errorOffset = -1
    this.#hintSafe = false
    this.#escapedNames = false
    this.#scanNumber = (this.#scanNumber + 1) | 0
    if (this.#scanNumber === 0) {
      this.#bucketScan.fill(0)
      this.#scanNumber = 1
    }
  }

  #refuse(): JsonForm {
    this.memberCount = 0
    this.#hintSafe = false
    this.#escapedNames = false
    this.rootKind = 0
    this.errorOffset = this.#cursor.errorOffset
    return 'invalid'
  }

  #readScalar(bytes: Buffer, i: number, end: number): number {
    const cursor = this.#cursor
    const next = cursor.skipValue(bytes, i, end)
    if (next < 0) return -1
    // `12abc` and `nullx` are no value with trailing text but one broken token.
    if (bytes[i] !== QUOTE && next < end && skipBlank(bytes, next, next + 1) === next) {
      return cursor.fail(next)
    }
    this.rootKind = cursor.kind
    this.rootStart = cursor.valueStart
    this.rootEnd = cursor.valueEnd
    return next
  }

  #indexObject(bytes: Buffer, i: number, end: number): number {
    const cursor = this.#cursor
    this.#hintSafe = true
    let count = 0
    let at = skipBlank(bytes, i + 1, end)
    if (at < end && bytes[at] === CLOSE_BRACE) return this.#close(KIND_OBJECT, i, at + 1)
    for (;;) {
      if (at >= end || bytes[at] !== QUOTE) return cursor.fail(at)
      const nameStart = at + 1
      const nameEnd = cursor.skipString(bytes, nameStart, end)
      if (nameEnd < 0) return -1
      if (count === this.#capacity) this.#grow()
      this.nameStart[count] = nameStart
      this.nameEnd[count] = nameEnd
      if (cursor.escaped) this.#noteEscape(count)
      else this.nameEscaped[count] = 0
      this.#note(count, nameStart, nameEnd)
      at = cursor.skipColon(bytes, nameEnd + 1, end)
      if (at < 0) return -1
      at = cursor.skipValue(bytes, at, end)
      if (at < 0) return -1
      this.valueStart[count] = cursor.valueStart
      this.valueEnd[count] = cursor.valueEnd
      this.valueKind[count] = cursor.kind
      count++
      if (at < end && bytes[at]! <= 0x20) at = skipBlank(bytes, at, end)
      if (at >= end) return cursor.fail(end)
      if (bytes[at] !== COMMA) break
      at++
      if (at < end && bytes[at]! <= 0x20) at = skipBlank(bytes, at, end)
    }
    this.memberCount = count
    return bytes[at] === CLOSE_BRACE ? this.#close(KIND_OBJECT, i, at + 1) : cursor.fail(at)
  }

  #indexArray(bytes: Buffer, i: number, end: number): number {
    const cursor = this.#cursor
    let count = 0
    let at = skipBlank(bytes, i + 1, end)
    if (at < end && bytes[at] === CLOSE_BRACKET) return this.#close(KIND_ARRAY, i, at + 1)
    for (;;) {
      at = cursor.skipValue(bytes, at, end)
      if (at < 0) return -1
      if (count === this.#capacity) this.#grow()
      this.valueStart[count] = cursor.valueStart
      this.valueEnd[count] = cursor.valueEnd
      this.valueKind[count] = cursor.kind
      count++
      at = skipBlank(bytes, at, end)
      if (at >= end) return cursor.fail(end)
      if (bytes[at] !== COMMA) break
      at = skipBlank(bytes, at + 1, end)
    }
    this.memberCount = count
    return bytes[at] === CLOSE_BRACKET ? this.#close(KIND_ARRAY, i, at + 1) : cursor.fail(at)
  }

  #close(kind: number, start: number, end: number): number {
    this.rootKind = kind
    this.rootStart = start
    this.rootEnd = end
    return end
  }

  #noteEscape(i: number): void {
    this.nameEscaped[i] = 1
    this.#escapedNames = true
    this.#hintSafe = false
  }

  /** Enters member `i` into the table of names and finds out whether a hint may be trusted. */
  #note(i: number, nameStart: number, nameEnd: number): void {
    const bucket = hashName(this.#bytes, nameStart, nameEnd - nameStart)
    if (this.#bucketScan[bucket] === this.#scanNumber) {
      const head = this.#bucketHead[bucket]!
      this.#sameHash[i] = head
      if (this.#hintSafe) this.#hintSafe = !this.#mayRepeat(i, head)
    } else {
      this.#bucketScan[bucket] = this.#scanNumber
      this.#sameHash[i] = -1
    }
    this.#bucketHead[bucket] = i
  }

  #mayRepeat(i: number, head: number): boolean {
    const bytes = this.#bytes
    const start = this.nameStart[i]!
    const length = this.nameEnd[i]! - start
    let steps = 0
    for (let k = head; k >= 0; k = this.#sameHash[k]!) {
      if (++steps > CHAIN_MAX) return true
      const other = this.nameStart[k]!
      if (this.nameEnd[k]! - other !== length) continue
      let n = 0
      while (n < length && bytes[other + n] === bytes[start + n]) n++
      if (n === length) return true
    }
    return false
  }

  #isName(i: number, name: Buffer): boolean {
    const start = this.nameStart[i]!
    const length = name.length
    if (this.nameEnd[i]! - start !== length) return false
    const bytes = this.#bytes
    for (let n = 0; n < length; n++) if (bytes[start + n] !== name[n]) return false
    return true
  }

  /** For objects with escaped names: compares every name after unescaping, last first. */
  #findBackwards(name: Buffer): number {
    for (let i = this.memberCount - 1; i >= 0; i--) {
      if (this.nameEscaped[i] === 0) {
        if (this.#isName(i, name)) return i
        continue
      }
      unescaped.reset()
      unescapeInto(this.#bytes, this.nameStart[i]!, this.nameEnd[i]!, unescaped)
      if (unescaped.view().equals(name)) return i
    }
    return -1
  }

  #grow(): void {
    this.#capacity *= 2
    this.nameStart = grown(this.nameStart, this.#capacity)
    this.nameEnd = grown(this.nameEnd, this.#capacity)
    this.valueStart = grown(this.valueStart, this.#capacity)
    this.valueEnd = grown(this.valueEnd, this.#capacity)
    this.#sameHash = grown(this.#sameHash, this.#capacity)
    const nameEscaped = new Uint8Array(this.#capacity)
    nameEscaped.set(this.nameEscaped)
    this.nameEscaped = nameEscaped
    const valueKind = new Uint8Array(this.#capacity)
    valueKind.set(this.valueKind)
    this.valueKind = valueKind
  }
}

function grown(array: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const out = new Int32Array(capacity)
  out.set(array)
  return out
}

/** A bucket from a name's length and three of its bytes: cheap, and enough for records' names. */
function hashName(bytes: Buffer, start: number, length: number): number {
  if (length === 0) return 0
  const first = bytes[start]!
  const middle = bytes[start + (length >> 1)]!
  const last = bytes[start + length - 1]!
  return (first + middle * 7 + last * 31 + length * 101) & (BUCKETS - 1)
}
