/**
 * One client of the proxy: its socket, its two cluster links, and the requests between them.
 * Made by proxy-node.ts for each connection. What a frame means is decided by the handlers in this
 * folder; this file moves bytes, keeps the order of life and holds the client back when it must.
 * Invariants: a request read completely is sent to every cluster it is for before the session ends;
 * a stream id is in use once; when a side cannot take more, the other sides are not read.
 * Spec: live-migration 2.9-2.11.
 */
import type { Socket } from 'node:net'
import { messageOf } from '../../base/scamander-error.ts'
import {
  type Compressor,
  type CqlResponse,
  compressorByName,
  decompressFrame,
  FrameAssembler,
  type FrameView,
  type ProtocolVersion,
  STREAM_ID_MAX,
  writeMessage,
} from '../../cql/index.ts'
import { type Cluster, TARGET } from '../cluster.ts'
import { closeFrame, type FrameCopy, writeHeader } from '../link/frame-copy.ts'
import { FrameOutput } from '../link/frame-output.ts'
import { Heartbeat } from '../link/heartbeat.ts'
import { writeOldFrame } from '../link/old-frame.ts'
import type { PreparedStatement } from '../prepared/prepared-statement.ts'
import type { DualRequest } from '../request/dual-request.ts'
import { AsyncReads } from './async-reads.ts'
import { AsyncWrites } from './async-writes.ts'
import { ClientHandshake, type HandshakeClient } from './client-handshake.ts'
import { onSettled } from './completion.ts'
import { dispatch } from './dispatch.ts'
import { forwardEvent } from './events.ts'
import { expireRequests } from './expiry.ts'
import { FlowControl } from './flow-control.ts'
import type { ProxyContext } from './proxy-context.ts'
import { protocolError } from './proxy-errors.ts'
import { Registrations } from './registrations.ts'
import { Repreparer } from './repreparer.ts'
import { type LinksOwner, SessionLinks } from './session-links.ts'

const DRAIN_MS = 30_000
const HEARTBEAT_MS = 30_000
/** A node that owes answers and says nothing is given up after that, or three request timeouts. */
const SILENCE_MIN_MS = 5_000

export class ClientSession implements HandshakeClient, LinksOwner {
  readonly context: ProxyContext
  readonly links: SessionLinks
  readonly repreparer: Repreparer
  readonly asyncWrites: AsyncWrites
  readonly asyncReads: AsyncReads
  readonly registrations = new Registrations()
  /** The keyspace in use, folded; undefined before USE. */
  keyspace: string | undefined
  version: ProtocolVersion = 4
  /** Ids prepared on this link since the primary was switched; see on-execute.ts. */
  validated = new WeakSet<PreparedStatement>()
  /** Monotonic time of the chunk being handled. */
  nowMs = performance.now()
  readonly #socket: Socket
  readonly #output: FrameOutput
  readonly #flow: FlowControl
  readonly #assembler = new FrameAssembler({ anyVersion: true })
  readonly #onEnd: (session: ClientSession) => void
  /** Requests without an answer to the client, by its stream id. */
  readonly #inFlight: (DualRequest | undefined)[] = []
  /** Requests that some cluster still owes an answer. */
  #open = 0
  #handshake: ClientHandshake | undefined
  #compressor: Compressor | undefined
  #isGone = false
  #isEnded = false
  #isStopping = false
  #heartbeatMs = performance.now()
  #journalLost: number
  #drainTimer: NodeJS.Timeout | undefined

