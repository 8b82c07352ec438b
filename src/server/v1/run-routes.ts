/**
 * The routes of runs, their logs and history, and of the schedules that start them. Each calls the
 * replicator and answers; changes are written to the audit trail.
 * Invariant: lines of a log that hold contents of rows are for those who may see rows.
 * Shapes: src/api-v1-runs.ts. Spec: backlog-replication 2.10, 2.12, 2.13, 2.16.
 */
import type { RetentionSpec, RunRequest, RunState, ScheduleSpec } from '../../api-v1.ts'
import { isAtLeast, type Replicator, type Trigger } from '../../replicate/index.ts'
import { type Call, json } from '../route.ts'
import type { EventStreams } from './event-stream.ts'
import { callerOf } from './rights.ts'
import { audit, body, changeOf, id, items, type Row, userOf } from './v1-calls.ts'

const RUNS_MAX = 500
const DAYS_MAX = 92
const RUNS_QUERY = {
  job: 'The id of a job: its runs only.',
  limit: `At most so many, up to ${RUNS_MAX}. Default: 50.`,
  before: 'A time: only runs that started before it.',
  since: 'A time: only runs that started then or later.',
  state: 'States, separated by commas: runs that are in one of them.',
  task: 'A table: runs that had a task of it.',
}

export function runRows({
  replicator,
  events,
}: {
  readonly replicator: Replicator
  readonly events: EventStreams
}): Row[] {
  return [
    [
      'POST /jobs/:id/runs',
      'Starts a run.',
      call => {
        const run = replicator.startRun(id(call), body<RunRequest>(call), triggerOf(call))
        audit(replicator, call, ['run started', run.jobName, run.mode])
        return json(202, run)
      },
      { takes: 'RunRequest', gives: 'RunInfo', status: 202 },
    ],
    [
      'GET /runs',
      'Runs, newest first; of one job with job=.',
      call => items(replicator.runs(runsAsked(call))),
      { gives: 'RunInfo[]', query: RUNS_QUERY },
    ],
    [
      'GET /runs/:id',
      'One run.',
      call => json(200, replicator.run(id(call))),
      { gives: 'RunInfo' },
    ],
    [
      'POST /runs/:id/cancel',
      'Stops a run after the present page.',
      call => {
        const run = replicator.cancelRun(id(call))
        audit(replicator, call, ['run stopped', run.jobName])
        return json(202, run)
      },
      { gives: 'RunInfo', status: 202 },
    ],
    [
      'POST /runs/:id/retry-rejected',
      'Starts a run that reads the rejected rows of this run again.',
      call => {
        const run = replicator.retryRejected(id(call), triggerOf(call))
        audit(replicator, call, ['rejected rows tried again', run.jobName, `of run ${id(call)}`])
        return json(202, run)
      },
      { gives: 'RunInfo', status: 202 },
    ],
    [
      'GET /runs/:id/events',
      'Server-sent events of one run.',
      call => events.subscribe(call, id(call)),
    ],
    [
      'GET /runs/:id/log',
      'Log of a run; bodies of requests only for the role job_creator.',
      call => {
        const maySeeRows = isAtLeast(callerOf(call).role, 'job_creator')
        const lines = replicator.log(id(call))
        return items(maySeeRows ? lines : lines.filter(one => one.level !== 'verbose'))
      },
      { gives: 'LogLine[]' },
    ],
    [
      'GET /runs/:id/rejected',
      'Rows that were rejected.',
      call => items(replicator.rejected(id(call))),
      { gives: 'RejectedRow[]' },
    ],
  ]
}

export function scheduleRows(replicator: Replicator): Row[] {
  const { schedules } = replicator
  return [
    [
      'PUT /jobs/:id/schedule',
      'Sets the schedule; If-Match with the version of the job as there.',
      call => {
        const schedule = body<ScheduleSpec>(call)
        const job = replicator.patchJob(id(call), { schedule }, changeOf(call))
        audit(replicator, call, ['schedule changed', job.name, job.schedule.text])
        return json(200, job)
      },
      { takes: 'ScheduleSpec', gives: 'JobInfo' },
    ],
    [
      'POST /schedule/preview',
      'The next five times of a schedule, and its words.',
      call => json(200, replicator.previewSchedule(body<ScheduleSpec>(call))),
      { takes: 'ScheduleSpec', gives: 'SchedulePreview' },
    ],
    [
      'GET /schedule/pause',
      'Whether all schedules are paused.',
      () => json(200, schedules.pause()),
      { gives: 'PauseInfo' },
    ],
    [
      'PUT /schedule/pause',
      'Pauses all schedules, or lets them go on; runs under way are not stopped.',
      call => {
        const paused = body<{ paused?: boolean }>(call).paused === true
        audit(replicator, call, [paused ? 'schedules paused' : 'schedules resumed', 'all jobs'])
        return json(200, schedules.setPause(paused, userOf(call)))
      },
      {
        takes: {
          type: 'object',
          properties: { paused: { type: 'boolean' } },
          required: ['paused'],
        },
        gives: 'PauseInfo',
      },
    ],
  ]
}

export function historyRows(replicator: Replicator): Row[] {
  return [
    [
      'GET /jobs/:id/days',
      'Rows that were written on each of the last days.',
      call => {
        const { query } = call
        const days = Math.min(DAYS_MAX, Number(query.get('days') ?? 14) || 14)
        const timeZone = query.get('zone') ?? 'UTC'
        return items(replicator.rowsPerDay(id(call), { days, timeZone }))
      },
      {
        gives: 'DayRows[]',
        query: {
          days: `So many days, up to ${DAYS_MAX}. Default: 14.`,
          zone: 'The zone whose days they are. Default: UTC.',
        },
      },
    ],
    [
      'GET /history/retention',
      'How long runs are kept, and where old ones go.',
      () => json(200, replicator.retention()),
      { gives: 'RetentionInfo' },
    ],
    [
      'PUT /history/retention',
      'Sets how long runs are kept, and where old ones go.',
      async call => {
        const next = await replicator.setRetention(body<RetentionSpec>(call))
        const text = `${next.days} days, ${next.gigabytes} GB, archive ${next.archive || 'none'}`
        audit(replicator, call, ['retention changed', 'history', text])
        return json(200, next)
      },
      { takes: 'RetentionSpec', gives: 'RetentionInfo' },
    ],
  ]
}

function runsAsked({ query }: Call) {
  const time = (name: string) => {
    const text = query.get(name)
    return text === null ? undefined : Date.parse(text)
  }
  const states = query.get('state') ?? ''
  return {
    limit: Math.min(RUNS_MAX, Number(query.get('limit') ?? 50) || 50),
    jobId: query.get('job') ?? undefined,
    ...{ beforeMs: time('before'), sinceMs: time('since') },
    states: states === '' ? undefined : (states.split(',') as RunState[]),
    table: query.get('task') ?? undefined,
  }
}

/** A person at the page, or a program. */
function triggerOf({ headers }: Call): Trigger {
  return headers['sec-fetch-site'] === undefined ? 'api' : 'user'
}
