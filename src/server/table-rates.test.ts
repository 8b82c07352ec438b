/** Rates of topics and tables out of counters. */
import { expect, it } from 'vitest'
import { SINK_BATCH_BYTES, SINK_FAILED_RECORDS, SINK_RECORDS } from '../sink/index.ts'
import { TableRates } from './table-rates.ts'

const reading = (descriptor: typeof SINK_RECORDS, value: number, table = 't') => ({
  descriptor,
  labels: ['c', 'topic', 'ks', table],
  value,
})

it('tells what came between two readings, and nothing before there are two', () => {
  const rates = new TableRates()
  rates.offer([reading(SINK_RECORDS, 100), reading(SINK_BATCH_BYTES, 1)], 0)
  expect(rates.list('c')).toEqual([
    { topic: 'topic', table: 'ks.t', records: 100, failed: 0, rate: null },
  ])
  rates.offer([reading(SINK_RECORDS, 5000)], 1_000)
  expect(rates.list('c')[0]?.records).toBe(100)
  const more = [reading(SINK_RECORDS, 200), reading(SINK_FAILED_RECORDS, 3)]
  rates.offer([...more, reading(SINK_RECORDS, 7, 'a')], 10_000)
  expect(rates.list('c')).toEqual([
    { topic: 'topic', table: 'ks.a', records: 7, failed: 0, rate: null },
    { topic: 'topic', table: 'ks.t', records: 200, failed: 3, rate: 10 },
  ])
  expect(rates.list('other')).toEqual([])
})

it('has no rate for a counter that began anew, and forgets what is gone', () => {
  const rates = new TableRates()
  rates.offer([reading(SINK_RECORDS, 100)], 0)
  rates.offer([reading(SINK_RECORDS, 10)], 10_000)
  expect(rates.list('c')[0]?.rate).toBeNull()
  rates.offer([], 20_000)
  expect(rates.list('c')).toEqual([])
})
