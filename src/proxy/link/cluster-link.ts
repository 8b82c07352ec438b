/**
 * One connection of the proxy to a node: handshake, requests out, answers back to their requests.
 * Opened per client for the source and for the target, and as a helper for reads that are not waited
 * for and for preparing under another keyspace.
 * The login is the owner's: it may come from the client (pass-through) or from settings.
 * Invariants: every request given to `send` ends exactly once, by `onAnswer` or `onLost`; after
 * `close` nothing is called any more.
 * Spec: live-migration 2.2, 2.8, 2.11.
 */
import type { Socket } from 'node:net'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { messageOf } from '../../base/scamander-error.ts'
import {
  type Compressor,
  type CqlMessage,
  type CqlRequest,
  decompressFrame,
  EVENT_STREAM,
  FrameAssembler,
  type FrameView,
  OPCODE,
  type ProtocolVersion,
  readMessage,
  writeMessage,
} from '../../cql/index.ts'
import type { Cluster } from '../cluster.ts'
import { type Endpoint, openSocket } from './endpoint.ts'
import { FrameOutput } from './frame-output.ts'
import { Heartbeat } from './heartbeat.ts'
import { StreamTable } from './stream-table.ts'

/** A request on its way; one object may be on both clusters at once. */
export interface LinkRequest {
  /** Writes the frame and returns where it starts. */
  writeTo(writer: ByteWriter, stream: number, cluster: Cluster): number
  onAnswer(frame: FrameView, cluster: Cluster): void
  /** The link ended; whether the node saw the request is not known. */
  onLost(cluster: Cluster, reason: string): void
}

/** Who opened the link and is told what happens to it. */
export interface LinkOwner {
  /** The node wants a login: answer with `sendToken`, now or later. */
  onAuthenticate(link: ClusterLink, authenticator: string): void
  onChallenge(link: ClusterLink, token: Buffer | null): void
  /** Ready for requests; the token of AUTH_SUCCESS when there was a login. */
  onReady(link: ClusterLink, token: Buffer | null): void
  /** The node answered the handshake with an error; the link closes next. */
  onRefused(link: ClusterLink, frame: FrameView): void
  onClosed(link: ClusterLink, reason: string): void
  onEvent(link: ClusterLink, frame: FrameView): void
  /** Bytes left for the network: `isCongested` may be over. */
  onDrain(link: ClusterLink): void
}

export interface LinkOptions {
  readonly cluster: Cluster
  readonly endpoint: Endpoint
  readonly version: ProtocolVersion
  readonly compressor: Compressor | undefined
  /** Of STARTUP, COMPRESSION aside. */
  readonly startup: Readonly<Record<string, string>>
  /** Already quoted; used before the link is ready. */
  readonly keyspace?: string | undefined
  readonly streamsMax: number
  readonly idleMs: number
}

type Phase = 'opening' | 'login' | 'keyspace' | 'ready' | 'closed'

const HANDSHAKE_MS = 10_000
/** Looks at a link that are further apart say nothing about its node. */
const LOOK_MS = 5_000
/** Bytes waiting in the socket above which the client is not read any more. */
const CONGESTED_BYTES = 1024 * 1024

export class ClusterLink {
  readonly cluster: Cluster
  readonly version: ProtocolVersion
  readonly #options: LinkOptions
  readonly #owner: LinkOwner
  readonly #socket: Socket
  readonly #output: FrameOutput
  readonly #assembler = new FrameAssembler()
  readonly #streams: StreamTable<LinkRequest>
  #timer: NodeJS.Timeout | undefined
  #phase: Phase = 'opening'
  #successToken: Buffer | null = null
  /** Something came since the last look. */
  #hasHeard = false
  #lookedMs = 0
  #silentSinceMs = 0
  #isAsked = false

