/**
 * Turns the bytes of one segment into mutations. Pull: the caller feeds windows of the file and calls
 * `next` until it asks for more; no I/O, no clock, so it runs in any thread and in any test.
 *
 *     feed(window) -> next() -> mutation | problem | needMore | caughtUp | end | corrupt
 *
 * Invariants: nothing is given out before its checksum matched; damage is a problem, not an
 * exception, and costs the record, else the section; every call of `next` moves on or asks for bytes.
 * Spec: commit-log, sections 3 and 11.
 */
import { assert } from '../base/assert.ts'
import { isScamanderError, type ScamanderError } from '../base/scamander-error.ts'
import { int32At } from '../cql/index.ts'
import { crc32Int, crc32Range } from './crc32.ts'
import type { KeyLookup } from './encrypted-section.ts'
import { Mutation } from './mutation.ts'
import { MutationDecoder, type WantsTable } from './mutation-decoder.ts'
import {
  PROBLEM_TEXTS,
  type ProblemKind,
  type ReaderCounts,
  type RecordProblem,
} from './record-problem.ts'
import { sectionCodecFor } from './section-codec.ts'
import type { SectionCodec } from './section-limits.ts'
import { readSegmentHeader, type SegmentHeader } from './segment-header.ts'
import { MARKER_BYTES, readMarker } from './sync-marker.ts'
import type { SchemaLookup } from './table-schema.ts'

/**
 * mutation: `reader.mutation` holds it; when it is not complete, `reader.problem` tells what is
 * missing. problem: `reader.problem` tells. needMore: feed a window that
 * starts at `offset` and has `bytesWanted` bytes. caughtUp: nothing more is written yet, read
 * the same place again later. end: the segment is final and read. corrupt: `problem` tells why
 * nothing more can be read of it.
 */
export type ReaderState = 'mutation' | 'problem' | 'needMore' | 'caughtUp' | 'end' | 'corrupt'

export interface SegmentReaderOptions {
  readonly schema: SchemaLookup
  /** Tables whose updates are given out. @default every table */
  readonly wants?: WantsTable
  /** Keys of encrypted segments. @default none */
  readonly keyOf?: KeyLookup
  /** Logical position up to which records were read before. @default 0 */
  readonly from?: number
  /**
   * Records of a plain live segment are given out before the marker in front of them is written, each
   * by its own checksums, up to the first that is not whole. @default false
   */
  readonly isEager?: boolean
  /** The id in the file name, which the header must repeat. @default any */
  readonly segmentId?: bigint
}

/** A part of the file as it is now. The reader keeps `bytes` until the next window. */
export interface SegmentWindow {
  readonly bytes: Buffer
  /** Where `bytes` starts in the file: at most `reader.offset`. */
  readonly offset: number
  /** Size of the whole file. */
  readonly fileBytes: number
  /** The server writes no more to it. */
  readonly isFinal: boolean
}

/** The server's mutations have at least this many bytes. */
const MUTATION_BYTES_MIN = 10
const RECORD_OVERHEAD_BYTES = 12
const SIZE_BYTES = 8

export class SegmentReader {
  readonly mutation = new Mutation()
  readonly counts: ReaderCounts = { mutations: 0, skipped: 0, problems: 0, sections: 0 }
  problem: RecordProblem | undefined
  header: SegmentHeader | undefined
  /** Logical offset of the end of the last record that was given out or passed over. */
  position = 0
  /** Physical offset of the first byte that is still needed. */
  offset = 0
  bytesWanted = 0
  readonly #options: SegmentReaderOptions
  readonly #decoder: MutationDecoder
  /** Records up to here were given out. */
  #from: number
  #window: SegmentWindow = { bytes: Buffer.alloc(0), offset: 0, fileBytes: 0, isFinal: false }
  #codec: SectionCodec | undefined
  #step: 'header' | 'marker' | 'section' | 'records' | 'end' | 'corrupt' = 'header'
  /** Of the present section: physical end, logical start of its content. */
  #sectionEnd = 0
  #logicalStart = 0
  /** Bytes that hold the records; `#at` and `#limit` count in them. */
  #content: Buffer = this.#window.bytes
  #at = 0
  #limit = 0
  /** Logical offset of the first byte of `#content`. */
  #base = 0
  /** A damaged place in a live file is read twice before it is believed. */
  #suspect = -1

