import { describe, expect, it } from 'vitest'
import type { FlowStatus } from './flow-status.ts'
import { clockText, renderBlock, renderLine } from './status-view.ts'

const flows: FlowStatus[] = [
  {
    ...{ topic: 'stocks', sent: 1234, consumed: 1230, lag: 4, errors: 0 },
    tables: [{ name: 'market.prices', rate: 300.4, rows: 1000 }],
  },
  {
    ...{ topic: 'flights', sent: 12, consumed: 12, lag: 0, errors: 2 },
    tables: [
      { name: 'aviation.a', rate: 6, rows: undefined },
      { name: 'aviation.b', rate: 7, rows: 5 },
    ],
  },
]
const status = { elapsedMs: 3_723_900, restUrl: 'http://127.0.0.1:8083', flows }

describe('status', () => {
  it('draws a block with a line per table', () => {
    expect(renderBlock(status).slice(0, 8)).toEqual([
      '',
      '  topic    table           sent  consumed  lag  rows/s   rows  errors',
      '  stocks   market.prices  1,234     1,230    4     300  1,000       0',
      '  flights  aviation.a        12        12    0       6      …       2',
      '           aviation.b                                7      5',
      '',
      '  running 01:02:03 · http://127.0.0.1:8083 · Ctrl-C stops everything',
      '',
    ])
  })

  it('tells how to look', () => {
    expect(renderBlock(status).slice(8)).toEqual([
      '  curl -s http://127.0.0.1:8083/connectors',
      '  curl -s http://127.0.0.1:8083/connectors/stocks-sink/status',
      '  curl -s http://127.0.0.1:8083/metrics | grep scamander_sink_records_total',
    ])
  })

  it('fits into one line for logs', () => {
    expect(renderLine(status)).toBe(
      '01:02:03  stocks: sent 1,234, consumed 1,230, lag 4, 300 rows/s, rows 1,000, errors 0 | ' +
        'flights: sent 12, consumed 12, lag 0, 13 rows/s, rows … + 5, errors 2',
    )
  })

  it.each([
    [0, '00:00:00'],
    [59_999, '00:00:59'],
    [100 * 3_600_000, '100:00:00'],
  ])('shows %d ms as %s', (ms, text) => {
    expect(clockText(ms)).toBe(text)
  })
})
