/**
 * The conversion table row by row, accepting and rejecting: acceptance item 6.
 * Every row is (source, expected bytes as hexadecimal text, null, or the reason of the failure).
 * Spec: cassandra-sink 9.4 and 13.
 */
import { describe, expect, it } from 'vitest'
import { Decimal } from '../../../base/decimal.ts'
import { encoderOf, textCell, valueCell } from './test-cells.ts'
import {
  BOOLEAN,
  BYTES,
  COMPAT,
  DATE,
  DECIMAL,
  FLOAT32,
  FLOAT64,
  f32,
  f64,
  hex,
  INT32,
  INT64,
  i64,
  jsonRows,
  ms,
  type Row,
  STRING,
  TIME,
  TIMESTAMP,
  textRows,
  valueRows,
} from './test-rows.ts'

describe('text', () => {
  jsonRows('text', [
    ['"Grüße"', hex('Grüße')],
    ['""', ''],
    ['"a\\nb\\u0041\\ud83d\\ude00"', hex('a\nbA😀')],
    ['1.50', hex('1.5')],
    ['1e3', hex('1E+3')],
    ['42', hex('42')],
    ['-0', hex('0')],
    ['123456789012345678901234567890', hex('123456789012345678901234567890')],
    ['true', hex('true')],
    ['null', null],
    ['{ "a" : [1.50, "x\\u000by", null, true] }', hex('{"a":[1.5,"x\\u000By",null,true]}')],
    ['[ ]', hex('[]')],
    ['{"a":1,"a":2}', hex('{"a":2}')],
  ])
  textRows('text', [
    ['', ''],
    ['as is', hex('as is')],
  ])
  valueRows('text', [
    ['FLOAT64', 1e10, FLOAT64, hex('1.0E10')],
    ['FLOAT32', Math.fround(0.1), FLOAT32, hex('0.1')],
    ['INT32', 7, INT32, hex('7')],
    ['INT64', 7n, INT64, hex('7')],
    ['BOOLEAN', true, BOOLEAN, hex('true')],
    ['empty STRING', '', STRING, ''],
    ['BYTES', Buffer.from('x'), BYTES, 'codec not found'],
  ])
})

describe('text from JsonConverter without schemas', () => {
  const setup = { jsonNumbers: 'connect' } as const
  jsonRows(
    'text',
    [
      ['1.50', hex('1.5')],
      ['0.12345678901234567890', hex('0.12345678901234568')],
      ['9223372036854775807', hex('9223372036854775807')],
      ['9223372036854775808', 'overflow'],
    ],
    setup,
  )
})

describe('ascii', () => {
  jsonRows('ascii', [
    ['"abc"', hex('abc')],
    ['"é"', 'not ASCII'],
    ['true', hex('true')],
  ])
  valueRows('ascii', [
    ['BOOLEAN', true, BOOLEAN, 'codec not found'],
    ['STRING é', 'é', STRING, 'not ASCII'],
  ])
})

describe('boolean', () => {
  const words: Row[] = ['1', 'y', 't', 'YES', 'True'].map(word => [word, '01'])
  const noWords: Row[] = ['0', 'N', 'f', 'no', 'FALSE'].map(word => [word, '00'])
  textRows('boolean', [...words, ...noWords, ['2', 'not a boolean'], ['', null]])
  jsonRows('boolean', [
    ['true', '01'],
    ['false', '00'],
    ['"yes"', '01'],
    ['1', '01'],
    ['1.0', '01'],
    ['0.0', '00'],
    ['2', 'not a boolean'],
    ['0.5', 'not a boolean'],
    ['"maybe"', 'not a boolean'],
    ['""', null],
    ['{}', 'codec not found'],
  ])
  valueRows('boolean', [
    ['INT32 1', 1, INT32, '01'],
    ['INT64 0', 0n, INT64, '00'],
    ['INT32 2', 2, INT32, 'not a boolean'],
    ['BOOLEAN', false, BOOLEAN, '00'],
  ])
})

