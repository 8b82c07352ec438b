/**
 * Literals of every CQL type and the JavaScript value each one must decode to.
 * The capture script inserts the literals into a real server; cql-values.test.ts compares the bytes
 * that came back. The columns are those of one table, so a type may appear once.
 */
import { Decimal } from '../../src/base/decimal.ts'
import type { CqlValue } from '../../src/cql/index.ts'

export interface ValueCase {
  /** Literal in CQL, and its value. */
  readonly literal: string
  readonly value: CqlValue
  /** Bytes that our encoding adds: missing fields of a tuple are written as nulls. @default '' */
  readonly padding?: string
}

/** Created in the keyspace before the table. */
export const UDT_NAME = 'Golden "person"'
export const UDT_FIELDS = [
  ['name', 'text'],
  ['codes', 'frozen<list<int>>'],
  ['Home', 'inet'],
] as const

const udt = `"${UDT_NAME.replaceAll('"', '""')}"`
const of = (literal: string, value: CqlValue): ValueCase => ({ literal, value })
const decimal = (text: string) => Decimal.parse(text)!
const bytes = (hex: string) => Buffer.from(hex, 'hex')
const lasting = (months: number, days: number, nanoseconds: bigint) => ({
  months,
  days,
  nanoseconds,
})

const SIXTY_DIGITS = '-123456789012345678901234567890123456789012345678901234567890'
const UUID_V1 = '50554d6e-29bb-11e5-b345-feff819cdc9f'
const UUID_V4 = '00112233-4455-4677-8899-aabbccddeeff'

