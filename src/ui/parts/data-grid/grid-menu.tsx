/**
 * The menu of a row of the data grid. There is one for the whole grid: it opens at the button, or at the row,
 * that asks for it. Used by the grid's body alone.
 * Invariants: what it hangs on is never seen nor reached; closing gives the focus back to the grid.
 * Spec: ui 4.1 (row menu), 4.9.
 */
import { Menu } from '@mantine/core'

export interface GridAct {
  readonly key: string
  readonly title: string
  readonly isDangerous?: boolean
  readonly onClick: () => void
}

export interface OpenMenu {
  readonly name: string
  readonly acts: readonly GridAct[]
  /** Of the window, in pixels. */
  readonly left: number
  readonly top: number
}

interface GridMenuProps {
  /** Undefined: closed. */
  readonly open: OpenMenu | undefined
  readonly onClose: () => void
}

export function GridMenu({ open, onClose }: GridMenuProps) {
  const { name, acts = [], left, top } = open ?? {}
  return (
    <Menu opened={open !== undefined} onClose={onClose} position="bottom-end" hideDetached={false}>
      <Menu.Target>
        <button
          type="button"
          className="sc-dg-anchor"
          disabled
          aria-hidden
          aria-label={`Acts on ${name}`}
          style={{ left, top }}
        />
      </Menu.Target>
      <Menu.Dropdown>
        {acts.map(({ key, title, isDangerous, onClick }) => (
          <Menu.Item
            key={key}
            onClick={onClick}
            data-testid="menu-item"
            data-key={key}
            {...(isDangerous === true ? { color: 'error' } : {})}
          >
            {title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
