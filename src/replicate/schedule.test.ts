/**
 * Schedules as cron patterns, words and times; daylight saving of several zones, against a search minute
 * by minute.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ScheduleSpec } from '../api-v1.ts'
import { cronWords } from './cron-words.ts'
import { checkSchedule, cronOf, nextRuns, toScheduleInfo } from './schedule.ts'

const UTC = { on: true, timeZone: 'UTC' } as const
const NOW = new Date('2026-11-22T10:00:00Z')
const MINUTE_MS = 60_000

it.each([
  [{ ...UTC, interval: 'minute', every: 10 }, '*/10 * * * *'],
  [{ ...UTC, interval: 'minute', every: 1 }, '*/1 * * * *'],
  [{ ...UTC, interval: 'hourly', minute: 7 }, '7 * * * *'],
  [{ ...UTC, interval: 'daily', time: '02:00' }, '0 2 * * *'],
  [{ ...UTC, interval: 'weekly', time: '23:59', days: [1, 5] }, '59 23 * * 1,5'],
  [{ ...UTC, interval: 'monthly', time: '00:30', day: 'last' }, '30 0 L * *'],
  [{ ...UTC, interval: 'custom', cron: ' 0  2 * * MON#2 ' }, '0 2 * * MON#2'],
] as const)('%j', (spec, pattern) => {
  expect(cronOf(spec)).toBe(pattern)
})

const at = (spec: Partial<ScheduleSpec>, after: string, count: number) =>
  nextRuns({ ...UTC, interval: 'daily', ...spec }, new Date(after), count).map(one =>
    one.toISOString().slice(0, 16),
  )

describe('a local time that daylight saving', () => {
  it.each([
    ['Europe/Berlin', '02:30', '2026-03-28T12:00Z', ['2026-03-29T01:00', '2026-03-30T00:30']],
    ['America/New_York', '02:15', '2026-03-07T12:00Z', ['2026-03-08T07:00', '2026-03-09T06:15']],
    ['Africa/Cairo', '00:20', '2026-04-23T12:00Z', ['2026-04-23T22:00', '2026-04-24T21:20']],
    // Half an hour.
    ['Australia/Lord_Howe', '02:10', '2026-10-03T00:00Z', ['2026-10-03T15:30', '2026-10-04T15:10']],
  ])('skips runs at the next valid minute: %s %s', (timeZone, time, after, wanted) => {
    expect(at({ timeZone, time }, after, 2)).toEqual(wanted)
  })

  it.each([
    ['Europe/Berlin', '02:30', '2026-10-24T12:00Z', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['America/New_York', '01:00', '2026-10-31T12:00Z', ['2026-11-01T05:00', '2026-11-02T06:00']],
    ['Australia/Lord_Howe', '01:40', '2026-04-04T00:00Z', ['2026-04-04T14:40', '2026-04-05T15:10']],
  ])('doubles runs once: %s %s', (timeZone, time, after, wanted) => {
    expect(at({ timeZone, time }, after, 2)).toEqual(wanted)
  })

  it('skips or doubles: what runs every hour or minute goes on by real time', () => {
    const hourly = { interval: 'hourly', minute: 15, timeZone: 'Europe/Berlin' } as const
    expect(at(hourly, '2026-03-29T00:00Z', 3)).toEqual([
      ...['2026-03-29T00:15', '2026-03-29T01:15', '2026-03-29T02:15'],
    ])
    expect(at(hourly, '2026-10-25T00:00Z', 3)).toEqual([
      ...['2026-10-25T00:15', '2026-10-25T01:15', '2026-10-25T02:15'],
    ])
    const half = { interval: 'minute', every: 30, timeZone: 'Australia/Lord_Howe' } as const
    expect(at(half, '2026-04-04T14:45Z', 2)).toEqual(['2026-04-04T15:00', '2026-04-04T15:30'])
  })
})

const ZONES = [
  ...['UTC', 'Asia/Tokyo', 'Asia/Kolkata', 'Europe/Berlin', 'America/New_York', 'America/Santiago'],
  ...['Africa/Cairo', 'Australia/Lord_Howe', 'Pacific/Chatham', 'America/St_Johns', 'Asia/Beirut'],
]
const clockOf = (zone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' },
  })
  return (ms: number) => format.format(ms)
}

