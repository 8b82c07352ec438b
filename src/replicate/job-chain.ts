/**
 * Schedules after another job: the job that is named, and chains that would turn in a circle. Pure; called
 * when a schedule is set.
 * Invariant: what is let through names a job that there is, and no way leads from this job back to it.
 * Spec: backlog-replication 2.10.
 */
import type { ScheduleSpec } from '../api-v1.ts'
import type { JobRecord } from './job-record.ts'
import { fieldError } from './task-target.ts'

export interface ChainPlaces {
  /** Undefined: a job that is not there yet. */
  readonly ownId: string | undefined
  readonly jobs: readonly JobRecord[]
  /** Jobs that events of a job start. */
  readonly startedBy: (jobId: string) => readonly string[]
}

/** With the id of the other job; other schedules stay as they are. */
export function placedSchedule(spec: ScheduleSpec, of: ChainPlaces): ScheduleSpec {
  if (spec.interval !== 'after_job') return spec
  const other = of.jobs.find(one => one.id === spec.afterJob || one.name === spec.afterJob)
  if (other === undefined)
    throw fieldError('afterJob', `afterJob: expected another job, found ${spec.afterJob ?? 'none'}`)
  const { ownId } = of
  const circle = ownId === undefined ? undefined : wayOf(ownId, other.id, of)
  if (circle !== undefined) {
    const names = [...circle, ownId].map(id => of.jobs.find(one => one.id === id)?.name ?? id)
    const message = `afterJob: these jobs would start each other without end: ${names.join(' → ')}; choose another job`
    throw fieldError('afterJob', message)
  }
  return { ...spec, afterJob: other.id }
}

/** Ids from one job to another along what starts what; undefined: there is no way. */
function wayOf(from: string, to: string, of: ChainPlaces): string[] | undefined {
  const ways: string[][] = [[from]]
  const seen = new Set([from])
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const last = way.at(-1) ?? from
    if (last === to) return way
    for (const next of followersOf(last, of)) {
      if (seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  return undefined
}

function followersOf(id: string, { jobs, startedBy }: ChainPlaces): string[] {
  return [...jobs.filter(one => isAfter(one, id)).map(one => one.id), ...startedBy(id)]
}

/** The schedule of a job follows another one. */
export function isAfter({ schedule }: JobRecord, id: string): boolean {
  return schedule.interval === 'after_job' && schedule.afterJob === id
}
