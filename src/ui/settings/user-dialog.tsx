/**
 * A new user, and a new password of one. Used by the list of users.
 * Invariant: every message stands at its field; a password is sent and forgotten.
 * Spec: ui 4.4, 5.7; backlog-replication 2.17.
 */
import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { Role } from '../../api-v1.ts'
import type { UserInfo } from '../../api-v1-access.ts'
import { toastDone } from '../parts/toast.ts'
import { RoleSelect } from './role-select.tsx'
import { addUser, errorAt, patchUser, useChange, usersQuery } from './settings-queries.ts'

const KEY = usersQuery.queryKey
const LENGTH_MIN = 12

interface UserDialogProps {
  readonly isFirst: boolean
  readonly onAdded: (user: UserInfo) => void
  readonly onClose: () => void
}

export function UserDialog({ isFirst, onAdded, onClose }: UserDialogProps) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>(isFirst ? 'admin' : 'viewer')
  const [password, setPassword] = useState('')
  const add = useChange(addUser, {
    ...{ key: KEY, failed: 'The user was not added' },
    onDone: user => {
      onClose()
      onAdded(user)
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title="Add user"
      closeButtonProps={CLOSE}
      data-testid="dialog-user"
    >
      <Form
        verb="Add user"
        isBusy={add.isPending}
        onClose={onClose}
        onSubmit={() => add.mutate({ name: name.trim(), role, password })}
      >
        {isFirst && (
          <Text size="sm" data-testid="user-first">
            The first user is an administrator. From then on everybody signs in, you too.
          </Text>
        )}
        <TextInput
          label="Name"
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          autoComplete="off"
          error={told(errorAt(add.error, 'name'), 'field-name-error')}
          data-testid="field-name"
        />
        {!isFirst && <RoleSelect value={role} label="Role" isLabelShown onChange={setRole} />}
        <Password value={password} error={add.error} onChange={setPassword} />
      </Form>
    </Modal>
  )
}

export function PasswordDialog(props: { readonly user: UserInfo; readonly onClose: () => void }) {
  const { user, onClose } = props
  const [password, setPassword] = useState('')
  const change = useChange(patchUser, {
    ...{ key: KEY, failed: 'The password was not changed' },
    onDone: () => {
      toastDone(`${user.name} has a new password and was signed out.`)
      onClose()
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={`New password of ${user.name}`}
      closeButtonProps={CLOSE}
      data-testid="dialog-password"
    >
      <Form
        verb="Save Changes"
        isBusy={change.isPending}
        onClose={onClose}
        onSubmit={() => change.mutate({ id: user.id, patch: { password } })}
      >
        <Password value={password} error={change.error} onChange={setPassword} />
      </Form>
    </Modal>
  )
}

interface FormProps {
  readonly verb: string
  readonly isBusy: boolean
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

function Form({ verb, isBusy, onSubmit, onClose, children }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        {children}
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled" loading={isBusy} data-testid="user-save">
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

interface PasswordProps {
  readonly value: string
  readonly error: Error | null
  readonly onChange: (value: string) => void
}

function Password({ value, error, onChange }: PasswordProps) {
  return (
    <PasswordInput
      label="Password"
      description={`At least ${LENGTH_MIN} characters.`}
      value={value}
      onChange={event => onChange(event.currentTarget.value)}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      error={told(errorAt(error, 'password'), 'field-password-error')}
      data-testid="field-password"
    />
  )
}

function told(message: string | undefined, testId: string): ReactNode {
  return message === undefined ? undefined : <span data-testid={testId}>{message}</span>
}

const CLOSE = { 'aria-label': 'Close' }
