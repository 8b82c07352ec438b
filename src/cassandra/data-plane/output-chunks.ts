/**
 * The output buffers of one connection: one being filled, some on their way through the socket,
 * some free. A chunk comes back when the kernel has its bytes.
 * Invariant: a chunk given to the socket is not written before `giveBack`.
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import { type Compressor, SegmentWriter } from '../../cql/index.ts'

const CHUNK_BYTES = 64 * 1024
const FREE_MAX = 4
/** A chunk that grew beyond this for one large frame is not kept. */
const KEPT_BYTES = 256 * 1024

export interface OutputChunk {
  readonly writer: ByteWriter
  /** Protocol v5 only. */
  readonly segments: SegmentWriter | undefined
}

export class OutputChunks {
  readonly #version: number
  readonly #compressor: Compressor | undefined
  readonly #free: OutputChunk[] = []
  #current: OutputChunk | undefined

  constructor(version: number, compressor: Compressor | undefined) {
    this.#version = version
    this.#compressor = compressor
  }

  /** The chunk to write the next frame to. */
  current(): OutputChunk {
    this.#current ??= this.#free.pop() ?? this.#make()
    return this.#current
  }

  /** The filled chunk, complete and ready to send; undefined when there is nothing. */
  take(): OutputChunk | undefined {
    const chunk = this.#current
    if (chunk === undefined) return undefined
    this.#current = undefined
    chunk.segments?.finish()
    return chunk
  }

  giveBack(chunk: OutputChunk): void {
    if (this.#free.length >= FREE_MAX || chunk.writer.bytes.length > KEPT_BYTES) return
    chunk.writer.reset()
    this.#free.push(chunk)
  }

  #make(): OutputChunk {
    const writer = new ByteWriter(CHUNK_BYTES)
    const segments = this.#version >= 5 ? new SegmentWriter(writer, this.#compressor) : undefined
    return { writer, segments }
  }
}
