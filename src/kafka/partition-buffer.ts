/**
 * One assigned partition: its position, and the fetched bytes that were not yet given out.
 * The fetcher fills it, the consumer's `read` empties it. Bytes stay encoded until they are read.
 * Invariants: `position` is the next offset to give out, `fetchOffset` the next to ask for, and
 * what lies between is buffered; a seek drops the buffer and raises `epoch`, so that an answer
 * to an older request is not added.
 */
import { assert } from '../base/assert.ts'
import type { RawMessage } from '../flow/index.ts'
import { type AbortedTransaction, RecordReader } from './protocol/record-reader.ts'

/** Bytes buffered over all partitions of a consumer. */
export interface BufferBudget {
  bytes: number
}

export interface FetchedBytes {
  readonly bytes: Buffer
  readonly range: readonly [start: number, end: number]
  /** Offset behind the last complete batch. */
  readonly nextOffset: number
  readonly checkCrc: boolean
  readonly aborted: readonly AbortedTransaction[] | undefined
}

interface Chunk {
  readonly reader: RecordReader
  readonly sizeBytes: number
  readonly nextOffset: number
}

export class PartitionBuffer {
  readonly topic: string
  readonly partition: number
  /** -1: not known yet. */
  position = -1
  fetchOffset = -1
  epoch = 0
  leader = -1
  leaderEpoch = -1
  /** Nearer replica to fetch from, -1: the leader. */
  preferredReplica = -1
  highWatermark = -1
  bufferedBytes = 0
  isFetching = false
  /** False until the listener knows of the partition, and again while it is given up. */
  isActive = false
  /** Neither fetched nor given out, on the engine's wish. */
  isPaused = false
  /** Not fetched before this time, by the monotonic clock. */
  retryAtMs = 0
  readonly #budget: BufferBudget
  readonly #chunks: Chunk[] = []

  constructor(at: { topic: string; partition: number }, budget: BufferBudget) {
    this.topic = at.topic
    this.partition = at.partition
    this.#budget = budget
  }

  get hasData(): boolean {
    return !this.isPaused && this.#chunks.length > 0
  }

  /** Messages in the log behind our position; -1 while it is not known. */
  get lag(): number {
    if (this.highWatermark < 0 || this.position < 0) return -1
    return Math.max(0, this.highWatermark - this.position)
  }

  /** Node to fetch from, -1 when there is none. */
  get node(): number {
    return this.preferredReplica >= 0 ? this.preferredReplica : this.leader
  }

  seek(offset: number): void {
    this.epoch += 1
    this.clear()
    this.position = offset
    this.fetchOffset = offset
    this.retryAtMs = 0
  }

  add(fetched: FetchedBytes): void {
    assert(this.position >= 0, 'bytes for a partition without a position')
    const { range } = fetched
    const sizeBytes = range[1] - range[0]
    const reader = new RecordReader(fetched.bytes, range, {
      origin: this,
      fromOffset: this.fetchOffset,
      checkCrc: fetched.checkCrc,
      aborted: fetched.aborted,
    })
    this.#chunks.push({ reader, sizeBytes, nextOffset: fetched.nextOffset })
    this.fetchOffset = fetched.nextOffset
    this.bufferedBytes += sizeBytes
    this.#budget.bytes += sizeBytes
  }

  /** Moves up to `countMax` messages to `out`; returns their bytes. */
  take(out: RawMessage[], countMax: number): number {
    if (this.isPaused) return 0
    const full = out.length + countMax
    let sizeBytes = 0
    for (let chunk = this.#chunks[0]; chunk !== undefined && out.length < full; ) {
      sizeBytes += chunk.reader.read(out, full - out.length)
      this.position = chunk.reader.nextOffset
      if (chunk.reader.hasMore) break
      this.#chunks.shift()
      this.#release(chunk.sizeBytes)
      // Batches that gave no message (markers, aborted) move the position, too.
      this.position = chunk.nextOffset
      chunk = this.#chunks[0]
    }
    return sizeBytes
  }

  /** Drops what is buffered. */
  clear(): void {
    this.#chunks.length = 0
    this.#release(this.bufferedBytes)
  }

  #release(bytes: number): void {
    this.bufferedBytes -= bytes
    this.#budget.bytes -= bytes
  }
}
