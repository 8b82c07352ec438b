/** Rates against the published numbers of the library whose rates dashboards show. */
import { describe, expect, it } from 'vitest'
import { Meter } from './meter.ts'
import { TestClock } from './test-clock.ts'

function warm() {
  const clock = new TestClock()
  const meter = new Meter(clock)
  meter.mark(3)
  clock.advance(5_001)
  meter.mark(0)
  return { clock, meter }
}

describe('Meter', () => {
  it('begins with zeros', () => {
    expect(new Meter(new TestClock()).attributes()).toEqual({
      Count: 0,
      MeanRate: 0,
      OneMinuteRate: 0,
      FiveMinuteRate: 0,
      FifteenMinuteRate: 0,
    })
  })

  it('counts, and weighs what happened within ten seconds', () => {
    const clock = new TestClock()
    const meter = new Meter(clock)
    meter.mark()
    clock.advance(10_000)
    meter.mark(2)
    const { Count, ...rates } = meter.attributes()
    expect(Count).toBe(3)
    expect(rates['MeanRate']).toBeCloseTo(0.3, 10)
    expect(rates['OneMinuteRate']).toBeCloseTo(0.184, 4)
    expect(rates['FiveMinuteRate']).toBeCloseTo(0.1967, 4)
    expect(rates['FifteenMinuteRate']).toBeCloseTo(0.1989, 4)
  })

  it.each([
    [0, 0.6, 0.6, 0.6],
    [1, 0.22072766, 0.49123845, 0.56130419],
    [2, 0.08120117, 0.40219203, 0.52510399],
    [5, 0.0040427682, 0.22072766, 0.42991879],
    [15, 0.0000001835, 0.0298722411, 0.22072766],
  ])('three events, then %d minutes of nothing', (minutes, one, five, fifteen) => {
    for (const steps of [1, minutes * 60]) {
      const { clock, meter } = warm()
      for (let i = 0; i < steps; i++) {
        clock.advance((minutes * 60_000) / steps)
        if (steps > 1) meter.attributes()
      }
      const rates = meter.attributes()
      expect(rates['OneMinuteRate']).toBeCloseTo(one, 8)
      expect(rates['FiveMinuteRate']).toBeCloseTo(five, 8)
      expect(rates['FifteenMinuteRate']).toBeCloseTo(fifteen, 8)
    }
  })

  it('nears a steady rate', () => {
    const clock = new TestClock()
    const meter = new Meter(clock)
    for (let second = 0; second < 3_600; second++) {
      meter.mark(40)
      clock.advance(1_000)
    }
    const rates = meter.attributes()
    expect(rates['Count']).toBe(144_000)
    for (const name of ['MeanRate', 'OneMinuteRate', 'FiveMinuteRate', 'FifteenMinuteRate']) {
      expect(rates[name]).toBeCloseTo(40, 0)
    }
  })
})
