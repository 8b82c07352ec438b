/**
 * Adds a named secret, or gives one that is there another value. Opened by the tab of secrets.
 * Invariant: the value leaves the form with the call, and is kept nowhere in the page.
 * Spec: ui 4.4 (secrets), 5.7.
 */
import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { SecretInfo } from '../../api-v1-access.ts'
import { toCounted } from '../parts/format.ts'
import { toastDone } from '../parts/toast.ts'
import { addSecret, errorAt, replaceSecret, secretsQuery, useChange } from './settings-queries.ts'

interface SecretDialogProps {
  /** Undefined: a new one. */
  readonly secret: SecretInfo | undefined
  readonly onClose: () => void
}

export function SecretDialog({ secret, onClose }: SecretDialogProps) {
  const isNew = secret === undefined
  const [name, setName] = useState(secret?.name ?? '')
  const [value, setValue] = useState('')
  const save = useChange(isNew ? addSecret : replaceSecret, {
    ...{ key: secretsQuery.queryKey, failed: 'The secret was not saved' },
    onDone: () => {
      toastDone(`The secret ${name.trim()} was ${isNew ? 'added' : 'replaced'}.`)
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate({ name: name.trim(), value })
  }
  const verb = isNew ? 'Add secret' : 'Replace secret'
  return (
    <Modal
      opened
      onClose={onClose}
      title={isNew ? 'Add secret' : `Replace ${secret.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-secret"
    >
      <form onSubmit={submit}>
        <Stack gap="lg">
          {isNew ? (
            <TextInput
              label="Name"
              description={`Refer to it as \${secret:${name.trim() === '' ? 'NAME' : name.trim()}}.`}
              value={name}
              onChange={event => setName(event.currentTarget.value)}
              error={toldAt(save.error, 'name')}
              autoComplete="off"
              data-autofocus
              data-testid="field-name"
            />
          ) : (
            <Text size="sm">
              {secret.usedBy.length === 0
                ? 'Nothing refers to it.'
                : `It is used in ${toCounted(secret.usedBy.length, 'place')}. Connections use the new value at once, connectors when they start the next time.`}
            </Text>
          )}
          <PasswordInput
            label="Value"
            description="It is not shown again."
            value={value}
            onChange={event => setValue(event.currentTarget.value)}
            error={toldAt(save.error, 'value')}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': 'Show the value' }}
            data-testid="field-value"
          />
          <Group justify="flex-end" gap="sm">
            <Button onClick={onClose}>Cancel</Button>
            <Button
              type="submit"
              variant="filled"
              loading={save.isPending}
              disabled={name.trim() === '' || value === ''}
              data-testid="secret-save"
            >
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function toldAt(error: Error | null, field: string) {
  const message = errorAt(error, field)
  return message === undefined ? undefined : (
    <span data-testid={`field-${field}-error`}>{message}</span>
  )
}
