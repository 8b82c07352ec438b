/**
 * The first administrator of a server that others can reach: the code of its log, a name, a password.
 * Route /ui/setup. Invariants: every message stands at its field; nothing of the code or the password stays
 * after it was taken; where nothing is to be set up it says so.
 * Spec: ui 5.2 (setup), 8 (flow 15).
 */
import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useState } from 'react'
import { ApiError } from '../api-client.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { setupQuery, useSetUp } from './session-acts.ts'
import { SignInError } from './sign-in-error.tsx'

export function SetupPage() {
  const query = useQuery(setupQuery)
  return (
    <main className="sc-login">
      <Page id="setup" title="Set up Scamander" loading={query.isPending}>
        <Panel query={query} what="the server">
          {({ needed }) =>
            needed ? (
              <SetupForm />
            ) : (
              <Empty text="This server is set up already.">
                <LinkButton to="/login" variant="filled">
                  Sign in
                </LinkButton>
              </Empty>
            )
          }
        </Panel>
      </Page>
    </main>
  )
}

function SetupForm() {
  const { history } = useRouter()
  const [code, setCode] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const setUp = useSetUp(() => history.replace('/ui/'))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setUp.mutate({ code, name: name.trim(), password })
  }
  const isAtField = setUp.error instanceof ApiError && setUp.error.errors.length > 0
  return (
    <form className="sc-card sc-card-body" onSubmit={submit}>
      <Stack gap="lg">
        <Text size="sm">
          Enter the setup code from the server’s log, then choose a name and a password of at least
          12 characters.
        </Text>
        <TextInput
          label="Setup code"
          value={code}
          onChange={event => setCode(event.currentTarget.value)}
          autoComplete="off"
          autoFocus
          error={toldAt(setUp.error, 'code')}
          data-testid="setup-code"
        />
        <TextInput
          label="User"
          description="The first administrator, who adds the others."
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          autoComplete="username"
          error={toldAt(setUp.error, 'name')}
          data-testid="field-user"
        />
        <PasswordInput
          label="Password"
          value={password}
          onChange={event => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          error={toldAt(setUp.error, 'password')}
          data-testid="field-password"
        />
        {setUp.error !== null && !isAtField && <SignInError error={setUp.error} />}
        <Button
          type="submit"
          variant="filled"
          loading={setUp.isPending}
          disabled={code === '' || name.trim() === '' || password === ''}
          data-testid="setup-submit"
        >
          Create administrator
        </Button>
      </Stack>
    </form>
  )
}

const IDS = { code: 'setup-code-error', name: 'field-user-error', password: 'field-password-error' }

function toldAt(error: Error | null, field: keyof typeof IDS): ReactNode {
  if (!(error instanceof ApiError)) return undefined
  const message = error.errors.find(one => one.field === field)?.message
  return message === undefined ? undefined : <span data-testid={IDS[field]}>{message}</span>
}
