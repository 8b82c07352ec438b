/**
 * Who looks at the page, and what that person may do. Asked of the server, which decides again.
 * Used by every screen that has acts. Invariant: until the role is known nothing that acts is offered.
 * Spec: ui 4.11.
 */
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { Role, SessionInfo } from '../../api-v1.ts'
import { call } from '../api-client.ts'

const ORDER: readonly Role[] = ['viewer', 'job_operator', 'job_creator', 'standard', 'admin']

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => call<SessionInfo>('GET', '/api/v1/session'),
  staleTime: 60_000,
})

export function useMay(least: Role): boolean {
  const { data } = useQuery(sessionQuery)
  return data !== undefined && ORDER.indexOf(data.role) >= ORDER.indexOf(least)
}
