/**
 * Signing in and out, the first administrator, and telling the server that somebody is still there. Used by
 * the pages of sign-in and setup, the menu of the user and the warning before a session ends.
 * Invariant: what one user read is forgotten before another looks.
 * Spec: ui 4.9, 5.2.
 */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { SessionInfo } from '../../api-v1.ts'
import type { SessionEnd, SetupDraft, SetupInfo, SignIn } from '../../api-v1-access.ts'
import { call } from '../api-client.ts'
import { liveStore } from '../live/live-store.ts'
import { sessionQuery } from '../parts/session.ts'
import { toastProblem } from '../parts/toast.ts'

const PATH = '/api/v1/session'

const SETUP = '/api/v1/setup'

/** Whether the first user is still to be made. */
export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: () => call<SetupInfo>('GET', SETUP),
})

export function useSignIn(onDone: () => void) {
  return useEntry((given: SignIn) => call<SessionEnd>('POST', PATH, given), onDone)
}

/** The first administrator is signed in at once. */
export function useSetUp(onDone: () => void) {
  return useEntry((given: SetupDraft) => call<SessionEnd>('POST', SETUP, given), onDone)
}

function useEntry<T>(send: (given: T) => Promise<SessionEnd>, onDone: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: send,
    onSuccess: async () => {
      client.clear()
      liveStore.retry()
      onDone()
    },
  })
}

/** Whoever leaves on purpose is not led back to where the session ended. */
export const leaving = { isOnPurpose: false }

/** A new page load: nothing of the user stays in memory. */
export function useSignOut() {
  return useMutation({
    mutationFn: () => {
      leaving.isOnPurpose = true
      return call<undefined>('DELETE', PATH)
    },
    onSuccess: () => location.assign('/ui/login'),
    onError: error => {
      leaving.isOnPurpose = false
      toastProblem('You are still signed in', error)
    },
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
