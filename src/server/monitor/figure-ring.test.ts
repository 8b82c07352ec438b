/**
 * The ring of figures: fine points for a while, averages for a day, and never more than fit.
 */
import { expect, it } from 'vitest'
import type { WorkerPoint } from '../../api-v1-monitor.ts'
import { FIGURES, FigureRing } from './figure-ring.ts'

const point = (at: number, read: number | null): WorkerPoint => {
  const values = Object.fromEntries(FIGURES.map(figure => [figure, null]))
  return { at, values: { ...values, read } as WorkerPoint['values'] }
}

it('keeps each second for fifteen minutes, and averages for a day', () => {
  const ring = new FigureRing()
  const end = 100_000
  for (let at = 0; at < end; at++) ring.add(point(at, at % 10))
  const fine = ring.since(end - 900, end)
  expect([fine.times.length, fine.times[0], fine.series.read[0]]).toEqual([900, end - 900, 0])
  const day = ring.since(end - 86_400, end)
  expect(day.times.length).toBeLessThanOrEqual(8_640)
  expect([day.times[1]! - day.times[0]!, day.series.read[0]]).toEqual([10, 4.5])
})

it('leaves a gap where nothing was known', () => {
  const ring = new FigureRing()
  ring.add(point(1, 4))
  ring.add(point(2, null))
  expect(ring.since(0, 10).series.read).toEqual([4, null])
  expect(ring.since(0, 2_000).series.read).toEqual([4, null])
  for (let at = 10; at < 920; at++) ring.add(point(at, at < 20 ? null : 1))
  expect(ring.since(0, 2_000).series.read.slice(0, 3)).toEqual([4, null, 1])
})
