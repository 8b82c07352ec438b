/**
 * Values as CQL writes them.
 */
import { expect, it } from 'vitest'
import type { CqlType, CqlValue } from '../../../cql/index.ts'
import { toCqlLiteral } from './cql-literal.ts'

const text: CqlType = { kind: 'text' }
const int: CqlType = { kind: 'int' }
const set = { kind: 'set', element: text, frozen: false } as CqlType
const map = { kind: 'map', key: text, value: int, frozen: false } as CqlType

it.each<[CqlType, CqlValue, string]>([
  [text, null, 'NULL'],
  [text, '', "''"],
  [text, "it's", "'it''s'"],
  [int, -7, '-7'],
  [{ kind: 'bigint' }, 9007199254740993n, '9007199254740993'],
  [{ kind: 'boolean' }, false, 'false'],
  [
    { kind: 'uuid' },
    '00000000-0000-0000-0000-000000000001',
    '00000000-0000-0000-0000-000000000001',
  ],
  [{ kind: 'timestamp' }, 0n, "'1970-01-01 00:00:00.000Z'"],
  [{ kind: 'blob' }, Buffer.from([10, 27]), '0x0a1b'],
  [set, ['a', 'b'], "{'a', 'b'}"],
  [map, [['k', 1]], "{'k': 1}"],
  [{ kind: 'list', element: int, frozen: true } as CqlType, [1, 2], '[1, 2]'],
  [{ kind: 'tuple', elements: [int, text] } as unknown as CqlType, [1], '(1, NULL)'],
])('%o of %o is %s', (type, value, literal) => {
  expect(toCqlLiteral(type, value)).toBe(literal)
})

it('cuts what is long and tells the size of blobs', () => {
  expect(toCqlLiteral(text, 'x'.repeat(5000))).toHaveLength(2001)
  expect(toCqlLiteral({ kind: 'blob' }, Buffer.alloc(100))).toMatch(/… \(100 bytes\)$/)
})
