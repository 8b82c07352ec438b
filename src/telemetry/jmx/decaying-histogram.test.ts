/** Percentiles, extremes, precision, forgetting. */
import { describe, expect, it } from 'vitest'
import { DecayingHistogram } from './decaying-histogram.ts'
import { TestClock } from './test-clock.ts'

function histogram(valueMax?: number) {
  const clock = new TestClock()
  return { clock, of: new DecayingHistogram(clock, valueMax) }
}

describe('DecayingHistogram', () => {
  it('begins with zeros, under the names of the reference', () => {
    expect(histogram().of.attributes()).toEqual({
      Count: 0,
      Min: 0,
      Max: 0,
      Mean: 0,
      StdDev: 0,
      '50thPercentile': 0,
      '75thPercentile': 0,
      '95thPercentile': 0,
      '98thPercentile': 0,
      '99thPercentile': 0,
      '999thPercentile': 0,
    })
  })

  it('is exact for small values', () => {
    const { of } = histogram()
    for (let value = 1; value <= 100; value++) of.observe(value)
    const { Mean, StdDev, ...rest } = of.attributes()
    expect(rest).toEqual({
      Count: 100,
      Min: 1,
      Max: 100,
      '50thPercentile': 50,
      '75thPercentile': 75,
      '95thPercentile': 95,
      '98thPercentile': 98,
      '99thPercentile': 99,
      '999thPercentile': 100,
    })
    expect(Mean).toBeCloseTo(50.5, 10)
    expect(StdDev).toBeCloseTo(Math.sqrt((100 ** 2 - 1) / 12), 10)
  })

  it('takes equal observations at once', () => {
    const { of } = histogram()
    of.observe(10, 3)
    of.observe(2)
    expect(of.attributes()).toMatchObject({ Count: 4, Min: 2, Max: 10, Mean: 8 })
    expect(of.attributes()['50thPercentile']).toBe(10)
  })

  it.each([0, 1, 127, 128, 129, 255, 256, 1_000, 4_800, 65_536, 1e6, 123_456_789, 2 ** 31 - 1])(
    'shows %d within 0.8 %',
    value => {
      const { of } = histogram()
      of.observe(value)
      const { Min = -1, Max = -1, Mean = -1, '999thPercentile': top = -1 } = of.attributes()
      expect(Mean).toBe(value)
      for (const shown of [Min, Max, top]) {
        expect(Math.abs(shown - value)).toBeLessThanOrEqual(value * 0.008)
      }
    },
  )

  it('keeps the order of values', () => {
    const shown = Array.from({ length: 3_000 }, (_, i) => {
      const { of } = histogram()
      of.observe(i)
      return of.attributes()['Max']!
    })
    for (let i = 1; i < shown.length; i++) expect(shown[i]).toBeGreaterThanOrEqual(shown[i - 1]!)
    expect(new Set(shown.slice(0, 128)).size).toBe(128)
  })

  it('counts what is above the highest as that', () => {
    const { of } = histogram(100)
    of.observe(5_000_000_000)
    expect(of.attributes()).toMatchObject({ Count: 1, Max: 100, Mean: 100 })
  })

  it('forgets by time: what came five minutes later weighs 90 times as much', () => {
    const { clock, of } = histogram()
    of.observe(10, 10)
    clock.advance(300_000)
    of.observe(20)
    const weight = Math.exp(0.015 * 300)
    const { Count, Mean, Min, '50thPercentile': median } = of.attributes()
    expect([Count, Min, median]).toEqual([11, 10, 20])
    expect(Mean).toBeCloseTo((10 * 10 + 20 * weight) / (10 + weight), 8)
    clock.advance(601_000)
    of.observe(30)
    expect(of.attributes()).toMatchObject({ Count: 12, Min: 30, Max: 30 })
  })

  it('keeps what it has while nothing is observed, and goes on after days', () => {
    const { clock, of } = histogram()
    for (const value of [10, 20]) of.observe(value)
    clock.advance(864_000_000)
    expect(of.attributes()).toMatchObject({ Count: 2, Min: 10, Max: 20, Mean: 15 })
    of.observe(40)
    for (let hour = 0; hour < 100; hour++) {
      clock.advance(3_600_001)
      of.observe(40, 2)
    }
    expect(of.attributes()).toMatchObject({ Count: 203, Min: 40, Max: 40, Mean: 40, StdDev: 0 })
  })
})
