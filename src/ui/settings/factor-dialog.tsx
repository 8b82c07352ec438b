/**
 * Dialogs of the second factor: password, secret and first code, codes for recovery; and its end.
 * Used by second-factor.tsx. Invariant: every message stands at its field.
 * Spec: ui 4.4; backlog-replication 2.17.
 */
import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { IconCopy } from '@tabler/icons-react'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { FactorDraft } from '../../api-v1-access.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { toastDone } from '../parts/toast.ts'
import {
  accountQuery,
  beginFactor,
  confirmFactor,
  endFactor,
  errorAt,
  useChange,
} from './settings-queries.ts'

const KEY = accountQuery.queryKey
const CLOSE = { 'aria-label': 'Close' }

interface DialogProps {
  readonly onClose: () => void
}

export function FactorOnDialog({ onClose }: DialogProps) {
  const begin = useChange(beginFactor, { key: KEY, failed: 'The second factor was not set up' })
  const confirm = useChange(confirmFactor, { key: KEY, failed: 'The second factor is still off' })
  return (
    <Modal
      opened
      onClose={onClose}
      title="Set up a second factor"
      closeButtonProps={CLOSE}
      data-testid="dialog-factor"
    >
      {confirm.data !== undefined ? (
        <Recovery codes={confirm.data.codes} onClose={onClose} />
      ) : begin.data !== undefined ? (
        <FirstCode
          draft={begin.data}
          error={confirm.error}
          isBusy={confirm.isPending}
          onSubmit={code => confirm.mutate({ code })}
          onClose={onClose}
        />
      ) : (
        <OwnPassword
          error={begin.error}
          isBusy={begin.isPending}
          onSubmit={password => begin.mutate({ password })}
          onClose={onClose}
        />
      )}
    </Modal>
  )
}

export function FactorOffDialog({ onClose }: DialogProps) {
  const [code, setCode] = useState('')
  const end = useChange(endFactor, {
    ...{ key: KEY, failed: 'The second factor is still on' },
    onDone: () => {
      toastDone('The second factor is off.')
      onClose()
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title="Switch off the second factor"
      closeButtonProps={CLOSE}
      data-testid="dialog-factor-off"
    >
      <Form
        verb="Switch off"
        isBusy={end.isPending}
        isReady={code !== ''}
        onSubmit={() => end.mutate({ code })}
        onClose={onClose}
      >
        <Code value={code} error={end.error} onChange={setCode} />
      </Form>
    </Modal>
  )
}

interface StepProps extends DialogProps {
  readonly error: Error | null
  readonly isBusy: boolean
  readonly onSubmit: (value: string) => void
}

function OwnPassword({ error, isBusy, onSubmit, onClose }: StepProps) {
  const [password, setPassword] = useState('')
  return (
    <Form
      verb="Continue"
      {...{ isBusy, onClose }}
      isReady={password !== ''}
      onSubmit={() => onSubmit(password)}
    >
      <PasswordInput
        label="Your password"
        value={password}
        onChange={event => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        data-autofocus
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        error={told(errorAt(error, 'password'), 'field-password-error')}
        data-testid="field-password"
      />
    </Form>
  )
}

function FirstCode(props: StepProps & { readonly draft: FactorDraft }) {
  const { draft, error, isBusy, onSubmit, onClose } = props
  const [code, setCode] = useState('')
  return (
    <Form
      verb="Switch on"
      {...{ isBusy, onClose }}
      isReady={code !== ''}
      onSubmit={() => onSubmit(code)}
    >
      <Text size="sm">
        Add an account to your authenticator app with this key, then enter the six digits that it
        shows.
      </Text>
      <code className="sc-mono sc-token" data-testid="factor-secret">
        {draft.secret}
      </code>
      <Group justify="space-between">
        <a className="sc-link" href={draft.uri}>
          Open it in an app of this device
        </a>
        <CopyButton text={draft.secret} done="The key was copied." />
      </Group>
      <Code value={code} error={error} onChange={setCode} />
    </Form>
  )
}

function Recovery({ codes, onClose }: DialogProps & { readonly codes: readonly string[] }) {
  return (
    <Stack gap="lg">
      <Text>
        The second factor is on. Keep these codes where you find them without your phone: each signs
        you in once. They are not shown again.
      </Text>
      <pre className="sc-mono sc-token" data-testid="recovery-codes">
        {codes.join('\n')}
      </pre>
      <Group justify="flex-end" gap="sm">
        <CopyButton text={codes.join('\n')} done="The codes were copied." />
        <Button variant="filled" onClick={onClose} data-testid="factor-done">
          Done
        </Button>
      </Group>
    </Stack>
  )
}

function CopyButton({ text, done }: { readonly text: string; readonly done: string }) {
  const copy = async () => {
    if (await toClipboard(text)) toastDone(done)
  }
  return (
    <Button leftSection={<IconCopy size={16} stroke={1.5} />} onClick={() => void copy()}>
      Copy
    </Button>
  )
}

interface CodeProps {
  readonly value: string
  readonly error: Error | null
  readonly onChange: (value: string) => void
}

function Code({ value, error, onChange }: CodeProps) {
  return (
    <TextInput
      label="Code"
      value={value}
      onChange={event => onChange(event.currentTarget.value)}
      autoComplete="one-time-code"
      data-autofocus
      error={told(errorAt(error, 'code'), 'field-code-error')}
      data-testid="field-code"
    />
  )
}

interface FormProps extends DialogProps {
  readonly verb: string
  readonly isBusy: boolean
  readonly isReady: boolean
  readonly onSubmit: () => void
  readonly children: ReactNode
}

function Form({ verb, isBusy, isReady, onSubmit, onClose, children }: FormProps) {
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
          <Button
            type="submit"
            variant="filled"
            loading={isBusy}
            disabled={!isReady}
            data-testid="factor-save"
          >
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function told(message: string | undefined, testId: string): ReactNode {
  return message === undefined ? undefined : <span data-testid={testId}>{message}</span>
}
