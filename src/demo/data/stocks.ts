/**
 * Monthly prices of five shares, 2000 to 2010: topic `stocks`, table market.prices_by_symbol.
 * Shows a text key, a date with an English month name, and a column that comes from a header.
 * Later rounds move the day of the month, after 28 rounds the symbol gets a number.
 */

import { readDataFile } from './data-file.ts'
import type { DataFlow, DemoRecord, DemoTable, PlainRow } from './data-flow.ts'

interface Price {
  readonly symbol: string
  readonly month: string
  readonly year: string
  readonly price: string
}

const TABLE: DemoTable = {
  name: 'market.prices_by_symbol',
  columns: ['symbol', 'day', 'price', 'currency'],
  keyLength: 2,
  expires: false,
}
const CURRENCY = 'USD'
const DAYS = 28
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

export async function loadStocks(): Promise<DataFlow> {
  const lines = (await readDataFile('stocks.csv')).trim().split('\n').slice(1)
  const prices = lines.map(line => toPrice(line))
  return {
    topic: 'stocks',
    title: 'monthly prices of shares',
    connector: 'stocks-sink',
    partitions: 2,
    tables: [TABLE],
    roundsOnce: DAYS,
    recordsPerRound: prices.length,
    round: index => recordsOf(prices, index),
    expectedRows: (_table, rounds) => rowsOf(prices, rounds),
  }
}

/** `MSFT,Jan 1 2000,39.81` */
function toPrice(line: string): Price {
  const [symbol = '', date = '', price = ''] = line.trim().split(',')
  const [month = '', , year = ''] = date.split(' ')
  return { symbol, month, year, price }
}

function* recordsOf(prices: readonly Price[], round: number): Iterable<DemoRecord> {
  for (const { symbol, month, year, price } of prices) {
    const date = `${month} ${1 + (round % DAYS)} ${year}`
    yield {
      key: symbolOf(symbol, round),
      value: `{"date":"${date}","price":${price}}`,
      headers: [['currency', CURRENCY]],
    }
  }
}

function* rowsOf(prices: readonly Price[], rounds: number): Iterable<PlainRow> {
  for (let round = 0; round < rounds; round++) {
    for (const { symbol, month, year, price } of prices) {
      const monthText = String(MONTHS.indexOf(month) + 1).padStart(2, '0')
      const dayText = String(1 + (round % DAYS)).padStart(2, '0')
      const day = `${year}-${monthText}-${dayText}`
      yield [symbolOf(symbol, round), day, Number(price), CURRENCY]
    }
  }
}

function symbolOf(symbol: string, round: number): string {
  const series = Math.floor(round / DAYS)
  return series === 0 ? symbol : `${symbol}.${series}`
}
