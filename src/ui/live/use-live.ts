/**
 * Live data in views: the state of the connection, the messages of a topic, the rows of a tail.
 * Used by every screen that shows what moves; queries need only `meta: { live: topic }` (live-queries.ts).
 * Invariant: a tail keeps a bounded number of rows and counts those that were not told.
 * Spec: ui 4.3.
 */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useClock } from '../parts/use-clock.ts'
import { liveStore, type ShownState } from './live-store.ts'
import type { TopicMessage } from './live-topics.ts'

export function useLiveState(): ShownState {
  return useSyncExternalStore(
    watcher => liveStore.watch(watcher),
    () => liveStore.state,
  )
}

/** Until when the values on screen are known to be right; undefined: they are fresh. */
export function useStaleSince(): number | undefined {
  const nowMs = useClock(STALE_CLOCK_MS)
  useLiveState()
  return liveStore.staleSince(nowMs)
}

const STALE_CLOCK_MS = 3_000

/** Calls with every message while the view is shown; undefined: no topic. */
export function useLiveTopic(
  topic: string | undefined,
  onMessage: (message: TopicMessage) => void,
): void {
  const latest = useRef(onMessage)
  latest.current = onMessage
  useEffect(() => {
    if (topic === undefined) return
    return liveStore.listen(topic, message => latest.current(message))
  }, [topic])
}

/** The server has no such topic for this caller: workers of a group tell theirs only when they are asked. */
export function useIsRefused(topic: string): boolean {
  const [isRefused, setIsRefused] = useState(false)
  useLiveTopic(topic, message => setIsRefused(message.event === 'refused'))
  return isRefused
}

export interface LiveItems<T> {
  /** Newest first. */
  readonly items: readonly T[]
  /** Came and were not told, or fell out at the end. */
  readonly skipped: number
  /** Came while it was paused. */
  readonly waiting: number
  readonly refused: string | undefined
  clear(): void
}

interface Kept<T> {
  readonly items: readonly T[]
  readonly skipped: number
}

const KEPT_MAX = 2_000

/** The rows of a tail; while `isPaused` new ones wait and are counted. */
export function useLiveItems<T>(
  topic: string | undefined,
  { isPaused = false, max = KEPT_MAX }: { isPaused?: boolean; max?: number } = {},
): LiveItems<T> {
  const [shown, setShown] = useState<Kept<T>>(NOTHING)
  const [held, setHeld] = useState<Kept<T>>(NOTHING)
  const [refused, setRefused] = useState<string>()
  const paused = useRef(isPaused)
  paused.current = isPaused
  useLiveTopic(topic, message => {
    if (message.event === 'refused') setRefused(message.data.detail)
    if (message.event !== 'items') return
    const items = (message.data.items as T[]).toReversed()
    const set = paused.current ? setHeld : setShown
    set(known => joined(items, message.data.skipped, known, max))
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: what waits is taken once, when the pause ends.
  useEffect(() => {
    if (isPaused || held.items.length + held.skipped === 0) return
    setShown(known => joined(held.items, held.skipped, known, max))
    setHeld(NOTHING)
  }, [isPaused])
  const waiting = held.items.length + held.skipped
  return { ...shown, waiting, refused, clear: () => setShown(NOTHING) }
}

const NOTHING = { items: [], skipped: 0 }

function joined<T>(items: readonly T[], skipped: number, known: Kept<T>, max: number): Kept<T> {
  const all = [...items, ...known.items]
  return { items: all.slice(0, max), skipped: known.skipped + skipped }
}
