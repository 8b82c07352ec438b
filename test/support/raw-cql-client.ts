/**
 * A client of the native protocol that leaves every byte to the test: any stream id, several requests
 * in one packet, tracing and payload, broken segments. Answers come by stream, events aside.
 * Used where a driver would hide what is to be seen; `CqlLink` is enough for one request at a time.
 * Invariant: `request` waits for the answer on its own stream; `closed` resolves when the other side
 * ended the connection.
 */
import { connect, type Socket } from 'node:net'
import { ByteWriter } from '../../src/base/byte-writer.ts'
import {
  type Compressor,
  type CqlRequest,
  type CqlResponse,
  compressFrame,
  FrameAssembler,
  type ProtocolVersion,
  readMessage,
  SegmentWriter,
  writeMessage,
} from '../../src/cql/index.ts'

export interface RawOptions {
  readonly port: number
  readonly version?: ProtocolVersion
  readonly compressor?: Compressor | undefined
  readonly login?: { readonly username: string; readonly password: string }
}

export interface RequestOptions {
  readonly stream?: number
  readonly tracing?: boolean
  readonly customPayload?: Readonly<Record<string, Buffer | null>>
}

export interface RawAnswer {
  readonly message: CqlResponse
  readonly tracingId: string | undefined
  readonly warnings: readonly string[] | undefined
  readonly version: number
  readonly stream: number
}

export class RawCqlClient {
  /** Messages of EVENT, oldest first. */
  readonly events: CqlResponse[] = []
  readonly closed: Promise<void>
  readonly version: ProtocolVersion
  readonly #socket: Socket
  readonly #compressor: Compressor | undefined
  readonly #assembler = new FrameAssembler()
  readonly #waiters = new Map<number, (answer: RawAnswer) => void>()
  #isClosed = false

  constructor({ port, version = 4, compressor }: RawOptions) {
    this.version = version
    this.#compressor = compressor
    this.#socket = connect(port, '127.0.0.1')
    this.closed = new Promise(resolve => this.#socket.once('close', () => resolve()))
    void this.closed.then(() => {
      this.#isClosed = true
    })
    this.#socket.on('error', () => undefined)
    this.#socket.on('data', chunk => this.#receive(chunk))
  }

  /** Connects and shakes hands; throws when the other side refuses. */
  static async open(options: RawOptions): Promise<RawCqlClient> {
    const client = new RawCqlClient(options)
    const { message } = await client.startUp()
    if (message.kind === 'AUTHENTICATE' && options.login !== undefined) {
      const { username, password } = options.login
      const token = Buffer.from(`\u0000${username}\u0000${password}`)
      const answer = (await client.request({ kind: 'AUTH_RESPONSE', token })).message
      if (answer.kind === 'AUTH_SUCCESS') return client
      throw new Error(`expected AUTH_SUCCESS, found ${JSON.stringify(answer)}`)
    }
    if (message.kind === 'READY') return client
    throw new Error(`expected READY, found ${JSON.stringify(message)}`)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  async startUp(more: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
    const compression = this.#compressor === undefined ? {} : { COMPRESSION: this.#compressor.name }
    const options = { CQL_VERSION: '3.0.0', ...compression, ...more }
    return await this.request({ kind: 'STARTUP', options })
  }

  /** The answer to one request; rejects when the connection ends first. */
  request(message: CqlRequest, options: RequestOptions = {}): Promise<RawAnswer> {
    const answer = this.answerOn(options.stream ?? 1)
    this.write(this.bytesOf(message, options))
    return answer
  }

  /** The next answer on this stream. */
  answerOn(stream: number): Promise<RawAnswer> {
    const answer = new Promise<RawAnswer>(resolve => this.#waiters.set(stream, resolve))
    const ended = this.closed.then((): never => {
      throw new Error('the connection was closed')
    })
    ended.catch(() => undefined)
    return Promise.race([answer, ended])
  }

  async query(query: string, more: object = {}): Promise<CqlResponse> {
    const parameters = { consistency: 1 as const, ...more }
    return (await this.request({ kind: 'QUERY', query, parameters })).message
  }

  /** As it goes over the wire now: in segments when the connection has changed to them. */
  bytesOf(message: CqlRequest, options: RequestOptions = {}): Buffer {
    const { stream = 1, tracing, customPayload } = options
    const isSegmented = this.#assembler.isSegmented
    const writer = new ByteWriter(1024)
    const segments = new SegmentWriter(writer, isSegmented ? this.#compressor : undefined)
    if (isSegmented) segments.beforeFrame()
    const start = writeMessage(writer, message, {
      version: this.version,
      stream,
      tracing,
      customPayload,
    })
    if (isSegmented) {
      segments.afterFrame(start)
      segments.finish()
    } else if (this.#compressor !== undefined && message.kind !== 'STARTUP') {
      compressFrame(writer, start, this.#compressor)
    }
    return Buffer.from(writer.view())
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#assembler.push(chunk, frame => {
      const { version, stream } = frame
      const decoded = readMessage(frame, this.#compressor)
      const message = decoded.message as CqlResponse
      if (/^(READY|AUTHENTICATE)$/.test(message.kind) && this.version >= 5) {
        this.#assembler.switchToSegments(this.#compressor)
      }
      if (message.kind === 'EVENT') this.events.push(message)
      const waiter = this.#waiters.get(stream)
      this.#waiters.delete(stream)
      waiter?.({ ...decoded, message, version, stream })
    })
  }
}

/** Sends bytes on a new connection each after the answer to the ones before; the answers. */
export async function exchangeBytes(port: number, frames: readonly string[]): Promise<Buffer[]> {
  const socket = connect(port, '127.0.0.1')
  const answers: Buffer[] = []
  for (const frame of frames) {
    const answer = new Promise<Buffer>((resolve, reject) => {
      socket.once('data', resolve)
      socket.once('close', () => reject(new Error('the connection was closed')))
    })
    socket.write(Buffer.from(frame, 'hex'))
    answers.push(await answer)
  }
  socket.destroy()
  return answers
}
