/**
 * One request of a client while it is on one or both clusters: its bytes, the places in them that
 * differ per cluster, and what each cluster answered.
 * Made by the handlers of session/, sent by links, completed by session/completion.ts.
 * Invariants: the body is a view of the received chunk, never changed; `writeTo` may be called any
 * number of times for either cluster (a statement prepared again); each cluster settles once.
 * Spec: live-migration 2.5, 2.6, 2.9, 2.12.
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import { ERROR_CODE, FRAME_FLAG, type FrameView, OPCODE, QUERY_FLAG } from '../../cql/index.ts'
import { type Cluster, type Pair, TARGET } from '../cluster.ts'
import { errorCodeOf } from '../link/answer-body.ts'
import type { LinkRequest } from '../link/cluster-link.ts'
import { closeFrame, FrameCopy, writeHeader } from '../link/frame-copy.ts'
import type { Rewritten } from '../prepared/added-variables.ts'
import type { PreparedStatement } from '../prepared/prepared-statement.ts'
import type { StatementClass, StatementInfo } from '../statement/statement-info.ts'
import { type BodyEdit, inOrder, longBytes, shortBytesField, writeEdited } from './body-edit.ts'

/** What became of a request on one cluster. */
export const STATUS = {
  /** Not meant for it, or not sent yet. */
  NONE: 0,
  WAITING: 1,
  OK: 2,
  /** The cluster answered with an error. */
  ERROR: 3,
  /** The link ended without an answer. */
  LOST: 4,
  TIMED_OUT: 5,
  /** Meant for it but left out: down, disabled, filtered, not prepared there. */
  SKIPPED: 6,
} as const
export type Status = (typeof STATUS)[keyof typeof STATUS]

export type SkipReason =
  | 'filter'
  | 'target_down'
  | 'target_disabled'
  | 'prepare_failed'
  | 'not_applied'
  | 'queue_full'

/** One prepared id in the body. */
export interface IdPlace {
  /** Of the length field. */
  readonly at: number
  readonly length: number
  readonly statement: PreparedStatement
  /** v5 EXECUTE: of the result metadata id's length field; -1 otherwise. */
  readonly metadataAt: number
  readonly metadataLength: number
}

/** Who is told how the request goes. */
export interface RequestOwner {
  onSettled(request: DualRequest, cluster: Cluster): void
  onUnprepared(request: DualRequest, cluster: Cluster): void
}

/** Consistency of writes on the target when it is overridden; -1: the client's. */
export interface WriteRules {
  readonly targetConsistency: number
}

const TEXT_MAX = 4_096
const WRITE_CLASSES: ReadonlySet<StatementClass> = new Set(['write', 'schema', 'unknown'])

export class DualRequest implements LinkRequest {
  readonly stream: number
  readonly version: number
  readonly opcode: number
  /** Of the header, without COMPRESSED. */
  readonly flags: number
  bytes: Buffer
  start: number
  end: number
  statementClass: StatementClass = 'unknown'
  info: StatementInfo | undefined
  /** Of an EXECUTE. */
  statement: PreparedStatement | undefined
  /** Of a QUERY or PREPARE. */
  text = ''
  /** Of a PREPARE. */
  keyspace: string | undefined
  rewritten: Rewritten | undefined
  ids: readonly IdPlace[] = NO_IDS
  consistency = 1
  consistencyAt = -1
  flagsAt = -1
  /** Microseconds that the proxy adds; 0: the request keeps its own or needs none. */
  timestamp = 0
  timestampAt = 0
  /** Changes for both clusters. */
  edits: readonly BodyEdit[] = NO_EDITS
  /** Further changes for the target: statements that a filter takes out of a batch. */
  targetEdits: readonly BodyEdit[] = NO_EDITS
  /** Whose answer the client gets when all is well. */
  answerFrom: Cluster
  /** The cluster that made the paging state of the request. */
  pagedOn: Cluster | undefined
  /** Clusters whose answer is awaited before the client gets one, as bits. */
  awaited = 0
  readonly status: Pair<Status> = [STATUS.NONE, STATUS.NONE]
  readonly answers: Pair<FrameCopy | undefined> = [undefined, undefined]
  readonly reasons: Pair<string> = ['', '']
  skipReason: SkipReason | undefined
  /** The target is asked only after the source's answer. */
  isDeferred = false
  /** The client does not wait for the target. */
  isAsync = false
  /** The target is asked only when the source answered `[applied]` true. */
  isWaitingForApplied = false
  /** A failure of either cluster is the client's, whatever the policy. */
  isStrict = false
  isReplied = false
  isAccounted = false
  prepareAttempts = 0
  startedMs = 0
  settledMs: Pair<number> = [0, 0]
  readonly #owner: RequestOwner
  readonly #rules: WriteRules

  constructor(frame: FrameView, owner: RequestOwner, rules: WriteRules, answerFrom: Cluster) {
    this.stream = frame.stream
    this.version = frame.version
    this.opcode = frame.opcode
    this.flags = frame.flags & ~FRAME_FLAG.COMPRESSED
    this.bytes = frame.bytes
    this.start = frame.start
    this.end = frame.end
    this.answerFrom = answerFrom
    this.#owner = owner
    this.#rules = rules
  }

  get isWrite(): boolean {
    return WRITE_CLASSES.has(this.statementClass)
  }

