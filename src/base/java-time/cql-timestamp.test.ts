/** Timestamp texts of CQL: every form of cassandra-sink 9.5, and what must be refused. */
import { describe, expect, it } from 'vitest'
import { parseCqlTimestamp } from './cql-timestamp.ts'
import { findZone } from './zone-rules.ts'

function parse(text: string, zone = 'UTC'): number {
  const bytes = Buffer.from(`x${text}y`)
  return parseCqlTimestamp(bytes, { start: 1, end: bytes.length - 1 }, findZone(zone)!)
}

const accepted: readonly (readonly [text: string, zone: string, iso: string])[] = [
  ['2018-03-09', 'UTC', '2018-03-09T00:00:00Z'],
  ['2018-03-09T', 'UTC', '2018-03-09T00:00:00Z'],
  ['2018-03-09T17:12', 'UTC', '2018-03-09T17:12:00Z'],
  ['2018-03-09 17:12:32', 'Europe/Paris', '2018-03-09T16:12:32Z'],
  ['2018-03-09T 17:12:32', 'UTC', '2018-03-09T17:12:32Z'],
  ['2018-03-09t17:12:32z', 'Europe/Paris', '2018-03-09T17:12:32Z'],
  ['2018-03-09T17:12:32.1Z', 'UTC', '2018-03-09T17:12:32.100Z'],
  ['2018-03-09T17:12:32.123456789Z', 'UTC', '2018-03-09T17:12:32.123Z'],
  ['2018-03-09T17:12:32+01:00', 'UTC', '2018-03-09T16:12:32Z'],
  ['2018-03-09T17:12:32-0130', 'UTC', '2018-03-09T18:42:32Z'],
  ['2018-03-09T17:12:32+01', 'UTC', '2018-03-09T16:12:32Z'],
  ['2018-03-09 17:12:32 UTC', 'Europe/Paris', '2018-03-09T17:12:32Z'],
  ['2018-03-09 17:12:32 CET', 'UTC', '2018-03-09T16:12:32Z'],
  ['2018-03-09+01:00', 'UTC', '2018-03-08T23:00:00Z'],
  ['2018-03-09 UTC', 'Europe/Paris', '2018-03-09T00:00:00Z'],
  ['2019-02-29T00:00:00Z', 'UTC', '2019-02-28T00:00:00Z'],
  ['2019-12-31T24:00', 'UTC', '2020-01-01T00:00:00Z'],
  ['0001-01-01T00:00:00Z', 'UTC', '0001-01-01T00:00:00Z'],
  ['1969-12-31T23:59:59.999Z', 'UTC', '1969-12-31T23:59:59.999Z'],
]

const refused = [
  '',
  '2018-03-0',
  '2018-3-9',
  '2018-03-32',
  '2018-13-01',
  '2018-03-09T1:02',
  '2018-03-09T17:12:32.Z',
  '2018-03-09T17:12:32.1234567891Z',
  '2018-03-09T17:12:60Z',
  '2018-03-09T24:00:01Z',
  '2018-03-09T17:12:32+19:00',
  '2018-03-09T17:12:32+1',
  '2018-03-09T17:12:32+01:00[Europe/Paris]',
  '2018-03-09T17:12:32 NOPE',
  '2018-03-09T17:12:32Zx',
  '2018-03-09x',
  '1520612345678',
  '20180309T171232Z',
]

describe('parseCqlTimestamp', () => {
  it.each(accepted)('reads %s in %s', (text, zone, iso) => {
    expect(parse(text, zone)).toBe(Date.parse(iso))
  })

  it.each(refused)('refuses %s', text => {
    expect(parse(text)).toBeNaN()
  })
})
