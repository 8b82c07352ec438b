import { describe, expect, it } from 'vitest'
import {
  countsText,
  type Failure,
  failureText,
  noValidateCounts,
  reportHtml,
} from './validate-report.ts'

const FAILURE: Failure = {
  ...{ kind: 'mismatch', keyspace: 'ks', table: 't', key: { id: 1 }, isRepaired: false },
  source: { v: '<b>' },
  target: { v: null },
  differences: [{ kind: 'value', column: 'v', source: '<b>', target: null, difference: null }],
  note: 'target-newer',
}

describe('the report', () => {
  it('names every count', () => {
    const text = countsText({ ...noValidateCounts(), read: 5, correctedMismatch: 2 })
    expect(text).toMatch(/^Read: 5$/m)
    expect(text).toMatch(/^Corrected Mismatch: 2$/m)
  })

  it('shows both rows and the differences', () => {
    expect(failureText(FAILURE)).toBe(
      'mismatch in ks.t: {"id":1}\n  source: {"v":"<b>"}\n  target: {"v":null}\n' +
        '  value of v: "<b>" and null\n  target-newer\n',
    )
    expect(failureText({ ...FAILURE, kind: 'missing', target: null })).toContain('<MISSING>')
  })

  it('is a page that shows values as text', () => {
    const page = reportHtml({
      ...{ startedAt: '2026-01-01T00:00:00Z', elapsedMs: 1500, tables: ['t'], exitCode: 1 },
      ...{ counts: { ...noValidateCounts(), mismatch: 3 }, failures: [FAILURE] },
    })
    expect(page).toContain('&quot;&lt;b&gt;&quot; and null')
    expect(page).not.toContain('<b>')
    expect(page).toContain('the first ones')
  })
})
