/**
 * One connection of the data plane: sends many requests in few socket writes and hands answers to
 * the requests they belong to. Opened by `openConnection` (handshake.ts), owned by a node pool.
 * Requests are framed at once into a pooled chunk, which leaves when the current turn of the event
 * loop ends or the chunk is full.
 * Invariants: at most `requestsMax` stream ids are out; an id whose request timed out is not used
 * again before its late answer came; every request ends exactly once, at the latest in `#fail`.
 * Spec: native protocol v3 to v5, section 2.
 */
import type { Socket } from 'node:net'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import {
  type Compressor,
  compressFrame,
  decompressFrame,
  EVENT_STREAM,
  type FrameAssembler,
  type FrameView,
  OPCODE,
  opcodeName,
  type ProtocolVersion,
} from '../../cql/index.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import { OutputChunks } from './output-chunks.ts'
import { readServerError } from './server-error.ts'
import type { WireRequest } from './wire-request.ts'

export interface ConnectionOptions {
  readonly requestsMax: number
  readonly frameBytesMax: number
  /** For messages: host:port. */
  readonly name: string
}

/** Told by the pool that owns the connection. */
export interface ConnectionOwner {
  /** Room for more: an answer came or the socket drained. */
  onReady(): void
  onClosed(connection: DataConnection, error: ScamanderError): void
}

/** Bytes waiting in the socket above which no more requests are taken. */
const SOCKET_BYTES_MAX = 1024 * 1024
const CHUNK_FLUSH_BYTES = 60 * 1024
/** More unanswered requests than this after time-outs: the connection is not worth keeping. */
const ORPHANS_MAX = 256

const ORPHAN: WireRequest = {
  deadlineMs: Number.POSITIVE_INFINITY,
  write: () => 0,
  onFrame: () => undefined,
  onError: () => undefined,
}

export class DataConnection {
  readonly version: ProtocolVersion
  readonly name: string
  inFlight = 0
  isClosed = false
  /** A heartbeat is under way. */
  isProbed = false
  readonly #socket: Socket
  readonly #assembler: FrameAssembler
  readonly #compressor: Compressor | undefined
  readonly #requests: (WireRequest | undefined)[]
  readonly #freeStreams: number[] = []
  readonly #requestsMax: number
  readonly #chunks: OutputChunks
  #owner: ConnectionOwner | undefined
  #orphans = 0
  #flushIsScheduled = false
  #lastReceivedMs = performance.now()