  writeTo(writer: ByteWriter, stream: number, cluster: Cluster): number {
    const frameStart = writeHeader(writer, this.version, stream, this)
    const overridden = this.#consistencyFor(cluster)
    if (this.edits.length === 0 && !this.#needsEdits(cluster)) {
      const shift = writer.position - this.start
      writer.writeBytes(this.bytes, this.start, this.end)
      if (this.timestamp > 0) {
        writer.bytes[this.flagsAt + shift]! |= QUERY_FLAG.TIMESTAMP
        writer.writeSafeInt64(this.timestamp)
      }
      if (overridden >= 0) writer.bytes[this.consistencyAt + shift + 1] = overridden
    } else writeEdited(writer, this, this.#editsFor(cluster, overridden))
    closeFrame(writer, frameStart)
    return frameStart
  }

  /** The body as the target should get it, with the client's ids: for the journal. */
  journalBody(): Buffer {
    const writer = new ByteWriter(this.end - this.start + 64)
    const edits: BodyEdit[] = [...this.edits, ...this.targetEdits]
    if (this.timestamp > 0) edits.push(...this.#timestampEdits())
    writeEdited(writer, this, inOrder(edits))
    return writer.view()
  }

  onAnswer(frame: FrameView, cluster: Cluster): void {
    const isError = frame.opcode === OPCODE.ERROR
    if (isError && errorCodeOf(frame) === ERROR_CODE.UNPREPARED) {
      this.answers[cluster] = new FrameCopy(frame)
      this.#owner.onUnprepared(this, cluster)
      return
    }
    this.settleAnswer(cluster, new FrameCopy(frame))
  }

  /** The final answer of a cluster. */
  settleAnswer(cluster: Cluster, answer: FrameCopy): void {
    this.answers[cluster] = answer
    this.settle(cluster, answer.opcode === OPCODE.ERROR ? STATUS.ERROR : STATUS.OK)
  }

  onLost(cluster: Cluster, reason: string): void {
    this.reasons[cluster] = reason
    this.settle(cluster, STATUS.LOST)
  }

  settle(cluster: Cluster, status: Status): void {
    this.status[cluster] = status
    this.#owner.onSettled(this, cluster)
  }

  /** Text for logs and the journal; of prepared statements the client's text. */
  get shownText(): string {
    const text = this.statement?.clientQuery ?? this.text
    if (text !== '' || this.ids.length === 0) return text.slice(0, TEXT_MAX)
    return `BATCH of ${this.ids[0]!.statement.clientQuery.slice(0, TEXT_MAX)}`
  }

  #consistencyFor(cluster: Cluster): number {
    const isWrite = this.statementClass === 'write'
    if (cluster !== TARGET || !isWrite || this.consistencyAt < 0) return -1
    return this.#rules.targetConsistency
  }

  /** Does the body for this cluster differ in more than the timestamp at its end? */
  #needsEdits(cluster: Cluster): boolean {
    if (this.timestamp > 0 && this.timestampAt !== this.end) return true
    if (cluster === TARGET && this.targetEdits.length > 0) return true
    for (const place of this.ids) {
      if (!place.statement.isSameId[cluster]) return true
      if (place.metadataAt >= 0 && !this.#isSameMetadataId(place, cluster)) return true
    }
    return false
  }

  #editsFor(cluster: Cluster, overridden: number): readonly BodyEdit[] {
    const edits: BodyEdit[] = [...this.edits]
    const removed = cluster === TARGET ? this.targetEdits : NO_EDITS
    const isRemoved = (at: number) => removed.some(one => at >= one.at && at < one.at + one.skip)
    for (const place of this.ids) {
      if (isRemoved(place.at)) continue
      edits.push(...idEdits(place, cluster, this.#isSameMetadataId(place, cluster)))
    }
    const kept = edits.filter(edit => !isRemoved(edit.at))
    if (this.timestamp > 0) kept.push(...this.#timestampEdits())
    if (overridden >= 0) {
      kept.push({ at: this.consistencyAt, skip: 2, insert: Buffer.from([0, overridden]) })
    }
    return inOrder([...kept, ...removed])
  }

  /** An edit of the flags by added values is kept: both set bits of the same byte. */
  #timestampEdits(): BodyEdit[] {
    const own = this.edits.find(edit => edit.at === this.flagsAt && edit.skip === 1)
    const flags = (own?.insert[0] ?? this.bytes[this.flagsAt]!) | QUERY_FLAG.TIMESTAMP
    return [
      { at: this.flagsAt, skip: 1, insert: Buffer.from([flags]) },
      { at: this.timestampAt, skip: 0, insert: longBytes(this.timestamp) },
    ]
  }

  /** The client's id belongs to the cluster that answers it; the other cluster has its own. */
  #isSameMetadataId(place: IdPlace, cluster: Cluster): boolean {
    if (place.metadataAt < 0 || cluster === this.answerFrom) return true
    const known = place.statement.metadataIds[cluster]
    if (known === undefined) return true
    const at = place.metadataAt + 2
    return known.compare(this.bytes, at, at + place.metadataLength) === 0
  }
}

const NO_IDS: readonly IdPlace[] = []
const NO_EDITS: readonly BodyEdit[] = []

function idEdits(place: IdPlace, cluster: Cluster, isSameMetadata: boolean): BodyEdit[] {
  const { statement, at, length, metadataAt, metadataLength } = place
  const edits: BodyEdit[] = []
  const id = statement.ids[cluster]
  if (id !== undefined && !statement.isSameId[cluster]) {
    edits.push({ at, skip: 2 + length, insert: shortBytesField(id) })
  }
  const metadataId = statement.metadataIds[cluster]
  if (metadataAt >= 0 && !isSameMetadata && metadataId !== undefined) {
    edits.push({ at: metadataAt, skip: 2 + metadataLength, insert: shortBytesField(metadataId) })
  }
  return edits
}
