/**
 * Schedules: what is due is started once, what was missed is told so, and nothing that a job throws gets
 * out.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Logger } from '../telemetry/index.ts'
import type { JobRecord } from './job-record.ts'
import { type Due, Scheduler } from './scheduler.ts'

const START = Date.parse('2026-11-20T00:00:30Z')
const MINUTE = 60_000
const schedule = { on: true, interval: 'minute', every: 1, timeZone: 'UTC' }

function job(name: string, part: object = {}): JobRecord {
  const tasks = [{ enabled: false }, { enabled: true }]
  return { id: name, name, enabled: true, schedule, tasks, ...part } as unknown as JobRecord
}

function scene(jobs: () => readonly JobRecord[], sinceMs = START, startMs = START) {
  const started: string[] = []
  const dues: Due[] = []
  const is = { paused: false }
  const onDue = ({ name }: JobRecord, due: Due) => {
    if (name === 'bad') throw new Error('no task to run')
    started.push(name)
    dues.push(due)
  }
  const host = {
    ...{ logger: Logger.silent(), jobs, onDue },
    ...{ sinceMs: () => sinceMs, isPaused: () => is.paused },
  }
  return { started, dues, is, scheduler: new Scheduler(host, startMs) }
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
  ['a schedule after another job', { schedule: { ...schedule, interval: 'after_job' } }],
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

it('tells one run for all that was missed while nobody looked, with the last of their times', () => {
  const { dues, scheduler } = scene(() => [job('good')], START - 3 * 86_400_000)
  scheduler.tick(START)
  scheduler.tick(START + 5_000)
  expect(dues).toEqual([{ dueMs: START - 30_000, isMissed: true }])
  // This machine slept.
  scheduler.tick(START + 60 * MINUTE + MINUTE / 2)
  expect(dues.slice(1).map(one => one.isMissed)).toEqual([false])
  const daily = { ...schedule, interval: 'daily', time: '00:10' }
  const slept = scene(() => [job('daily', { schedule: daily })])
  slept.scheduler.tick(START)
  slept.scheduler.tick(START + 120 * MINUTE)
  expect(slept.dues.map(one => one.isMissed)).toEqual([true])
})

it('starts nothing while paused, nor later what was due then', () => {
  const { started, is, scheduler } = scene(() => [job('good')])
  scheduler.tick(START)
  is.paused = true
  scheduler.tick(START + 10 * MINUTE)
  is.paused = false
  scheduler.tick(START + 10 * MINUTE + 5_000)
  expect(started).toEqual([])
  scheduler.tick(START + 11 * MINUTE)
  expect(started).toEqual(['good'])
})

it('starts each time of a spread schedule once, within its spread, whenever it looks and starts anew', () => {
  const looks = fc.array(fc.integer({ min: 1, max: 20 * 60 }), { minLength: 20, maxLength: 60 })
  const spread = fc.integer({ min: 0, max: 2_399 })
  fc.assert(
    fc.property(looks, spread, fc.string({ maxLength: 8 }), (steps, spreadSeconds, name) => {
      const hourly = { ...schedule, interval: 'hourly', minute: 0, spreadSeconds }
      const jobs = () => [job(name, { schedule: hourly })]
      let nowMs = START
      let { scheduler, dues } = scene(jobs)
      const all: number[] = []
      for (const [index, seconds] of steps.entries()) {
        nowMs += seconds * 1000
        scheduler.tick(nowMs)
        for (const { dueMs } of dues.splice(0)) {
          all.push(dueMs)
          expect(nowMs).toBeGreaterThanOrEqual(dueMs)
          expect(nowMs - dueMs).toBeLessThanOrEqual((spreadSeconds + seconds) * 1000)
        }
        // As after a start of the server: it knows when it looked last.
        if (index % 7 === 6) ({ scheduler, dues } = scene(jobs, nowMs, nowMs))
      }
      const whole = all.map((_, index) => (all[0] ?? 0) + index * 60 * MINUTE)
      expect(all).toEqual(whole)
    }),
    { numRuns: 60 },
  )
})
