/**
 * Which row of a data grid has its menu open, and where. Used by its body alone.
 * Invariant: at most one is open; it is placed at the button that was clicked, or at the end of its row.
 * Spec: ui 4.1 (row menu), 4.7 (`.`).
 */
import { useCallback, useState } from 'react'
import type { GridAct, OpenMenu } from './grid-menu.tsx'

export interface RowMenuInput<T> {
  readonly rows: readonly T[]
  readonly rowName: (row: T) => string
  readonly acts: ((row: T) => readonly GridAct[]) | undefined
}

export function useRowMenu<T>(
  latest: { readonly current: RowMenuInput<T> },
  scroll: { readonly current: HTMLElement | null },
) {
  const [open, setOpen] = useState<OpenMenu | undefined>(undefined)
  const openAt = useCallback(
    (index: number, { left, top }: { left: number; top: number }) => {
      const { rows, acts, rowName } = latest.current
      const row = rows[index]
      if (row === undefined || acts === undefined) return
      setOpen({ name: rowName(row), acts: acts(row), left, top })
    },
    [latest],
  )
  const openAtButton = useCallback(
    (index: number, button: HTMLElement) => {
      const { right, bottom } = button.getBoundingClientRect()
      openAt(index, { left: right, top: bottom })
    },
    [openAt],
  )
  const openAtRow = (index: number, element: string) => {
    const row = document.getElementById(element)?.getBoundingClientRect()
    const right = scroll.current?.getBoundingClientRect().right
    if (row !== undefined && right !== undefined) openAt(index, { left: right, top: row.bottom })
  }
  const close = () => {
    setOpen(undefined)
    scroll.current?.focus({ preventScroll: true })
  }
  return { open, openAtButton, openAtRow, close }
}