  constructor(socket: Socket, context: ProxyContext, onEnd: (session: ClientSession) => void) {
    this.context = context
    this.#journalLost = context.journal?.lost ?? 0
    this.#socket = socket
    this.#onEnd = onEnd
    this.#output = new FrameOutput(socket)
    this.links = new SessionLinks(context, this)
    this.repreparer = new Repreparer(this)
    this.asyncWrites = new AsyncWrites(this)
    this.asyncReads = new AsyncReads(this)
    this.#handshake = new ClientHandshake(context, this)
    const { links, asyncWrites } = this
    this.#flow = new FlowControl({ socket, output: this.#output, links, asyncWrites }, context)
    this.#output.onBeforeFlush = () => this.#keepJournal()
    this.#output.onWritten = () => this.#flow.resumeClusters()
    const { idleMs } = context.settings
    if (idleMs > 0) socket.setTimeout(idleMs, () => this.close('idle for too long'))
    socket.setNoDelay(true)
    socket.on('data', chunk => this.#onData(chunk))
    socket.on('error', error => this.close(error.message))
    socket.on('close', () => this.close('closed by the client'))
  }

  get quotedKeyspace(): string | undefined {
    return this.keyspace === undefined ? undefined : `"${this.keyspace.replaceAll('"', '""')}"`
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** A request is on its way; false when its stream id is in use, which ends the session. */
  track(request: DualRequest): boolean {
    if (this.#inFlight[request.stream] !== undefined) {
      this.replyError(request.stream, protocolError(`Stream id ${request.stream} is in use`))
      this.close('a stream id was used twice')
      return false
    }
    this.#inFlight[request.stream] = request
    this.#open += 1
    return true
  }

  onSettled(request: DualRequest, cluster: Cluster): void {
    request.settledMs[cluster] = performance.now()
    onSettled(this, request)
  }

  onUnprepared(request: DualRequest, cluster: Cluster): void {
    this.repreparer.onUnprepared(request, cluster)
  }

  /** The client has its answer. */
  release(request: DualRequest): void {
    request.isReplied = true
    if (this.#inFlight[request.stream] === request) this.#inFlight[request.stream] = undefined
  }

  /** Nothing is awaited any more. */
  finish(): void {
    this.#open -= 1
    if (this.#open > 0) return
    if (this.#isGone) this.#end()
    else if (this.#isStopping) this.close('the proxy stops')
  }

  reply(stream: number, version: number, message: CqlResponse): void {
    if (this.#isGone) return
    const writer = this.#output.begin()
    const start =
      version < 3
        ? writeOldFrame(writer, version, message)
        : writeMessage(writer, message, { version: version as ProtocolVersion, stream })
    this.#output.end(start)
    this.#flow.holdClusters()
  }

  replyError(stream: number, message: CqlResponse): void {
    this.context.meters.errorAnswers.add()
    this.reply(stream, this.version, message)
  }

  replyFrame(stream: number, version: number, frame: FrameCopy): void {
    if (this.#isGone) return
    const writer = this.#output.begin()
    const start = writeHeader(writer, version | 0x80, stream, frame)
    writer.writeBytes(frame.bytes, frame.start, frame.end)
    closeFrame(writer, start)
    this.#output.end(start)
    this.#flow.holdClusters()
  }

  agree(version: number, compression: string | undefined): void {
    this.version = version as ProtocolVersion
    this.#compressor = compression === undefined ? undefined : compressorByName(compression)
  }

  switchToSegments(): void {
    this.#assembler.switchToSegments(this.#compressor)
    this.#output.switchToSegments(this.#compressor)
  }

  onHandshakeDone(): void {
    this.#handshake = undefined
    this.#output.flush()
    if (this.version < 5) this.#output.setCompressor(this.#compressor)
    this.asyncReads.refresh()
  }

  onSourceLost(reason: string): void {
    this.context.logger.warnLimited('source-lost', `the source connection was lost: ${reason}`)
    this.close('the source connection was lost')
  }

  onTargetLost(reason: string): void {
    const { logger, settings } = this.context
    const consequence = settings.isClosedWithTarget
      ? 'its client is closed'
      : 'writes go to the source only until it is back'
    logger.warnLimited('target-lost', `the target connection was lost: ${reason}; ${consequence}`)
    this.asyncWrites.onTargetLost()
    if (settings.isClosedWithTarget) this.close('the target connection was lost')
  }

  onTargetBack(): void {
    this.context.logger.warnLimited('target-back', 'a target connection is back')
    this.registrations.repeatOn(this.links.links[TARGET])
  }

  onEvent(cluster: Cluster, frame: FrameView): void {
    forwardEvent(this, cluster, frame)
  }

  /** A cluster link has room again. */
  onRoom(): void {
    this.asyncWrites.pump()
    this.#flow.resumeClient()
  }

  onRoutingChanged(): void {
    this.validated = new WeakSet()
    this.links.onRoutingChanged()
    this.asyncReads.refresh()
  }

  /** Keeps cluster links alive for clients that only send OPTIONS. */
  heartbeat(): void {
    if (this.nowMs - this.#heartbeatMs < HEARTBEAT_MS) return
    this.#heartbeatMs = this.nowMs
    for (const link of this.links.links) link?.send(new Heartbeat(link.version))
  }

  /** Answers what waits for too long; called about twice a second. */
  expire(nowMs: number): void {
    expireRequests(this.#inFlight, nowMs, this.context.settings.requestTimeoutMs)
    this.asyncWrites.expire(nowMs)
    const silenceMs = Math.max(SILENCE_MIN_MS, 3 * this.context.settings.requestTimeoutMs)
    for (const one of [this.links, this.asyncReads, this.repreparer])
      one.endSilent(nowMs, silenceMs)
  }

  /** Takes no more requests; closes when those it has are answered. */
  shutdown(): void {
    this.#isStopping = true
    this.#flow.stopClient()
    if (this.#open === 0) this.close('the proxy stops')
  }

  /** Ends the client's side at once and the clusters' when they answered what was sent. */
  close(reason: string): void {
    if (this.#isGone) return
    this.context.logger.debug(`client connection ends: ${reason}`)
    this.#handshake?.stop()
    this.#output.flush()
    this.#isGone = true
    this.#socket.end()
    this.#socket.destroySoon()
    this.links.resume()
    if (this.#open === 0) this.#end()
    else {
      this.#drainTimer = setTimeout(() => this.#end(), DRAIN_MS)
    }
  }

  /** The client is read again when both clusters and the queue can take more. */
  resumeClient(): void {
    this.#flow.resumeClient()
  }

  /** Adds the requests without an answer to `counts`, by class. */
  countInFlight(counts: Map<string, number>): void {
    for (const request of this.#inFlight) {
      if (request === undefined) continue
      counts.set(request.statementClass, (counts.get(request.statementClass) ?? 0) + 1)
    }
  }

  /**
   * Before answers leave. Where a full journal refuses, a line that was lost may belong to one of
   * them: the client is cut off rather than told of a write that is not kept.
   */
  #keepJournal(): void {
    const { journal, settings } = this.context
    if (journal === undefined) return
    journal.flush()
    if (journal.lost === this.#journalLost) return
    this.#journalLost = journal.lost
    if (settings.journal?.isRefusing === true) this.#socket.destroy()
  }

  #onData(chunk: Buffer): void {
    if (this.#isGone) return
    this.nowMs = performance.now()
    try {
      this.#assembler.push(chunk, this.#onFrame)
    } catch (error) {
      this.reply(0, this.version, protocolError(messageOf(error)))
      this.close(messageOf(error))
      return
    }
    this.#flow.holdClient()
  }

  readonly #onFrame = (frame: FrameView): void => {
    if (this.#isGone) return
    if ((frame.flags & 1) !== 0 && this.#compressor !== undefined) {
      decompressFrame(frame, this.#compressor)
    }
    if (this.#handshake !== undefined) this.#handshake.onFrame(frame)
    else if (frame.version !== this.version || frame.isResponse) {
      const text = `Invalid message version. Got ${frame.version} but previous messages on this connection had version ${this.version}`
      this.replyError(frame.stream, protocolError(text))
    } else if (frame.stream < 0 || frame.stream > STREAM_ID_MAX) {
      this.replyError(0, protocolError(`Invalid stream id ${frame.stream}`))
    } else dispatch(this, frame)
  }

  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    clearTimeout(this.#drainTimer)
    this.asyncWrites.close()
    this.asyncReads.close()
    this.repreparer.close()
    this.links.close()
    this.#onEnd(this)
  }
}