describe('integers', () => {
  jsonRows('tinyint', [
    ['127', '7f'],
    ['-128', '80'],
    ['128', 'overflow'],
    ['-129', 'overflow'],
    ['1e2', '64'],
  ])
  jsonRows('smallint', [
    ['32767', '7fff'],
    ['-32768', '8000'],
    ['32768', 'overflow'],
  ])
  jsonRows('int', [
    ['41', '00000029'],
    ['"41"', '00000029'],
    ['1.0', '00000001'],
    ['1.5', 'overflow'],
    ['2147483648', 'overflow'],
    ['-2147483648', '80000000'],
    ['true', '00000001'],
    ['"1,23,4"', '000004d2'],
    ['" 1,234 "', '000004d2'],
    ['"1970-01-01T00:00:01Z"', '000003e8'],
    ['"yes"', '00000001'],
    ['"NaN"', 'not a number'],
    ['"0x10"', 'not a number'],
    ['"42L"', 'not a number'],
    ['"x7"', 'not a number'],
    ['""', null],
    ['null', null],
    ['{"a":1}', 'codec not found'],
    ['[1]', 'codec not found'],
  ])
  jsonRows('bigint', [
    ['9223372036854775807', '7fffffffffffffff'],
    ['-9223372036854775808', '8000000000000000'],
    ['9223372036854775808', 'overflow'],
    ['123456789012345', i64(123456789012345)],
    ['-1234567890123456789', i64(-1234567890123456789n)],
  ])
  jsonRows('varint', [
    ['0', '00'],
    ['127', '7f'],
    ['128', '0080'],
    ['-128', '80'],
    ['-129', 'ff7f'],
    ['255', '00ff'],
    ['18446744073709551616', '010000000000000000'],
    ['1.5', 'overflow'],
    ['1e2', '64'],
    ['1e99999999', 'overflow'],
  ])
  textRows('int', [
    ['+5', '00000005'],
    ['1.234', 'overflow'],
  ])
  textRows('int', [['1.234', '000004d2']], { locale: 'de_DE' })
  valueRows('int', [
    ['INT32', 5, INT32, '00000005'],
    ['INT64 out of range', 2147483648n, INT64, 'overflow'],
    ['FLOAT64 1.0', 1, FLOAT64, '00000001'],
    ['FLOAT64 1.5', 1.5, FLOAT64, 'overflow'],
    ['BOOLEAN', true, BOOLEAN, '00000001'],
    ['BYTES', Buffer.from('x'), BYTES, 'codec not found'],
  ])
  valueRows('counter', [
    ['INT64', 5n, INT64, i64(5)],
    ['INT32', 5, INT32, 'codec not found'],
  ])
  jsonRows('counter', [['5', i64(5)]])
  valueRows('varint', [['Decimal', new Decimal(300n, 0), DECIMAL, '012c']])
})

describe('integers, reference behaviour', () => {
  jsonRows('int', [['{"a":1}', null]], { compat: { ...COMPAT, D23: 'reference' } })
})

describe('float and double', () => {
  jsonRows('float', [
    ['0.1', f32(0.1)],
    ['"0.1"', f32(0.1)],
    ['3.14159265358979', 'overflow'],
    ['16777217', 'overflow'],
    ['16777216', f32(16777216)],
    ['0.123456789', 'overflow'],
    ['1e39', 'overflow'],
    ['"NaN"', f32(Number.NaN)],
  ])
  jsonRows('double', [
    ['0.1', f64(0.1)],
    ['0.1234567890123456789', 'overflow'],
    ['9007199254740993', 'overflow'],
    ['9007199254740992', f64(2 ** 53)],
    ['1e400', 'overflow'],
    ['"Infinity"', f64(Number.POSITIVE_INFINITY)],
    ['"-Infinity"', f64(Number.NEGATIVE_INFINITY)],
    ['true', f64(1)],
    ['{}', 'codec not found'],
  ])
  jsonRows('double', [['1e400', f64(Number.POSITIVE_INFINITY)]], {
    compat: { ...COMPAT, D9: 'reference' },
  })
  jsonRows('double', [['0.1234567890123456789', f64(0.12345678901234568)]], {
    jsonNumbers: 'connect',
  })
  textRows(
    'double',
    [
      ['1.234,5', f64(1234.5)],
      ['1234.5', f64(12345)],
    ],
    { locale: 'de_DE' },
  )
  textRows(
    'double',
    [
      ['1\u202f234,5', f64(1234.5)],
      ['1\u00a0234,5', f64(1234.5)],
    ],
    {
      locale: 'fr_FR',
    },
  )
  valueRows('double', [
    ['FLOAT32 0.1', Math.fround(0.1), FLOAT32, 'overflow'],
    ['FLOAT32 0.5', 0.5, FLOAT32, f64(0.5)],
    ['FLOAT64', 0.1, FLOAT64, f64(0.1)],
    ['INT64 2^53+1', 2n ** 53n + 1n, INT64, 'overflow'],
  ])
  valueRows('float', [
    ['FLOAT64 0.1', 0.1, FLOAT64, f32(0.1)],
    ['FLOAT32', Math.fround(0.1), FLOAT32, f32(0.1)],
    ['FLOAT64 1/3', 1 / 3, FLOAT64, 'overflow'],
    ['BOOLEAN', false, BOOLEAN, f32(0)],
  ])
})

