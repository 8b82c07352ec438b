/**
 * Events for clients: of schema changes from the primary; of nodes only when the client sees nodes,
 * with the address that it knows. Events of the other cluster are dropped.
 * Called by sessions for every EVENT of a cluster link.
 * Spec: live-migration 2.7 (REGISTER / EVENT).
 */
import { EVENT_STREAM, type EventMessage, type FrameView, readMessage } from '../../cql/index.ts'
import type { Cluster } from '../cluster.ts'
import { FrameCopy } from '../link/frame-copy.ts'
import type { ClientSession } from './client-session.ts'

export function forwardEvent(session: ClientSession, cluster: Cluster, frame: FrameView): void {
  const { routing, settings } = session.context
  if (cluster !== routing.primary) return
  const copy = new FrameCopy(frame)
  const { message } = readMessage(frame)
  if (message.kind !== 'EVENT') return
  if (message.event === 'SCHEMA_CHANGE') {
    session.replyFrame(EVENT_STREAM, session.version, copy)
  } else if (settings.topology === undefined) forwardNodeEvent(session, message)
}

function forwardNodeEvent(
  session: ClientSession,
  message: Extract<EventMessage, { node: unknown }>,
): void {
  const { settings, address } = session.context
  const known = settings.ghostIps[message.node.address]
  const hasMap = Object.keys(settings.ghostIps).length > 0
  if (hasMap && known === undefined) return
  const node = { address: known ?? message.node.address, port: address.port }
  session.reply(EVENT_STREAM, session.version, { ...message, node })
}
