/**
 * Queries of system.local, system.peers and system.peers_v2: drivers build their list of nodes from
 * them, so they must name the proxies. The source is asked for the whole table on the client's link;
 * its rows are rewritten, and the client's selection is applied to them here.
 * Called by the handlers of QUERY and EXECUTE for statements of class local.
 * Invariant: a selection that is too clever for the parser is refused when addresses are mapped, and
 * answered by the source otherwise; a mapped address is never shown as it is.
 * Spec: live-migration 2.7 (system.local / system.peers).
 */
import { ByteReader } from '../../cql/index.ts'
import { SOURCE } from '../cluster.ts'
import type { PreparedStatement } from '../prepared/prepared-statement.ts'
import type { DualRequest } from '../request/dual-request.ts'
import type { ClientSession } from '../session/client-session.ts'
import { invalidError } from '../session/proxy-errors.ts'
import { sendToOne } from '../session/send.ts'
import { type BoundValues, readBoundValues } from './bound-values.ts'
import { SystemAnswer } from './system-answer.ts'
import { parseSystemSelect } from './system-select.ts'

export interface TextQuery {
  readonly text: string
  readonly parametersAt: number
}

export function answerSystemQuery(
  session: ClientSession,
  request: DualRequest,
  query: TextQuery,
): void {
  const reader = new ByteReader(request.bytes, query.parametersAt, request.end)
  answer(session, request, { text: query.text, values: readBoundValues(reader, request.version) })
}

export interface PreparedQuery {
  readonly statement: PreparedStatement
  readonly flags: number
  readonly valuesAt: number
}

export function answerSystemExecute(
  session: ClientSession,
  request: DualRequest,
  query: PreparedQuery,
): void {
  const reader = new ByteReader(request.bytes, request.consistencyAt, request.end)
  const values = readBoundValues(reader, request.version)
  answer(session, request, { text: query.statement.clientQuery, values })
}

function answer(
  session: ClientSession,
  request: DualRequest,
  query: { readonly text: string; readonly values: BoundValues },
): void {
  const select = parseSystemSelect(query.text)
  if (select !== undefined) {
    new SystemAnswer(session, request, { select, values: query.values }).start()
    return
  }
  const { topology, ghostIps } = session.context.settings
  if (topology === undefined && Object.keys(ghostIps).length === 0) {
    sendToOne(session, request, SOURCE)
    return
  }
  const text = 'This proxy answers simple selections of system.local and system.peers only'
  session.replyError(request.stream, invalidError(text))
}
