/**
 * What the screens read and do on jobs, tasks and runs, over `/api/v1`.
 * Invariants: answers that hold the changed job take its place at once; runs under way are told by the
 * server's events, and read again every few seconds in case an event was lost.
 * Spec: ui 4.3, 5.3, 6; backlog-replication 2.16.
 */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type {
  DayRows,
  JobDraft,
  JobInfo,
  JobPatch,
  List,
  LogLine,
  Notice,
  PauseInfo,
  RejectedRow,
  RunInfo,
  RunRequest,
  SchedulePreview,
  ScheduleSpec,
  SourceColumnInfo,
  SourceTableInfo,
  TaskDraft,
  TaskPatch,
  TaskPlan,
  TaskPreview,
} from '../../api-v1.ts'
import { call, callSeen, part } from '../api-client.ts'
import { SERVES_JOBS } from '../parts/served.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { intlZone } from '../parts/zone.ts'

const API = '/api/v1'
const JOBS = ['jobs'] as const
const RUNS = ['runs'] as const
const AGAIN_MS = 5_000
const HISTORY_RUNS = 200
const DAYS = 14
const ZONE = intlZone().timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone

async function items<T>(path: string): Promise<readonly T[]> {
  return (await call<List<T>>('GET', `${API}${path}`)).items
}

export const jobsQuery = queryOptions({
  queryKey: JOBS,
  queryFn: () => items<JobInfo>('/jobs'),
  meta: { live: 'jobs' },
  enabled: SERVES_JOBS,
})

export function jobQuery(id: string) {
  return queryOptions({
    queryKey: [...JOBS, id],
    queryFn: () => fetchJob(id),
    refetchInterval: AGAIN_MS,
  })
}

export const fetchJob = (id: string) => call<JobInfo>('GET', `${API}/jobs/${part(id)}`)

export function tablesQuery(connection: string) {
  return queryOptions({
    queryKey: ['tables', connection],
    queryFn: () => items<SourceTableInfo>(`/connections/${part(connection)}/tables`),
    staleTime: 60_000,
  })
}

export function columnsQuery(connection: string, table: string) {
  return queryOptions({
    queryKey: ['columns', connection, table],
    queryFn: () =>
      items<SourceColumnInfo>(`/connections/${part(connection)}/tables/${part(table)}/columns`),
    staleTime: 60_000,
  })
}

export function runsQuery(jobId: string) {
  return queryOptions({
    queryKey: [...RUNS, 'of', jobId],
    queryFn: () => items<RunInfo>(`/runs?job=${part(jobId)}&limit=${HISTORY_RUNS}`),
    refetchInterval: AGAIN_MS,
  })
}

export interface RunsFilter {
  readonly states?: string
  readonly task?: string
  /** Times. */
  readonly since?: string
  readonly before?: string
}

/** Behind what is read live: those that a filter asks for. */
export function foundRunsQuery(jobId: string, filter: RunsFilter) {
  const { states = '', task = '', since = '', before = '' } = filter
  const given = Object.entries({ state: states, task, since, before }).filter(
    ([, value]) => value !== '',
  )
  const search = new URLSearchParams([...given, ['job', jobId], ['limit', String(HISTORY_RUNS)]])
  return queryOptions({
    queryKey: [...RUNS, 'of', jobId, Object.fromEntries(given)],
    queryFn: () => items<RunInfo>(`/runs?${search}`),
    refetchInterval: AGAIN_MS,
    placeholderData: known => known,
  })
}

export function daysQuery(jobId: string) {
  return queryOptions({
    queryKey: [...RUNS, 'of', jobId, 'days'],
    queryFn: () => items<DayRows>(`/jobs/${part(jobId)}/days?days=${DAYS}&zone=${part(ZONE)}`),
    staleTime: 60_000,
  })
}

export const pauseQuery = queryOptions({
  queryKey: [...JOBS, 'pause'],
  queryFn: () => call<PauseInfo>('GET', `${API}/schedule/pause`),
  enabled: SERVES_JOBS,
})

export function usePause() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (paused: boolean) => call<PauseInfo>('PUT', `${API}/schedule/pause`, { paused }),
    onSuccess: pause => {
      client.setQueryData(pauseQuery.queryKey, pause)
      toastDone(pause.paused ? 'All schedules are paused.' : 'The schedules go on.')
    },
    onError: error => toastProblem('The schedules were not changed', error),
  })
}

export function runQuery(id: string) {
  return queryOptions({
    queryKey: [...RUNS, id],
    queryFn: () => call<RunInfo>('GET', `${API}/runs/${part(id)}`),
    refetchInterval: query => (query.state.data?.finishedAt === null ? AGAIN_MS : false),
  })
}

/** Another query once the run has ended: what was read before that is not the whole log. */
export function logQuery(runId: string, isLive: boolean) {
  return queryOptions({
    queryKey: [...RUNS, runId, 'log', isLive],
    queryFn: () => items<LogLine>(`/runs/${part(runId)}/log`),
    refetchInterval: isLive ? 2_000 : false,
    placeholderData: (known, query) => (query?.queryKey[1] === runId ? known : undefined),
  })
}

