/**
 * What stands around every screen: the shell for whoever may look, else the way to sign in.
 * The root of all routes. Invariant: nothing is asked of the server before it is known who looks.
 * Spec: ui 4.9, 4.11, 5.2.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet, useRouter, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { ApiError, SIGNED_OUT } from '../api-client.ts'
import { useLiveState } from '../live/use-live.ts'
import { sessionQuery } from '../parts/session.ts'
import { Shell } from '../shell/shell.tsx'
import { leaving } from './session-acts.ts'
import { SessionEnd } from './session-end.tsx'

export function Frame() {
  const route = useRouterState({ select: state => state.matches.at(-1)?.routeId })
  if (route === '/login' || route === '/setup') return <Outlet />
  return <Guarded />
}

function Guarded() {
  const client = useQueryClient()
  const { data, error, isPending } = useQuery(sessionQuery)
  const isOut = useLiveState() === 'out'
  useEffect(() => {
    if (isOut) void client.invalidateQueries(sessionQuery)
  }, [isOut, client])
  useEffect(() => {
    const again = () => void client.invalidateQueries(sessionQuery)
    addEventListener(SIGNED_OUT, again)
    return () => removeEventListener(SIGNED_OUT, again)
  }, [client])
  if (error instanceof ApiError && error.status === 401) return <ToLogin />
  if (isPending && error === null) return undefined
  return (
    <>
      <Shell />
      {data?.endsAt != null && <SessionEnd endsAt={data.endsAt} />}
    </>
  )
}

/** Once: where one was is told along, and must not become the page of sign-in itself. */
function ToLogin() {
  const router = useRouter()
  useEffect(() => {
    const { href, pathname } = router.state.location
    if (leaving.isOnPurpose || /\/(login|setup)$/.test(pathname)) return
    void router.navigate({ to: '/login', search: { from: href }, replace: true })
  }, [router])
  return undefined
}
