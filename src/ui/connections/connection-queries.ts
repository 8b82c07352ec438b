/**
 * What the screens read and do on connections, over `/api/v1`.
 * Invariants: secrets go only towards the server; a draft that fails its test saves nothing; lists are
 * read again when the server tells of a change.
 * Spec: ui 5.2, 6; backlog-replication 2.2.
 */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type {
  ConnectionDraft,
  ConnectionInfo,
  ConnectionPatch,
  ConnectionSaved,
  ConnectorInfoV1,
  List,
  TestResult,
} from '../../api-v1.ts'
import { ApiError, call, part } from '../api-client.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'

const API = '/api/v1'
const ALL = ['connections'] as const

export const connectionsQuery = queryOptions({
  queryKey: ALL,
  queryFn: async () => (await call<List<ConnectionInfo>>('GET', `${API}/connections`)).items,
})

export const kindsQuery = queryOptions({
  queryKey: ['connectors-available'],
  queryFn: async () =>
    (await call<List<ConnectorInfoV1>>('GET', `${API}/connectors-available`)).items,
  staleTime: Number.POSITIVE_INFINITY,
})

export function connectionQuery(id: string) {
  return queryOptions({
    queryKey: [...ALL, id],
    queryFn: () => call<ConnectionInfo>('GET', `${API}/connections/${part(id)}`),
  })
}

/** Create & Test: saved only when every required step passed. */
export async function create(draft: ConnectionDraft): Promise<ConnectionSaved> {
  try {
    return await call<ConnectionSaved>('POST', `${API}/connections`, draft)
  } catch (error) {
    const body = error instanceof ApiError ? (error.body as Partial<ConnectionSaved>) : undefined
    if (body?.test === undefined) throw error
    return { connection: null, test: body.test }
  }
}

export async function testDraft(draft: ConnectionDraft): Promise<TestResult> {
  return await call('POST', `${API}/connections/test`, draft)
}

export async function change(id: string, patch: ConnectionPatch): Promise<ConnectionInfo> {
  return await call('PATCH', `${API}/connections/${part(id)}`, patch)
}

export async function test(id: string): Promise<TestResult> {
  return await call('POST', `${API}/connections/${part(id)}/test`)
}

export function useReloadConnections(): () => Promise<void> {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ALL })
}

export function useTestConnection() {
  const reload = useReloadConnections()
  return useMutation({
    mutationFn: (one: ConnectionInfo) => test(one.id),
    onSuccess: (result, one) => {
      if (result.ok) toastDone(`${one.name}: ${result.text}`)
      else toastProblem(`${one.name} did not pass its test`, new Error(result.text))
    },
    onError: (error, one) => toastProblem(`${one.name} could not be tested`, error),
    onSettled: reload,
  })
}

export function useDeleteConnection() {
  const reload = useReloadConnections()
  return useMutation({
    mutationFn: (one: ConnectionInfo) => call('DELETE', `${API}/connections/${part(one.id)}`),
    onSuccess: (_none, one) => toastDone(`The connection ${one.name} was deleted.`),
    onError: (error, one) => toastProblem(`${one.name} was not deleted`, error),
    onSettled: reload,
  })
}
