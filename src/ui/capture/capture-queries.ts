/**
 * What the screens of capture read and do. One query holds all of it, live; others are read when a form
 * needs them.
 * Invariant: every act waits for the server and then reads again, so the page never shows a wish as a
 * fact.
 * Spec: ui 4.3, 5.5, 6; cdc-replication 2.7.
 */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { CaptureChannel } from '../../api.ts'
import type {
  CaptureChannelCheck,
  CaptureOverview,
  CaptureSource,
  CaptureTail,
} from '../../api-v1-capture.ts'
import { call, part } from '../api-client.ts'
import { SERVES_CAPTURE } from '../parts/served.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'

const BASE = '/api/v1/cdc'
const CAPTURE = ['capture'] as const

export const captureQuery = queryOptions({
  queryKey: CAPTURE,
  queryFn: () => call<CaptureOverview>('GET', `${BASE}/overview`),
  meta: { live: 'capture' },
  enabled: SERVES_CAPTURE,
})

export const captureSourceQuery = queryOptions({
  queryKey: ['capture-source'],
  queryFn: () => call<CaptureSource>('GET', `${BASE}/source`),
})

export interface DestinationDraft {
  readonly name: string
  readonly transmissionEnabled: boolean
  readonly addresses: readonly string[]
  /** Null: back to the default. */
  readonly driver: Readonly<Record<string, string | null>>
}

export interface ChannelDraft {
  readonly dataCenterId: string
  readonly sourceKeyspace: string
  readonly sourceTable: string
  readonly destination: string
  readonly order: 'FIFO' | 'LIFO'
  readonly priority: number
  readonly collectionEnabled: boolean
  readonly transmissionEnabled: boolean
}

export function addDestination(draft: DestinationDraft): Promise<unknown> {
  return call('POST', `${BASE}/destinations`, draft)
}

export function changeDestination(
  name: string,
  changes: Partial<Omit<DestinationDraft, 'name'>>,
): Promise<unknown> {
  return call('PATCH', `${BASE}/destinations/${part(name)}`, changes)
}

export function deleteDestination(name: string): Promise<unknown> {
  return call('DELETE', `${BASE}/destinations/${part(name)}`)
}

/** The table must be captured already: altering it is an act of its own. */
export function addChannel(draft: ChannelDraft): Promise<CaptureChannel> {
  return call('POST', `${BASE}/channels`, { ...draft, noAlter: true })
}

export function checkChannel(draft: Partial<ChannelDraft>): Promise<CaptureChannelCheck> {
  return call('POST', `${BASE}/channels/check`, draft)
}

export function enableTable(keyspace: string, table: string): Promise<unknown> {
  return call('POST', `${BASE}/tables/${part(keyspace)}/${part(table)}/enable`)
}

export function fetchTail(after: number): Promise<CaptureTail> {
  return call('GET', `${BASE}/tail?after=${after}`)
}

export type ChannelAct =
  | 'pause'
  | 'resume'
  | 'pause-collection'
  | 'resume-collection'
  | 'snapshot'
  | 'truncate'
  | 'delete'

const DONE: Readonly<Record<ChannelAct, string>> = {
  pause: 'is paused; changes wait in its queue',
  resume: 'goes on',
  'pause-collection': 'collects nothing; changes made from now on are not delivered',
  'resume-collection': 'collects again',
  snapshot: 'copies the rows that are there',
  truncate: 'was emptied',
  delete: 'was deleted',
}

export function channelTitle({ sourceKeyspace, sourceTable, destination }: CaptureChannel): string {
  return `${sourceKeyspace}.${sourceTable} → ${destination}`
}

export async function actOnChannel(act: ChannelAct, channel: CaptureChannel): Promise<void> {
  const { sourceKeyspace, sourceTable, destination, dataCenterId } = channel
  const own = { destinations: [destination], dataCenterIds: [dataCenterId] }
  const selector = { sourceKeyspace, sourceTable, ...own }
  if (act === 'delete') {
    const names = [dataCenterId, sourceKeyspace, sourceTable, destination]
    await call('DELETE', `${BASE}/channels/${names.map(part).join('/')}`)
  } else if (act === 'snapshot' || act === 'truncate') {
    await call('POST', `${BASE}/channels/${act}`, selector)
  } else {
    const verb = act.startsWith('pause') ? 'pause' : 'resume'
    const what = act.endsWith('collection') ? { collection: true } : { transmission: true }
    await call('POST', `${BASE}/channels/${verb}`, { ...selector, ...what })
  }
}

export function useChannelAct() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ act, channel }: { act: ChannelAct; channel: CaptureChannel }) =>
      actOnChannel(act, channel),
    onSuccess: (_answer, { act, channel }) =>
      toastDone(`The channel ${channelTitle(channel)} ${DONE[act]}.`),
    onError: (error, { channel }) =>
      toastProblem(`The channel ${channelTitle(channel)} did not change`, error),
    onSettled: () => client.invalidateQueries({ queryKey: CAPTURE }),
  })
}

/** A change of destinations, gaps or new channels; its screen tells what failed. */
export function useCaptureChange<T, R>(change: (value: T) => Promise<R>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: CAPTURE }),
  })
}

export function acknowledgeGap(id: number): Promise<unknown> {
  return call('POST', `${BASE}/gaps/${id}/ack`)
}