  constructor(options: SegmentReaderOptions) {
    this.#options = options
    this.#from = options.from ?? 0
    this.#decoder = new MutationDecoder(options)
  }

  /** Gives the reader a new window; the old one may be reused. */
  feed(window: SegmentWindow): void {
    assert(window.offset <= this.offset, 'a window starts at or before the wanted offset')
    this.#window = window
    this.bytesWanted = 0
    if (this.#step === 'records' && this.#codec === undefined) this.#readPlain()
  }

  /** Moves to the next mutation or problem, or tells why there is none. */
  next(): ReaderState {
    for (;;) {
      const state = this.#advance()
      if (state !== undefined) return state
    }
  }

  /** Decodes the last record again, after the schema changed and before anything else is called. */
  retry(): ReaderState {
    this.counts.problems--
    if (this.mutation.updates.length > 0) this.counts.mutations--
    return this.#decode(this.mutation.start - SIZE_BYTES) ?? this.next()
  }

  /** One step; undefined when the next one can follow at once. */
  #advance(): ReaderState | undefined {
    switch (this.#step) {
      case 'header':
        return this.#readHeader()
      case 'marker':
        return this.#readMarker()
      case 'section':
        return this.#openSection()
      case 'records':
        return this.#readRecord()
      default:
        return this.#step
    }
  }

