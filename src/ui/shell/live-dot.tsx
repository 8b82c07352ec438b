/**
 * Whether what is on screen is fresh: Live, Reconnecting while the server does not answer, Slow updates
 * while it is asked every few seconds instead, Paused while the page is frozen. Used by the header.
 * Spec: ui 4.3, 8 (`live-dot`).
 */
import { useLiveEvents } from '../jobs/live-events.ts'
import type { ShownState } from '../live/live-store.ts'
import { useLiveState } from '../live/use-live.ts'

const SHOWN: Readonly<Record<ShownState, readonly [state: string, text: string]>> = {
  live: ['live', 'Live'],
  connecting: ['reconnecting', 'Connecting…'],
  reconnecting: ['reconnecting', 'Reconnecting…'],
  slow: ['slow', 'Slow updates'],
  paused: ['paused', 'Paused'],
  out: ['reconnecting', 'Signed out'],
}

export function LiveDot() {
  useLiveEvents()
  const [state, text] = SHOWN[useLiveState()]
  return (
    <span className="sc-live" data-testid="live-dot" data-state={state} role="status">
      {text}
    </span>
  )
}
