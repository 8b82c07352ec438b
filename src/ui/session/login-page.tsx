/**
 * Name and password, for a server that wants a login. Route /ui/login?from=.
 * Invariants: nothing of the password stays after it was sent; only an address of this page is gone back to.
 * Spec: ui 5.2 (sign in), 8 (flow 15).
 */
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { IconXboxXFilled } from '@tabler/icons-react'
import { useRouter, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { Page } from '../parts/page.tsx'
import { adviceOf } from '../parts/panel.tsx'
import { useSignIn } from './session-acts.ts'

export interface LoginSearch {
  readonly from?: string
}

export function LoginPage() {
  const { from } = useSearch({ strict: false }) as LoginSearch
  const { history } = useRouter()
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useSignIn(() => history.replace(`/ui${ownAddress(from)}`))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate({ user: user.trim(), password }, { onError: () => setPassword('') })
  }
  return (
    <main className="sc-login">
      <Page id="login" title="Sign in">
        <form className="sc-card sc-card-body" onSubmit={submit}>
          <Stack gap="lg">
            <TextInput
              label="User"
              description="Leave it empty to sign in with the token of the server."
              value={user}
              onChange={event => setUser(event.currentTarget.value)}
              autoComplete="username"
              autoFocus
              data-testid="field-user"
            />
            <PasswordInput
              label="Password"
              value={password}
              onChange={event => setPassword(event.currentTarget.value)}
              autoComplete="current-password"
              visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
              data-testid="field-password"
            />
            {signIn.error !== null && <Refused error={signIn.error} />}
            <Button
              type="submit"
              variant="filled"
              loading={signIn.isPending}
              disabled={password === ''}
              data-testid="login-submit"
            >
              Sign in
            </Button>
          </Stack>
        </form>
      </Page>
    </main>
  )
}

function Refused({ error }: { readonly error: Error }) {
  const isWrong = 'status' in error && error.status === 403
  return (
    <div className="sc-banner" data-role="error" role="alert" data-testid="login-error">
      <IconXboxXFilled size={16} aria-hidden />
      <p>
        {error.message} {isWrong ? '' : adviceOf(error)}
      </p>
    </div>
  )
}

/** Addresses of other places lead to Home. */
function ownAddress(from: string | undefined): string {
  const path = from?.replace(/^\/ui(?=\/)/, '') ?? '/'
  return /^\/(?![/\\])/.test(path) && !path.startsWith('/login') ? path : '/'
}
