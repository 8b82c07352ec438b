/** Schedules after other jobs: what they may name, and circles that are refused with their names. */
import { expect, it } from 'vitest'
import type { ScheduleSpec } from '../api-v1.ts'
import { placedSchedule } from './job-chain.ts'
import type { JobRecord } from './job-record.ts'

const after = (afterJob: string): ScheduleSpec => ({
  ...{ on: true, interval: 'after_job', afterJob, timeZone: 'UTC' },
})
const job = (id: string, schedule: ScheduleSpec) =>
  ({ id, name: `job ${id}`, schedule }) as unknown as JobRecord
const none: ScheduleSpec = { on: false, interval: 'none', timeZone: 'UTC' }
/** c after b after a; d stands alone and is started by an event of c. */
const jobs = [job('a', none), job('b', after('a')), job('c', after('b')), job('d', none)]
const startedBy = (id: string) => (id === 'c' ? ['d'] : [])

it('takes a job by its id or name, and leaves other schedules as they are', () => {
  const of = { ownId: 'd', jobs: jobs.slice(0, 3), startedBy: () => [] }
  expect(placedSchedule(after('b'), of)).toEqual(after('b'))
  expect(placedSchedule(after('job b'), of)).toEqual(after('b'))
  expect(placedSchedule(after('c'), { ...of, ownId: undefined })).toEqual(after('c'))
  expect(placedSchedule(none, of)).toBe(none)
})

it.each([
  ['a', 'c', 'job a → job b → job c → job a'],
  ['a', 'a', 'job a → job a'],
  ['a', 'd', 'job a → job b → job c → job d → job a'],
  ['b', 'c', 'job b → job c → job b'],
])('refuses %s after %s', (ownId, other, names) => {
  expect(() => placedSchedule(after(other), { ownId, jobs, startedBy })).toThrow(names)
})

it('refuses a job that there is not', () => {
  const place = () => placedSchedule(after('e'), { ownId: 'a', jobs, startedBy })
  expect(place).toThrow('afterJob: expected another job, found e')
})
