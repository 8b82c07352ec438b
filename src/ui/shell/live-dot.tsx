/**
 * Whether what is on screen is fresh: Live, Reconnecting while the server does not answer, Slow updates
 * while it is asked every few seconds instead, Paused while the page is frozen. Used by the header.
 * Invariant: while values may be old the root says so (`data-stale`), which dims them on every screen,
 * and the dot tells of when they are.
 * Spec: ui 4.2 (stale), 4.3, 8 (`live-dot`).
 */
import { useEffect } from 'react'
import { useLiveEvents } from '../jobs/live-events.ts'
import type { ShownState } from '../live/live-store.ts'
import { useLiveState, useStaleSince } from '../live/use-live.ts'
import { toClock } from '../parts/format.ts'

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
  const staleSince = useStaleSince()
  const isStale = staleSince !== undefined
  useEffect(() => {
    const root = document.documentElement
    root.toggleAttribute('data-stale', isStale)
    return () => root.removeAttribute('data-stale')
  }, [isStale])
  return (
    <span
      className="sc-live"
      data-testid="live-dot"
      data-state={state}
      data-as-of={isStale || undefined}
      role="status"
    >
      <span>{text}</span>
      {isStale && <span className="sc-nowrap">as of {toClock(staleSince)}</span>}
    </span>
  )
}
