/**
 * The time, for texts like "6 min ago" in lists that are drawn again only where something changed.
 * Used by lists.
 * Invariant: one timer per list; what it tells is never older than its step.
 * Spec: ui 1 (never lie), 4.8 (times).
 */
import { useEffect, useState } from 'react'

/** Milliseconds of now, anew each `everyMs`. */
export function useClock(everyMs = 10_000): number {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return nowMs
}
