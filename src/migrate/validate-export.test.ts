import { describe, expect, it } from 'vitest'
import { failureCsv, reportJunit } from './validate-export.ts'
import { type Failure, noValidateCounts } from './validate-report.ts'

const FAILURE: Failure = {
  ...{ kind: 'mismatch', keyspace: 'ks', table: 't', key: { id: 1 }, isRepaired: false },
  source: { v: 'a,"b"' },
  target: { v: null },
  differences: [
    { kind: 'value', column: 'v', source: 'a,"b"', target: null, difference: null },
    { kind: 'ttl', column: 'w', source: '5000', target: '9000', difference: 4000 },
  ],
  note: null,
}

describe('CSV', () => {
  it('has a line per difference, quoted where it must be', () => {
    expect(failureCsv(FAILURE)).toBe(
      'mismatch,ks,t,"{""id"":1}",value,v,"a,""b""",,,false,\n' +
        'mismatch,ks,t,"{""id"":1}",ttl,w,5000,9000,4000,false,\n',
    )
  })

  it('tells an empty text from null', () => {
    const [one] = FAILURE.differences
    const differences = [{ ...one!, source: '', target: null }]
    expect(failureCsv({ ...FAILURE, differences })).toContain(',value,v,"",,,')
  })

  it.each([
    ['=1+1', "'=1+1"],
    ['@a', "'@a"],
    ["-2+cmd|' /C calc'!A0", "'-2+cmd|' /C calc'!A0"],
    ['\t=1', "'\t=1"],
    ['-2.5e-7', '-2.5e-7'],
    ['a=1', 'a=1'],
  ])('%j is no formula there', (source, cell) => {
    const differences = [{ ...FAILURE.differences[0]!, source, target: null }]
    expect(failureCsv({ ...FAILURE, differences })).toContain(`,value,v,${cell},,`)
  })

  it('has one line for a row of one side', () => {
    const missing = { ...FAILURE, kind: 'missing', target: null, differences: [] } as const
    expect(failureCsv({ ...missing, isRepaired: true, note: 'two\nlines' })).toBe(
      'missing,ks,t,"{""id"":1}",,,"{""v"":""a,\\""b\\""""}",,,true,"two\nlines"\n',
    )
  })
})

describe('JUnit', () => {
  const report = (failures: readonly Failure[], exitCode: number, open: [string, number][] = []) =>
    reportJunit(
      {
        ...{ startedAt: '2026-01-01T00:00:00Z', elapsedMs: 1500, tables: ['t', 'u'] },
        ...{ counts: noValidateCounts(), failures, exitCode },
      },
      { keyspace: 'ks', open: new Map(open) },
    )

  it('fails the tables that differ, and escapes values', () => {
    const text = report([{ ...FAILURE, source: { v: '<\u0001&' } }], 1, [['t', 1]])
    expect(text).toContain('tests="3" failures="1" errors="0" time="1.500"')
    expect(text).toContain('<failure message="1 rows differ" type="different">')
    expect(text).toContain('&quot;&lt;\\u0001&amp;&quot;')
    expect(text).toContain('<testcase classname="ks" name="u"/>')
  })

  it('fails a table whose rows are not among the first ones that the report keeps', () => {
    const text = report([{ ...FAILURE, isRepaired: true }], 1, [['u', 1200]])
    expect(text).toContain('tests="3" failures="1" errors="0"')
    expect(text).toContain('<testcase classname="ks" name="t"/>')
    expect(text).toContain('name="u"><failure message="1200 rows differ" type="different">')
  })

  it('writes only what XML has', () => {
    const note = 'a\ufffe\uffff\ud800b\u{1f600}'
    expect(report([{ ...FAILURE, note }], 1, [['t', 1]])).toContain('  ab\u{1f600}\n')
  })

  it('a repaired row is no failure; a run that did not end is an error', () => {
    expect(report([{ ...FAILURE, isRepaired: true }], 0)).toContain('failures="0" errors="0"')
    expect(report([], 4)).toContain('<error message="exit code 4"/>')
  })
})
