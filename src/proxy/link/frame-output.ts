/**
 * The writing half of one socket: frames go into a pooled chunk that leaves when the current turn
 * of the event loop ends or the chunk is full, so many frames share one socket write.
 * Used by links to clients and to clusters alike; v5 segments and frame compression happen here.
 * Invariants: nothing is written between `begin` and `end` but one frame; a chunk is reused only
 * after the kernel took its bytes; `switchToSegments` sends what is bare first.
 * Spec: live-migration 2.2, 2.4, 2.11.
 */
import type { Socket } from 'node:net'
import { ByteWriter } from '../../base/byte-writer.ts'
import { type Compressor, compressFrame, SegmentWriter } from '../../cql/index.ts'

const CHUNK_BYTES = 64 * 1024
const FLUSH_BYTES = 60 * 1024
/** A chunk that grew beyond this for one large frame is not kept. */
const KEPT_BYTES = 256 * 1024
const FREE_MAX = 4

interface Chunk {
  readonly writer: ByteWriter
  segments: SegmentWriter | undefined
}

export class FrameOutput {
  /** Runs before bytes leave; the journal is written before clients hear of it. */
  onBeforeFlush: (() => void) | undefined
  /** Bytes left for the network: there may be room again. */
  onWritten: (() => void) | undefined
  readonly #socket: Socket
  readonly #free: Chunk[] = []
  #compressor: Compressor | undefined
  #isSegmented = false
  #current: Chunk | undefined
  #isScheduled = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** v3 and v4: from the next frame on bodies may be compressed. */
  setCompressor(compressor: Compressor | undefined): void {
    this.#compressor = compressor
  }

  /** v5: from the next frame on. */
  switchToSegments(compressor: Compressor | undefined): void {
    this.flush()
    this.#free.length = 0
    this.#compressor = compressor
    this.#isSegmented = true
  }

  /** Bytes that wait here and in the socket. */
  get waitingBytes(): number {
    return this.#socket.writableLength + (this.#current?.writer.position ?? 0)
  }

  /** The writer to put one frame into. */
  begin(): ByteWriter {
    this.#current ??= this.#free.pop() ?? this.#make()
    this.#current.segments?.beforeFrame()
    return this.#current.writer
  }

  /** The frame that starts at `frameStart` is complete. */
  end(frameStart: number): void {
    const chunk = this.#current!
    if (chunk.segments !== undefined) chunk.segments.afterFrame(frameStart)
    else if (this.#compressor !== undefined) {
      compressFrame(chunk.writer, frameStart, this.#compressor)
    }
    if (chunk.writer.position >= FLUSH_BYTES) this.flush()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      queueMicrotask(this.#flushScheduled)
    }
  }

  flush(): void {
    const chunk = this.#current
    if (chunk === undefined) return
    this.#current = undefined
    chunk.segments?.finish()
    this.onBeforeFlush?.()
    if (!this.#socket.writable) return
    this.#socket.write(chunk.writer.view(), () => {
      this.#giveBack(chunk)
      this.onWritten?.()
    })
  }

  readonly #flushScheduled = (): void => {
    this.#isScheduled = false
    this.flush()
  }

  #giveBack(chunk: Chunk): void {
    const isCurrentForm = (chunk.segments !== undefined) === this.#isSegmented
    if (this.#free.length >= FREE_MAX || !isCurrentForm) return
    if (chunk.writer.bytes.length > KEPT_BYTES) return
    chunk.writer.reset()
    this.#free.push(chunk)
  }

  #make(): Chunk {
    const writer = new ByteWriter(CHUNK_BYTES)
    const segments = this.#isSegmented ? new SegmentWriter(writer, this.#compressor) : undefined
    return { writer, segments }
  }
}
