/**
 * Reads a segment file for a SegmentReader, window by window: the only I/O of the room.
 * One buffer is reused, so memory stays bounded however large the segment is; it grows only for a
 * record or a compressed section that is larger. A look at a file that has nothing new reads a
 * little only, at once: it happens many times a second, and bytes of a live segment are in memory.
 * Invariant: the file is read forward only and never written; a live file is read again from where
 * the reader stands, so data written since the last look is seen.
 * Spec: commit-log, sections 3.6 and 11.
 */
import { fstatSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { ReaderState, SegmentReader } from './segment-reader.ts'

/** States in which the caller has something to do; `needMore` is dealt with here. */
export type FileState = Exclude<ReaderState, 'needMore'>

const WINDOW_BYTES = 1 << 20

export class SegmentFile implements AsyncDisposable {
  readonly #handle: FileHandle
  readonly #windowBytes: number
  readonly #probeBytes: number
  #buffer: Buffer
  #isStale = true
  #lookedMs = 0

  private constructor(handle: FileHandle, windowBytes: number, probeBytes: number) {
    this.#handle = handle
    this.#windowBytes = windowBytes
    this.#probeBytes = probeBytes
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(windowBytes, probeBytes))
  }

  /**
   * Opens a segment; rejects when it has vanished, as any file in `cdc_raw` may. `probeBytes`: what
   * the first look at the file reads, and every look after `caughtUp`.
   */
  static async open(
    path: string,
    windowBytes = WINDOW_BYTES,
    probeBytes = windowBytes,
  ): Promise<SegmentFile> {
    return new SegmentFile(await open(path, 'r'), windowBytes, probeBytes)
  }

  /**
   * Brings `reader` to the next state but `needMore`, reading the file as it asks. Call the reader's
   * own `next` for as long as it does not answer `needMore`: that needs no await per record.
   * After `caughtUp` a later call looks at the file again.
   */
  async next(reader: SegmentReader, isFinal: boolean): Promise<FileState> {
    if (this.#isStale && this.#isProbe(reader)) this.#probe(reader, isFinal)
    else if (this.#isStale) await this.#feed(reader, isFinal)
    let state = reader.next()
    while (state === 'needMore') {
      await this.#feed(reader, isFinal)
      state = reader.next()
    }
    this.#isStale = state === 'caughtUp'
    return state
  }

  /** When the look began that brought the bytes at hand, ms since 1970. */
  get lookedMs(): number {
    return this.#lookedMs
  }

  #isProbe(reader: SegmentReader): boolean {
    return this.#probeBytes < this.#windowBytes && reader.bytesWanted <= this.#probeBytes
  }

  /** Without waiting: a few microseconds, where a promise of the file system costs ten times that. */
  #probe(reader: SegmentReader, isFinal: boolean): void {
    const { fd } = this.#handle
    this.#lookedMs = Date.now()
    const { size } = fstatSync(fd)
    const { offset } = reader
    const length = Math.max(0, Math.min(this.#probeBytes, size - offset))
    const read = length === 0 ? 0 : readSync(fd, this.#buffer, 0, length, offset)
    // What could not be read now is there no more, or is asked for as a window.
    const fileBytes = read === 0 ? Math.min(size, offset) : size
    reader.feed({ bytes: this.#buffer.subarray(0, read), offset, fileBytes, isFinal })
  }

  /** The next state out of the bytes at hand, without waiting; undefined: `next` must be called. */
  nextAtHand(reader: SegmentReader): FileState | undefined {
    if (this.#isStale) return undefined
    const state = reader.next()
    if (state === 'needMore') return undefined
    this.#isStale = state === 'caughtUp'
    return state
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #feed(reader: SegmentReader, isFinal: boolean): Promise<void> {
    this.#lookedMs = Date.now()
    const { size } = await this.#handle.stat()
    const { offset } = reader
    const wanted = Math.max(this.#windowBytes, reader.bytesWanted)
    if (this.#buffer.length < wanted) this.#buffer = Buffer.allocUnsafeSlow(wanted)
    else if (wanted === this.#windowBytes && this.#buffer.length > wanted) {
      this.#buffer = Buffer.allocUnsafeSlow(wanted)
    }
    const length = Math.max(0, Math.min(wanted, size - offset))
    const bytes = await this.#fill(offset, length)
    // A file that shrank under us is as long as what could be read.
    const fileBytes = bytes.length < length ? offset + bytes.length : size
    reader.feed({ bytes, offset, fileBytes, isFinal })
  }

  async #fill(offset: number, length: number): Promise<Buffer> {
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(
        ...([this.#buffer, filled, length - filled, offset + filled] as const),
      )
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return this.#buffer.subarray(0, filled)
  }
}
