/**
 * Prepares statements on one cluster when that cluster does not know them: it was restarted, forgot
 * them after a schema change, or was away when the client prepared. Requests wait and are then sent
 * to that cluster only, so no write happens twice on the other.
 * One per session. Under another keyspace than the session's a helper link is used, because USE on
 * a shared link would affect requests beside it.
 * Invariants: a statement is prepared once for all requests that wait for it; a request is sent again
 * at most ATTEMPTS_MAX times; a statement that the target refused is asked for again now and then.
 * Spec: live-migration 2.5 (UNPREPARED from one cluster).
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import {
  ByteReader,
  decodeBody,
  type FrameView,
  type ProtocolVersion,
  readShortBytes,
  writeMessage,
} from '../../cql/index.ts'
import { type Cluster, TARGET } from '../cluster.ts'
import { answerBodyAt, isRefusal } from '../link/answer-body.ts'
import type { ClusterLink, LinkOwner, LinkRequest } from '../link/cluster-link.ts'
import { FrameCopy } from '../link/frame-copy.ts'
import { findByClusterId } from '../prepared/prepared-cache.ts'
import type { PreparedStatement } from '../prepared/prepared-statement.ts'
import { type DualRequest, STATUS } from '../request/dual-request.ts'
import type { ClientSession } from './client-session.ts'
import { deliver } from './send.ts'

const ATTEMPTS_MAX = 8

/** The outcome of preparing: an error frame, a reason, or nothing. */
type Failure = FrameCopy | string | undefined

export class Repreparer {
  readonly #session: ClientSession
  /** Requests that wait, by cluster and statement. */
  readonly #waiting = [
    new Map<PreparedStatement, DualRequest[]>(),
    new Map<PreparedStatement, DualRequest[]>(),
  ] as const
  readonly #helpers = new Set<ClusterLink>()

  constructor(session: ClientSession) {
    this.#session = session
  }

  /** Must a statement of the request be prepared before the cluster can execute it? */
  isNeeded(request: DualRequest, cluster: Cluster): boolean {
    for (const { statement, metadataAt } of request.ids) {
      if (isMissing(statement, cluster, metadataAt >= 0)) return true
    }
    return false
  }

  prepareThenSend(request: DualRequest, cluster: Cluster): void {
    const place = request.ids.find(one => isMissing(one.statement, cluster, one.metadataAt >= 0))
    if (place === undefined) deliver(this.#session, request, cluster)
    else if (canSkip(request) && place.statement.isRefused(cluster)) {
      request.skipReason = 'prepare_failed'
      request.settle(cluster, STATUS.SKIPPED)
    } else this.#wait(request, cluster, place.statement)
  }

  /** The cluster said that it does not know a statement of the request. */
  onUnprepared(request: DualRequest, cluster: Cluster): void {
    const frame = request.answers[cluster]!
    const statement = this.#unknownStatement(request, frame, cluster)
    request.prepareAttempts += 1
    if (statement === undefined || request.prepareAttempts > ATTEMPTS_MAX) {
      request.settleAnswer(cluster, frame)
      return
    }
    this.#session.context.meters.unprepared(cluster)
    this.#wait(request, cluster, statement)
  }

  /** For later requests: nobody waits for it. */
  prepare(statement: PreparedStatement, cluster: Cluster): void {
    if (this.#waiting[cluster].has(statement) || statement.isRefused(cluster)) return
    this.#begin(cluster, statement, [])
  }

  endSilent(nowMs: number, silenceMs: number): void {
    for (const helper of this.#helpers) helper.endIfSilent(nowMs, silenceMs)
  }

  close(): void {
    for (const helper of this.#helpers) helper.close()
    this.#helpers.clear()
  }

  #unknownStatement(
    request: DualRequest,
    frame: FrameCopy,
    cluster: Cluster,
  ): PreparedStatement | undefined {
    const reader = new ByteReader(frame.bytes, answerBodyAt(frame) + 4, frame.end)
    reader.position += 2 + readLength(reader)
    const id = readShortBytes(reader)
    return findByClusterId(
      request.ids.map(place => place.statement),
      cluster,
      id,
    )
  }

  #wait(request: DualRequest, cluster: Cluster, statement: PreparedStatement): void {
    const waiting = this.#waiting[cluster].get(statement)
    if (waiting !== undefined) waiting.push(request)
    else this.#begin(cluster, statement, [request])
  }

  #begin(cluster: Cluster, statement: PreparedStatement, requests: DualRequest[]): void {
    this.#waiting[cluster].set(statement, requests)
    const done = (failure: Failure) => this.#onPrepared(cluster, statement, failure)
    const prepare = new PrepareRequest(statement, this.#session.version, done)
    if (this.#isKeyspaceInForce(statement)) {
      const link = this.#session.links.links[cluster]
      if (link?.send(prepare) !== true) done('not connected')
    } else this.#openHelper(cluster, prepare, quote(statement.keyspace))
  }

  /** v5 names the keyspace in the request; names that are qualified need none. */
  #isKeyspaceInForce({ keyspace, info }: PreparedStatement): boolean {
    const isQualified = info.kind !== 'batch' && info.keyspace !== undefined
    return this.#session.version >= 5 || isQualified || keyspace === this.#session.keyspace
  }

  #openHelper(cluster: Cluster, prepare: PrepareRequest, keyspace: string | undefined): void {
    const { links } = this.#session
    const end = (link: ClusterLink) => {
      link.close()
      this.#helpers.delete(link)
    }
    const owner: LinkOwner = {
      onAuthenticate: (link, authenticator) => {
        if (links.desks[cluster].authenticate(link, authenticator)) return
        prepare.fail('no login')
        end(link)
      },
      onChallenge: link => links.desks[cluster].challenge(link),
      onReady: link => {
        prepare.onEnd = () => end(link)
        if (!link.send(prepare)) prepare.fail('not connected')
      },
      onRefused: () => undefined,
      onClosed: (link, reason) => {
        this.#helpers.delete(link)
        prepare.fail(reason)
      },
      onEvent: () => undefined,
      onDrain: () => undefined,
    }
    this.#helpers.add(links.openHelper(cluster, owner, keyspace))
  }

  #onPrepared(cluster: Cluster, statement: PreparedStatement, failure: Failure): void {
    const waiting = this.#waiting[cluster].get(statement) ?? []
    this.#waiting[cluster].delete(statement)
    const isLogging = this.#session.context.settings.targetFailure === 'log'
    // With `fail` the client has to hear of it every time; copies of reads have nobody who hears.
    const isKept = waiting.length === 0 || (cluster === TARGET && isLogging)
    if (isKept && failure instanceof FrameCopy && isRefusal(failure)) statement.reject(cluster)
    for (const request of waiting) {
      if (failure === undefined) deliver(this.#session, request, cluster)
      else if (typeof failure === 'string') request.onLost(cluster, failure)
      else request.settleAnswer(cluster, failure)
    }
  }
}

