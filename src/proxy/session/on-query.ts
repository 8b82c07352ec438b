/**
 * QUERY: classified by its text, then routed. Writes get a timestamp and, when asked for, values in
 * place of calls that each cluster would evaluate for itself.
 * Called by dispatch; the reader stands at the text.
 * Spec: live-migration 2.6, 2.7, 2.9.
 */
import { type ByteReader, QUERY_FLAG, readLongString, readString } from '../../cql/index.ts'
import { SOURCE } from '../cluster.ts'
import type { DualRequest } from '../request/dual-request.ts'
import { writeWithLiterals } from '../request/function-values.ts'
import { readParameters, readTail } from '../request/request-places.ts'
import { classOf, type StatementInfo } from '../statement/statement-info.ts'
import { answerSystemQuery } from '../system/answer-query.ts'
import type { ClientSession } from './client-session.ts'
import { invalidError } from './proxy-errors.ts'
import { routeByPagingState, sendRead } from './read-routing.ts'
import { sendToOne } from './send.ts'
import { noteFunctions, sendAfterWrites, sendWrite } from './write-routing.ts'

export function handleQuery(
  session: ClientSession,
  request: DualRequest,
  reader: ByteReader,
): void {
  const { statements, settings } = session.context
  const textAt = reader.position
  request.text = readLongString(reader)
  const parametersAt = reader.position
  const places = readParameters(reader, request.version)
  const info = statements.get(request.text)
  request.info = info
  request.consistency = places.consistency
  request.consistencyAt = places.consistencyAt
  request.flagsAt = places.flagsAt
  request.timestampAt = request.end
  const isV5 = request.version >= 5
  const hasKeyspace = isV5 && (places.flags & QUERY_FLAG.KEYSPACE) !== 0
  const valuesAt = reader.position
  const keyspace = hasKeyspace ? keyspaceOf(reader, places.flags) : session.keyspace
  reader.position = valuesAt
  request.statementClass = classOf(info, keyspace)
  switch (request.statementClass) {
    case 'write':
    case 'unknown':
      addTimestamp(session, request, { flags: places.flags, reader })
      replaceCalls(session, request, info, { at: textAt, end: parametersAt })
      sendWrite(session, request, request.text)
      break
    case 'read':
      if (routeByPagingState(session, request, reader, places.flags)) sendRead(session, request)
      break
    case 'local':
      answerSystemQuery(session, request, { text: request.text, parametersAt })
      break
    case 'system':
      if (routeByPagingState(session, request, reader, places.flags)) {
        sendToOne(session, request, request.pagedOn ?? settings.systemCluster)
      }
      break
    case 'source-read':
      if (routeByPagingState(session, request, reader, places.flags)) {
        sendToOne(session, request, SOURCE)
      }
      break
    case 'use':
      sendUse(session, request)
      break
    default:
      sendSchemaChange(session, request)
  }
}

/** Sets the timestamp unless the client did; in v5 other fields may follow its place. */
export function addTimestamp(
  session: ClientSession,
  request: DualRequest,
  places: { readonly flags: number; readonly reader: ByteReader },
): void {
  const { settings, timestamps } = session.context
  if ((places.flags & QUERY_FLAG.TIMESTAMP) !== 0 || !settings.isAddingTimestamps) return
  request.timestamp = timestamps.next()
  const later = QUERY_FLAG.KEYSPACE | QUERY_FLAG.NOW_IN_SECONDS
  request.timestampAt =
    request.version >= 5 && (places.flags & later) !== 0
      ? readTail(places.reader, places.flags).timestampAt
      : request.end
}

function replaceCalls(
  session: ClientSession,
  request: DualRequest,
  info: StatementInfo,
  place: { at: number; end: number },
): void {
  if (info.functions.length === 0) return
  if (!session.context.settings.isReplacingFunctions) {
    noteFunctions(session, request.text)
    return
  }
  const insert = writeWithLiterals(request.text, info.functions)
  request.edits = [{ at: place.at, skip: place.end - place.at, insert }]
}

/** Text or prepared: to both, behind the writes that mean the keyspace before it. */
export function sendUse(session: ClientSession, request: DualRequest): void {
  request.isStrict = true
  sendAfterWrites(session, request)
}

/** Text or prepared: to both, unless the setting says otherwise. */
export function sendSchemaChange(session: ClientSession, request: DualRequest): void {
  const { ddl } = session.context.settings
  request.isStrict = true
  if (ddl === 'both') sendAfterWrites(session, request)
  else if (ddl === 'source') sendToOne(session, request, SOURCE)
  else {
    const text = 'This proxy does not admit changes of schema or permissions (--ddl reject)'
    session.replyError(request.stream, invalidError(text))
  }
}

/** v5: the keyspace of the request, behind everything else. */
function keyspaceOf(reader: ByteReader, flags: number): string {
  reader.position = readTail(reader, flags).timestampAt
  if ((flags & QUERY_FLAG.TIMESTAMP) !== 0) reader.position += 8
  return readString(reader)
}
