/**
 * Name and password, for a server that wants a login, and a code where a second factor is on.
 * Route /ui/login?from=. Invariants: nothing of the password stays after it was refused; the code is asked
 * for only when it is needed; only an address of this page is gone back to.
 * Spec: ui 5.2 (sign in), 8 (flow 15).
 */
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Navigate, useRouter, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../api-client.ts'
import { Page } from '../parts/page.tsx'
import { setupQuery, useSignIn } from './session-acts.ts'
import { SignInError } from './sign-in-error.tsx'

export interface LoginSearch {
  readonly from?: string
}

export function LoginPage() {
  const { from } = useSearch({ strict: false }) as LoginSearch
  const { history } = useRouter()
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  /** Undefined: it was not asked for. */
  const [code, setCode] = useState<string>()
  const signIn = useSignIn(() => history.replace(`/ui${ownAddress(from)}`))
  const isNew = useQuery(setupQuery).data?.needed === true
  const onError = (error: Error) => {
    if (asksForCode(error)) setCode('')
    else {
      setPassword('')
      setCode(undefined)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const factor = code === undefined ? {} : { code }
    signIn.mutate({ user: user.trim(), password, ...factor }, { onError })
  }
  if (isNew) return <Navigate to="/setup" replace />
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
            {code !== undefined && (
              <TextInput
                key="code"
                label="Code"
                description="Six digits of your app, or a code for recovery."
                value={code}
                onChange={event => setCode(event.currentTarget.value)}
                autoComplete="one-time-code"
                autoFocus
                data-testid="field-code"
              />
            )}
            {signIn.error !== null && <SignInError error={signIn.error} />}
            <Button
              type="submit"
              variant="filled"
              loading={signIn.isPending}
              disabled={password === '' || code === ''}
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

/** Also after a wrong one. */
function asksForCode(error: Error): boolean {
  return error instanceof ApiError && error.errors.some(one => one.field === 'code')
}

/** Addresses of other places lead to Home. */
function ownAddress(from: string | undefined): string {
  const path = from?.replace(/^\/ui(?=\/)/, '') ?? '/'
  return /^\/(?![/\\])/.test(path) && !/^\/(login|setup)/.test(path) ? path : '/'
}
