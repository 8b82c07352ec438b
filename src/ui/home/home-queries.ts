/**
 * What Home reads: the figures of flows, live, and the rates between two readings.
 * Invariant: a rate spans at least one second, so that it does not jump.
 * Spec: ui 4.3, 5.1, 6.
 */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import type { List, RunSummary } from '../../api-v1.ts'
import type { FlowsInfo } from '../../api-v1-home.ts'
import { call } from '../api-client.ts'
import { SERVES_CONNECT, SERVES_JOBS } from '../parts/served.ts'
import { type Sample, toSample } from './home-model.ts'

const RUNS_MS = 10_000
const SPAN_MS_MIN = 1_000
const RUNS_SHOWN = 8

export const flowsQuery = queryOptions({
  queryKey: ['flows'],
  queryFn: () => call<FlowsInfo>('GET', '/api/v1/flows'),
  meta: { live: 'flows' },
  enabled: SERVES_CONNECT,
})

export const lastRunsQuery = queryOptions({
  queryKey: ['runs', 'last'],
  queryFn: async () =>
    (await call<List<RunSummary>>('GET', `/api/v1/runs?limit=${RUNS_SHOWN}`)).items,
  refetchInterval: RUNS_MS,
  enabled: SERVES_JOBS,
})

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
