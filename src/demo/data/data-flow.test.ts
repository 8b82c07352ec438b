import { describe, expect, it } from 'vitest'
import type { DataFlow, PlainRow } from './data-flow.ts'
import { loadFlights } from './flights.ts'
import { loadQuakes } from './quakes.ts'
import { loadStocks } from './stocks.ts'

function keys(flow: DataFlow, rounds: number): Set<string>[] {
  return flow.tables.map(table => {
    const found = new Set<string>()
    for (const row of flow.expectedRows(table, rounds)) {
      found.add(JSON.stringify(row.slice(0, table.keyLength)))
    }
    return found
  })
}

describe.each([
  ['stocks', loadStocks, 560, [560], [1120]],
  ['flights', loadFlights, 20_000, [19_998, 19_998], [39_996, 39_996]],
  ['quakes', loadQuakes, 1735, [1679], [3358]],
] as const)('%s', (_name, load, records, rows, rowsOfTwo) => {
  it('sends what it says, and new keys in every round', async () => {
    const flow = await load()
    expect([...flow.round(0)]).toHaveLength(records)
    expect(flow.recordsPerRound).toBe(records)
    expect(keys(flow, 1).map(one => one.size)).toEqual(rows)
    expect(keys(flow, 2).map(one => one.size)).toEqual(rowsOfTwo)
  })
})

describe('the first record and its row', () => {
  const first = (rows: Iterable<PlainRow>) => [...rows][0]

  it('of stocks', async () => {
    const flow = await loadStocks()
    const [record] = flow.round(29)
    expect(record).toEqual({
      key: 'MSFT.1',
      value: '{"date":"Jan 2 2000","price":39.81}',
      headers: [['currency', 'USD']],
    })
    const row = ['MSFT', '2000-01-01', 39.81, 'USD']
    expect(first(flow.expectedRows(flow.tables[0]!, 1))).toEqual(row)
  })

  it('of flights', async () => {
    const flow = await loadFlights()
    const [record] = flow.round(1)
    expect(JSON.parse(record?.value ?? '')).toEqual({
      ...{ date: '2001/04/01 00:47', delay: 66, distance: 1750, destination: 'LAS' },
    })
    const row = ['DTW', '2001-01-01', '2001-01-01T00:47:00.000Z', 'LAS', 66, 1750]
    expect(first(flow.expectedRows(flow.tables[0]!, 1))).toEqual(row)
  })

  it('of quakes; retractions come last', async () => {
    const flow = await loadQuakes()
    const records = [...flow.round(0)]
    expect(records[0]?.key).toBe('{"id":"ci37868143","time":"2018-02-07T01:26:13.840Z"}')
    expect(records.slice(1707).every(one => one.value === null)).toBe(true)
    const row = first(flow.expectedRows(flow.tables[0]!, 1))
    expect(row?.slice(0, 4)).toEqual(['2018-02-07', '2018-02-07T01:26:13.840Z', 'ci37868143', 2])
  })
})
