/**
 * Times in positions of sources.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { offsetAt, parseLocal, timeOffsetOf } from './time-offset.ts'

describe('the time of a position', () => {
  it('is that of its first key', () => {
    const offset = {
      created: '2026-01-02 03:04:05.678Z',
      seen: ['a'],
      upper: '2027-01-01 00:00:00Z',
    }
    const found = timeOffsetOf(offset)
    expect(found).toEqual({ column: 'created', ms: Date.UTC(2026, 0, 2, 3, 4, 5, 678) })
    expect(offsetAt('created', found?.ms ?? 0)).toEqual({ created: offset.created })
  })

  it.each([
    [{ token: '-9223372036854775808' }],
    [{ kafka_offset: 3 }],
    [{}],
    [null],
    ['2026-01-02 03:04:05Z'],
    [{ created: '2026-13-45 03:04:05Z' }],
  ])('is not in %j', offset => expect(timeOffsetOf(offset)).toBeUndefined())
})

describe('a typed time', () => {
  it.each([
    ['2026-11-20 14:05', new Date(2026, 10, 20, 14, 5).getTime()],
    [' 2026-11-20T14:05:06 ', new Date(2026, 10, 20, 14, 5, 6).getTime()],
    ['2026-11-20', new Date(2026, 10, 20).getTime()],
    ['2026-02-30 10:00', undefined],
    ['2026-11-20 25:00', undefined],
    ['yesterday', undefined],
  ])('%s', (text, ms) => expect(parseLocal(text)).toBe(ms))
})

describe('a typed time, where times are in UTC', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  it.each([
    ['2026-11-20 14:05', Date.UTC(2026, 10, 20, 14, 5)],
    ['2026-11-20', Date.UTC(2026, 10, 20)],
    ['2026-02-30 10:00', undefined],
    ['2026-11-20 25:00', undefined],
  ])('%s', async (text, ms) => {
    vi.resetModules()
    vi.stubGlobal('localStorage', { getItem: () => 'utc' })
    const anew = await import('./time-offset.ts')
    expect(anew.parseLocal(text)).toBe(ms)
  })
})
