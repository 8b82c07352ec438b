/**
 * Whether what is on screen is fresh: Live, or Reconnecting while the server does not answer.
 * Used by the header. Fed by the stream of events where the server has one, and by the list of
 * connectors, which is read again every two seconds.
 * Spec: ui 4.3, 8 (`live-dot`).
 */
import { useQuery } from '@tanstack/react-query'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { type StreamState, useLiveEvents } from '../jobs/live-events.ts'
import { SERVES_CONNECT } from '../parts/served.ts'

const TEXTS = { live: 'Live', connecting: 'Connecting…', reconnecting: 'Reconnecting…' } as const

export function LiveDot() {
  const stream = useLiveEvents()
  const { error, isPending } = useQuery(connectorsQuery)
  const connect: StreamState = !SERVES_CONNECT
    ? 'none'
    : error !== null
      ? 'reconnecting'
      : isPending
        ? 'connecting'
        : 'live'
  const states = [stream, connect]
  const state = states.includes('reconnecting')
    ? 'reconnecting'
    : states.includes('connecting')
      ? 'connecting'
      : 'live'
  return (
    <span
      className="sc-live"
      data-testid="live-dot"
      data-state={state === 'live' ? 'live' : 'reconnecting'}
      role="status"
    >
      {TEXTS[state]}
    </span>
  )
}
