/**
 * A minimal native-protocol client for capture scripts: one request at a time, any version and
 * compression, on nothing but src/cql and a socket. Not for the product, which pipelines.
 * Invariant: `request` is not called again before its promise settled.
 */
import { connect, type Socket } from 'node:net'
import { ByteWriter } from '../../src/base/byte-writer.ts'
import {
  type Compressor,
  type CqlRequest,
  type CqlResponse,
  compressFrame,
  errorCodeName,
  FrameAssembler,
  type ProtocolVersion,
  type RowsResult,
  readMessage,
  SegmentWriter,
  writeMessage,
} from '../../src/cql/index.ts'

export interface LinkOptions {
  readonly host: string
  readonly port: number
  readonly version: ProtocolVersion
  readonly compressor?: Compressor
}

type Waiter = PromiseWithResolvers<CqlResponse>

export class CqlLink {
  readonly #options: LinkOptions
  readonly #socket: Socket
  readonly #assembler = new FrameAssembler()
  #waiter: Waiter | undefined

  static async open(options: LinkOptions): Promise<CqlLink> {
    const link = new CqlLink(options)
    const compression: Record<string, string> =
      options.compressor === undefined ? {} : { COMPRESSION: options.compressor.name }
    const answer = await link.request({
      kind: 'STARTUP',
      options: { CQL_VERSION: '3.0.0', ...compression },
    })
    if (answer.kind !== 'READY') throw new Error(`expected READY, found ${answer.kind}`)
    return link
  }

  constructor(options: LinkOptions) {
    this.#options = options
    this.#socket = connect(options.port, options.host)
    this.#socket.on('data', chunk => this.#receive(chunk as Buffer))
    this.#socket.on('error', error => this.#waiter?.reject(error))
    this.#socket.on('close', () => this.#waiter?.reject(new Error('connection closed')))
  }

  request(message: CqlRequest): Promise<CqlResponse> {
    const { version, compressor } = this.#options
    const writer = new ByteWriter()
    const segmented = this.#assembler.isSegmented
    const segments = new SegmentWriter(writer, segmented ? compressor : undefined)
    if (segmented) segments.beforeFrame()
    const start = writeMessage(writer, message, { version, stream: 1 })
    if (segmented) {
      segments.afterFrame(start)
      segments.finish()
    } else if (version < 5 && compressor !== undefined && message.kind !== 'STARTUP') {
      compressFrame(writer, start, compressor)
    }
    this.#waiter = Promise.withResolvers()
    this.#socket.write(Buffer.from(writer.view()))
    return this.#waiter.promise
  }

  /** Runs a statement; its rows, or undefined when it has none. */
  async execute(query: string): Promise<RowsResult | undefined> {
    const parameters = { consistency: 1 }
    const answer = await this.request({ kind: 'QUERY', query, parameters })
    if (answer.kind === 'ERROR') {
      throw new Error(`${errorCodeName(answer.code)}: ${answer.message}\n${query}`)
    }
    return answer.kind === 'RESULT' && answer.result === 'ROWS' ? answer : undefined
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#assembler.push(chunk, frame => {
      const { message } = readMessage(frame, this.#options.compressor)
      if (message.kind === 'READY' && this.#options.version >= 5) {
        this.#assembler.switchToSegments(this.#options.compressor)
      }
      this.#waiter?.resolve(message as CqlResponse)
    })
  }
}
