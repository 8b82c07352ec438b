/**
 * Gives a client the answer of a cluster: unchanged but for its stream id, the tag of a paging state
 * and what the session remembers from it (keyspace in use, changed result metadata).
 * Called by completion for everything but PREPARE.
 * Invariant: rows are never decoded; a paging state always starts with the tag of its cluster.
 * Spec: live-migration 2.5 (Metadata_changed), 2.7 (USE), 2.9 (paging).
 */
import {
  ByteReader,
  int32At,
  OPCODE,
  RESULT_KIND,
  readShortBytes,
  readString,
} from '../../cql/index.ts'
import { type Cluster, SOURCE, TARGET } from '../cluster.ts'
import { answerBodyAt } from '../link/answer-body.ts'
import { FrameCopy } from '../link/frame-copy.ts'
import { type DualRequest, STATUS } from '../request/dual-request.ts'
import type { ClientSession } from './client-session.ts'

const HAS_MORE_PAGES = 0x02
const METADATA_CHANGED = 0x08
/** Letters S and T, so that a state is told from one of another origin. */
const TAGS: readonly [number, number] = [0x53, 0x54]

export function replyAnswer(session: ClientSession, request: DualRequest, cluster: Cluster): void {
  const frame = request.answers[cluster]!
  const { stream, version } = request
  if (frame.opcode === OPCODE.RESULT) {
    const at = answerBodyAt(frame)
    const kind = int32At(frame.bytes, at)
    if (kind === RESULT_KIND.SET_KEYSPACE) {
      session.keyspace = readString(new ByteReader(frame.bytes, at + 4, frame.end))
      if (request.status[TARGET] === STATUS.OK) session.links.noteTargetKeyspace()
    } else if (kind === RESULT_KIND.ROWS) {
      const flags = int32At(frame.bytes, at + 4)
      if ((flags & METADATA_CHANGED) !== 0 && version >= 5)
        rememberMetadata(request, frame, at, cluster)
      if ((flags & HAS_MORE_PAGES) !== 0) {
        session.replyFrame(stream, version, withTag(frame, at + 12, cluster))
        return
      }
    }
  }
  session.replyFrame(stream, version, frame)
}

/** The cluster whose page comes next; undefined when the state was not made by a proxy. */
export function clusterOfTag(tag: number | undefined): Cluster | undefined {
  if (tag === TAGS[SOURCE]) return SOURCE
  return tag === TAGS[TARGET] ? TARGET : undefined
}

/** `at`: of the paging state's length field. */
function withTag(frame: FrameCopy, at: number, cluster: Cluster): FrameCopy {
  const { bytes, start, end } = frame
  const out = Buffer.allocUnsafe(end - start + 1)
  const cut = at + 4 - start
  bytes.copy(out, 0, start, at + 4)
  out.writeInt32BE(int32At(bytes, at) + 1, cut - 4)
  out[cut] = TAGS[cluster]
  bytes.copy(out, cut + 1, at + 4, end)
  return new FrameCopy({ ...frame, bytes: out, start: 0, end: out.length })
}

/** The id of the new columns follows the paging state. */
function rememberMetadata(
  request: DualRequest,
  frame: FrameCopy,
  bodyAt: number,
  cluster: Cluster,
): void {
  const { statement } = request
  if (statement === undefined) return
  const reader = new ByteReader(frame.bytes, bodyAt + 12, frame.end)
  if ((int32At(frame.bytes, bodyAt + 4) & HAS_MORE_PAGES) !== 0) {
    reader.position += 4 + Math.max(0, int32At(frame.bytes, reader.position))
  }
  statement.metadataIds[cluster] = Buffer.from(readShortBytes(reader))
}
