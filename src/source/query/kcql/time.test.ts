import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../../base/byte-writer.ts'
import { SimpleDateFormat } from '../../../base/java-time/simple-date-format.ts'
import { writeTimeUuidAt } from '../../../base/time-uuid.ts'
import { formatOffsetTime, parseOffsetTime, timeUuidMs } from './offset-text.ts'
import { SeenRows } from './seen-rows.ts'
import { BUCKETS_MAX, bucketsOf, cutToBuckets, isTooFar } from './time-buckets.ts'
import { fromOffset, toOffset } from './time-position.ts'
import { TimeWindow } from './time-window.ts'

const SETTINGS = { sliceMs: 10_000, delayMs: 30_000, pollMs: 1_000 }
const T = Date.UTC(2024, 4, 1)

describe('TimeWindow', () => {
  it('begins at the initial offset with everything up to now, less the delay', () => {
    const lowerMs = parseOffsetTime('1900-01-01 00:00:00.0000000Z')!
    expect(new TimeWindow(SETTINGS).next(lowerMs, T)).toEqual({ lowerMs, upperMs: T - 30_000 })
  })

  it.each<[string, number, number]>([
    ['a window, where there is enough to read', T - 100_000, T - 90_000],
    ['up to the distance from now', T - 35_000, T - 30_000],
    ['nothing below the lower bound', T - 10_000, T - 10_000],
  ])('reaches %s', (_what, lowerMs, upperMs) => {
    expect(new TimeWindow(SETTINGS).next(lowerMs, T)).toEqual({ lowerMs, upperMs })
  })

  it('grows over a gap and is itself again after rows', () => {
    const window = new TimeWindow(SETTINGS)
    const width = () => {
      const { lowerMs, upperMs } = window.next(T - 10_000_000, T)
      return upperMs - lowerMs
    }
    expect(width()).toBe(10_000)
    window.seen(false)
    expect(width()).toBe(21_000)
    window.seen(false)
    expect(width()).toBe(32_000)
    window.seen(true)
    expect(width()).toBe(10_000)
  })

  it('passes a year without rows in a minute of queries', () => {
    const window = new TimeWindow(SETTINGS)
    const lowerMs = T - 366 * 86_400_000
    let queries = 1
    for (; window.next(lowerMs, T).upperMs < T - SETTINGS.delayMs; queries++) window.seen(false)
    expect(queries).toBeLessThan(70)
    for (let i = 0; i < 10_000; i++) window.seen(false)
    expect(window.next(lowerMs, T)).toEqual({ lowerMs, upperMs: T - SETTINGS.delayMs })
  })

  it('windows follow each other up to the distance from now, none past it', () => {
    const rows = fc.array(fc.nat(200_000), { maxLength: 20 })
    fc.assert(
      fc.property(rows, fc.nat(300_000), (times, ageMs) => {
        const window = new TimeWindow(SETTINGS)
        let lowerMs = T
        let nowMs = T + ageMs
        for (let i = 0; i < 100; i++) {
          const span = window.next(lowerMs, nowMs)
          expect(span.lowerMs).toBe(lowerMs)
          expect(span.upperMs).toBeGreaterThanOrEqual(lowerMs)
          expect(span.upperMs).toBeLessThanOrEqual(Math.max(lowerMs, nowMs - SETTINGS.delayMs))
          const found = times.map(ms => T + ms).filter(ms => ms > lowerMs && ms <= span.upperMs)
          window.seen(found.length > 0)
          lowerMs = Math.max(lowerMs, ...found)
          nowMs += SETTINGS.pollMs
        }
        const due = times.filter(ms => T + ms <= nowMs - SETTINGS.delayMs - SETTINGS.pollMs)
        if (due.length > 0) expect(lowerMs).toBeGreaterThanOrEqual(T + Math.max(...due))
      }),
    )
  })
})

