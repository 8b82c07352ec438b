/**
 * PREPARE: on both clusters, because reads may be switched and writes go to both. The client gets the
 * answer of the cluster that will serve it, under the id of the source; ids of both are remembered.
 * Called by dispatch with the reader at the text, and by completion when the clusters answered.
 * Invariants: in `log` mode a statement that the target refuses is used on the source only; the id of a
 * statement stays the same whichever cluster is primary, for drivers give a statement up whose id
 * changes when it is prepared again.
 * Spec: live-migration 2.5, 2.6.
 */
import {
  ByteReader,
  decodeBody,
  type PreparedResult,
  type ProtocolVersion,
  readInt,
  readLongString,
  readString,
} from '../../cql/index.ts'
import { CLUSTERS, type Cluster, SOURCE, TARGET } from '../cluster.ts'
import { answerBodyAt, isRefusal } from '../link/answer-body.ts'
import { rewriteCalls, withoutAdded } from '../prepared/added-variables.ts'
import { type AddedVariable, PreparedStatement } from '../prepared/prepared-statement.ts'
import { type DualRequest, STATUS } from '../request/dual-request.ts'
import {
  classOf,
  isWriteKind,
  type ReplayObstacle,
  type StatementInfo,
} from '../statement/statement-info.ts'
import type { ClientSession } from './client-session.ts'
import { sendToBoth, sendToOne } from './send.ts'
import { noteFunctions } from './write-routing.ts'

const WITH_KEYSPACE = 1

export function handlePrepare(
  session: ClientSession,
  request: DualRequest,
  reader: ByteReader,
): void {
  const { statements, settings } = session.context
  const textAt = reader.position
  request.text = readLongString(reader)
  const textEnd = reader.position
  request.keyspace = session.keyspace
  if (request.version >= 5 && (readInt(reader) & WITH_KEYSPACE) !== 0) {
    request.keyspace = readString(reader)
  }
  const info = statements.get(request.text)
  request.info = info
  if (info.functions.length > 0) {
    if (settings.isReplacingFunctions) {
      request.rewritten = rewriteCalls(request.text, info)
      const insert = longString(request.rewritten.query)
      request.edits = [{ at: textAt, skip: textEnd - textAt, insert }]
    } else noteFunctions(session, request.text)
  }
  const statementClass = classOf(info, request.keyspace)
  const isLocal = /^(local|system|source-read)$/.test(statementClass)
  // For time-outs and decisions preparing is a read: nothing is changed by it.
  request.statementClass = 'read'
  if (isLocal) {
    sendToOne(session, request, statementClass === 'system' ? settings.systemCluster : SOURCE)
  } else sendToBoth(session, request)
}

/** The clusters answered, and the client is to get the answer of `from`. */
export function finishPrepare(session: ClientSession, request: DualRequest, from: Cluster): void {
  const results = CLUSTERS.map(cluster => preparedOf(request, cluster))
  const own = results[from]
  if (own === undefined) {
    session.replyFrame(request.stream, request.version, request.answers[from]!)
    return
  }
  const { prepared, filter, meters, logger } = session.context
  const info = request.info!
  const statement = new PreparedStatement({
    clientId: results[SOURCE]?.preparedId ?? own.preparedId,
    query: request.rewritten?.query ?? request.text,
    clientQuery: request.text,
    keyspace: request.keyspace,
    info,
    isFiltered: filter?.test(request.text) === true,
    added: addedOf(request, own),
    obstacle: obstacleOf(info, own),
  })
  for (const cluster of CLUSTERS) {
    const result = results[cluster]
    statement.setIds(cluster, result?.preparedId, result?.resultMetadataId)
    const answer = request.answers[cluster]
    if (answer !== undefined && isRefusal(answer)) statement.reject(cluster)
  }
  const kept = prepared.put(statement)
  session.validated.add(kept)
  session.context.announce(kept)
  if (statement.isRejected[TARGET] && isWriteKind(info.kind)) {
    logger.warnLimited(
      'prepare-target',
      'the target refuses a statement: it goes to the source only; compare the schemas',
    )
  }
  if (!isSameVariables(results[SOURCE], results[TARGET])) meters.metadataMismatches.add()
  replyPrepared(session, request, { own, from, clientId: statement.clientId })
}

function replyPrepared(
  session: ClientSession,
  request: DualRequest,
  given: { readonly own: PreparedResult; readonly from: Cluster; readonly clientId: Buffer },
): void {
  const { own, from, clientId: preparedId } = given
  const { stream, version, rewritten } = request
  const isSameId = own.preparedId.equals(preparedId)
  if (rewritten === undefined && isSameId) {
    session.replyFrame(stream, version, request.answers[from]!)
    return
  }
  const variables =
    rewritten === undefined ? own.variables : withoutAdded(own.variables, addedOf(request, own))
  session.reply(stream, version, { ...own, preparedId, variables })
}

function preparedOf(request: DualRequest, cluster: Cluster): PreparedResult | undefined {
  const frame = request.answers[cluster]
  if (frame === undefined || request.status[cluster] !== STATUS.OK) return undefined
  const reader = new ByteReader(frame.bytes, answerBodyAt(frame), frame.end)
  const message = decodeBody(reader, frame.opcode, request.version as ProtocolVersion)
  return message.kind === 'RESULT' && message.result === 'PREPARED' ? message : undefined
}

/** Named variables are found by name: a name that is used twice may count once. */
function addedOf(request: DualRequest, { variables }: PreparedResult): readonly AddedVariable[] {
  const added = request.rewritten?.added ?? []
  return added.map(one => {
    const index = variables.columns.findIndex(column => column.name === one.name)
    return index < 0 ? one : { ...one, index }
  })
}

/** An increment by a variable may be repeated when the column is a set or a map. */
function obstacleOf(
  info: StatementInfo,
  { variables }: PreparedResult,
): ReplayObstacle | undefined {
  if (info.obstacle !== undefined) return info.obstacle
  for (const column of info.incrementedColumns) {
    const kind = variables.columns.find(one => one.name === column)?.type.kind
    if (kind === 'counter') return 'counter'
    if (kind !== 'set' && kind !== 'map') return 'increment'
  }
  return undefined
}

function isSameVariables(a: PreparedResult | undefined, b: PreparedResult | undefined): boolean {
  if (a === undefined || b === undefined) return true
  const shape = (one: PreparedResult) => one.variables.columns.map(({ name, type }) => [name, type])
  return JSON.stringify(shape(a)) === JSON.stringify(shape(b))
}

function longString(text: string): Buffer {
  const bytes = Buffer.from(text)
  const out = Buffer.alloc(4 + bytes.length)
  out.writeInt32BE(bytes.length)
  bytes.copy(out, 4)
  return out
}
