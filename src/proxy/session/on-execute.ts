/**
 * EXECUTE: the hot path. The statement is found by the bytes of its id; nothing is decoded but flags.
 * Called by dispatch; the reader stands at the id.
 * Invariant: an id that the proxy does not know is answered UNPREPARED here, so that drivers prepare
 * again through the proxy; it is never forwarded.
 * Spec: live-migration 2.5, 2.6, 2.9.
 */
import { type ByteReader, readShort, take } from '../../cql/index.ts'
import { SOURCE } from '../cluster.ts'
import { addedValueEdits } from '../prepared/added-values.ts'
import type { PreparedStatement } from '../prepared/prepared-statement.ts'
import type { DualRequest } from '../request/dual-request.ts'
import { readParameters } from '../request/request-places.ts'
import { classOf } from '../statement/statement-info.ts'
import { answerSystemExecute } from '../system/answer-query.ts'
import type { ClientSession } from './client-session.ts'
import { addTimestamp, sendSchemaChange, sendUse } from './on-query.ts'
import { unpreparedError } from './proxy-errors.ts'
import { routeByPagingState, sendRead } from './read-routing.ts'
import { sendToOne } from './send.ts'
import { noteFunctions, sendWrite } from './write-routing.ts'

export function handleExecute(
  session: ClientSession,
  request: DualRequest,
  reader: ByteReader,
): void {
  const { prepared, meters } = session.context
  const at = reader.position
  const length = readShort(reader)
  take(reader, length)
  const statement = prepared.find(request.bytes, at + 2, length)
  if (statement === undefined || mustPrepareAgain(session, statement)) {
    meters.cacheMisses.add()
    const id = request.bytes.subarray(at + 2, at + 2 + length)
    session.replyError(request.stream, unpreparedError(id))
    return
  }
  const metadataAt = request.version >= 5 ? reader.position : -1
  const metadataLength = metadataAt < 0 ? 0 : readShort(reader)
  take(reader, metadataLength)
  const places = readParameters(reader, request.version)
  request.statement = statement
  request.info = statement.info
  request.ids = [{ at, length, statement, metadataAt, metadataLength }]
  request.consistency = places.consistency
  request.consistencyAt = places.consistencyAt
  request.flagsAt = places.flagsAt
  request.statementClass = classOf(statement.info, statement.keyspace)
  route(session, request, reader, { statement, flags: places.flags })
}

interface Given {
  readonly statement: PreparedStatement
  readonly flags: number
}

function route(
  session: ClientSession,
  request: DualRequest,
  reader: ByteReader,
  given: Given,
): void {
  const { statement, flags } = given
  const valuesAt = reader.position
  switch (request.statementClass) {
    case 'write':
    case 'unknown':
      addTimestamp(session, request, { flags, reader })
      if (statement.added.length > 0) {
        reader.position = valuesAt
        request.edits = addedValueEdits(reader, flags, statement.added)
      } else if (statement.info.functions.length > 0) noteFunctions(session, statement.clientQuery)
      sendWrite(session, request, undefined, statement.isFiltered)
      break
    case 'local':
      answerSystemExecute(session, request, { statement, flags, valuesAt })
      break
    case 'read':
      if (!routeByPagingState(session, request, reader, flags)) return
      sendRead(session, request)
      break
    case 'system':
      if (!routeByPagingState(session, request, reader, flags)) return
      sendToOne(session, request, request.pagedOn ?? session.context.settings.systemCluster)
      break
    case 'schema':
      sendSchemaChange(session, request)
      break
    case 'use':
      sendUse(session, request)
      break
    default:
      if (routeByPagingState(session, request, reader, flags)) sendToOne(session, request, SOURCE)
  }
}

/**
 * After reads were switched, the metadata that a driver keeps is of the other cluster: each statement
 * is refused once per link, so that the driver asks again.
 */
function mustPrepareAgain(session: ClientSession, statement: PreparedStatement): boolean {
  if (session.context.routing.epoch === 0 || statement.info.kind !== 'select') return false
  if (session.validated.has(statement)) return false
  session.validated.add(statement)
  return true
}
