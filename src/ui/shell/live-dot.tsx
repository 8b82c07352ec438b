/**
 * Whether what is on screen is fresh: Live, or Reconnecting while the server does not answer.
 * Used by the header. Fed by the list of connectors, which is read again every two seconds.
 * Spec: ui 4.3, 8 (`live-dot`).
 */
import { useQuery } from '@tanstack/react-query'
import { connectorsQuery, isWithoutConnect } from '../connectors/connector-queries.ts'

export function LiveDot() {
  const { error, isPending } = useQuery(connectorsQuery)
  const isError = error !== null && !isWithoutConnect(error)
  const state = isError || isPending ? 'reconnecting' : 'live'
  const text = isPending ? 'Connecting…' : isError ? 'Reconnecting…' : 'Live'
  return (
    <span className="sc-live" data-testid="live-dot" data-state={state} role="status">
      {text}
    </span>
  )
}
