/**
 * The edge of a column's head that is drawn with the mouse; a double click gives the width back. Used by the
 * head of the grid; with the keyboard widths are changed in the menu Columns.
 * Invariant: while it is drawn only the template of the grid changes, no row is made anew.
 * Spec: ui 4.1 (widths are kept).
 */
import type { PointerEvent } from 'react'
import { WIDTH_MAX, WIDTH_MIN } from './column-places.ts'

interface ColumnHandleProps {
  readonly column: string
  /** Undefined: as the list says. */
  readonly onWidth: (width: number | undefined) => void
}

export function ColumnHandle({ column, onWidth }: ColumnHandleProps) {
  const draw = (event: PointerEvent<HTMLElement>) => {
    const handle = event.currentTarget
    const cell = handle.parentElement
    const grid = handle.closest<HTMLElement>('[role=grid]')
    if (event.button !== 0 || cell === null || grid === null) return
    event.preventDefault()
    handle.setPointerCapture(event.pointerId)
    const at = [...(cell.parentElement?.children ?? [])].indexOf(cell)
    const before = grid.style.getPropertyValue('--dg-cols')
    const from = { x: event.clientX, width: cell.getBoundingClientRect().width }
    let width = from.width
    const done = new AbortController()
    const move = ({ clientX }: globalThis.PointerEvent) => {
      width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, from.width + clientX - from.x))
      grid.style.setProperty('--dg-cols', withTrack(before, at, width))
    }
    const end = () => {
      done.abort()
      if (width !== from.width) onWidth(width)
    }
    handle.addEventListener('pointermove', move, { signal: done.signal })
    handle.addEventListener('pointerup', end, { signal: done.signal })
    handle.addEventListener('pointercancel', end, { signal: done.signal })
  }
  return (
    <span
      className="sc-dg-handle"
      aria-hidden
      onPointerDown={draw}
      onDoubleClick={() => onWidth(undefined)}
      data-testid="column-handle"
      data-key={column}
    />
  )
}

/** `minmax(a, b)` is one track. */
function withTrack(template: string, at: number, width: number): string {
  const tracks = template.match(/minmax\([^)]*\)|\S+/g) ?? []
  return tracks.map((track, index) => (index === at ? `${width}px` : track)).join(' ')
}
