/**
 * Connect to Backlog: opens the window of the sign-in and waits for what became of it. Used by the forms
 * of a new and of a saved connection.
 * Invariant: the page never holds a token; it holds what stands for it, and sends that with the form.
 * Spec: ui 5.2; backlog-replication 1.2.
 */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Properties } from '../../api-v1.ts'
import type { OauthSignIn, OauthStart } from '../../api-v1-alerts.ts'
import { ApiError, call, part } from '../api-client.ts'

const API = '/api/v1/connections/oauth'
const AGAIN_MS = 1_000
const WINDOW = 'popup,width=720,height=800'

export const CALLBACK_URL = `${location.origin}/oauth/backlog/callback`

export interface SignIn {
  /** Undefined: not started. */
  readonly known: OauthSignIn | undefined
  readonly error: ApiError | null
  readonly isStarting: boolean
  start(properties: Properties): void
  /** A code that was pasted. */
  enter(code: string): void
}

/** `connection`: the saved one whose secret is used when none is given. */
export function useSignIn(connection?: string): SignIn {
  const [state, setState] = useState<string | undefined>()
  const start = useMutation({
    mutationFn: (properties: Properties) => {
      const of = connection === undefined ? {} : { connection }
      const body: OauthStart = { ...of, properties, redirectUri: CALLBACK_URL }
      return call<OauthSignIn>('POST', API, body)
    },
    onSuccess: found => {
      setState(found.state)
      window.open(found.authorizeUrl, 'scamander-sign-in', WINDOW)
    },
  })
  const query = useQuery({
    queryKey: ['sign-in', state],
    queryFn: () => call<OauthSignIn>('GET', `${API}/${part(state ?? '')}`),
    enabled: state !== undefined,
    refetchInterval: ({ state: { data } }) =>
      data === undefined || data.status === 'waiting' ? AGAIN_MS : false,
    refetchIntervalInBackground: true,
  })
  const enter = useMutation({
    mutationFn: (code: string) =>
      call<OauthSignIn>('POST', `${API}/${part(state ?? '')}/code`, { code }),
    onSettled: () => query.refetch(),
  })
  return {
    known: state === undefined ? undefined : (query.data ?? start.data),
    error: (start.error ?? enter.error) as ApiError | null,
    isStarting: start.isPending,
    start: properties => start.mutate(properties),
    enter: code => enter.mutate(code),
  }
}

/** The field that an answer names, or none. */
export function signInErrors({ error, known }: SignIn): Readonly<Record<string, string>> {
  if (known?.status === 'failed') return { oauthClientId: known.text }
  const all = error instanceof ApiError ? error.errors : []
  return Object.fromEntries(all.map(one => [one.field, one.message]))
}

/** The properties of the form with what stands for the token. */
export function withGrant(properties: Properties, { known }: SignIn): Properties {
  const grant = known?.grant ?? null
  const isOauth = properties['authScheme'] === 'OAuth'
  return grant === null || !isOauth ? properties : { ...properties, oauthRefreshToken: grant }
}

/** The token has no field: a missing one is told at the client. */
export function withSignIn(
  errors: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { oauthRefreshToken: isMissing, ...others } = errors
  if (isMissing === undefined || 'oauthClientId' in others) return others
  return { ...others, oauthClientId: 'Connect to Backlog first.' }
}
