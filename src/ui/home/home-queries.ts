/**
 * What Home reads: the figures of flows, live, and the rates between two readings; what needs attention, as
 * the server counts it; figures over time, components, runs and changes.
 * Invariants: a rate spans at least one second, so that it does not jump; `attentionQuery` is the one
 * source of what needs attention, for Home, titles and the navigation.
 * Spec: ui 2 (numbers), 4.3, 5.1, 6.
 */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import type { List, RunSummary } from '../../api-v1.ts'
import type { AttentionInfo, ChangeInfo, ComponentInfo, FlowsInfo } from '../../api-v1-home.ts'
import type { WorkerFigures } from '../../api-v1-monitor.ts'
import { call } from '../api-client.ts'
import { SERVES_CONNECT, SERVES_DATA, SERVES_JOBS } from '../parts/served.ts'
import { type Sample, toSample } from './home-model.ts'

const API = '/api/v1'
const AGAIN_MS = 10_000
/** A server that stops answering is seen within ten seconds. */
const COMPONENTS_MS = 5_000
const SPAN_MS_MIN = 1_000
const RUNS_MAX = 200

export const flowsQuery = queryOptions({
  queryKey: ['flows'],
  queryFn: () => call<FlowsInfo>('GET', `${API}/flows`),
  meta: { live: 'flows' },
  enabled: SERVES_CONNECT,
})

/** Of the whole server; each item names the section that it belongs to. */
export const attentionQuery = queryOptions({
  queryKey: ['attention'],
  queryFn: () => call<AttentionInfo>('GET', `${API}/attention`),
  meta: { live: 'attention' },
})

/** Newest first: those of the last day and, when there were none, older ones. */
export const lastRunsQuery = queryOptions({
  queryKey: ['runs', 'last'],
  queryFn: () => items<RunSummary>(`/runs?limit=${RUNS_MAX}`),
  refetchInterval: AGAIN_MS,
  enabled: SERVES_JOBS,
})

export const changesQuery = queryOptions({
  queryKey: ['changes'],
  queryFn: () => items<ChangeInfo>('/changes'),
  refetchInterval: AGAIN_MS,
  enabled: SERVES_CONNECT,
})

/** Where the server looks into clusters for its page. */
export const componentsQuery = queryOptions({
  queryKey: ['components'],
  queryFn: () => items<ComponentInfo>('/components'),
  refetchInterval: COMPONENTS_MS,
  enabled: SERVES_DATA,
})

export function trendsQuery(minutes: number) {
  return queryOptions({
    queryKey: ['figures', 'home', minutes],
    queryFn: () => call<WorkerFigures>('GET', `${API}/monitor/figures?minutes=${minutes}`),
    refetchInterval: AGAIN_MS,
    enabled: SERVES_CONNECT,
  })
}

async function items<T>(path: string): Promise<readonly T[]> {
  return (await call<List<T>>('GET', `${API}${path}`)).items
}

/** The last reading and the one before it. */
export function useSamples(): { before: Sample | undefined; now: Sample | undefined } {
  const { data } = useQuery(flowsQuery)
  const kept = useRef<{ before: Sample | undefined; now: Sample | undefined }>({
    ...{ before: undefined, now: undefined },
  })
  if (data !== undefined) {
    const sample = toSample(data)
    const { now } = kept.current
    const isNext = now === undefined || sample.atMs - now.atMs >= SPAN_MS_MIN
    if (isNext) kept.current = { before: now, now: sample }
  }
  return kept.current
}
