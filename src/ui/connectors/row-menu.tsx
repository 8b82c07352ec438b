/**
 * The acts on one row of the list. Used by the table.
 * Invariant: only what the state allows is offered.
 * Spec: ui 4.1 (row menu).
 */
import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useMay } from '../parts/session.ts'
import { useActing } from './act-dialog.tsx'
import type { Act } from './connector-queries.ts'
import type { ConnectorRow, ShownState } from './connector-state.ts'

const ITEMS: readonly (readonly [Act, string])[] = [
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['restart-all', 'Restart with all tasks'],
  ['restart-failed', 'Restart what failed'],
  ['stop', 'Stop'],
  ['delete', 'Delete'],
]

export function RowMenu({ row }: { readonly row: ConnectorRow }) {
  const { start, dialog } = useActing([row.name], () => undefined)
  const mayOperate = useMay('job_operator')
  const mayDelete = useMay('standard')
  if (!mayOperate) return undefined
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Acts on ${row.name}`} data-testid="row-menu">
            <IconDots size={16} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {ITEMS.filter(
            ([act]) => isOffered(act, row.state) && (act !== 'delete' || mayDelete),
          ).map(([act, title]) => (
            <Menu.Item
              key={act}
              onClick={() => start(act)}
              data-testid="menu-item"
              data-key={act}
              {...(act === 'delete' ? { color: 'error' } : {})}
            >
              {title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {dialog}
    </>
  )
}

export function isOffered(act: Act, state: ShownState): boolean {
  const isHeld = state === 'PAUSED' || state === 'STOPPED'
  if (act === 'pause') return !isHeld
  if (act === 'resume') return isHeld
  if (act === 'stop') return state !== 'STOPPED'
  if (act === 'restart-failed') return state === 'FAILED' || state === 'DEGRADED'
  if (act === 'delete') return true
  return !isHeld
}
