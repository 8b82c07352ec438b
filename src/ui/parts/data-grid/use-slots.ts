/**
 * Numbers for the drawn rows of a data grid, by which their elements are kept. Used by its body alone.
 * Invariants: each drawn row has a number of its own and keeps it; a row that leaves frees its number for one that
 * comes.
 * Spec: ui 7 (lists of 10,000 rows).
 */
import { useRef } from 'react'

/** One number per drawn row; a row that leaves frees its number for one that comes. */
export function useSlots(indexes: readonly number[]): (index: number) => number {
  const taken = useRef(new Map<number, number>())
  const wanted = new Set(indexes)
  const free: number[] = []
  const known = new Map<number, number>()
  for (const [index, slot] of taken.current) {
    if (wanted.has(index)) known.set(index, slot)
    else free.push(slot)
  }
  const used = new Set(known.values())
  for (const index of indexes) {
    if (known.has(index)) continue
    const slot = free.pop() ?? unused(used)
    used.add(slot)
    known.set(index, slot)
  }
  taken.current = known
  return index => known.get(index) ?? -1
}

function unused(used: ReadonlySet<number>): number {
  let slot = 0
  while (used.has(slot)) slot++
  return slot
}