export const VALUE_CASES: readonly (readonly [type: string, cases: readonly ValueCase[]])[] = [
  ['ascii', [of("'abc'", 'abc'), of("''", '')]],
  [
    'bigint',
    [
      of('0', 0n),
      of('9223372036854775807', 2n ** 63n - 1n),
      of('-9223372036854775808', -(2n ** 63n)),
    ],
  ],
  ['blob', [of('0x', bytes('')), of('0x00ff80', bytes('00ff80'))]],
  ['boolean', [of('true', true), of('false', false)]],
  [
    'date',
    [
      of("'1970-01-01'", 0),
      of("'1969-12-31'", -1),
      of("'0000-01-01'", -719_528),
      of("'2024-02-29'", 19_782),
      of('0', -2_147_483_648),
      of('4294967295', 2_147_483_647),
    ],
  ],
  [
    'decimal',
    [
      of('0', decimal('0')),
      of('-1.50', decimal('-1.50')),
      of('1E+40', decimal('1E+40')),
      of(`${SIXTY_DIGITS}.000000001`, decimal(`${SIXTY_DIGITS}.000000001`)),
    ],
  ],
  ['double', [of('1.1', 1.1), of('-0.0', -0), of('NaN', Number.NaN), of('-Infinity', -Infinity)]],
  [
    'duration',
    [
      of('1y2mo3w4d5h6m7s8ms9us10ns', lasting(14, 25, 18_367_008_009_010n)),
      of('-1mo1d', lasting(-1, -1, 0n)),
      of('89h4m48s', lasting(0, 0, 320_688_000_000_000n)),
      of('0s', lasting(0, 0, 0n)),
    ],
  ],
  ['float', [of('1.5', 1.5), of('0.1', Math.fround(0.1)), of('NaN', Number.NaN)]],
  [
    'inet',
    [
      of("'127.0.0.1'", '127.0.0.1'),
      of("'::'", '::'),
      of("'2001:db8::ff00:42:8329'", '2001:db8::ff00:42:8329'),
      of("'::ffff:10.0.0.1'", '10.0.0.1'),
    ],
  ],
  ['int', [of('0', 0), of('2147483647', 2_147_483_647), of('-2147483648', -2_147_483_648)]],
  ['smallint', [of('32767', 32_767), of('-32768', -32_768)]],
  ['text', [of("''", ''), of("'é😀 it''s'", "é😀 it's")]],
  ['time', [of("'00:00:00'", 0n), of("'23:59:59.999999999'", 86_399_999_999_999n)]],
  ['timestamp', [of('0', 0n), of('-1', -1n), of("'2024-02-29T12:34:56.789Z'", 1_709_210_096_789n)]],
  ['timeuuid', [of(UUID_V1, UUID_V1)]],
  ['tinyint', [of('127', 127), of('-128', -128)]],
  ['uuid', [of(UUID_V4, UUID_V4)]],
  [
    'varint',
    [
      of('0', 0n),
      of('127', 127n),
      of('128', 128n),
      of('-128', -128n),
      of('-129', -129n),
      of('18446744073709551616', 2n ** 64n),
      of(SIXTY_DIGITS, BigInt(SIXTY_DIGITS)),
    ],
  ],
  ['list<int>', [of('[3, 1, 3]', [3, 1, 3])]],
  ['frozen<list<int>>', [of('[]', []), of('[1]', [1])]],
  ['set<text>', [of("{'b', 'a', ''}", ['', 'a', 'b'])]],
  ['frozen<set<timeuuid>>', [of(`{${UUID_V1}}`, [UUID_V1])]],
  [
    'map<text, int>',
    [
      of("{'b': 2, 'a': 1}", [
        ['a', 1],
        ['b', 2],
      ]),
    ],
  ],
  [
    'frozen<map<date, frozen<list<text>>>>',
    [
      of("{'1970-01-02': ['x', ''], '1969-12-31': []}", [
        [-1, []],
        [1, ['x', '']],
      ]),
    ],
  ],
  [
    'map<text, frozen<map<int, frozen<set<inet>>>>>',
    [of("{'k': {1: {'::1'}}}", [['k', [[1, ['::1']]]]])],
  ],
  [
    'tuple<int, text, duration>',
    [
      of('(1, null, 1d)', [1, null, lasting(0, 1, 0n)]),
      { literal: "(1, 'x')", value: [1, 'x', null], padding: 'ffffffff' },
    ],
  ],
  [
    'list<frozen<tuple<int, int>>>',
    [
      of('[(1, 2), (3, null)]', [
        [1, 2],
        [3, null],
      ]),
    ],
  ],
  [
    udt,
    [
      of("{name: 'x', codes: [1, 2], \"Home\": '::1'}", ['x', [1, 2], '::1']),
      of("{name: 'x'}", ['x', null, null]),
    ],
  ],
  [`frozen<${udt}>`, [of('{codes: []}', [null, [], null])]],
  [`map<int, frozen<${udt}>>`, [of("{1: {name: ''}}", [[1, ['', null, null]]])]],
  ['vector<float, 3>', [of('[1.5, -1.5, 0]', [1.5, -1.5, 0])]],
  ['vector<smallint, 2>', [of('[1, -1]', [1, -1])]],
  ['vector<tinyint, 2>', [of('[1, -1]', [1, -1])]],
  ['vector<date, 1>', [of("['1970-01-01']", [0])]],
  ['vector<time, 1>', [of("['00:00:00']", [0n])]],
  ['vector<boolean, 2>', [of('[true, false]', [true, false])]],
  ['vector<timestamp, 1>', [of('[-1]', [-1n])]],
  ['vector<uuid, 1>', [of(`[${UUID_V4}]`, [UUID_V4])]],
  ['vector<varint, 2>', [of('[1, 300]', [1n, 300n])]],
  ['vector<inet, 1>', [of("['::1']", ['::1'])]],
  ['vector<duration, 1>', [of('[1d]', [lasting(0, 1, 0n)])]],
  ['vector<text, 2>', [of(`['', '${'x'.repeat(200)}']`, ['', 'x'.repeat(200)])]],
  [
    'vector<vector<int, 2>, 2>',
    [
      of('[[1, 2], [3, 4]]', [
        [1, 2],
        [3, 4],
      ]),
    ],
  ],
  ['vector<vector<text, 1>, 2>', [of("[['a'], ['b']]", [['a'], ['b']])]],
  ['vector<frozen<list<int>>, 2>', [of('[[1], []]', [[1], []])]],
  ['vector<frozen<tuple<int, text>>, 1>', [of("[(1, 'a')]", [[1, 'a']])]],
  ['list<frozen<vector<int, 2>>>', [of('[[1, 2]]', [[1, 2]])]],
]

/** Partition keys, whose tokens are captured too. */
export const TOKEN_KEYS: readonly string[] = [
  '00',
  '80',
  'ff',
  '7f80',
  '80ff7f',
  ...Array.from({ length: 40 }, (_, i) =>
    Buffer.from(Array.from({ length: i + 1 }, (_, j) => (j * 89 + i * 31 + 128) & 0xff)).toString(
      'hex',
    ),
  ),
]