it('finds what a search minute by minute finds, in every zone, all year', () => {
  const minuteOfYear = fc.integer({ min: 0, max: 365 * 24 * 60 - 1 })
  const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  const start = Date.parse('2026-01-01T00:00:00Z')
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), minuteOfYear, time, (timeZone, minute, clock) => {
      const text = clock.map(one => String(one).padStart(2, '0')).join(':')
      const shown = clockOf(timeZone)
      const after = start + minute * MINUTE_MS
      const [next] = nextRuns(
        { ...UTC, interval: 'daily', time: text, timeZone },
        new Date(after),
        1,
      )
      const nextMs = next?.getTime() ?? 0
      // Never later than a day, and never at another minute unless the clock skipped that one.
      expect(nextMs).toBeGreaterThan(after)
      expect(nextMs - after).toBeLessThanOrEqual(25 * 60 * MINUTE_MS + 60 * MINUTE_MS)
      if (shown(nextMs) !== text) {
        expect(shown(nextMs - MINUTE_MS) < text && text < shown(nextMs)).toBe(true)
        return
      }
      const hits: number[] = []
      for (let ms = after + MINUTE_MS; ms < nextMs; ms += MINUTE_MS)
        if (shown(ms) === text) hits.push(ms)
      // What is passed over ran before: the clock shows it for the second time.
      for (const ms of hits) {
        const before = [30, 60, 120].map(one => shown(ms - one * MINUTE_MS))
        expect(before).toContain(text)
      }
    }),
    { numRuns: 150 },
  )
})

it.each([
  [{ interval: 'minute', every: 7 }, 'every'],
  [{ interval: 'daily', time: '25:00' }, 'time'],
  [{ interval: 'custom', cron: 'nonsense' }, 'cron'],
  [{ interval: 'custom', cron: '@daily' }, 'cron'],
  [{ interval: 'custom', cron: '0 2 * * 9' }, 'cron'],
  [{ interval: 'custom', cron: '0 0 30 2 *' }, 'cron'],
  [{ interval: 'weekly', time: '01:00', days: [] }, 'days'],
  [{ interval: 'monthly', time: '01:00', day: 32 }, 'day'],
  [{ interval: 'daily', time: '01:00', timeZone: 'Mars/Base' }, 'timeZone'],
  [{ interval: 'custom', cron: '0 1 * * *', timeZone: 'Mars/Base' }, 'timeZone'],
  [{ interval: 'daily', time: '01:00', spreadSeconds: -1 }, 'spreadSeconds'],
  [{ interval: 'daily', time: '01:00', spreadSeconds: 3_601 }, 'spreadSeconds'],
  [{ interval: 'minute', every: 1, spreadSeconds: 60 }, 'spreadSeconds'],
] as const)('refuses %j', (part, field) => {
  const spec = { ...UTC, ...part } as ScheduleSpec
  expect(() => checkSchedule(spec, NOW)).toThrow(
    expect.objectContaining({ context: expect.objectContaining({ field }) }),
  )
})

it.each([
  ['0 2 * * 1-5', 'At 02:00, Monday to Friday'],
  ['30 6,18 * * *', 'At 06:30 and 18:30'],
  ['*/7 * * * *', 'Every 7 minutes'],
  ['* * * * *', 'Every minute'],
  ['5 * * * *', 'At minute 5 of every hour'],
  ['0 2 L * *', 'At 02:00, on the last day of the month'],
  ['0 2 1,15 * *', 'At 02:00, on day 1 and day 15 of the month'],
  ['0 2 * * MON#2', 'At 02:00, the second Monday of the month'],
  ['0 2 * * 5L', 'At 02:00, the last Friday of the month'],
  ['0 2 1 * 1', 'At 02:00, on day 1 of the month or Monday'],
  ['0 9-17/2 * * *', 'At minute 0, during the hours 9 to 17, every 2nd'],
  ['0 0 1 1,7 *', 'At 00:00, on day 1 of the month, in January and July'],
  ['0 0 * JAN-MAR 7', 'At 00:00, Sunday, in January to March'],
  ['15 */4 * * *', 'At minute 15, every 4 hours'],
])('%s reads %s', (pattern, words) => {
  expect(cronWords(pattern)).toBe(words)
})

it('shows the words and the next times', () => {
  const custom = { ...UTC, interval: 'custom', cron: '0 2 L * *' } as const
  expect(toScheduleInfo(custom, NOW, () => undefined)).toMatchObject({
    text: 'At 02:00, on the last day of the month, UTC',
    next: expect.arrayContaining(['2026-11-30T02:00:00.000Z', '2026-12-31T02:00:00.000Z']),
  })
  const after = { ...UTC, interval: 'after_job', afterJob: 'a', afterOn: 'always' } as const
  const shown = toScheduleInfo(after, NOW, id => ({ a: 'Backlog nightly' })[id])
  expect(shown).toMatchObject({ text: 'After Backlog nightly, always', next: [] })
})
