/**
 * What keys do on the rows of a data grid. Used by its body alone.
 * Invariant: keys of a control inside the grid are left to it.
 * Spec: ui 4.7 (keys), 4.9 (grids).
 */
import type { KeyboardEvent } from 'react'

interface GridKeys {
  readonly active: number
  readonly page: number
  readonly last: number
  readonly onMove: (to: number) => void
  readonly onOpen: (index: number) => void
  readonly onMenu: ((index: number) => void) | undefined
  readonly select:
    | {
        readonly isNone: boolean
        readonly pick: (index: number, isRange: boolean) => void
      }
    | undefined
}

export function onGridKey(event: KeyboardEvent<HTMLElement>, keys: GridKeys): void {
  if (event.target !== event.currentTarget) return
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const { active, select } = keys
  const next = moved(event.key, keys)
  if (next !== undefined) {
    keys.onMove(next)
    if (event.shiftKey && select !== undefined) {
      if (select.isNone && active >= 0) select.pick(active, false)
      select.pick(next, true)
    }
  } else if (active < 0) return
  else if (event.key === 'Enter') keys.onOpen(active)
  else if (event.key === '.' && keys.onMenu !== undefined) keys.onMenu(active)
  else if (event.key === 'x' && select !== undefined) select.pick(active, false)
  else if (event.key === ' ' && select !== undefined) select.pick(active, event.shiftKey)
  else return
  event.preventDefault()
}

type Move = Pick<GridKeys, 'active' | 'page' | 'last'>

/** Undefined: the key moves nothing. */
function moved(key: string, { active, page, last }: Move): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ...{ ArrowDown: active + 1, j: active + 1, ArrowUp: active - 1, k: active - 1 },
    ...{ PageDown: active + page, PageUp: active - page, Home: 0, End: last },
  }
  const next = steps[key]
  return next === undefined ? undefined : Math.min(last, Math.max(0, next))
}