export function rejectedQuery(runId: string, isLive: boolean) {
  return queryOptions({
    queryKey: [...RUNS, runId, 'rejected', isLive],
    queryFn: () => items<RejectedRow>(`/runs/${part(runId)}/rejected`),
    refetchInterval: isLive ? AGAIN_MS : false,
    placeholderData: (known, query) => (query?.queryKey[1] === runId ? known : undefined),
  })
}

export const noticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: () => items<Notice>('/notices'),
  enabled: SERVES_JOBS,
})

export function readNotices(): Promise<void> {
  return call('POST', `${API}/notices/read`, {})
}

export const addJob = (draft: JobDraft) => call<JobInfo>('POST', `${API}/jobs`, draft)

export const planTask = (job: string, task: string, patch: TaskPatch) =>
  call<TaskPlan>('POST', `${API}/jobs/${part(job)}/tasks/${part(task)}/plan`, patch)

export const previewTask = (job: string, draft: TaskDraft) =>
  call<TaskPreview>('POST', `${API}/jobs/${part(job)}/preview`, draft)

export const previewSchedule = (spec: ScheduleSpec) =>
  call<SchedulePreview>('POST', `${API}/schedule/preview`, spec)

/**
 * Changes of a job whose answer is the job. Errors are left to the caller's screen; `onDone` is called
 * even when the screen is drawn anew with the answer.
 */
export function useJobChange<T>(
  send: (given: T) => Promise<JobInfo>,
  onDone: (job: JobInfo) => void = () => undefined,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: send,
    onSuccess: job => {
      onDone(job)
      client.setQueryData([...JOBS, job.id], job)
      return client.invalidateQueries({ queryKey: JOBS })
    },
  })
}

export const patchJob = (id: string, patch: JobPatch) =>
  call<JobInfo>('PATCH', `${API}/jobs/${part(id)}`, patch)

/** `version`: of the job that the form has shown; so below. */
export const saveJob = (id: string, patch: JobPatch, version: number) =>
  callSeen<JobInfo>(version, 'PATCH', `${API}/jobs/${part(id)}`, patch)

export const putSchedule = (id: string, spec: ScheduleSpec, version: number) =>
  callSeen<JobInfo>(version, 'PUT', `${API}/jobs/${part(id)}/schedule`, spec)

export const addTasks = (id: string, drafts: readonly TaskDraft[]) =>
  call<JobInfo>('POST', `${API}/jobs/${part(id)}/tasks`, { items: drafts })

export const patchTask = (job: string, task: string, patch: TaskPatch) =>
  call<JobInfo>('PATCH', `${API}/jobs/${part(job)}/tasks/${part(task)}`, patch)

export const saveTask = (
  [job, task]: readonly [job: string, task: string],
  patch: TaskPatch,
  version: number,
) => callSeen<JobInfo>(version, 'PATCH', `${API}/jobs/${part(job)}/tasks/${part(task)}`, patch)

export const deleteTask = (job: string, task: string) =>
  call<JobInfo>('DELETE', `${API}/jobs/${part(job)}/tasks/${part(task)}`)

export const resetTask = (job: string, task: string) =>
  call<undefined>('POST', `${API}/jobs/${part(job)}/tasks/${part(task)}/reset`, {})

export const reorderTasks = (job: string, ids: readonly string[]) =>
  call<JobInfo>('POST', `${API}/jobs/${part(job)}/tasks/reorder`, { items: ids })

export function useDeleteJob() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (job: JobInfo) => call('DELETE', `${API}/jobs/${part(job.id)}`),
    onSuccess: (_none, job) => toastDone(`The job ${job.name} was deleted; its tables stay.`),
    onError: (error, job) => toastProblem(`${job.name} was not deleted`, error),
    onSettled: () => client.invalidateQueries({ queryKey: JOBS }),
  })
}

export function useStartRun() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ job, request }: { job: JobInfo; request: RunRequest }) =>
      call<RunInfo>('POST', `${API}/jobs/${part(job.id)}/runs`, request),
    onSuccess: run => void client.setQueryData([...RUNS, run.id], run),
    onError: (error, { job }) => toastProblem(`${job.name} was not started`, error),
    onSettled: () => client.invalidateQueries({ queryKey: JOBS }),
  })
}

export function useRetryRejected() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call<RunInfo>('POST', `${API}/runs/${part(id)}/retry-rejected`, {}),
    onSuccess: run => void client.setQueryData([...RUNS, run.id], run),
    onError: error => toastProblem('The rows were not tried again', error),
    onSettled: () => client.invalidateQueries({ queryKey: RUNS }),
  })
}

export function useStopRun() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call<RunInfo>('POST', `${API}/runs/${part(id)}/cancel`, {}),
    onSuccess: run => void client.setQueryData([...RUNS, run.id], run),
    onError: error => toastProblem('The run was not stopped', error),
  })
}