  constructor(options: LinkOptions, owner: LinkOwner) {
    this.cluster = options.cluster
    this.version = options.version
    this.#options = options
    this.#owner = owner
    this.#streams = new StreamTable(options.streamsMax)
    const socket = openSocket(options.endpoint)
    this.#socket = socket
    this.#output = new FrameOutput(socket)
    this.#awaitHandshake()
    if (options.idleMs > 0) socket.setTimeout(options.idleMs, () => this.#end('idle for too long'))
    const opened = options.endpoint.tls === undefined ? 'connect' : 'secureConnect'
    socket.once(opened, () => this.#sendStartup())
    socket.on('data', chunk => this.#onData(chunk))
    this.#output.onWritten = () => this.#owner.onDrain(this)
    socket.on('error', error => this.#end(error.message))
    socket.on('close', () => this.#end('closed by the other side'))
  }

  get isReady(): boolean {
    return this.#phase === 'ready'
  }

  get isClosed(): boolean {
    return this.#phase === 'closed'
  }

  /** Requests without an answer. */
  get inFlight(): number {
    return this.#streams.used
  }

  get isFull(): boolean {
    return this.#streams.isFull
  }

  get isCongested(): boolean {
    return this.#output.waitingBytes > CONGESTED_BYTES
  }

  /** Sends a request; false when no stream id is free or the link is not ready. */
  send(request: LinkRequest): boolean {
    if (this.#phase !== 'ready') return false
    const stream = this.#streams.take(request)
    if (stream < 0) return false
    const writer = this.#output.begin()
    this.#output.end(request.writeTo(writer, stream, this.cluster))
    return true
  }

  /** The login's next token; the node owes an answer again. */
  sendToken(token: Buffer | null): void {
    if (this.#phase === 'closed') return
    this.#awaitHandshake()
    this.#write({ kind: 'AUTH_RESPONSE', token })
  }

  /**
   * Ends a link whose node owes answers and says nothing for `silenceMs`: it stands still, or the
   * network swallows everything. In the middle of that time it is asked whether it lives, for a request may
   * take long. Called about twice a second; after a pause of our own, when answers may wait unread, the
   * time begins anew.
   */
  endIfSilent(nowMs: number, silenceMs: number): void {
    const isLate = nowMs - this.#lookedMs > LOOK_MS
    this.#lookedMs = nowMs
    const isOwing = this.#phase === 'ready' && this.#streams.used > 0 && !this.#socket.isPaused()
    if (this.#hasHeard || isLate || !isOwing) {
      this.#silentSinceMs = nowMs
      this.#isAsked = false
    }
    this.#hasHeard = false
    const silentMs = nowMs - this.#silentSinceMs
    if (silentMs >= silenceMs) {
      this.#end(`no answer to anything for ${Math.round(silenceMs / 1000)} s`)
    } else if (silentMs >= silenceMs / 2 && !this.#isAsked) {
      this.#isAsked = true
      this.send(new Heartbeat(this.version))
    }
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Ends the link without telling its owner; requests are told. */
  close(reason = 'closed by the proxy'): void {
    if (this.#phase === 'closed') return
    this.#finish(reason)
  }

  #sendStartup(): void {
    const { startup, compressor } = this.#options
    const compression = compressor === undefined ? {} : { COMPRESSION: compressor.name }
    this.#write({ kind: 'STARTUP', options: { ...startup, ...compression } })
    this.#output.flush()
    if (this.version < 5) this.#output.setCompressor(compressor)
  }

  #write(message: CqlRequest): void {
    const writer = this.#output.begin()
    this.#output.end(writeMessage(writer, message, { version: this.version, stream: 0 }))
  }

  #awaitHandshake(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#end('no answer to the handshake in time'), HANDSHAKE_MS)
  }

  #onData(chunk: Buffer): void {
    this.#hasHeard = true
    try {
      this.#assembler.push(chunk, this.#onFrame)
    } catch (error) {
      this.#end(messageOf(error))
    }
  }

  readonly #onFrame = (frame: FrameView): void => {
    if (this.#phase === 'ready') {
      if (frame.flags & 1) decompressFrame(frame, this.#options.compressor)
      if (frame.stream === EVENT_STREAM) this.#owner.onEvent(this, frame)
      else {
        const request = this.#streams.release(frame.stream)
        if (request === undefined) this.#end(`an answer on unused stream ${frame.stream}`)
        else request.onAnswer(frame, this.cluster)
      }
    } else if (this.#phase !== 'closed') this.#onHandshake(frame)
  }

  #onHandshake(frame: FrameView): void {
    const { compressor } = this.#options
    if (frame.opcode === OPCODE.ERROR) {
      decompressFrame(frame, compressor)
      this.#owner.onRefused(this, frame)
      this.#end('the node refused the handshake')
      return
    }
    const { message } = readMessage(frame, compressor)
    const isFirst = message.kind === 'READY' || message.kind === 'AUTHENTICATE'
    if (isFirst && this.version >= 5 && this.#phase === 'opening') {
      this.#assembler.switchToSegments(compressor)
      this.#output.switchToSegments(compressor)
    }
    this.#onHandshakeMessage(message)
  }

  #onHandshakeMessage(message: CqlMessage): void {
    switch (message.kind) {
      case 'READY':
        this.#enterKeyspace()
        break
      case 'AUTHENTICATE':
        this.#phase = 'login'
        clearTimeout(this.#timer)
        this.#owner.onAuthenticate(this, message.authenticator)
        break
      case 'AUTH_CHALLENGE':
        this.#owner.onChallenge(this, message.token)
        break
      case 'AUTH_SUCCESS':
        this.#successToken = message.token
        this.#enterKeyspace()
        break
      case 'RESULT':
        this.#becomeReady()
        break
      default:
        this.#end(`an unexpected ${message.kind} in the handshake`)
    }
  }

  #enterKeyspace(): void {
    const { keyspace } = this.#options
    if (keyspace === undefined) {
      this.#becomeReady()
      return
    }
    this.#phase = 'keyspace'
    this.#write({ kind: 'QUERY', query: `USE ${keyspace}`, parameters: { consistency: 1 } })
  }

  #becomeReady(): void {
    this.#phase = 'ready'
    clearTimeout(this.#timer)
    this.#owner.onReady(this, this.#successToken)
  }

  #end(reason: string): void {
    if (this.#phase === 'closed') return
    this.#finish(reason)
    this.#owner.onClosed(this, reason)
  }

  #finish(reason: string): void {
    this.#phase = 'closed'
    clearTimeout(this.#timer)
    this.#output.flush()
    this.#socket.destroy()
    for (const request of this.#streams.drain()) request.onLost(this.cluster, reason)
  }
}
