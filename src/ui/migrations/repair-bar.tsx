/**
 * Repairs the rows that are chosen, after it was counted what that means. Used by the page of
 * differences. Invariant: rows on the target alone are never deleted from here.
 * Spec: ui 4.5 (repair), 5.6; live-migration 4.3.
 */
import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import type { MigrationDifference } from '../../api-v1-migrations.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toCounted } from '../parts/format.ts'
import { useStartAct } from './migration-queries.ts'

interface RepairBarProps {
  readonly name: string
  readonly chosen: readonly MigrationDifference[]
  readonly isBusy: boolean
  readonly onDone: () => void
}

export function RepairBar({ name, chosen, isBusy, onDone }: RepairBarProps) {
  const [time, setTime] = useState<'source' | 'now' | undefined>()
  const start = useStartAct(name)
  const extra = chosen.filter(one => one.kind === 'extra').length
  const written = chosen.length - extra
  const stays = extra > 0 ? ` ${toCounted(extra, 'row')} only on the target: left as they are.` : ''
  const how =
    time === 'now'
      ? 'with the time of now: later than every deletion, so rows deleted on purpose come back'
      : "with the source's own times: a younger cell of the target stays"
  const repair = () =>
    start.mutate(
      { kind: 'repair', differences: chosen.map(one => one.id), time: time ?? 'source' },
      {
        onSettled: () => {
          setTime(undefined)
          onDone()
        },
      },
    )
  return (
    <div className="sc-bulk" data-testid="bulk-bar">
      <span>{chosen.length} selected:</span>
      <Menu position="top-start">
        <Menu.Target>
          <Button
            variant="filled"
            disabled={isBusy}
            rightSection={<IconChevronDown size={16} stroke={1.5} />}
            data-testid="difference-repair"
          >
            Repair
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setTime('source')} data-testid="menu-item" data-key="source">
            with the source's time
          </Menu.Item>
          <Menu.Item onClick={() => setTime('now')} data-testid="menu-item" data-key="now">
            with time now (beats deletes)
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button onClick={onDone}>Clear</Button>
      {isBusy && <span className="sc-quiet">Wait until the present work ends.</span>}
      <ConfirmDialog
        opened={time !== undefined}
        title={`Repair ${toCounted(chosen.length, 'row')}?`}
        text={`Writes ${toCounted(written, 'row')} of the target again, ${how}.${stays} Their token ranges are compared again at once.`}
        verb="Repair"
        busy={start.isPending}
        onConfirm={repair}
        onClose={() => setTime(undefined)}
      />
    </div>
  )
}
