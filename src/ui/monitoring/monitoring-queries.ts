/**
 * What monitoring reads: figures over time, all runs, all alerts, logs and the audit.
 * Invariant: figures and log lines come live; the rest is read again when something happened.
 * Spec: ui 5.7, 6.
 */
import { queryOptions } from '@tanstack/react-query'
import type { List, RunInfo } from '../../api-v1.ts'
import type { AuditEntry } from '../../api-v1-access.ts'
import type { AlertInfo } from '../../api-v1-alerts.ts'
import type { AccessLine, AppLogLine, WorkerFigures } from '../../api-v1-monitor.ts'
import { call, part } from '../api-client.ts'
import { ALERTS } from '../jobs/alert-queries.ts'

const API = '/api/v1'
const COARSE_MS = 10_000
/** Where nothing is told live. */
export const POLL_MS = 2_000
const RUNS = 200
const DAY_RUNS = 500

async function items<T>(path: string): Promise<readonly T[]> {
  return (await call<List<T>>('GET', `${API}${path}`)).items
}

/** Up to a quarter of an hour each second is told live, else each ten seconds is read. */
export function figuresQuery(minutes: number, isLive = true) {
  return queryOptions({
    queryKey: ['figures', minutes],
    queryFn: () => call<WorkerFigures>('GET', `${API}/monitor/figures?minutes=${minutes}`),
    refetchInterval: minutes > 15 ? COARSE_MS : isLive ? false : POLL_MS,
  })
}

export const allRunsQuery = queryOptions({
  queryKey: ['runs', 'last', 'all'],
  queryFn: () => items<RunInfo>(`/runs?limit=${RUNS}`),
})

/** Those that began on a day, the newest of very many. */
export function dayRunsQuery(fromMs: number, toMs: number) {
  const [since, before] = [fromMs, toMs].map(ms => new Date(ms).toISOString()) as [string, string]
  return queryOptions({
    queryKey: ['runs', 'last', 'day', since],
    queryFn: () =>
      items<RunInfo>(`/runs?limit=${DAY_RUNS}&since=${part(since)}&before=${part(before)}`),
    placeholderData: known => known,
  })
}

export const allAlertsQuery = queryOptions({
  queryKey: [...ALERTS, 'all'],
  queryFn: () => items<AlertInfo>('/alerts'),
})

export function logQuery(refetchInterval: number | false) {
  return queryOptions({
    queryKey: ['log', 'application'],
    queryFn: () => items<AppLogLine>('/monitor/log'),
    refetchInterval,
  })
}

export function accessQuery(refetchInterval: number | false) {
  return queryOptions({
    queryKey: ['log', 'access'],
    queryFn: () => items<AccessLine>('/monitor/access'),
    refetchInterval,
  })
}

export const auditQuery = queryOptions({
  queryKey: ['audit'],
  queryFn: () => items<AuditEntry>('/audit'),
})
