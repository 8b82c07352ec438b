/**
 * The dialog of a plan: the ways to bring a table and its task together, each with its statements and the
 * rows that it reads again. Opened by plan-dialog.tsx.
 * Invariants: the statements are shown before they run; a table is dropped after its name was typed alone.
 * Spec: ui 5.3 (plan dialog), 8 (`plan-dialog plan-option plan-apply`); backlog-replication 2.5.
 */
import { Button, Group, Modal, Stack } from '@mantine/core'
import { useState } from 'react'
import type { PlanOption, TaskPatch, TaskPlan } from '../../api-v1.ts'
import { toCounted } from '../parts/format.ts'
import { TypeConfirmDialog } from '../parts/type-confirm-dialog.tsx'

const TITLES = {
  add_columns: 'Add column, online',
  reload: 'New table and reload',
  rename: 'Keep old table, write to',
} as const

interface PlanChoiceProps {
  readonly plan: TaskPlan
  /** The table of a query is named in the query. */
  readonly canRename: boolean
  /** With what the way adds to the change. */
  readonly onApply: (more: TaskPatch) => void
  readonly onClose: () => void
}

export function PlanChoice({ plan, canRename, onApply, onClose }: PlanChoiceProps) {
  const [isAsked, setIsAsked] = useState(false)
  const { confirm } = plan
  const options = plan.options.filter(one => canRename || one.key !== 'rename')
  const apply = ({ key, destination }: PlanOption) => {
    if (key === 'reload') setIsAsked(true)
    else if (key === 'rename')
      onApply(confirm === undefined ? { destination } : { destination, confirm: destination })
    else onApply({})
  }
  if (confirm !== undefined && plan.action !== 'incompatible') {
    return (
      <TypeConfirmDialog
        opened
        title={`Lose the rows of ${confirm} at each run?`}
        text={`Each run empties or drops ${plan.keyspace}.${confirm} and loads it again. Readers see an empty table meanwhile; rows that others wrote are lost.`}
        name={confirm}
        verb="Save Changes"
        busy={false}
        onConfirm={() => onApply({ confirm })}
        onClose={onClose}
      />
    )
  }
  if (isAsked) {
    return (
      <TypeConfirmDialog
        opened
        title={`Drop and reload ${plan.table}?`}
        text="The next run drops the table and loads it again. Readers see an empty table meanwhile; rows that others wrote are lost."
        name={plan.table}
        verb="Drop and reload"
        busy={false}
        onConfirm={() => onApply({ reload: true, confirm: plan.table })}
        onClose={() => setIsAsked(false)}
      />
    )
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Change ${plan.keyspace}.${plan.table}`}
      size={720}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="plan-dialog"
    >
      <Stack gap="lg">
        {plan.problems.length > 0 && (
          <p className="sc-lead">
            The table cannot be changed like this. {plan.problems.join(' ')}
          </p>
        )}
        {options.map(one => (
          <section key={one.key} data-testid="plan-option" data-key={one.key}>
            <h3 className="sc-label">{titleOf(one)}</h3>
            <p>
              {one.text} {toCounted(one.rows, 'row')} to load.
            </p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys */}
            <pre className="sc-trace" tabIndex={0}>
              {one.ddl.join(';\n')}
            </pre>
            <Button
              variant={one === options[0] ? 'filled' : 'default'}
              {...(one.key === 'reload' ? { color: 'error' } : {})}
              onClick={() => apply(one)}
              data-testid="plan-apply"
              data-key={one.key}
            >
              {titleOf(one)}
            </Button>
          </section>
        ))}
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose} data-autofocus>
            Cancel
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function titleOf({ key, destination }: PlanOption): string {
  return key === 'rename' ? `${TITLES.rename} ${destination}` : TITLES[key]
}
