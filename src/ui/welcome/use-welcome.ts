/**
 * Leads from Home to the welcome page while nothing is configured. Used by Home.
 * Invariants: never twice for somebody who skipped it, never for a role that may set up nothing, never in
 * a demo, whose flows are about to come.
 * Spec: ui 5.2 (first run).
 */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { sessionQuery, useMay } from '../parts/session.ts'
import { useFacts } from './guide-facts.ts'
import { useWelcomed } from './guide-kept.ts'
import { isNothing } from './guide-model.ts'

/** `isEmpty`: Home has nothing to show, for certain. */
export function useWelcome(isEmpty: boolean): void {
  const { data: session } = useQuery(sessionQuery)
  const mayAdd = useMay('standard')
  const [isWelcomed] = useWelcomed()
  const isWanted = isEmpty && mayAdd && !isWelcomed && session?.sandbox === null
  const { facts, hasFailed } = useFacts(isWanted)
  const isFirst = facts !== undefined && !hasFailed && isNothing(facts)
  const navigate = useNavigate()
  useEffect(() => {
    if (isFirst) void navigate({ to: '/welcome', replace: true })
  }, [isFirst, navigate])
}
