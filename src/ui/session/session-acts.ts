/**
 * Signing in and out, and telling the server that somebody is still there. Used by the sign-in page, the
 * menu of the user and the warning before a session ends.
 * Invariant: what one user read is forgotten before another looks.
 * Spec: ui 4.9, 5.2.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { SessionInfo } from '../../api-v1.ts'
import type { SessionEnd, SignIn } from '../../api-v1-access.ts'
import { call } from '../api-client.ts'
import { liveStore } from '../live/live-store.ts'
import { sessionQuery } from '../parts/session.ts'
import { toastProblem } from '../parts/toast.ts'

const PATH = '/api/v1/session'

export function useSignIn(onDone: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (given: SignIn) => call<SessionEnd>('POST', PATH, given),
    onSuccess: async () => {
      client.clear()
      liveStore.retry()
      onDone()
    },
  })
}

/** A new page load: nothing of the user stays in memory. */
export function useSignOut() {
  return useMutation({
    mutationFn: () => call<undefined>('DELETE', PATH),
    onSuccess: () => location.assign('/ui/login'),
    onError: error => toastProblem('You are still signed in', error),
  })
}

export function useStay() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<SessionEnd>('POST', `${PATH}/stay`, {}),
    onSuccess: ({ endsAt }) =>
      client.setQueryData<SessionInfo>(sessionQuery.queryKey, known =>
        known === undefined ? known : { ...known, endsAt },
      ),
  })
}
