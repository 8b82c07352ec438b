import { describe, expect, it } from 'vitest'
import { declareMetric, MetricRegistry } from './metric.ts'

const seconds = declareMetric({
  name: 'scamander_test_wait_seconds',
  kind: 'histogram',
  help: 'Waits.',
  labels: ['connector'],
  buckets: [1, 10],
})
const total = declareMetric({
  name: 'scamander_test_rows_total',
  kind: 'counter',
  help: 'Rows.',
  labels: ['connector'],
})

describe('MetricRegistry', () => {
  it('exposes cumulative histogram buckets, sum and count', async () => {
    const registry = new MetricRegistry()
    const series = registry.series(seconds, 'a')
    series.observe(1)
    series.observe(5, 3)
    series.observe(50)
    expect((await registry.exposition()).trim().split('\n')).toEqual([
      '# HELP scamander_test_wait_seconds Waits.',
      '# TYPE scamander_test_wait_seconds histogram',
      'scamander_test_wait_seconds_bucket{connector="a",le="1"} 1',
      'scamander_test_wait_seconds_bucket{connector="a",le="10"} 4',
      'scamander_test_wait_seconds_bucket{connector="a",le="+Inf"} 5',
      'scamander_test_wait_seconds_sum{connector="a"} 66',
      'scamander_test_wait_seconds_count{connector="a"} 5',
    ])
  })

  it('forgets the series of a deleted connector only', async () => {
    const registry = new MetricRegistry()
    for (const name of ['a', 'b']) {
      registry.series(total, name).add(2)
      registry.series(seconds, name).observe(1)
    }
    await registry.removeWhere('connector', 'a')
    const text = await registry.exposition()
    expect(text).not.toContain('connector="a"')
    expect(text).toContain('scamander_test_rows_total{connector="b"} 2')
    expect(text).toContain('scamander_test_wait_seconds_count{connector="b"} 1')
  })

  it('refuses an update that does not fit the kind', () => {
    const registry = new MetricRegistry()
    expect(() => registry.series(total, 'a').observe(1)).toThrow(/does not fit/)
    expect(() => registry.series(seconds, 'a').add(1)).toThrow(/does not fit/)
  })
})