class PrepareRequest implements LinkRequest {
  onEnd: () => void = () => undefined
  readonly #statement: PreparedStatement
  readonly #version: ProtocolVersion
  #done: ((failure: Failure) => void) | undefined

  constructor(
    statement: PreparedStatement,
    version: ProtocolVersion,
    done: (failure: Failure) => void,
  ) {
    this.#statement = statement
    this.#version = version
    this.#done = done
  }

  writeTo(writer: ByteWriter, stream: number): number {
    const { query, keyspace } = this.#statement
    return writeMessage(
      writer,
      { kind: 'PREPARE', query, keyspace },
      { version: this.#version, stream },
    )
  }

  onAnswer(frame: FrameView, cluster: Cluster): void {
    const reader = new ByteReader(frame.bytes, answerBodyAt(frame), frame.end)
    const message = decodeBody(reader, frame.opcode, this.#version)
    if (message.kind === 'RESULT' && message.result === 'PREPARED') {
      this.#statement.setIds(cluster, message.preparedId, message.resultMetadataId)
      this.#finish(undefined)
    } else this.#finish(new FrameCopy(frame))
  }

  onLost(_cluster: Cluster, reason: string): void {
    this.fail(reason)
  }

  fail(reason: string): void {
    this.#finish(reason)
  }

  #finish(failure: Failure): void {
    const done = this.#done
    this.#done = undefined
    done?.(failure)
    this.onEnd()
  }
}

/** A write that may go to the source alone; of a change of the schema the client has to hear. */
function canSkip(request: DualRequest): boolean {
  return request.isWrite && !request.isStrict
}

function isMissing(
  statement: PreparedStatement,
  cluster: Cluster,
  needsMetadata: boolean,
): boolean {
  if (statement.ids[cluster] === undefined) return true
  return needsMetadata && statement.metadataIds[cluster] === undefined
}

function readLength(reader: ByteReader): number {
  return reader.bytes.readUInt16BE(reader.position)
}

function quote(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `"${name.replaceAll('"', '""')}"`
}
