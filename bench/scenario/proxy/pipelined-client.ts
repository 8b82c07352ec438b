/**
 * The load of the proxy's benchmark: one connection, a fixed number of prepared inserts or reads in
 * flight, frames written straight into a buffer, so that the client costs little beside the proxy.
 * Invariant: every request is answered before `run` resolves; an error answer ends the run.
 */
import { connect, type Socket } from 'node:net'
import { ByteWriter } from '../../../src/base/byte-writer.ts'
import {
  beginFrame,
  type CqlRequest,
  type CqlResponse,
  endFrame,
  FrameAssembler,
  type FrameView,
  OPCODE,
  type ProtocolVersion,
  readMessage,
  SegmentWriter,
  writeMessage,
} from '../../../src/cql/index.ts'

export interface LoadOptions {
  readonly count: number
  readonly inFlight: number
  /** Of 100 requests so many are reads. */
  readonly readPercent: number
}

export interface LoadResult {
  readonly seconds: number
  readonly medianMs: number
}

interface Prepared {
  readonly id: Buffer
  readonly metadataId: Buffer | undefined
}

export class PipelinedClient {
  readonly #socket: Socket
  readonly #version: ProtocolVersion
  readonly #assembler = new FrameAssembler()
  readonly #writer = new ByteWriter(256 * 1024)
  readonly #segments: SegmentWriter
  #onFrame: (frame: FrameView) => void = () => undefined
  #isSegmented = false

  private constructor(socket: Socket, version: ProtocolVersion) {
    this.#socket = socket
    this.#version = version
    this.#segments = new SegmentWriter(this.#writer)
    socket.setNoDelay(true)
    socket.on('data', chunk => {
      this.#assembler.push(chunk, frame => this.#onFrame(frame))
      this.#flush()
    })
  }

  static async open(port: number, version: ProtocolVersion): Promise<PipelinedClient> {
    const socket = connect(port, '127.0.0.1')
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const client = new PipelinedClient(socket, version)
    await client.ask({ kind: 'STARTUP', options: { CQL_VERSION: '3.0.0' } })
    if (version >= 5) {
      client.#assembler.switchToSegments()
      client.#isSegmented = true
    }
    return client
  }

  async ask(message: CqlRequest): Promise<CqlResponse> {
    const answer = new Promise<CqlResponse>(resolve => {
      this.#onFrame = frame => resolve(readMessage(frame).message as CqlResponse)
    })
    if (this.#isSegmented) this.#segments.beforeFrame()
    const start = writeMessage(this.#writer, message, { version: this.#version, stream: 0 })
    if (this.#isSegmented) this.#segments.afterFrame(start)
    this.#flush()
    const response = await answer
    if (response.kind === 'ERROR') throw new Error(response.message)
    return response
  }

  async prepare(query: string): Promise<Prepared> {
    const response = await this.ask({ kind: 'PREPARE', query })
    if (response.kind !== 'RESULT' || response.result !== 'PREPARED') throw new Error(response.kind)
    return { id: response.preparedId, metadataId: response.resultMetadataId }
  }

  /** `insert` binds an int and a text, `read` an int. */
  async run(insert: Prepared, read: Prepared, options: LoadOptions): Promise<LoadResult> {
    const { count, inFlight, readPercent } = options
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const sentAt = new Float64Array(inFlight)
    const latencies = new Float64Array(count)
    let sent = 0
    let done = 0
    const send = (stream: number) => {
      sentAt[stream] = performance.now()
      const isRead = sent % 100 < readPercent
      this.#execute(stream, isRead ? read : insert, { key: sent, isRead })
      sent += 1
    }
    this.#onFrame = frame => {
      if (frame.opcode === OPCODE.ERROR)
        reject(new Error(JSON.stringify(readMessage(frame).message)))
      latencies[done] = performance.now() - sentAt[frame.stream]!
      done += 1
      if (sent < count) send(frame.stream)
      else if (done === count) resolve()
    }
    const started = performance.now()
    for (let stream = 0; stream < Math.min(inFlight, count); stream++) send(stream)
    this.#flush()
    await promise
    const seconds = (performance.now() - started) / 1000
    latencies.sort()
    return { seconds, medianMs: latencies[count >> 1]! }
  }

  close(): void {
    this.#socket.destroy()
  }

  #execute(stream: number, statement: Prepared, row: { key: number; isRead: boolean }): void {
    const writer = this.#writer
    if (this.#isSegmented) this.#segments.beforeFrame()
    const start = beginFrame(writer, { version: this.#version, stream, opcode: OPCODE.EXECUTE })
    writer.writeInt16(statement.id.length)
    writer.writeBytes(statement.id)
    if (this.#version >= 5) {
      writer.writeInt16(statement.metadataId!.length)
      writer.writeBytes(statement.metadataId!)
    }
    writer.writeInt16(1)
    if (this.#version >= 5) writer.writeInt32(1)
    else writer.writeUInt8(1)
    writer.writeInt16(row.isRead ? 1 : 2)
    writer.writeInt32(4)
    writer.writeInt32(row.key)
    if (!row.isRead) {
      writer.writeInt32(VALUE.length)
      writer.writeBytes(VALUE)
    }
    endFrame(writer, start)
    if (this.#isSegmented) this.#segments.afterFrame(start)
  }

  #flush(): void {
    if (this.#isSegmented) this.#segments.finish()
    if (this.#writer.position === 0) return
    this.#socket.write(Buffer.from(this.#writer.view()))
    this.#writer.reset()
  }
}

const VALUE = Buffer.alloc(60, 'value ')