  constructor(
    socket: Socket,
    protocol: {
      version: ProtocolVersion
      compressor: Compressor | undefined
      assembler: FrameAssembler
    },
    options: ConnectionOptions,
  ) {
    this.version = protocol.version
    this.name = options.name
    this.#socket = socket
    this.#assembler = protocol.assembler
    this.#compressor = protocol.compressor
    this.#requestsMax = options.requestsMax
    this.#requests = new Array(options.requestsMax)
    for (let id = options.requestsMax - 1; id >= 0; id--) this.#freeStreams.push(id)
    this.#chunks = new OutputChunks(protocol.version, protocol.compressor)
    socket.on('data', chunk => this.#onData(chunk))
    socket.on('drain', () => this.#owner?.onReady())
    socket.on('error', error => this.#fail(lost(this.name, error.message)))
    socket.on('close', () => this.#fail(lost(this.name, 'closed by the other side')))
  }

  /** Until then answers arrive, but nobody is told of closing. */
  setOwner(owner: ConnectionOwner): void {
    this.#owner = owner
  }

  /** May one more request be sent now? */
  get isReady(): boolean {
    return (
      !this.isClosed &&
      this.#freeStreams.length > 0 &&
      this.#socket.writableLength < SOCKET_BYTES_MAX
    )
  }

  /** Milliseconds since anything came from the node. */
  idleMs(nowMs: number): number {
    return nowMs - this.#lastReceivedMs
  }

  /** Only when `isReady`. */
  send(request: WireRequest): void {
    // Silence counts from the first request that waits, not from an idle time before it.
    if (this.inFlight === 0)
      this.#lastReceivedMs = Math.max(this.#lastReceivedMs, performance.now())
    const stream = this.#freeStreams.pop()!
    this.#requests[stream] = request
    this.inFlight += 1
    const chunk = this.#chunks.current()
    chunk.segments?.beforeFrame()
    const frameStart = request.write(chunk.writer, this.version, stream)
    if (chunk.segments !== undefined) chunk.segments.afterFrame(frameStart)
    else if (this.#compressor !== undefined) {
      compressFrame(chunk.writer, frameStart, this.#compressor)
    }
    if (chunk.writer.position >= CHUNK_FLUSH_BYTES) this.#flush()
    else if (!this.#flushIsScheduled) {
      this.#flushIsScheduled = true
      queueMicrotask(() => this.#flush())
    }
  }

  /** Closes when answers are owed and nothing came for that long: a probe might not get out. */
  closeIfSilent(nowMs: number, silentMsMax: number): void {
    if (this.inFlight === 0 || this.idleMs(nowMs) <= silentMsMax) return
    this.close(lost(this.name, `nothing came for ${Math.round(silentMsMax / 1000)} s`))
  }

  /** Ends requests whose deadline passed; called by the pool's timer. */
  expire(nowMs: number): void {
    if (this.inFlight === 0) return
    for (let stream = 0; stream < this.#requestsMax; stream++) {
      const request = this.#requests[stream]
      if (request === undefined || request.deadlineMs > nowMs) continue
      this.#requests[stream] = ORPHAN
      this.#orphans += 1
      request.onError(timedOut(this.name))
    }
    if (this.#orphans > ORPHANS_MAX) {
      this.close(lost(this.name, `${this.#orphans} requests were never answered`))
    }
  }

  close(error: ScamanderError = lost(this.name, 'closed')): void {
    this.#fail(error)
    this.#socket.destroy()
  }

  #flush(): void {
    this.#flushIsScheduled = false
    const chunk = this.#chunks.take()
    if (chunk === undefined || this.isClosed) return
    this.#socket.write(chunk.writer.view(), () => this.#chunks.giveBack(chunk))
  }

  #onData(chunk: Buffer): void {
    this.#lastReceivedMs = performance.now()
    this.isProbed = false
    try {
      this.#assembler.push(chunk, this.#onFrame)
    } catch (error) {
      this.close(lost(this.name, messageOf(error)))
      return
    }
    this.#owner?.onReady()
  }

  readonly #onFrame = (frame: FrameView): void => {
    if (frame.stream === EVENT_STREAM) return
    const request = this.#requests[frame.stream]
    if (request === undefined) throw new Error(toldBy(frame, this.#compressor))
    this.#requests[frame.stream] = undefined
    this.#freeStreams.push(frame.stream)
    this.inFlight -= 1
    if (request === ORPHAN) {
      this.#orphans -= 1
      return
    }
    decompressFrame(frame, this.#compressor)
    request.onFrame(frame)
  }

  #fail(error: ScamanderError): void {
    if (this.isClosed) return
    this.isClosed = true
    const pending = this.#requests.filter(one => one !== undefined && one !== ORPHAN)
    this.#requests.fill(undefined)
    this.inFlight = 0
    this.#socket.destroy()
    this.#owner?.onClosed(this, error)
    for (const request of pending) request!.onError(error)
    // What they left undone may go on elsewhere.
    this.#owner?.onReady()
  }
}

function lost(name: string, reason: string): ScamanderError {
  return new ScamanderError(CASSANDRA_ERRORS.CONNECTION_LOST, `connection to ${name}: ${reason}`)
}

function timedOut(name: string): ScamanderError {
  return new ScamanderError(CASSANDRA_ERRORS.REQUEST_TIMEOUT, `no answer from ${name} in time`)
}

/** An answer to nothing: an error of the whole connection, or a server that lost count. */
function toldBy(frame: FrameView, compressor: Compressor | undefined): string {
  const what = `answer on unused stream ${frame.stream}`
  if (frame.opcode !== OPCODE.ERROR) return `${what} (${opcodeName(frame.opcode)})`
  decompressFrame(frame, compressor)
  const { code, message } = readServerError(frame)
  return `the node says: ${message} (error 0x${code.toString(16).padStart(4, '0')}, ${what})`
}
