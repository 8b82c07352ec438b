/**
 * The choice of a role, up to the most that may be given. Used for users and tokens.
 * Invariant: no role above the most is offered; the server decides again.
 * Spec: ui 4.11, 5.7.
 */
import { Select } from '@mantine/core'
import type { Role } from '../../api-v1.ts'
import { ROLE_WORDS } from '../session/user-menu.tsx'

interface RoleSelectProps {
  readonly value: Role
  readonly label: string
  readonly isLabelShown?: boolean
  /** At most this one. */
  readonly most?: Role
  readonly onChange: (role: Role) => void
}

const ROLES = ['viewer', 'job_operator', 'job_creator', 'standard', 'admin'] as const

export function RoleSelect(props: RoleSelectProps) {
  const { value, label, isLabelShown = false, most = 'admin', onChange } = props
  const offered = ROLES.slice(0, ROLES.indexOf(most) + 1)
  return (
    <Select
      {...(isLabelShown ? { label } : { 'aria-label': label, size: 'xs', w: 144 })}
      value={value}
      onChange={next => next !== null && onChange(next as Role)}
      data={offered.map(role => ({ value: role, label: ROLE_WORDS[role] }))}
      allowDeselect={false}
      renderOption={({ option }) => (
        <span data-testid="option" data-value={option.value}>
          {option.label}
        </span>
      )}
      data-testid="field-role"
    />
  )
}
