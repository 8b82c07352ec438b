/** The cursor arithmetic holds in every time zone. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nextWatermark, sinceDay } from './watermark.ts'

const HOUR_MS = 3_600_000
const ms = fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2040, 0) })

it('asks for a day that holds the watermark in every zone', () => {
  fc.assert(
    fc.property(ms, fc.integer({ min: -12, max: 14 }), (watermarkMs, zone) => {
      const start = Date.parse(sinceDay({ watermarkMs })) - zone * HOUR_MS
      expect(start).toBeLessThanOrEqual(watermarkMs)
    }),
  )
})

it('never passes the start of the run', () => {
  fc.assert(
    fc.property(ms, ms, (seen, start) => {
      expect(nextWatermark(seen, start)).toBeLessThanOrEqual(start)
    }),
  )
})
