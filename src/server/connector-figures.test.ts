/**
 * Figures of connectors out of metrics: tasks added up, rates of counters, gaps where nothing is known.
 */
import { describe, expect, it } from 'vitest'
import { declareMetric, type SeriesReading } from '../telemetry/index.ts'
import { FigureHistory } from './connector-figures.ts'

let history: FigureHistory

function reading(name: string, labels: readonly string[], value: number): SeriesReading {
  const kind = name.endsWith('_total') ? 'counter' : 'gauge'
  const names = labels.map((_label, index) => `l${index}`)
  return { descriptor: declareMetric({ name, kind, help: 'x', labels: names }), labels, value }
}

const READ = 'kafka_connect_sink_task_sink_record_read_total'
const BATCH = 'kafka_connect_sink_task_put_batch_avg_time_ms'
const LAG = 'kafka_consumer_fetch_manager_records_lag'

describe('figures', () => {
  it('add up tasks, and make rates of two readings', () => {
    history = new FigureHistory()
    const at = (first: number, second: number) => [
      reading(READ, ['a-1', '0'], first),
      reading(READ, ['a-1', '1'], second),
      reading(BATCH, ['a-1', '0'], 4),
      reading(BATCH, ['a-1', '1'], 9),
      reading(LAG, ['connector-consumer-a-1-0', 't', '0'], 3),
      reading(LAG, ['connector-consumer-a-1-1', 't', '1'], 5),
    ]
    history.take(at(100, 50), 10_000)
    history.take(at(120, 80), 20_000)
    const { times, series } = history.view('a-1')
    expect(times).toEqual([10, 20])
    expect(series).toMatchObject({ read: [null, 5], lag: [8, 8], batchMs: [9, 9] })
    expect(series.written).toEqual([null, null])
  })

  it('go by one of the readings that come in five seconds', () => {
    history = new FigureHistory()
    for (let at = 1_000; at <= 12_000; at += 1_000)
      history.offer([reading(BATCH, ['a', '0'], 1)], at)
    expect(history.view('a').times).toEqual([1, 6, 11])
  })

  it('leave a gap after a restart, and forget a connector that is gone', () => {
    history = new FigureHistory()
    history.take([reading(READ, ['a', '0'], 100)], 0)
    history.take([reading(READ, ['a', '0'], 2)], 5_000)
    history.take([reading(READ, ['a', '0'], 7)], 10_000)
    expect(history.view('a').series.read).toEqual([null, null, 1])
    history.take([], 15_000)
    expect(history.view('a').times).toEqual([])
  })
})
