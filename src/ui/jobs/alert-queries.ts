/**
 * What the screens read and do on alerts, channels and events of jobs, over `/api/v1`.
 * Invariant: secrets go only towards the server. The server's events refresh what was read.
 * Spec: ui 5.3, 6; backlog-replication 2.14, 2.15.
 */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { List } from '../../api-v1.ts'
import type {
  AlertInfo,
  AlertSettings,
  AlertSettingsPatch,
  ChannelDraft,
  ChannelInfo,
  ChannelKindInfo,
  DeliveryInfo,
  HookDraft,
  HookInfo,
} from '../../api-v1-alerts.ts'
import { ApiError, call, part } from '../api-client.ts'
import { toastProblem } from '../parts/toast.ts'

const API = '/api/v1'
/** Everything that an event of the kind `alert` refreshes. */
export const ALERTS = ['alerts'] as const

async function items<T>(path: string): Promise<readonly T[]> {
  return (await call<List<T>>('GET', `${API}${path}`)).items
}

export function alertsQuery(job: string) {
  return queryOptions({
    queryKey: [...ALERTS, 'of', job],
    queryFn: () => items<AlertInfo>(`/alerts?job=${part(job)}`),
  })
}

export function settingsQuery(job: string) {
  return queryOptions({
    queryKey: [...ALERTS, 'settings', job],
    queryFn: () => call<AlertSettings>('GET', `${API}/jobs/${part(job)}/alerts`),
  })
}

export const channelsQuery = queryOptions({
  queryKey: [...ALERTS, 'channels'],
  queryFn: () => items<ChannelInfo>('/alerts/channels'),
})

export const channelKindsQuery = queryOptions({
  queryKey: ['channel-kinds'],
  queryFn: () => items<ChannelKindInfo>('/alerts/channel-kinds'),
  staleTime: Number.POSITIVE_INFINITY,
})

export const deliveriesQuery = queryOptions({
  queryKey: [...ALERTS, 'deliveries'],
  queryFn: () => items<DeliveryInfo>('/alerts/deliveries'),
})

export function hooksQuery(job: string) {
  return queryOptions({
    queryKey: ['hooks', job],
    queryFn: () => items<HookInfo>(`/jobs/${part(job)}/hooks`),
  })
}

export const putAlerts = (job: string, patch: AlertSettingsPatch) =>
  call<AlertSettings>('PUT', `${API}/jobs/${part(job)}/alerts`, patch)

export const putHooks = (job: string, drafts: readonly HookDraft[]) =>
  call<List<HookInfo>>('PUT', `${API}/jobs/${part(job)}/hooks`, { items: drafts })

export const putChannel = (draft: ChannelDraft, id?: string) =>
  id === undefined
    ? call<ChannelInfo>('POST', `${API}/alerts/channels`, draft)
    : call<ChannelInfo>('PATCH', `${API}/alerts/channels/${part(id)}`, draft)

export const deleteChannel = (id: string) =>
  call<undefined>('DELETE', `${API}/alerts/channels/${part(id)}`)

export const testChannel = (id: string) =>
  call<{ text: string }>('POST', `${API}/alerts/channels/${part(id)}/test`, {})

export const acknowledge = (id: number) => call<AlertInfo>('POST', `${API}/alerts/${id}/ack`, {})

export const resend = (id: number) =>
  call<undefined>('POST', `${API}/alerts/deliveries/${id}/resend`, {})

/**
 * A change after which alerts, rules and channels are read again. A failure is told as a toast, unless it
 * belongs to a field.
 */
export function useAlertChange<T, R>(
  send: (given: T) => Promise<R>,
  of: { readonly failed: string; readonly onDone?: (answer: R) => void },
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: send,
    onSuccess: answer => of.onDone?.(answer),
    onError: error => {
      const isAtField = error instanceof ApiError && error.errors.length > 0
      if (!isAtField) toastProblem(of.failed, error)
    },
    onSettled: () => client.invalidateQueries({ queryKey: ALERTS }),
  })
}
