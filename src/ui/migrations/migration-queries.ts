/**
 * What the screens read and do on migrations, over `/api/v1/migrations`.
 * Invariants: progress is read each second while something is under way, else rarely; every act waits
 * for the server and then reads again.
 * Spec: ui 5.6, 6; live-migration 5.
 */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { List } from '../../api-v1.ts'
import type {
  MigrationAct,
  MigrationActDraft,
  MigrationCluster,
  MigrationDifferences,
  MigrationDraft,
  MigrationInfo,
  MigrationKeyspace,
  MigrationProgress,
  MigrationProxies,
  MigrationProxyChange,
  MigrationRanges,
  MigrationScan,
  MigrationSummary,
} from '../../api-v1-migrations.ts'
import { call, part } from '../api-client.ts'
import { SERVES_MIGRATIONS } from '../parts/served.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'

const API = '/api/v1/migrations'
const ALL = ['migrations'] as const
const BUSY_MS = 1_000
const IDLE_MS = 5_000
/** Checks ask clusters and proxies anew. */
const CHECKS_MS = 15_000

export const migrationsQuery = queryOptions({
  queryKey: ALL,
  queryFn: async () => (await call<List<MigrationSummary>>('GET', API)).items,
  refetchInterval: IDLE_MS,
  enabled: SERVES_MIGRATIONS,
})

export function migrationQuery(name: string) {
  return queryOptions({
    queryKey: [...ALL, name],
    queryFn: () => call<MigrationInfo>('GET', `${API}/${part(name)}`),
    refetchInterval: CHECKS_MS,
  })
}

export function progressQuery(name: string) {
  return queryOptions({
    queryKey: [...ALL, name, 'progress'],
    queryFn: () => call<MigrationProgress>('GET', `${API}/${part(name)}/progress`),
    refetchInterval: query => (query.state.data?.act?.state === 'running' ? BUSY_MS : IDLE_MS),
  })
}

export function rangesQuery(name: string, table: string, of: 'copy' | 'validation') {
  return queryOptions({
    queryKey: [...ALL, name, 'ranges', table, of],
    queryFn: () =>
      call<MigrationRanges>('GET', `${API}/${part(name)}/ranges?table=${part(table)}&of=${of}`),
    refetchInterval: BUSY_MS * 2,
  })
}

export function differencesQuery(name: string, table: string, kind: string) {
  const search = new URLSearchParams()
  if (table !== '') search.set('table', table)
  if (kind !== '') search.set('kind', kind)
  return queryOptions({
    queryKey: [...ALL, name, 'differences', table, kind],
    queryFn: () => call<MigrationDifferences>('GET', `${API}/${part(name)}/differences?${search}`),
    refetchInterval: IDLE_MS,
  })
}

export function proxiesQuery(name: string) {
  return queryOptions({
    queryKey: [...ALL, name, 'proxies'],
    queryFn: () => call<MigrationProxies>('GET', `${API}/${part(name)}/proxies`),
    refetchInterval: IDLE_MS,
  })
}

export function keyspacesQuery(cluster: MigrationCluster | undefined) {
  return queryOptions({
    queryKey: [...ALL, 'keyspaces', cluster],
    queryFn: async () =>
      (await call<List<MigrationKeyspace>>('POST', `${API}/keyspaces`, cluster)).items,
    enabled: cluster !== undefined,
    staleTime: CHECKS_MS,
  })
}

export async function scan(draft: Omit<MigrationDraft, 'name'>): Promise<MigrationScan> {
  return await call('POST', `${API}/scan`, draft)
}

export async function plan(draft: MigrationDraft): Promise<MigrationInfo> {
  return await call('POST', API, draft)
}

type Change =
  | { readonly do: 'advance' | 'back' | 'schema' }
  | { readonly do: 'proxies'; readonly proxies: readonly string[] }
  | { readonly do: 'accept'; readonly check: string; readonly reason: string }

/** Moves the migration, makes its tables or accepts a check; the answer is what is shown then. */
export function useChange(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (change: Change) => {
      const own = `${API}/${part(name)}`
      if (change.do === 'proxies') {
        return call<MigrationInfo>('PATCH', own, { proxies: change.proxies })
      }
      if (change.do === 'accept') {
        const { check, reason } = change
        return call<MigrationInfo>('POST', `${own}/checks/${part(check)}/accept`, { reason })
      }
      return call<MigrationInfo>('POST', `${own}/${change.do}`, {})
    },
    onSuccess: async (info, change) => {
      client.setQueryData([...ALL, name], info)
      if (change.do === 'schema') toastDone('The tables were made on the target.')
      await client.invalidateQueries({ queryKey: ALL })
    },
    onError: error => toastProblem(`${name} stays as it is`, error),
  })
}

export function useStartAct(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (draft: MigrationActDraft) =>
      call<MigrationAct>('POST', `${API}/${part(name)}/acts`, draft),
    onError: (error, { kind }) => toastProblem(`The ${kind} did not start`, error),
    onSettled: () => client.invalidateQueries({ queryKey: [...ALL, name] }),
  })
}

export function useStopAct(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<MigrationAct>('POST', `${API}/${part(name)}/acts/stop`, {}),
    onError: error => toastProblem('It did not stop', error),
    onSettled: () => client.invalidateQueries({ queryKey: [...ALL, name] }),
  })
}

export function useChangeProxy(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (change: MigrationProxyChange) =>
      call<MigrationProxies>('POST', `${API}/${part(name)}/proxies`, change),
    onSuccess: proxies => client.setQueryData([...ALL, name, 'proxies'], proxies),
    onError: (error, { url }) => toastProblem(`${url} was not changed`, error),
    onSettled: () => client.invalidateQueries({ queryKey: [...ALL, name] }),
  })
}

/** Asks the checks of the phase again. */
export function useRecheck(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => client.fetchQuery({ ...migrationQuery(name), staleTime: 0 }),
    onError: error => toastProblem('The checks could not be asked', error),
  })
}
