/**
 * Schedules: what is due is started once, and nothing that a job throws gets out.
 */
import { expect, it } from 'vitest'
import { Logger } from '../telemetry/index.ts'
import type { JobRecord } from './job-record.ts'
import { Scheduler } from './scheduler.ts'

const START = Date.parse('2026-11-20T00:00:30Z')
const MINUTE = 60_000
const schedule = { on: true, interval: 'minute', every: 1, timeZone: 'UTC' }

function job(name: string, part: object = {}): JobRecord {
  const tasks = [{ enabled: false }, { enabled: true }]
  return { id: name, name, enabled: true, schedule, tasks, ...part } as unknown as JobRecord
}

function scene(jobs: () => readonly JobRecord[]) {
  const started: string[] = []
  const onDue = ({ name }: JobRecord) => {
    if (name === 'bad') throw new Error('no task to run')
    started.push(name)
  }
  return { started, scheduler: new Scheduler({ logger: Logger.silent(), jobs, onDue }, START) }
}

it('starts each due job once; one that throws stops neither the others nor the clock', () => {
  const wrong = job('wrong', { schedule: { ...schedule, timeZone: 'Nowhere' } })
  const { started, scheduler } = scene(() => [job('bad'), wrong, job('good')])
  scheduler.tick(START + 10_000)
  expect(started).toEqual([])
  scheduler.tick(START + MINUTE)
  scheduler.tick(START + MINUTE + 5_000)
  expect(started).toEqual(['good'])
  scheduler.tick(START + 2 * MINUTE)
  expect(started).toEqual(['good', 'good'])
})

it.each([
  ['no task', { tasks: [] }],
  ['all tasks switched off', { tasks: [{ enabled: false }] }],
  ['the job switched off', { enabled: false }],
  ['no schedule', { schedule: { ...schedule, interval: 'none' } }],
])('starts nothing with %s', (_, part) => {
  const { started, scheduler } = scene(() => [job('good', part)])
  scheduler.tick(START + MINUTE)
  expect(started).toEqual([])
})

it('starts what was due once the jobs can be read again', () => {
  let isBroken = true
  const { started, scheduler } = scene(() => {
    if (isBroken) throw new Error('database is locked')
    return [job('good')]
  })
  scheduler.tick(START + MINUTE)
  isBroken = false
  scheduler.tick(START + MINUTE + 1)
  expect(started).toEqual(['good'])
})
