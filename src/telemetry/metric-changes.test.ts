import { describe, expect, it } from 'vitest'
import { declareMetric, MetricRegistry } from './metric.ts'
import { MetricChanges, MetricInflow, type MetricReport } from './metric-changes.ts'

const labels = ['connector']
const rows = declareMetric({
  name: 'scamander_test_moved_rows_total',
  kind: 'counter',
  help: 'Rows.',
  labels,
})
const open = declareMetric({
  name: 'scamander_test_moved_open',
  kind: 'gauge',
  help: 'Open.',
  labels,
})
const waits = declareMetric({
  name: 'scamander_test_moved_wait_seconds',
  kind: 'histogram',
  help: 'Waits.',
  labels,
  buckets: [1, 10],
})

/** As it arrives in the other thread. */
const copied = (report: MetricReport): MetricReport => structuredClone(report)

async function linesOf(registry: MetricRegistry): Promise<string[]> {
  return (await registry.exposition())
    .split('\n')
    .filter(line => /^scamander_test_moved/.test(line))
}

describe('series of several threads', () => {
  it('add up, and what a thread counted stays when it ends', async () => {
    const shown = new MetricRegistry()
    const threads = [1, 2].map(() => {
      const registry = new MetricRegistry()
      return { registry, changes: new MetricChanges(registry), inflow: new MetricInflow(shown) }
    })
    for (const [i, { registry, changes, inflow }] of threads.entries()) {
      registry.series(rows, 'a').add(3)
      inflow.apply(copied(await changes.take()))
      registry.series(rows, 'a').add(1)
      registry.series(open, 'a').set(5 + i)
      registry.series(waits, 'a').observe(5, 2)
      inflow.apply(copied(await changes.take()))
      expect((await changes.take()).changes).toEqual([])
    }
    expect(await linesOf(shown)).toEqual([
      'scamander_test_moved_rows_total{connector="a"} 8',
      'scamander_test_moved_open{connector="a"} 11',
      'scamander_test_moved_wait_seconds_bucket{connector="a",le="1"} 0',
      'scamander_test_moved_wait_seconds_bucket{connector="a",le="10"} 4',
      'scamander_test_moved_wait_seconds_bucket{connector="a",le="+Inf"} 4',
      'scamander_test_moved_wait_seconds_sum{connector="a"} 20',
      'scamander_test_moved_wait_seconds_count{connector="a"} 4',
    ])
    threads[0]!.inflow.close()
    const left = await linesOf(shown)
    expect(left).toContain('scamander_test_moved_rows_total{connector="a"} 8')
    expect(left).toContain('scamander_test_moved_open{connector="a"} 6')
  })

  it('of a deleted connector come back only with what is counted after that', async () => {
    const shown = new MetricRegistry()
    const registry = new MetricRegistry()
    const changes = new MetricChanges(registry)
    const inflow = new MetricInflow(shown)
    registry.series(rows, 'a').add(3)
    registry.series(rows, 'b').add(2)
    inflow.apply(copied(await changes.take()))
    await shown.removeWhere('connector', 'a')
    inflow.removeWhere('connector', 'a')
    await changes.removeWhere('connector', 'a')
    inflow.apply(copied(await changes.take()))
    expect(await linesOf(shown)).toEqual(['scamander_test_moved_rows_total{connector="b"} 2'])
    registry.series(rows, 'a').add(1)
    inflow.apply(copied(await changes.take()))
    expect(await linesOf(shown)).toContain('scamander_test_moved_rows_total{connector="a"} 1')
  })
})