  #readHeader(): ReaderState | undefined {
    const { bytes, isFinal } = this.#window
    const header = readSegmentHeader(bytes)
    if (typeof header === 'number') {
      return this.#need(0, header) ?? this.#fail('header', 'the file ends inside its header')
    }
    const { segmentId } = this.#options
    if (header === undefined) {
      if (!isFinal) return 'caughtUp'
      return this.#fail('header', 'the checksum of the header does not match')
    }
    if (segmentId !== undefined && segmentId !== header.segmentId) {
      return this.#fail('header', `expected segment ${segmentId}, found ${header.segmentId}`)
    }
    this.header = header
    this.#codec = sectionCodecFor(header, this.#options.keyOf)
    this.mutation.segmentId = header.segmentId
    this.mutation.version = header.version
    this.position = header.headerBytes
    this.#sectionEnd = header.headerBytes
    this.#beginMarker(header.headerBytes)
    return undefined
  }

  /** `logicalEnd`: of the section before. */
  #beginMarker(logicalEnd: number): void {
    this.#step = 'marker'
    this.offset = this.#sectionEnd
    this.#logicalStart = logicalEnd + MARKER_BYTES
    this.#content = this.#window.bytes
  }

  #readMarker(): ReaderState | undefined {
    const { fileBytes, isFinal, bytes } = this.#window
    const { offset } = this
    if (offset + MARKER_BYTES > fileBytes) return this.#finish()
    const missing = this.#need(offset, MARKER_BYTES)
    if (missing !== undefined) return missing
    const header = this.header!
    const at = offset - this.#window.offset
    const { state, next } = readMarker(bytes, at, { header, offset })
    if (state === 'blank') return this.#readEagerly() ?? this.#finish()
    // Cassandra writes `next` before its checksum; on a finished plain file that one may be absent.
    const isUsable =
      state === 'unsigned' && isFinal && this.#codec === undefined && next <= fileBytes
    if (state !== 'good' && !isUsable) {
      if (!isFinal) return 'caughtUp'
      return this.#fail('marker', `the sync marker at ${offset} is damaged`)
    }
    this.#sectionEnd = next
    this.#beginSection()
    return undefined
  }

  /**
   * The next whole record behind a marker that is still blank; undefined: there is none yet. What lies
   * beyond the window is left to the marker. Holes end it: writers fill their places in any order.
   */
  #readEagerly(): ReaderState | undefined {
    const { bytes, offset: base, isFinal } = this.#window
    if (this.#options.isEager !== true || isFinal || this.#codec !== undefined) return undefined
    this.#content = bytes
    this.#base = base
    for (;;) {
      const at = Math.max(this.position, this.offset + MARKER_BYTES) - base
      if (at + SIZE_BYTES > bytes.length) return undefined
      const size = int32At(bytes, at)
      const sizeCrc = int32At(bytes, at + 4)
      const end = at + SIZE_BYTES + size
      const isFramed = size >= MUTATION_BYTES_MIN && end + 4 <= bytes.length
      if (!isFramed || crc32Int(size) !== sizeCrc) return undefined
      if (crc32Range(bytes, at + SIZE_BYTES, end, sizeCrc) !== int32At(bytes, end)) return undefined
      this.position = base + end + 4
      if (this.position <= this.#from) continue
      this.#from = this.position
      const { mutation } = this
      mutation.bytes = bytes
      mutation.start = at + SIZE_BYTES
      mutation.end = end
      mutation.position = this.position
      const state = this.#decode(at)
      if (state !== undefined) return state
    }
  }

  #beginSection(): void {
    this.counts.sections++
    this.offset += MARKER_BYTES
    if (this.#codec !== undefined) this.#step = 'section'
    else if (this.#sectionEnd <= this.#from) this.#beginMarker(this.#sectionEnd)
    else {
      this.#step = 'records'
      this.#readPlain()
    }
  }

  /** Points the record loop into the window. */
  #readPlain(): void {
    this.#content = this.#window.bytes
    this.#base = this.#window.offset
    this.#at = this.offset - this.#base
    this.#limit = this.#sectionEnd - this.#base
  }

  #openSection(): ReaderState | undefined {
    const { bytes, fileBytes, isFinal } = this.#window
    const { offset } = this
    const from = this.#logicalStart
    const length = this.#sectionEnd - offset
    const isHere = this.#sectionEnd <= fileBytes
    if (!isHere && !isFinal) return 'caughtUp'
    if (!isHere) return this.#truncate()
    const missing = this.#need(offset, length)
    if (missing !== undefined) return missing
    const at = offset - this.#window.offset
    try {
      this.#content = this.#codec!(bytes, at, at + length)
    } catch (error) {
      if (!isScamanderError(error)) throw error
      if (this.#isSuspect(offset)) return 'caughtUp'
      // The announced length is all there is to count with; it may be what is damaged.
      const to = from + (length < 4 ? 0 : Math.max(0, int32At(bytes, at)))
      this.#beginMarker(to)
      return this.#report('section', { from, to, error })
    }
    this.#base = from
    this.#at = 0
    this.#limit = this.#content.length
    this.#step = 'records'
    return undefined
  }

  #readRecord(): ReaderState | undefined {
    const content = this.#content
    const at = this.#at
    const left = this.#limit - at
    if (left < 4) return this.#endSection()
    if (content.length - at < SIZE_BYTES && content.length < this.#limit) {
      return this.#needRecord(Math.min(left, SIZE_BYTES))
    }
    const size = int32At(content, at)
    const sizeCrc = left < SIZE_BYTES ? 0 : int32At(content, at + 4)
    if (size === 0 && sizeCrc === 0) return this.#endBlank()
    const isFramed =
      size >= MUTATION_BYTES_MIN &&
      size <= left - RECORD_OVERHEAD_BYTES &&
      crc32Int(size) === sizeCrc
    if (!isFramed) return this.#loseFraming()
    const end = at + SIZE_BYTES + size
    if (content.length < end + 4) return this.#needRecord(size + RECORD_OVERHEAD_BYTES)
    const position = this.#base + end + 4
    if (position > this.#from) {
      if (crc32Range(content, at + SIZE_BYTES, end, sizeCrc) !== int32At(content, end)) {
        return this.#loseRecord(end + 4)
      }
    }
    this.#moveTo(end + 4)
    if (position <= this.#from) return undefined
    const { mutation } = this
    mutation.bytes = content
    mutation.start = at + SIZE_BYTES
    mutation.end = end
    mutation.position = position
    return this.#decode(at)
  }

  /** Decodes the record that starts at `at` of the content. */
  #decode(at: number): ReaderState | undefined {
    const { mutation, counts } = this
    const bounds = { from: this.#base + at, to: mutation.position }
    try {
      const outcome = this.#decoder.decode(mutation)
      if (outcome === 'unknownTable') {
        const tableId = this.#decoder.unknownTableId
        return this.#orMutation(this.#report('unknownTable', { ...bounds, tableId }))
      }
      if (outcome === 'decoded') {
        counts.mutations++
        return 'mutation'
      }
      counts.skipped++
      return undefined
    } catch (error) {
      if (!isScamanderError(error)) throw error
      return this.#orMutation(this.#report('undecodable', { ...bounds, error }))
    }
  }

  /** The updates before the one that failed are given out; `problem` tells of the rest. */
  #orMutation(state: ReaderState): ReaderState {
    if (this.mutation.updates.length === 0) return state
    this.counts.mutations++
    return 'mutation'
  }

  /** Bytes of the file behind what was read; 0 when sections are packed. */
  get bytesAhead(): number {
    return this.#codec === undefined ? Math.max(0, this.#window.fileBytes - this.offset) : 0
  }

  /** The id of the unknown table that cut the last mutation short. */
  get unknownTableId(): string {
    return this.#decoder.unknownTableId
  }

  #moveTo(at: number): void {
    this.#at = at
    this.position = Math.max(this.position, this.#base + at)
    if (this.#codec === undefined) this.offset = this.#base + at
  }

  /**
   * Zeros end a plain section: its file was made ahead of use. A packed one holds what was written and
   * nothing more, so that zeros in it are damage.
   */
  #endBlank(): ReaderState | undefined {
    return this.#codec === undefined ? this.#endSection() : this.#loseFraming()
  }

  #endSection(): undefined {
    this.#beginMarker(this.#base + this.#limit)
    return undefined
  }

  #loseRecord(to: number): ReaderState {
    const from = this.#base + this.#at
    if (this.#isSuspect(from)) return 'caughtUp'
    this.#moveTo(to)
    return this.#report('checksum', { from, to: this.#base + to })
  }

  #loseFraming(): ReaderState {
    const from = this.#base + this.#at
    if (this.#isSuspect(from)) return 'caughtUp'
    const to = this.#base + this.#limit
    this.#beginMarker(to)
    this.position = Math.max(this.position, to)
    return this.#report('framing', { from, to })
  }

  /** True once for each place of a live file, so that it is read again. */
  #isSuspect(offset: number): boolean {
    if (this.#window.isFinal || this.#suspect === offset) return false
    this.#suspect = offset
    return true
  }

  #needRecord(bytes: number): ReaderState {
    return this.#need(this.offset, bytes) ?? this.#truncate()
  }

  /** What to answer when these bytes are not in the window; undefined when they are, or never will be. */
  #need(offset: number, bytes: number): ReaderState | undefined {
    const window = this.#window
    if (offset + bytes <= window.offset + window.bytes.length) return undefined
    this.offset = offset
    this.bytesWanted = bytes
    if (offset + bytes <= window.fileBytes) return 'needMore'
    return window.isFinal ? undefined : 'caughtUp'
  }

  /** Nothing was written here: the end, or as far as it goes for now. */
  #finish(): ReaderState {
    if (!this.#window.isFinal) return 'caughtUp'
    this.#step = 'end'
    return 'end'
  }

  #truncate(): ReaderState {
    const isPlain = this.#codec === undefined
    const from = isPlain ? this.offset : this.#logicalStart
    this.#step = 'end'
    return this.#report('truncated', { from, to: isPlain ? this.#sectionEnd : from })
  }

  #fail(kind: ProblemKind, what: string): ReaderState {
    this.#step = 'corrupt'
    const from = kind === 'header' ? 0 : this.#logicalStart - MARKER_BYTES
    this.#report(kind, { from, to: from }, what)
    return 'corrupt'
  }

  #report(kind: ProblemKind, found: Found, what: string = PROBLEM_TEXTS[kind]): ReaderState {
    const segmentId = this.header?.segmentId ?? this.#options.segmentId ?? 0n
    const { from, to, tableId, error } = found
    const detail = error?.message ?? tableId
    const message =
      `segment ${segmentId}, ${from} to ${to}: ${what}` +
      (detail === undefined ? '' : `: ${detail}`)
    this.problem = { kind, segmentId, from, to, message, tableId, error }
    this.counts.problems++
    return 'problem'
  }
}

interface Found {
  readonly from: number
  readonly to: number
  readonly tableId?: string
  readonly error?: ScamanderError
}
