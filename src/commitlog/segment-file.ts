/**
 * Reads a segment file for a SegmentReader, window by window: the only I/O of the room.
 * One buffer is reused, so memory stays bounded however large the segment is; it grows only for a
 * record or a compressed section that is larger.
 * Invariant: the file is read forward only and never written; a live file is read again from where
 * the reader stands, so data written since the last look is seen.
 * Spec: commit-log, sections 3.6 and 11.
 */
import { type FileHandle, open } from 'node:fs/promises'
import type { ReaderState, SegmentReader } from './segment-reader.ts'

/** States in which the caller has something to do; `needMore` is dealt with here. */
export type FileState = Exclude<ReaderState, 'needMore'>

const WINDOW_BYTES = 1 << 20

export class SegmentFile implements AsyncDisposable {
  readonly #handle: FileHandle
  readonly #windowBytes: number
  #buffer: Buffer
  #isStale = true

  private constructor(handle: FileHandle, windowBytes: number) {
    this.#handle = handle
    this.#windowBytes = windowBytes
    this.#buffer = Buffer.allocUnsafeSlow(windowBytes)
  }

  /** Opens a segment; rejects when it has vanished, as any file in `cdc_raw` may. */
  static async open(path: string, windowBytes = WINDOW_BYTES): Promise<SegmentFile> {
    return new SegmentFile(await open(path, 'r'), windowBytes)
  }

  /**
   * Brings `reader` to the next state but `needMore`, reading the file as it asks. Call the reader's
   * own `next` for as long as it does not answer `needMore`: that needs no await per record.
   * After `caughtUp` a later call looks at the file again.
   */
  async next(reader: SegmentReader, isFinal: boolean): Promise<FileState> {
    if (this.#isStale) await this.#feed(reader, isFinal)
    let state = reader.next()
    while (state === 'needMore') {
      await this.#feed(reader, isFinal)
      state = reader.next()
    }
    this.#isStale = state === 'caughtUp'
    return state
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