describe('decimal', () => {
  jsonRows('decimal', [
    ['1.50', '000000010f'],
    ['"1.50"', '000000020096'],
    ['-1', '00000000ff'],
    ['1e3', 'fffffffd01'],
    ['"NaN"', 'not a number'],
  ])
  valueRows('decimal', [
    ['FLOAT64 1.5', 1.5, FLOAT64, '000000010f'],
    ['Decimal', new Decimal(12345n, 2), DECIMAL, '000000023039'],
  ])
  valueRows('decimal', [['Decimal', new Decimal(12345n, 2), DECIMAL, 'codec not found']], {
    compat: { ...COMPAT, D10: 'reference' },
  })
})

describe('timestamp', () => {
  const cql: Row[] = [
    ['2018-03-09T17:12:32Z', ms('2018-03-09T17:12:32Z')],
    ['2018-03-09', ms('2018-03-09T00:00:00Z')],
    ['1520612345678', 'not a timestamp'],
    ['2018-03-09T17:12:32[Europe/Paris]', 'not a timestamp'],
    ['', null],
  ]
  textRows('timestamp', cql)
  jsonRows('timestamp', [
    ['"2018-03-09T17:12:32.123456Z"', ms('2018-03-09T17:12:32.123Z')],
    ['1520612345678', 'not a timestamp'],
    ['true', 'codec not found'],
    ['[]', 'codec not found'],
  ])
  textRows('timestamp', [['2018-03-09 17:12:32', ms('2018-03-09T16:12:32Z')]], {
    timeZone: 'Europe/Paris',
  })
  jsonRows('timestamp', [['20180309171232', ms('2018-03-09T17:12:32Z')]], {
    timestamp: 'yyyyMMddHHmmss',
  })
  jsonRows(
    'timestamp',
    [
      ['1520612345', i64(1520612345000)],
      ['"1,520,612,345"', i64(1520612345000)],
      ['99999999999999999', 'overflow'],
    ],
    { timestamp: 'UNITS_SINCE_EPOCH', unit: 'SECONDS' },
  )
  textRows(
    'timestamp',
    [
      ['9 März 2018 17:12', ms('2018-03-09T16:12:00Z')],
      ['9 March 2018 17:12', 'not a timestamp'],
    ],
    { timestamp: 'd MMMM yyyy HH:mm', locale: 'de_DE', timeZone: 'Europe/Berlin' },
  )
  textRows(
    'timestamp',
    [
      ['2018-03-09T17:12:32Z', ms('2018-03-09T17:12:32Z')],
      ['2018-03-09', 'not a timestamp'],
    ],
    { timestamp: 'ISO_INSTANT' },
  )
  valueRows(
    'timestamp',
    [
      ['INT32 seconds', 2147483647, INT32, i64(2147483647000)],
      ['INT64 overflow', 2n ** 62n, INT64, 'overflow'],
      ['Timestamp', 5n, TIMESTAMP, i64(5)],
      ['FLOAT64 1.5', 1.5, FLOAT64, 'overflow'],
      ['BOOLEAN', true, BOOLEAN, 'codec not found'],
    ],
    { unit: 'SECONDS' },
  )
  valueRows('timestamp', [['Timestamp', 5n, TIMESTAMP, 'codec not found']], {
    compat: { ...COMPAT, D10: 'reference' },
  })
})

describe('date and time', () => {
  textRows('date', [
    ['1970-01-01', '80000000'],
    ['1969-12-31', '7fffffff'],
    ['2019-02-29', '80004623'],
    ['2019-02-32', 'not a date'],
    ['2019-2-1', 'not a date'],
    ['', null],
  ])
  jsonRows('date', [
    ['"1970-01-02"', '80000001'],
    ['20190101', 'not a date'],
  ])
  jsonRows('date', [['20190101', '800045e9']], {
    date: 'yyyyMMdd',
  })
  jsonRows('date', [['86400', '80000001']], { date: 'UNITS_SINCE_EPOCH', unit: 'SECONDS' })
  valueRows('date', [
    ['Date', 1, DATE, '80000001'],
    ['INT32 days', -1, INT32, '7fffffff'],
    ['Timestamp', 86_400_000n, TIMESTAMP, '80000001'],
    ['Time', 1, TIME, 'codec not found'],
    ['FLOAT64', 1, FLOAT64, 'codec not found'],
  ])
  textRows('time', [
    ['00:00', i64(0)],
    ['12:34:56.123456789', i64(45296123456789)],
    ['25:00', 'not a time'],
    ['12:34Z', 'not a time'],
  ])
  jsonRows('time', [['1000', i64(1_000_000_000)]], { time: 'UNITS_SINCE_EPOCH' })
  textRows('time', [['01:30 pm', i64(48_600_000_000_000)]], { time: 'hh:mm a' })
  valueRows('time', [
    ['Time', 1000, TIME, i64(1_000_000_000)],
    ['INT64 ms', 1000n, INT64, i64(1_000_000_000)],
    ['a day', 86_400_000, INT32, 'overflow'],
  ])
})

