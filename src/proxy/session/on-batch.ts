/**
 * BATCH: every prepared child gets the id of the cluster it goes to, text children are classified,
 * calls are replaced, and a filter may take children out for the target.
 * Called by dispatch; the reader stands at the type.
 * Invariant: a batch is one request: it goes to a cluster whole or not at all.
 * Spec: live-migration 2.5, 2.6, 1.4 (--filter-tables).
 */
import {
  BATCH_CHILD,
  BATCH_TYPE,
  type ByteReader,
  QUERY_FLAG,
  readByte,
  readLongString,
  readShort,
  take,
} from '../../cql/index.ts'
import { insertValues } from '../prepared/added-values.ts'
import type { PreparedStatement } from '../prepared/prepared-statement.ts'
import { type BodyEdit, NOTHING } from '../request/body-edit.ts'
import type { DualRequest, IdPlace } from '../request/dual-request.ts'
import { writeWithLiterals } from '../request/function-values.ts'
import { readParameters, skipValues } from '../request/request-places.ts'
import type { StatementInfo } from '../statement/statement-info.ts'
import type { ClientSession } from './client-session.ts'
import { addTimestamp } from './on-query.ts'
import { unpreparedError } from './proxy-errors.ts'
import { noteFunctions, sendWrite } from './write-routing.ts'

/** What walking over the children found. */
interface Children {
  readonly ids: IdPlace[]
  readonly edits: BodyEdit[]
  /** Children that the filter takes out. */
  readonly removed: BodyEdit[]
  first: StatementInfo | undefined
  isConditional: boolean
  obstacle: StatementInfo['obstacle']
}

export function handleBatch(
  session: ClientSession,
  request: DualRequest,
  reader: ByteReader,
): void {
  const type = readByte(reader)
  const countAt = reader.position
  const count = readShort(reader)
  const children: Children = {
    ids: [],
    edits: [],
    removed: [],
    first: undefined,
    isConditional: false,
    obstacle: type === BATCH_TYPE.COUNTER ? 'counter' : undefined,
  }
  for (let i = 0; i < count; i++) {
    const unknown = readChild(session, request, reader, children)
    if (unknown === undefined) continue
    session.context.meters.cacheMisses.add()
    session.replyError(request.stream, unpreparedError(unknown))
    return
  }
  const places = readParameters(reader, request.version)
  request.consistency = places.consistency
  request.consistencyAt = places.consistencyAt
  request.flagsAt = places.flagsAt
  request.statementClass = 'write'
  request.ids = children.ids
  request.edits = children.edits
  request.info = toInfo(children)
  // A batch has no values here: they stand with the children.
  addTimestamp(session, request, { flags: places.flags & ~QUERY_FLAG.VALUES, reader })
  if (children.removed.length > 0 && children.removed.length < count) {
    const left = Buffer.alloc(2)
    left.writeUInt16BE(count - children.removed.length)
    request.targetEdits = [{ at: countAt, skip: 2, insert: left }, ...children.removed]
  }
  const isFiltered = count > 0 && children.removed.length === count
  sendWrite(session, request, undefined, isFiltered)
}

/** Reads one child; returns its id when the proxy does not know it. */
function readChild(
  session: ClientSession,
  request: DualRequest,
  reader: ByteReader,
  children: Children,
): Buffer | undefined {
  const childAt = reader.position
  const isText = readByte(reader) === BATCH_CHILD.QUERY
  let info: StatementInfo
  let isFiltered: boolean
  if (isText) {
    const textAt = reader.position
    const text = readLongString(reader)
    info = session.context.statements.get(text)
    isFiltered = session.context.filter?.test(text) === true
    if (request.text === '') request.text = text
    noteText(session, children, { text, info, at: textAt, end: reader.position })
    skipValues(reader, false)
  } else {
    const at = reader.position
    const length = readShort(reader)
    take(reader, length)
    const statement = session.context.prepared.find(request.bytes, at + 2, length)
    if (statement === undefined) return request.bytes.subarray(at + 2, at + 2 + length)
    children.ids.push({ at, length, statement, metadataAt: -1, metadataLength: 0 })
    info = statement.info
    isFiltered = statement.isFiltered
    readPreparedValues(reader, children, statement)
  }
  children.first ??= info
  children.isConditional ||= info.isConditional
  children.obstacle ??= info.obstacle
  if (isFiltered) {
    children.removed.push({ at: childAt, skip: reader.position - childAt, insert: NOTHING })
  }
  return undefined
}

function noteText(
  session: ClientSession,
  children: Children,
  child: { text: string; info: StatementInfo; at: number; end: number },
): void {
  const { text, info, at, end } = child
  if (info.functions.length === 0) return
  if (session.context.settings.isReplacingFunctions) {
    const insert = writeWithLiterals(text, info.functions)
    children.edits.push({ at, skip: end - at, insert })
  } else noteFunctions(session, text)
}

function readPreparedValues(
  reader: ByteReader,
  children: Children,
  statement: PreparedStatement,
): void {
  if (statement.added.length === 0) skipValues(reader, false)
  else children.edits.push(...insertValues(reader, statement.added, false))
  children.obstacle ??= statement.obstacle
}

function toInfo(children: Children): StatementInfo {
  return {
    kind: 'batch',
    keyspace: children.first?.keyspace,
    table: children.first?.table,
    isConditional: children.isConditional,
    obstacle: children.isConditional ? 'conditional' : children.obstacle,
    incrementedColumns: [],
    functions: [],
    hasNamedMarkers: false,
  }
}
