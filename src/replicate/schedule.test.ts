/** Schedules as cron patterns and times. */
import { expect, it } from 'vitest'
import { cronOf, nextRuns } from './schedule.ts'

const UTC = { on: true, timeZone: 'UTC' } as const

it.each([
  [{ ...UTC, interval: 'minute', every: 10 }, '*/10 * * * *'],
  [{ ...UTC, interval: 'hourly', minute: 7 }, '7 * * * *'],
  [{ ...UTC, interval: 'daily', time: '02:00' }, '0 2 * * *'],
  [{ ...UTC, interval: 'weekly', time: '23:59', days: [1, 5] }, '59 23 * * 1,5'],
  [{ ...UTC, interval: 'monthly', time: '00:30', day: 'last' }, '30 0 L * *'],
] as const)('%j', (spec, pattern) => {
  expect(cronOf(spec)).toBe(pattern)
})

it('runs a time that daylight saving skips, and a doubled one once', () => {
  const spec = { on: true, interval: 'daily', time: '02:30', timeZone: 'Europe/Berlin' } as const
  const spring = nextRuns(spec, new Date('2026-03-28T12:00:00Z'), 2)
  expect(spring[0]?.toISOString().slice(0, 10)).toBe('2026-03-29')
  const autumn = nextRuns(spec, new Date('2026-10-24T12:00:00Z'), 2)
  expect(autumn.map(one => one.toISOString().slice(0, 10))).toEqual(['2026-10-25', '2026-10-26'])
})

it.each([
  { interval: 'minute', every: 7 },
  { interval: 'daily', time: '25:00' },
  { interval: 'custom', cron: 'nonsense' },
  { interval: 'weekly', time: '01:00', days: [] },
] as const)('refuses %j', part => {
  expect(() => nextRuns({ ...UTC, ...part }, new Date(), 1)).toThrow()
})
