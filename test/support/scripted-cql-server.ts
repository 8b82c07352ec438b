/**
 * A CQL server in memory on a loopback socket: records every request, answers as it is told.
 * Used by tests of the data plane for frame order, retries and faults; what rows mean is settled on
 * real servers only. Built on the decoders of src/cql, both directions, all protocol versions.
 * Invariant: requests are recorded in the order of arrival, before they are answered.
 * Spec: native protocol v5.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { ByteWriter } from '../../src/base/byte-writer.ts'
import {
  type Compressor,
  type CqlRequest,
  type CqlResponse,
  compressFrame,
  compressorByName,
  ERROR_CODE,
  EVENT_STREAM,
  FrameAssembler,
  type FrameView,
  type ProtocolVersion,
  readMessage,
  SegmentWriter,
  writeMessage,
} from '../../src/cql/index.ts'

/** One request as it came. */
export interface ScriptedRequest {
  /** Number of the connection, from 0. */
  readonly connection: number
  readonly stream: number
  readonly version: number
  readonly isSegmented: boolean
  readonly message: CqlRequest
  /** Number of the socket chunk that completed it. */
  readonly chunk: number
  reply(response: CqlResponse): void
}

/** hold: the test replies later; close: the connection is cut. */
export type Answer = CqlResponse | 'hold' | 'close'
/** Undefined: the usual answer. */
export type Script = (request: ScriptedRequest) => Answer | undefined

export interface ScriptedOptions {
  readonly versionMax?: ProtocolVersion
  readonly login?: { readonly username: string; readonly password: string }
  /** The login is asked for as DSE does: `PLAIN` first, the token after a challenge. */
  readonly isDse?: boolean
  readonly script?: Script
  /** What OPTIONS before STARTUP is answered with; otherwise it is an error. */
  readonly supported?: Readonly<Record<string, readonly string[]>>
}

const DSE = 'com.datastax.bdp.cassandra.auth.DseAuthenticator'
export const VOID: CqlResponse = { kind: 'RESULT', result: 'VOID' }

export function serverError(code: number, message = 'scripted'): CqlResponse {
  return { kind: 'ERROR', code, message }
}

export class ScriptedCqlServer implements AsyncDisposable {
  readonly requests: ScriptedRequest[] = []
  /** Requests whose answer is 'hold', oldest first. */
  readonly held: ScriptedRequest[] = []
  script: Script
  /** New connections are cut at once. */
  isRefusing = false
  /** Nothing is heard until `speak`, as if the network swallowed it. */
  isSilent = false
  readonly #unheard: (() => void)[] = []
  readonly #options: ScriptedOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Map<Socket, Session>()
  #connections = 0
  #chunks = 0

  private constructor(options: ScriptedOptions) {
    this.#options = options
    this.script = options.script ?? (() => undefined)
    this.#server = createServer(socket => this.#serve(socket))
  }

