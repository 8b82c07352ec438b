/**
 * Reads sent to the secondary as well, to see whether it could serve them: a link of its own per
 * session, nothing waits for it, and its answers only count.
 * Invariants: never delays a client; when the link has no room the copy is dropped; pages after the
 * first are not copied, because a paging state is valid on one cluster only; a statement that the
 * secondary does not know is prepared there for the next copy, which is no failure of a read.
 * Spec: live-migration 2.9 (dual-async).
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { ERROR_CODE, type FrameView, OPCODE } from '../../cql/index.ts'
import { type Cluster, otherCluster } from '../cluster.ts'
import { errorCodeOf } from '../link/answer-body.ts'
import type { ClusterLink, LinkOwner, LinkRequest } from '../link/cluster-link.ts'
import type { DualRequest } from '../request/dual-request.ts'
import type { ClientSession } from './client-session.ts'

const RETRY_MS = 10_000

export class AsyncReads implements LinkOwner {
  readonly #session: ClientSession
  #link: ClusterLink | undefined
  #retryAfterMs = 0
  #isClosed = false

  constructor(session: ClientSession) {
    this.#session = session
  }

  /** Opens the link when the read mode wants one and closes it when it does not. */
  refresh(): void {
    const { routing } = this.#session.context
    const isWanted = routing.readMode === 'dual-async' && routing.isTargetEnabled
    const cluster = otherCluster(routing.primary)
    if (this.#link !== undefined && (!isWanted || this.#link.cluster !== cluster)) {
      this.#link.close()
      this.#link = undefined
    }
    const isSoon = performance.now() < this.#retryAfterMs
    if (!isWanted || this.#isClosed || isSoon || this.#link !== undefined) return
    const { links, quotedKeyspace } = this.#session
    this.#link = links.openHelper(cluster, this, quotedKeyspace)
  }

  get isOpen(): boolean {
    return this.#link?.isReady === true
  }

  offer(request: DualRequest, cluster: Cluster): void {
    const link = this.#link
    if (link === undefined) this.refresh()
    else if (link.isReady && link.cluster === cluster && !link.isFull && !link.isCongested) {
      const unknown = request.ids.find(place => place.statement.ids[cluster] === undefined)
      if (unknown === undefined) link.send(new CopiedRead(request, this.#session))
      else this.#session.repreparer.prepare(unknown.statement, cluster)
    }
  }

  /** A secondary that says nothing any more fails the copies it owes. */
  endSilent(nowMs: number, silenceMs: number): void {
    this.#link?.endIfSilent(nowMs, silenceMs)
  }

  close(): void {
    this.#isClosed = true
    this.#link?.close()
  }

  onAuthenticate(link: ClusterLink, authenticator: string): void {
    this.#session.links.desks[link.cluster].authenticate(link, authenticator)
  }

  onChallenge(link: ClusterLink): void {
    this.#session.links.desks[link.cluster].challenge(link)
  }

  onReady(): void {
    this.#retryAfterMs = 0
  }

  onRefused(link: ClusterLink): void {
    this.#session.context.meters.failedConnection(link.cluster)
  }

  onClosed(link: ClusterLink): void {
    if (this.#link !== link) return
    this.#link = undefined
    this.#retryAfterMs = performance.now() + RETRY_MS
  }

  onEvent(): undefined {
    return undefined
  }

  onDrain(): undefined {
    return undefined
  }
}

class CopiedRead implements LinkRequest {
  readonly #request: DualRequest
  readonly #session: ClientSession
  readonly #startedMs = performance.now()

  constructor(request: DualRequest, session: ClientSession) {
    this.#request = request
    this.#session = session
  }

  writeTo(writer: ByteWriter, stream: number, cluster: Cluster): number {
    return this.#request.writeTo(writer, stream, cluster)
  }

  onAnswer(frame: FrameView, cluster: Cluster): void {
    const { meters } = this.#session.context
    const isError = frame.opcode === OPCODE.ERROR
    if (isError && errorCodeOf(frame) === ERROR_CODE.UNPREPARED) {
      meters.unprepared(cluster)
      const { statement } = this.#request
      if (statement !== undefined) this.#session.repreparer.prepare(statement, cluster)
      return
    }
    const seconds = (performance.now() - this.#startedMs) / 1000
    meters.asyncRead(cluster, { isFailed: isError, seconds })
  }

  onLost(cluster: Cluster): void {
    this.#session.context.meters.asyncRead(cluster, { isFailed: true, seconds: 0 })
  }
}
