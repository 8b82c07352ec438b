/**
 * What became of a sign-in to Backlog: the address to register, who is connected, and a place for a code
 * when the window cannot come back. Used below the fields of a connection with OAuth.
 * Spec: ui 5.2; backlog-replication 1.2.
 */
import { Button, CopyButton, Group, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { CALLBACK_URL, type SignIn } from './use-sign-in.ts'

export function SignInPanel({ signIn }: { readonly signIn: SignIn }) {
  const [code, setCode] = useState('')
  const { known } = signIn
  return (
    <Stack gap="md" mt="lg">
      <Group align="end" gap="sm" wrap="nowrap">
        <TextInput
          className="sc-grow"
          label="Callback URL"
          description="register it with the client at Backlog"
          value={CALLBACK_URL}
          readOnly
          data-testid="field-callback-url"
        />
        <CopyButton value={CALLBACK_URL}>
          {({ copied, copy }) => <Button onClick={copy}>{copied ? 'Copied' : 'Copy'}</Button>}
        </CopyButton>
      </Group>
      {known?.status === 'connected' && (
        <div className="sc-banner" data-role="ok" role="status">
          <strong data-testid="backlog-identity">{known.text}</strong>
        </div>
      )}
      {known?.status === 'waiting' && (
        <>
          <p className="sc-lead" role="status" data-testid="sign-in-waiting">
            Waiting for the sign-in in the other window. If it cannot come back, paste the code from
            its address here.
          </p>
          <Group align="end" gap="sm" wrap="nowrap">
            <TextInput
              className="sc-grow"
              label="Code"
              value={code}
              onChange={event => setCode(event.currentTarget.value)}
              autoComplete="off"
              data-testid="field-code"
            />
            <Button
              disabled={code.trim() === ''}
              onClick={() => signIn.enter(code.trim())}
              data-testid="sign-in-code"
            >
              Use code
            </Button>
          </Group>
        </>
      )}
    </Stack>
  )
}