describe('bucketsOf', () => {
  const at = (text: string) => parseOffsetTime(`2016-11-09 ${text}Z`)!

  it('has the example of the specification: five seconds', () => {
    const window = { lowerMs: at('18:35:24.000'), upperMs: at('18:35:28.100') }
    expect(bucketsOf(window, 'SECOND', new SimpleDateFormat('yyMMddHHmmss'))).toEqual([
      '161109183524',
      '161109183525',
      '161109183526',
      '161109183527',
      '161109183528',
    ])
  })

  it('adds the bucket of the upper bound when no whole unit reaches it', () => {
    const window = { lowerMs: at('18:59:59.000'), upperMs: at('19:00:01.000') }
    expect(bucketsOf(window, 'HOUR', new SimpleDateFormat('yyyyMMddHH'))).toEqual([
      '2016110918',
      '2016110919',
    ])
  })

  it('a window after a long silence is cut to what one query may ask for', () => {
    const silence = { lowerMs: T, upperMs: T + 3 * BUCKETS_MAX * 1000 }
    const { lowerMs, upperMs } = cutToBuckets(silence, 'SECOND')
    expect(upperMs - lowerMs).toBe((BUCKETS_MAX - 1) * 1000)
    const asked = { lowerMs: lowerMs - 1, upperMs }
    expect(bucketsOf(asked, 'SECOND', new SimpleDateFormat('yyMMddHHmmss'))).toHaveLength(
      BUCKETS_MAX + 1,
    )
    expect(cutToBuckets(silence, 'MINUTE')).toEqual(silence)
  })

  it('refuses more buckets than one query should have', () => {
    const window = { lowerMs: 0, upperMs: (BUCKETS_MAX + 1) * 1000 }
    expect(bucketsOf(window, 'SECOND', new SimpleDateFormat('ss'))).toBeUndefined()
  })

  it.each([
    ['DAY', false],
    ['HOUR', false],
    ['MINUTE', true],
    ['SECOND', true],
  ] as const)('since 1900 there are too many of one %s: %s', (unit, isTold) => {
    const lowerMs = parseOffsetTime('1900-01-01 00:00:00.0000000Z')!
    expect([isTooFar(lowerMs, 0, unit), isTooFar(lowerMs, T, unit)]).toEqual([isTold, isTold])
    expect(isTooFar(T - BUCKETS_MAX * 1_000, T, unit)).toBe(false)
  })

  it('holds the bucket of every instant of the window', () => {
    const format = new SimpleDateFormat('yyyyMMddHHmm')
    fc.assert(
      fc.property(
        fc.nat(10_000_000),
        fc.nat(7_200_000),
        fc.nat(7_200_000),
        (start, width, inside) => {
          const window = { lowerMs: T + start, upperMs: T + start + width }
          const buckets = bucketsOf(window, 'MINUTE', format)!
          const instant = T + start + (width === 0 ? 0 : inside % (width + 1))
          expect(buckets).toContain(format.format(instant))
          expect(new Set(buckets).size).toBe(buckets.length)
        },
      ),
    )
  })
})

describe('times in positions', () => {
  it('are read as they are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(9999, 11) }), ms => {
        expect(parseOffsetTime(formatOffsetTime(ms))).toBe(ms)
      }),
    )
    expect(formatOffsetTime(0)).toBe('1970-01-01 00:00:00.000Z')
    expect(parseOffsetTime('1900-01-01 00:00:00.0000000Z')).toBe(Date.UTC(1900, 0))
  })

  it.each(['', '2020-01-01', '2020-13-01 00:00:00.000Z', '2020-02-30 00:00:00Z', '1 2Z'])(
    'are not read from "%s"',
    text => expect(parseOffsetTime(text)).toBeUndefined(),
  )

  it('lie in time UUIDs', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1600, 0), max: Date.UTC(4000, 0) }), ms => {
        const writer = new ByteWriter(16)
        expect(writeTimeUuidAt(writer, ms)).toBe(true)
        expect(timeUuidMs(Buffer.from(writer.view()), 0)).toBe(ms)
      }),
    )
  })
})

describe('positions of time modes', () => {
  it('come back as they were stored', () => {
    const latest = new SeenRows(T + 5, ['c'])
    const window = { upperMs: T + 9, pagingState: Buffer.from([1, 2]), latest }
    const seen = new SeenRows(T, ['a', 'b'])
    const position = { seen, hasRows: true, window, goalMs: T + 20 }
    const offset = JSON.parse(JSON.stringify(toOffset('created', position)))
    expect(offset).toEqual({
      created: '2024-05-01 00:00:00.000Z',
      seen: ['a', 'b'],
      upper: '2024-05-01 00:00:00.009Z',
      paging: 'AQI=',
      latest: '2024-05-01 00:00:00.005Z',
      latestSeen: ['c'],
      goal: '2024-05-01 00:00:00.020Z',
    })
    expect(toOffset('created', { ...position, goalMs: T + 9 })).not.toHaveProperty('goal')
    const back = fromOffset('created', offset, 0)
    expect([back.seen.timeMs, back.goalMs]).toEqual([T, T + 20])
    expect(back.seen.toStored()).toEqual(['a', 'b'])
    expect(back.window?.pagingState).toEqual(Buffer.from([1, 2]))
    expect(back.window?.latest?.has('c')).toBe(true)
  })

  it.each(['seen', 'upper', 'paging', 'latest', 'latestSeen', 'goal'])(
    'come back when the column of PK is called %s',
    column => {
      const window = {
        upperMs: T + 9,
        pagingState: Buffer.from([1, 2]),
        latest: new SeenRows(T + 5, ['c']),
      }
      const seen = new SeenRows(T, ['a'])
      const position = { seen, hasRows: true, window, goalMs: T + 20 }
      const back = fromOffset(column, toOffset(column, position), 0)
      expect(back).toMatchObject({ hasRows: true, window: { upperMs: T + 9 }, goalMs: T + 20 })
      expect([back.seen.timeMs, back.seen.has('a')]).toEqual([T, true])
      expect(back.window?.pagingState).toEqual(Buffer.from([1, 2]))
      expect([back.window?.latest?.timeMs, back.window?.latest?.has('c')]).toEqual([T + 5, true])
    },
  )

  it('of another product are read again from their millisecond on', () => {
    const back = fromOffset('created', { created: '2024-05-01 00:00:00.000Z' }, 0)
    expect([back.seen.timeMs, back.hasRows, back.window]).toEqual([T, true, undefined])
    expect(fromOffset('created', undefined, 7)).toMatchObject({ hasRows: false })
    expect(() => fromOffset('created', { other: 'x' }, 0)).toThrow('expected an offset')
  })
})