  static async start(options: ScriptedOptions = {}): Promise<ScriptedCqlServer> {
    const server = new ScriptedCqlServer(options)
    await new Promise<void>(resolve => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  /** EXECUTE and BATCH requests, in order. */
  get writes(): ScriptedRequest[] {
    return this.requests.filter(({ message }) => /EXECUTE|BATCH/.test(message.kind))
  }

  /** Connections open now. */
  get openCount(): number {
    return this.#sockets.size
  }

  /** Chunks that were swallowed. */
  get unheardCount(): number {
    return this.#unheard.length
  }

  /** Hears what came meanwhile, and all that follows. */
  speak(): void {
    this.isSilent = false
    for (const hear of this.#unheard.splice(0)) hear()
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Stops or goes on reading from every connection. */
  setReading(isReading: boolean): void {
    for (const socket of this.#sockets) {
      if (isReading) socket.resume()
      else socket.pause()
    }
  }

  /** Sends an event to every connection that is ready. */
  emit(event: CqlResponse): void {
    for (const session of this.#sessions.values()) session.emit(event)
  }

  /** Answers what is held. */
  release(response: CqlResponse = VOID): void {
    for (const request of this.held.splice(0)) request.reply(response)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
  }

  #serve(socket: Socket): void {
    if (this.isRefusing) {
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#sessions.delete(socket)
    })
    socket.on('error', () => socket.destroy())
    const session = new Session(socket, this.#connections++, this.#options)
    this.#sessions.set(socket, session)
    socket.on('data', chunk => {
      this.#chunks += 1
      const number = this.#chunks
      const hear = () => session.push(chunk, number, one => this.#onRequest(one, socket))
      if (this.isSilent) this.#unheard.push(hear)
      else hear()
    })
  }

  #onRequest(request: ScriptedRequest, socket: Socket): void {
    this.requests.push(request)
    const answer = this.script(request) ?? usualAnswer(request.message)
    if (answer === 'hold') this.held.push(request)
    else if (answer === 'close') socket.destroy()
    else request.reply(answer)
  }
}

/** One connection: handshake and framing; everything after is the script's. */
class Session {
  readonly #socket: Socket
  readonly #number: number
  readonly #options: ScriptedOptions
  readonly #assembler = new FrameAssembler({ anyVersion: true })
  #compressor: Compressor | undefined
  #isReady = false
  #version: ProtocolVersion = 4

  constructor(socket: Socket, number: number, options: ScriptedOptions) {
    this.#socket = socket
    this.#number = number
    this.#options = options
  }

  push(chunk: Buffer, number: number, onRequest: (request: ScriptedRequest) => void): void {
    this.#assembler.push(chunk, frame => {
      const request = this.#accept(frame, number)
      if (request !== undefined) onRequest(request)
    })
  }

  emit(event: CqlResponse): void {
    if (this.#isReady) this.#send(event, EVENT_STREAM, this.#version)
  }

  #accept(frame: FrameView, chunk: number): ScriptedRequest | undefined {
    const { stream, version } = frame
    const { versionMax = 5 } = this.#options
    if (version > versionMax) {
      const message = `Invalid or unsupported protocol version (${version})`
      const refusal = serverError(ERROR_CODE.PROTOCOL_ERROR, message)
      this.#send(refusal, stream, versionMax)
      return undefined
    }
    const isSegmented = this.#assembler.isSegmented
    const message = readMessage(frame, isSegmented ? undefined : this.#compressor)
      .message as CqlRequest
    const reply = (response: CqlResponse) =>
      this.#send(response, stream, version as ProtocolVersion)
    const request = {
      connection: this.#number,
      stream,
      version,
      isSegmented,
      message,
      chunk,
      reply,
    }
    if (this.#isReady) return request
    this.#shakeHands(message, reply, version)
    return undefined
  }

  #shakeHands(message: CqlRequest, reply: (response: CqlResponse) => void, version: number): void {
    const { login, supported, isDse } = this.#options
    this.#version = version as ProtocolVersion
    if (message.kind === 'OPTIONS' && supported !== undefined) {
      reply({ kind: 'SUPPORTED', options: supported })
    } else if (message.kind === 'STARTUP') {
      const name = message.options['COMPRESSION'] ?? 'none'
      const compressor = name === 'none' ? undefined : compressorByName(name as 'lz4' | 'snappy')
      this.#isReady = login === undefined
      const authenticator = isDse === true ? DSE : 'Password'
      reply(this.#isReady ? { kind: 'READY' } : { kind: 'AUTHENTICATE', authenticator })
      this.#compressor = compressor
      if (version >= 5) this.#assembler.switchToSegments(compressor)
    } else if (isDse === true && isPlain(message)) {
      reply({ kind: 'AUTH_CHALLENGE', token: Buffer.from('PLAIN-START') })
    } else if (message.kind === 'AUTH_RESPONSE') {
      const expected = `\u0000${login?.username}\u0000${login?.password}`
      this.#isReady = message.token?.toString() === expected
      const refusal = serverError(ERROR_CODE.BAD_CREDENTIALS, 'bad login')
      reply(this.#isReady ? { kind: 'AUTH_SUCCESS', token: null } : refusal)
    } else reply(serverError(ERROR_CODE.PROTOCOL_ERROR, `unexpected ${message.kind}`))
  }

  #send(response: CqlResponse, stream: number, version: ProtocolVersion): void {
    const writer = new ByteWriter(1024)
    const isSegmented = this.#assembler.isSegmented
    const segments = isSegmented ? new SegmentWriter(writer, this.#compressor) : undefined
    segments?.beforeFrame()
    const frameStart = writeMessage(writer, response, { version, stream })
    segments?.afterFrame(frameStart)
    segments?.finish()
    if (!isSegmented && this.#compressor !== undefined) {
      compressFrame(writer, frameStart, this.#compressor)
    }
    if (!this.#socket.destroyed) this.#socket.write(writer.view())
  }
}

function isPlain(message: CqlRequest): boolean {
  return message.kind === 'AUTH_RESPONSE' && message.token?.toString() === 'PLAIN'
}

function usualAnswer(message: CqlRequest): CqlResponse {
  if (message.kind === 'OPTIONS') return { kind: 'SUPPORTED', options: {} }
  if (message.kind === 'PREPARE') return prepared(message.query)
  return VOID
}

/** Two int variables `k` and `v` of ks.t, of which `k` is the partition key; the id is the text. */
export function prepared(query: string, id = query): CqlResponse {
  const column = (name: string) => ({
    keyspace: 'ks',
    table: 't',
    name,
    type: { kind: 'int' as const },
  })
  return {
    kind: 'RESULT',
    result: 'PREPARED',
    preparedId: Buffer.from(id),
    resultMetadataId: Buffer.from('r'),
    variables: { columns: [column('k'), column('v')], partitionKeyIndexes: [0] },
    resultMetadata: { columnCount: 0, columns: [] },
  }
}
