/**
 * Series of a chart as text: what is not known stays so, and no chart has more than six lines.
 */
import { describe, expect, it } from 'vitest'
import { chartCsv, shownSeries, toShort } from './chart-model.ts'

describe('chart', () => {
  it.each([
    [null, '–'],
    [0, '0/s'],
    [0.04, '0.04/s'],
    [812, '812/s'],
    [12.34, '12/s'],
    [48_210, '48.2k/s'],
    [1_240_000, '1.24M/s'],
  ])('%s is %s', (value, text) => expect(toShort(value, '/s')).toBe(text))

  it('adds up what is beyond six lines', () => {
    const all = [1, 2, 3, 4, 5, 6, 7].map(one => ({ name: `s${one}`, values: [null, one] }))
    const shown = shownSeries(all)
    expect(shown.map(one => one.name)).toEqual(['s7', 's6', 's5', 's4', 's3', '2 others'])
    expect(shown.at(-1)?.values).toEqual([null, 3])
    expect(shownSeries(all.slice(1))).toHaveLength(6)
  })

  it('is CSV with empty cells for gaps', () => {
    const series = [
      { name: 'a,b', values: [1, null] },
      { name: 'c', values: [null, 2] },
    ]
    expect(chartCsv([0, 60], series)).toBe(
      'time,"a,b",c\n1970-01-01T00:00:00.000Z,1,\n1970-01-01T00:01:00.000Z,,2\n',
    )
  })
})
