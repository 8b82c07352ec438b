/**
 * Users and their roles: add, change the role, lock, set a new password, reset the second factor, delete.
 * For administrators.
 * Invariants: users of the configuration are shown and changed there; a password is never shown.
 * Spec: ui 5.7; backlog-replication 2.17.
 */
import { Button, Group, Stack } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { UserInfo } from '../../api-v1-access.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toAgo, UNKNOWN } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { sessionQuery } from '../parts/session.ts'
import { toastDone } from '../parts/toast.ts'
import { ROLE_WORDS } from '../session/user-menu.tsx'
import { AddressesCard } from './addresses-card.tsx'
import { RoleSelect } from './role-select.tsx'
import { deleteUser, patchUser, resetFactor, useChange, usersQuery } from './settings-queries.ts'
import { PasswordDialog, UserDialog } from './user-dialog.tsx'

const KEY = usersQuery.queryKey

export function UsersTab() {
  const query = useQuery(usersQuery)
  const client = useQueryClient()
  const session = useQuery(sessionQuery).data
  const [isAdding, setAdding] = useState(false)
  const isFirst = query.data?.length === 0
  return (
    <Stack gap="lg">
      <section className="sc-card" aria-labelledby="users-title">
        <Group justify="space-between" pb="lg" className="sc-card-head">
          <h2 id="users-title" className="sc-card-title">
            Users
          </h2>
          <Button
            variant="filled"
            leftSection={<IconPlus size={16} stroke={1.5} />}
            onClick={() => setAdding(true)}
            data-testid="user-add"
          >
            Add user
          </Button>
        </Group>
        <Panel query={query} what="the users">
          {users =>
            users.length === 0 ? (
              <Empty
                text={
                  session?.login === true
                    ? 'Whoever has the token of the server is its administrator. Users sign in by name and password.'
                    : 'Nobody needs to sign in: everyone at this machine is the local administrator. That ends with the first user.'
                }
              />
            ) : (
              <UserTable users={users} ownName={session?.user ?? ''} />
            )
          }
        </Panel>
        {isAdding && (
          <UserDialog
            isFirst={isFirst}
            onClose={() => setAdding(false)}
            onAdded={user => {
              toastDone(`${user.name} can sign in now.`)
              if (isFirst) void client.invalidateQueries(sessionQuery)
            }}
          />
        )}
      </section>
      <AddressesCard />
    </Stack>
  )
}

function UserTable(props: { readonly users: readonly UserInfo[]; readonly ownName: string }) {
  const [asked, setAsked] = useState<UserInfo>()
  const [renewed, setRenewed] = useState<UserInfo>()
  const [unlocked, setUnlocked] = useState<UserInfo>()
  const remove = useChange(deleteUser, {
    ...{ key: KEY, failed: 'The user was not deleted' },
    onDone: () => setAsked(undefined),
  })
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads columns={['Name', 'Role', 'Second factor', 'State', 'Last seen']} acts />
        <tbody>
          {props.users.map(user => (
            <Row
              key={user.id}
              user={user}
              isOwn={user.name === props.ownName}
              onDelete={() => setAsked(user)}
              onPassword={() => setRenewed(user)}
              onFactor={() => setUnlocked(user)}
            />
          ))}
        </tbody>
      </table>
      <ConfirmDialog
        opened={asked !== undefined}
        title={`Delete ${asked?.name}?`}
        text="The user is signed out, and the API tokens of that user are refused from then on. What the user did stays in the audit."
        verb="Delete user"
        dangerous
        busy={remove.isPending}
        onConfirm={() => asked !== undefined && remove.mutate(asked)}
        onClose={() => setAsked(undefined)}
      />
      <FactorReset user={unlocked} onClose={() => setUnlocked(undefined)} />
      {renewed !== undefined && (
        <PasswordDialog user={renewed} onClose={() => setRenewed(undefined)} />
      )}
    </div>
  )
}

interface FactorResetProps {
  readonly user: UserInfo | undefined
  readonly onClose: () => void
}

function FactorReset({ user, onClose }: FactorResetProps) {
  const reset = useChange(resetFactor, {
    ...{ key: KEY, failed: 'The second factor was not reset' },
    onDone: onClose,
  })
  return (
    <ConfirmDialog
      opened={user !== undefined}
      title={`Reset the second factor of ${user?.name}?`}
      text="The user is signed out and signs in with the password alone until a new second factor is set up."
      verb="Reset second factor"
      dangerous
      busy={reset.isPending}
      onConfirm={() => user !== undefined && reset.mutate(user)}
      onClose={onClose}
    />
  )
}

interface RowProps {
  readonly user: UserInfo
  readonly isOwn: boolean
  readonly onDelete: () => void
  readonly onPassword: () => void
  readonly onFactor: () => void
}

function Row({ user, isOwn, onDelete, onPassword, onFactor }: RowProps) {
  const { id, name, role, disabled, configured, lastSeenAt, secondFactor } = user
  const change = useChange(patchUser, { key: KEY, failed: `${name} was not changed` })
  const state = configured ? 'In the configuration' : disabled ? 'Disabled' : 'May sign in'
  return (
    <tr data-testid="user-row" data-key={name} data-state={disabled ? 'disabled' : 'enabled'}>
      <td>
        <bdi>{name}</bdi>
        {isOwn && <span className="sc-quiet"> (you)</span>}
      </td>
      <td>
        {configured || isOwn ? (
          ROLE_WORDS[role]
        ) : (
          <RoleSelect
            value={role}
            label={`Role of ${name}`}
            onChange={next => change.mutate({ id, patch: { role: next } })}
          />
        )}
      </td>
      <td data-column="second-factor">{secondFactor ? 'On' : UNKNOWN}</td>
      <td>{state}</td>
      <td>{toAgo(lastSeenAt)}</td>
      <td>
        {!configured && (
          <Group gap="sm" wrap="nowrap" justify="flex-end">
            <Button size="compact-sm" onClick={onPassword} data-testid="user-password">
              New password
            </Button>
            {!isOwn && secondFactor && (
              <Button size="compact-sm" onClick={onFactor} data-testid="user-factor-reset">
                Reset second factor
              </Button>
            )}
            {!isOwn && (
              <Button
                size="compact-sm"
                loading={change.isPending}
                onClick={() => change.mutate({ id, patch: { disabled: !disabled } })}
                data-testid="user-disable"
              >
                {disabled ? 'Enable' : 'Disable'}
              </Button>
            )}
            {!isOwn && (
              <Button size="compact-sm" color="error" onClick={onDelete} data-testid="user-delete">
                Delete
              </Button>
            )}
          </Group>
        )}
      </td>
    </tr>
  )
}
