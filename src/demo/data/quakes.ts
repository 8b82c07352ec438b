/**
 * The earthquakes of one week, USGS: topic `quakes`, table geo.quakes_by_day.
 * Shows a JSON key, ISO instants, nulls, a tuple, a set, a map, and deletes: at the end of a round
 * the events that were no earthquakes (quarry blasts, explosions) are retracted by records without
 * a value. Later rounds move the time by one week and number the id.
 */
import { readDataFile } from './data-file.ts'
import type { DataFlow, DemoRecord, DemoTable, PlainRow } from './data-flow.ts'

interface Feature {
  readonly id: string
  readonly properties: {
    readonly mag: number
    readonly place: string
    readonly time: number
    readonly felt: number | null
    readonly tsunami: number
    readonly types: string
    readonly type: string
    readonly status: string
    readonly net: string
    readonly sig: number
    readonly magType: string
  }
  readonly geometry: { readonly coordinates: readonly number[] }
}

const TABLE: DemoTable = {
  name: 'geo.quakes_by_day',
  columns: [
    ...['day', 'time', 'id', 'magnitude', 'place', 'felt'],
    ...['tsunami', 'coordinates', 'products', 'details'],
  ],
  keyLength: 3,
  expires: false,
}
const ROUND_MS = 7 * 86_400_000

export async function loadQuakes(): Promise<DataFlow> {
  const text = await readDataFile('earthquakes.json')
  const { features } = JSON.parse(text) as { features: Feature[] }
  const retracted = features.filter(one => isRetracted(one)).length
  return {
    topic: 'quakes',
    title: 'earthquakes of a week',
    connector: 'quakes-sink',
    partitions: 2,
    tables: [TABLE],
    roundsOnce: 3,
    recordsPerRound: features.length + retracted,
    round: index => recordsOf(features, index),
    expectedRows: (_table, rounds) => rowsOf(features, rounds),
  }
}

function* recordsOf(features: readonly Feature[], round: number): Iterable<DemoRecord> {
  for (const feature of features) {
    const { mag, place, felt, tsunami, types, status, net, sig, magType } = feature.properties
    const value = {
      magnitude: mag,
      place,
      felt,
      tsunami,
      coordinates: feature.geometry.coordinates,
      products: types.split(',').filter(name => name !== ''),
      details: { status, network: net, significance: sig, scale: magType },
    }
    yield { key: keyOf(feature, round), value: JSON.stringify(value) }
  }
  for (const feature of features) {
    if (isRetracted(feature)) yield { key: keyOf(feature, round), value: null }
  }
}

function* rowsOf(features: readonly Feature[], rounds: number): Iterable<PlainRow> {
  for (let round = 0; round < rounds; round++) {
    for (const feature of features) {
      if (isRetracted(feature)) continue
      const { properties, geometry } = feature
      const time = timeOf(feature, round)
      const { mag, place, felt, tsunami, types, status, net, sig, magType } = properties
      const products = new Set(types.slice(1, -1).split(','))
      yield [
        ...[time.slice(0, 10), time, idOf(feature, round), mag, place, felt, tsunami === 1],
        geometry.coordinates,
        [...products].sort(),
        { network: net, scale: magType, significance: String(sig), status },
      ]
    }
  }
}

function isRetracted({ properties }: Feature): boolean {
  return properties.type !== 'earthquake'
}

function keyOf(feature: Feature, round: number): string {
  return JSON.stringify({ id: idOf(feature, round), time: timeOf(feature, round) })
}

function idOf({ id }: Feature, round: number): string {
  return round === 0 ? id : `${id}-${round}`
}

function timeOf({ properties }: Feature, round: number): string {
  return new Date(properties.time + round * ROUND_MS).toISOString()
}
