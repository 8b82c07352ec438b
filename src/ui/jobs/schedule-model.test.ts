/**
 * Schedules from the fields of the dialog.
 */
import { describe, expect, it } from 'vitest'
import { toForm, toSpec } from './schedule-model.ts'

const form = toForm({ on: false, interval: 'none', timeZone: 'UTC' }, 'Asia/Tokyo')

describe('a schedule', () => {
  it('starts as daily, on, in the zone of the browser', () => {
    expect(toSpec(form)).toEqual({
      ...{ on: true, interval: 'daily', time: '02:00', timeZone: 'Asia/Tokyo' },
      ...{ catchUp: true, spreadSeconds: 0 },
    })
  })

  it.each([
    ['minute', { every: '20' }, { every: 20 }],
    ['hourly', { minute: '15' }, { minute: 15 }],
    ['hourly', { minute: '' }, { minute: -1 }],
    ['weekly', { days: ['5', '1'] }, { days: [1, 5], time: '02:00' }],
    ['monthly', { day: 'last' }, { day: 'last', time: '02:00' }],
    ['custom', { cron: ' 0 3 * * * ' }, { cron: '0 3 * * *' }],
  ] as const)('%s takes its own fields only: %o', (interval, given, wanted) => {
    const spec = toSpec({ ...form, ...given, interval })
    const all = { on: true, interval, timeZone: 'Asia/Tokyo', catchUp: true, spreadSeconds: 0 }
    expect(spec).toEqual({ ...all, ...wanted })
  })

  it('of none, or after a job, has no times', () => {
    expect(toSpec({ ...form, interval: 'none' })).toEqual({
      ...{ on: true, interval: 'none', timeZone: 'Asia/Tokyo' },
    })
    const after = { ...form, interval: 'after_job', afterJob: 'id-1', afterOn: 'always' } as const
    expect(toSpec({ ...after, catchUp: false })).toEqual({
      ...{ on: true, interval: 'after_job', timeZone: 'Asia/Tokyo', catchUp: false },
      ...{ afterJob: 'id-1', afterOn: 'always' },
    })
  })

  it('comes back as it was saved', () => {
    const saved = { on: false, interval: 'weekly', time: '03:30', days: [0, 6], timeZone: 'UTC' }
    const more = { catchUp: false, spreadSeconds: 90 }
    expect(toSpec(toForm({ ...saved, ...more } as never, 'x'))).toEqual({ ...saved, ...more })
  })
})