describe('uuid and timeuuid', () => {
  const v4 = '123e4567-e89b-42d3-a456-426614174000'
  const v1 = '123e4567-e89b-12d3-a456-426614174000'
  const bare = (uuid: string) => uuid.replaceAll('-', '')
  textRows('uuid', [
    [v4, bare(v4)],
    [v4.toUpperCase(), bare(v4)],
    ['1-2-3-4-5', '00000001000200030004000000000005'],
    ['123e4567e89b42d3a456426614174000', 'not a UUID'],
    ['', null],
  ])
  textRows('timeuuid', [
    [v1, bare(v1)],
    [v4, 'not a version-1 UUID'],
  ])
  jsonRows('uuid', [
    [`"${v4}"`, bare(v4)],
    ['true', 'codec not found'],
  ])
  it('makes a version-1 UUID of a timestamp', () => {
    const ticks = (BigInt(Date.parse('2018-03-09T17:12:32Z')) + 12_219_292_800_000n) * 10_000n
    const digits = ticks.toString(16).padStart(15, '0')
    const start = `${digits.slice(7)}${digits.slice(3, 7)}1${digits.slice(0, 3)}`
    const made = [
      textCell(encoderOf('timeuuid'), '2018-03-09T17:12:32Z'),
      valueCell(encoderOf('uuid'), BigInt(Date.parse('2018-03-09T17:12:32Z')), INT64),
    ]
    expect(made.map(uuid => uuid?.slice(0, 16))).toEqual([start, start])
    expect(made[0]).not.toBe(made[1])
  })
})

describe('inet', () => {
  const hosts = {
    lookup: (name: string) => (name === 'db.example' ? Buffer.from([10, 0, 0, 7]) : undefined),
  }
  textRows(
    'inet',
    [
      ['127.0.0.1', '7f000001'],
      ['::1', '00000000000000000000000000000001'],
      ['2001:db8::ff00:42:8329', '20010db8000000000000ff0000428329'],
      ['[::1]', '00000000000000000000000000000001'],
      ['::ffff:1.2.3.4', '01020304'],
      ['db.example', '0a000007'],
      ['other.example', 'unknown host'],
      ['no host!', 'not an address'],
      ['', null],
    ],
    { hosts },
  )
  jsonRows('inet', [
    ['"10.0.0.1"', '0a000001'],
    ['{}', 'codec not found'],
  ])
})

describe('blob', () => {
  textRows('blob', [
    ['0xCAFE', 'cafe'],
    ['yv4=', 'cafe'],
    ['yv4', 'cafe'],
    ['0x', ''],
    ['yv4==', 'not hexadecimal or Base64'],
    ['a', 'not hexadecimal or Base64'],
    ['!!', 'not hexadecimal or Base64'],
    ['', null],
  ])
  jsonRows('blob', [
    ['1234', Buffer.from('1234', 'base64').toString('hex')],
    ['"0xca"', 'ca'],
    ['true', 'codec not found'],
  ])
  valueRows('blob', [
    ['BYTES', Buffer.from('ab'), BYTES, '6162'],
    ['empty BYTES', Buffer.alloc(0), BYTES, ''],
    ['INT32', 1, INT32, 'codec not found'],
  ])
  valueRows('blob', [['empty BYTES', Buffer.alloc(0), BYTES, 'empty:']], {
    compat: { ...COMPAT, D6: 'reference' },
  })
})

describe('duration', () => {
  textRows('duration', [
    ['1mo2d3h', `0204${vint(3n * 3_600_000_000_000n)}`],
    ['-1d', '000100'],
    ['P1Y2M', '1c0000'],
    ['PT1H', `0000${vint(3_600_000_000_000n)}`],
    ['P0001-02-03T04:05:06', `1c06${vint(14_706_000_000_000n)}`],
    ['P2W', '001c00'],
    ['1us', `0000${vint(1000n)}`],
    ['1d1mo', 'not a duration'],
    ['P', 'not a duration'],
    ['1x', 'not a duration'],
    ['99999999999d', 'overflow'],
    ['', null],
  ])
})

/** A non-negative signed vint, worked out from its bits. */
function vint(value: bigint): string {
  const bits = (value * 2n).toString(2)
  const extra = Math.max(0, Math.ceil((bits.length - 7) / 7))
  const body = bits.padStart(8 * (extra + 1) - extra - 1, '0')
  const all = `${'1'.repeat(extra)}0${body}`
  return BigInt(`0b${all}`)
    .toString(16)
    .padStart(2 * (extra + 1), '0')
}
