/**
 * 20,000 flights in the United States, January to March 2001: topic `flights`, two tables.
 * Shows one topic feeding two tables, one field feeding a date and a timestamp, a time to live.
 * Two flights of the set share a key: the later record must win. Later rounds move the time by
 * ninety days each.
 */
import { readDataFile } from './data-file.ts'
import type { DataFlow, DemoRecord, DemoTable, PlainRow } from './data-flow.ts'

interface Flight {
  /** `2001/01/01 06:55`, UTC by definition of the demo. */
  readonly date: string
  readonly delay: number
  readonly distance: number
  readonly origin: string
  readonly destination: string
}

const BY_ORIGIN: DemoTable = {
  name: 'aviation.flights_by_origin',
  columns: ['origin', 'day', 'departure', 'destination', 'delay_minutes', 'distance_miles'],
  keyLength: 4,
  expires: false,
}
const BY_DESTINATION: DemoTable = {
  name: 'aviation.arrivals_by_destination',
  columns: ['destination', 'departure', 'origin', 'delay_minutes'],
  keyLength: 3,
  expires: true,
}
const ROUND_MS = 90 * 86_400_000

export async function loadFlights(): Promise<DataFlow> {
  const flights = JSON.parse(await readDataFile('flights-20k.json')) as Flight[]
  return {
    topic: 'flights',
    title: 'flights in the United States',
    connector: 'flights-sink',
    partitions: 2,
    tables: [BY_ORIGIN, BY_DESTINATION],
    roundsOnce: 1,
    recordsPerRound: flights.length,
    round: index => recordsOf(flights, index),
    expectedRows: (table, rounds) => rowsOf(flights, table, rounds),
  }
}

function* recordsOf(flights: readonly Flight[], round: number): Iterable<DemoRecord> {
  for (const { date, delay, distance, origin, destination } of flights) {
    const shifted = round === 0 ? date : toDateText(departureMs(date) + round * ROUND_MS)
    yield { key: origin, value: JSON.stringify({ date: shifted, delay, distance, destination }) }
  }
}

function* rowsOf(flights: readonly Flight[], table: DemoTable, rounds: number): Iterable<PlainRow> {
  for (let round = 0; round < rounds; round++) {
    for (const { date, delay, distance, origin, destination } of flights) {
      const departure = new Date(departureMs(date) + round * ROUND_MS).toISOString()
      yield table === BY_ORIGIN
        ? [origin, departure.slice(0, 10), departure, destination, delay, distance]
        : [destination, departure, origin, delay]
    }
  }
}

function departureMs(date: string): number {
  return Date.parse(`${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`)
}

/** `2001/04/01 06:55` */
function toDateText(ms: number): string {
  const iso = new Date(ms).toISOString()
  return `${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 16)}`
}
