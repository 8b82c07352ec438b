/**
 * Follows a topic while it is on screen: one question after the other, each waiting at the server for what
 * comes next. Used by the tab Records.
 * Invariants: one question at a time, given up when the screen is left; after a failure it goes on behind
 * the last record that came, so nothing is lost but what it counts.
 * Spec: ui 4.3.
 */
import { useCallback, useEffect, useState } from 'react'
import { fetchLive, type RecordsPlace } from './data-queries.ts'
import {
  Allowance,
  EMPTY_BUFFER,
  type LiveBuffer,
  paused,
  received,
  resumed,
} from './live-buffer.ts'

export interface LiveRecords extends LiveBuffer {
  readonly state: 'live' | 'reconnecting'
  readonly pause: () => void
  readonly resume: () => void
}

const WAIT_MS = 5_000
const BETWEEN_MS = 250
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const

/** `since`: the `live` of an answer; undefined: nothing is followed. */
export function useLiveRecords(place: RecordsPlace, since: string | undefined): LiveRecords {
  const { topic, partition, q, decode } = place
  const [buffer, setBuffer] = useState<LiveBuffer>(EMPTY_BUFFER)
  const [state, setState] = useState<LiveRecords['state']>('live')
  useEffect(() => {
    setBuffer(EMPTY_BUFFER)
    if (since === undefined) return
    const left = new AbortController()
    const follow = async () => {
      const allowance = new Allowance(performance.now())
      let page = since
      let failures = 0
      while (!left.signal.aborted) {
        const limit = allowance.take(performance.now())
        try {
          const at = { topic, from: 'newest', partition, q, decode, page, limit, wait: WAIT_MS }
          const got = await fetchLive(at, left.signal)
          failures = 0
          setState('live')
          allowance.spend(got.records.length)
          setBuffer(before => received(before, got.records, got.skipped))
          page = got.live
          await slept(BETWEEN_MS, left.signal)
        } catch {
          if (left.signal.aborted) return
          // Told by the state; the next question goes on where the last answer ended.
          setState('reconnecting')
          await slept(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 1_000, left.signal)
          failures += 1
        }
      }
    }
    void follow()
    return () => left.abort()
  }, [topic, partition, q, decode, since])
  const pause = useCallback(() => setBuffer(paused), [])
  const resume = useCallback(() => setBuffer(resumed), [])
  return { ...buffer, state, pause, resume }
}

async function slept(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
