/**
 * Which rows of a grid are selected, by their keys: one, a range from the last one that was picked, all.
 * Used by the data grid.
 * Invariant: what is acted on is always on the list: rows that a filter hides are not among the chosen.
 * Spec: ui 4.1 (range selection, bulk bar).
 */
import { useCallback, useMemo, useRef, useState } from 'react'

export interface Selecting<T> {
  readonly keys: ReadonlySet<string>
  /** The selected among the shown. */
  readonly chosen: readonly T[]
  /** `isRange`: all from the last picked row to this one. */
  readonly pick: (index: number, isRange: boolean) => void
  readonly setAll: (isOn: boolean) => void
}

const NONE: ReadonlySet<string> = new Set()

export function useSelection<T>(shown: readonly T[], keyOf: (row: T) => string): Selecting<T> {
  const [keys, setKeys] = useState(NONE)
  const anchor = useRef(-1)
  const latest = useRef({ shown, keyOf })
  latest.current = { shown, keyOf }
  const pick = useCallback((index: number, isRange: boolean) => {
    const { shown: rows, keyOf: key } = latest.current
    const from = isRange && anchor.current >= 0 ? anchor.current : index
    if (!isRange) anchor.current = index
    const picked = rows.slice(Math.min(from, index), Math.max(from, index) + 1).map(key)
    setKeys(before => pickKeys(before, picked))
  }, [])
  const setAll = useCallback((isOn: boolean) => {
    const { shown: rows, keyOf: key } = latest.current
    setKeys(isOn ? new Set(rows.map(key)) : NONE)
  }, [])
  const chosen = useMemo(
    () => (keys.size === 0 ? [] : shown.filter(row => keys.has(keyOf(row)))),
    [keys, shown, keyOf],
  )
  return { keys, chosen, pick, setAll }
}

/** One key is turned over; a range is on. */
export function pickKeys(
  before: ReadonlySet<string>,
  picked: readonly string[],
): ReadonlySet<string> {
  const next = new Set(before)
  const [only] = picked
  if (picked.length === 1 && only !== undefined && before.has(only)) next.delete(only)
  else for (const key of picked) next.add(key)
  return next
}
