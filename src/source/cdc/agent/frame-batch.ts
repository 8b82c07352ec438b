/**
 * Collects frames in one buffer that is handed to another thread whole.
 * Used by the agent's worker; a new buffer is taken for every batch, since the old one is gone.
 * Invariant: an update larger than a batch gets a batch of its own size.
 */
import { FRAME_HEADER_BYTES, type FrameFacts, writeFrame } from '../frame.ts'
import { BATCH_BYTES, BATCH_FRAMES } from './worker-messages.ts'

export class FrameBatch {
  #bytes: Buffer = Buffer.alloc(0)
  #used = 0
  #ends: number[] = []

  get count(): number {
    return this.#ends.length
  }

  get isFull(): boolean {
    return this.#used >= BATCH_BYTES || this.#ends.length >= BATCH_FRAMES
  }

  add(facts: FrameFacts, bytes: Buffer, start: number, end: number): void {
    const needed = this.#used + FRAME_HEADER_BYTES + end - start
    if (needed > this.#bytes.length) this.#grow(needed)
    this.#used = writeFrame(this.#bytes, this.#used, { facts, bytes, start, end })
    this.#ends.push(this.#used)
  }

  /** The content, which the caller owns from now on. */
  take(): { readonly frames: ArrayBuffer; readonly ends: readonly number[] } {
    const bytes = this.#bytes
    const ends = this.#ends
    this.#bytes = Buffer.alloc(0)
    this.#used = 0
    this.#ends = []
    return { frames: bytes.buffer as ArrayBuffer, ends }
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2, 64 * 1024))
    this.#bytes.copy(grown, 0, 0, this.#used)
    this.#bytes = grown
  }
}
