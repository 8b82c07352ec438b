/**
 * What the tabs Offsets, Dead letters, Metrics and Activity read and do, over `/api/v1/connectors`.
 * Invariants: a preview changes nothing; a change of offsets goes the way of the Connect API.
 * Spec: ui 5.4, 6; connect-rest 2.3.
 */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { MessageInfo } from '../../api.ts'
import type { List } from '../../api-v1.ts'
import type {
  ConnectorEvent,
  ConnectorFigures,
  ConnectorPositions,
  ConnectorVersion,
  DeadLetterDetail,
  DeadLetters,
  PositionChange,
  PositionsPreview,
  ReplayDraft,
  ReplayResult,
  TableRate,
} from '../../api-v1-connectors.ts'
import { call, part } from '../api-client.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'

const LIVE_MS = 5_000

const own = (name: string) => `/api/v1/connectors/${part(name)}`

export function positionsQuery(name: string) {
  return queryOptions({
    queryKey: ['connectors', name, 'positions'],
    queryFn: () => call<ConnectorPositions>('GET', `${own(name)}/positions`),
    refetchInterval: LIVE_MS,
  })
}

export async function preview(
  name: string,
  items: readonly PositionChange[],
): Promise<PositionsPreview> {
  return await call('POST', `${own(name)}/positions/preview`, { items })
}

export function useChangeOffsets(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ items }: PositionsPreview) => {
      const offsets = items
        .filter(one => one.next !== one.committed)
        .map(({ topic, partition, next }) => ({
          partition: { kafka_topic: topic, kafka_partition: partition },
          offset: next === null ? null : { kafka_offset: next },
        }))
      return call<MessageInfo>('PATCH', `/connectors/${part(name)}/offsets`, { offsets })
    },
    onSuccess: () => toastDone(`The offsets of ${name} were changed.`),
    onError: error => toastProblem('The offsets were not changed', error),
    onSettled: () => client.invalidateQueries({ queryKey: ['connectors', name] }),
  })
}

export function useResetOffsets(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => call<MessageInfo>('DELETE', `/connectors/${part(name)}/offsets`),
    onSuccess: () => toastDone(`The offsets of ${name} were removed.`),
    onError: error => toastProblem('The offsets were not removed', error),
    onSettled: () => client.invalidateQueries({ queryKey: ['connectors', name] }),
  })
}

export function deadLettersQuery(name: string, stage: string) {
  const search = stage === '' ? '' : `?stage=${part(stage)}`
  return queryOptions({
    queryKey: ['connectors', name, 'dead-letters', stage],
    queryFn: () => call<DeadLetters>('GET', `${own(name)}/dead-letters${search}`),
    refetchInterval: LIVE_MS,
  })
}

export function deadLetterQuery(name: string, id: string | undefined) {
  return queryOptions({
    queryKey: ['connectors', name, 'dead-letter', id],
    queryFn: () => call<DeadLetterDetail>('GET', `${own(name)}/dead-letters/${id}`),
    enabled: id !== undefined,
    staleTime: LIVE_MS,
  })
}

export function useReplay(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (draft: ReplayDraft) =>
      call<ReplayResult>('POST', `${own(name)}/dead-letters/replay`, draft),
    onError: error => toastProblem('The dead letters were not sent', error),
    onSettled: () => client.invalidateQueries({ queryKey: ['connectors', name] }),
  })
}

export function figuresQuery(name: string) {
  return queryOptions({
    queryKey: ['connectors', name, 'figures'],
    queryFn: () => call<ConnectorFigures>('GET', `${own(name)}/figures`),
    refetchInterval: LIVE_MS,
  })
}

export function tablesQuery(name: string) {
  return queryOptions({
    queryKey: ['connectors', name, 'tables'],
    queryFn: async () => (await call<List<TableRate>>('GET', `${own(name)}/tables`)).items,
    refetchInterval: LIVE_MS,
  })
}

export function activityQuery(name: string) {
  return queryOptions({
    queryKey: ['connectors', name, 'activity'],
    queryFn: async () => (await call<List<ConnectorEvent>>('GET', `${own(name)}/activity`)).items,
    refetchInterval: LIVE_MS,
  })
}

/** Read again with the configuration: a change makes a version. */
export function versionsQuery(name: string) {
  return queryOptions({
    queryKey: ['connectors', name, 'versions'],
    queryFn: async () => (await call<List<ConnectorVersion>>('GET', `${own(name)}/versions`)).items,
  })
}

/** The source goes on from there: only the time is sent, so that nothing of a page that was under way stays. */
export function useRewind(name: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ partition, offset }: { partition: unknown; offset: Record<string, string> }) =>
      call<MessageInfo>('PATCH', `/connectors/${part(name)}/offsets`, {
        offsets: [{ partition, offset }],
      }),
    onSuccess: () => toastDone(`The position of ${name} was changed.`),
    onError: error => toastProblem('The position was not changed', error),
    onSettled: () => client.invalidateQueries({ queryKey: ['connectors', name] }),
  })
}
