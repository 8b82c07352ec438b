import { describe, expect, it } from 'vitest'
import { declareMetric, MetricRegistry } from '../telemetry/index.ts'
import { readMetricText, sumOf } from './metric-text.ts'

const ROWS = declareMetric({
  name: 'scamander_demo_test_rows_total',
  kind: 'counter',
  help: 'Rows of a test.',
  labels: ['connector', 'table'],
})

describe('metric text', () => {
  it('reads what the registry writes', async () => {
    const registry = new MetricRegistry()
    registry.series(ROWS, 'a', 't1').add(3)
    registry.series(ROWS, 'a', 't"2').add(4)
    registry.series(ROWS, 'b', 't1').add(50)
    const samples = readMetricText(await registry.exposition())
    expect(samples).toHaveLength(3)
    expect(sumOf(samples, ROWS.name, { connector: 'a' })).toBe(7)
    expect(sumOf(samples, ROWS.name, { connector: 'a', table: 't1' })).toBe(3)
    expect(sumOf(samples, ROWS.name, {})).toBe(57)
    expect(sumOf(samples, 'scamander_demo_test_rows', {})).toBe(0)
  })

  it('reads series without labels and skips what it does not know', () => {
    const samples = readMetricText('# HELP x y\nx 1.5\n\n??\ny{} 2e3 1700000000\n')
    expect(samples.map(({ name, value }) => [name, value])).toEqual([
      ['x', 1.5],
      ['y', 2000],
    ])
  })
})
