/**
 * The rows of the conversion table for collections, tuples, user-defined types and vectors.
 * Spec: cassandra-sink 9.4 and 13, item 6.
 * Invariant: every row has an accepting and a rejecting example.
 */
import { describe } from 'vitest'
import type { CqlType } from '../../../cql/index.ts'
import { Schema, Struct, structSchema, type Value } from '../../../flow/index.ts'
import { FLOAT32, f32, INT32, jsonRows, STRING, textRows, valueRows } from './test-rows.ts'

const INT: CqlType = { kind: 'int' }
const TEXT: CqlType = { kind: 'text' }
const list: CqlType = { kind: 'list', element: INT, frozen: false }
const map: CqlType = { kind: 'map', key: INT, value: TEXT, frozen: false }

describe('list, set and map', () => {
  const oneTwo = '00000002000000040000000100000004' + '00000002'
  jsonRows(list, [
    ['[1,2]', oneTwo],
    ['["1", 2.0]', oneTwo],
    ['[]', '00000000'],
    ['[1,null]', 'null element'],
    ['[1,""]', 'not a number'],
    ['"[1,2]"', 'codec not found'],
    ['""', null],
    ['{}', 'codec not found'],
    ['[1,1.5]', 'overflow'],
  ])
  textRows(list, [
    ['[1,2]', oneTwo],
    ['1,2', oneTwo],
    ["['1','2']", oneTwo],
    ['[1,2] x', 'not JSON'],
    ['', null],
  ])
  valueRows(list, [
    ['ARRAY', [1, 2], new Schema('array', { values: INT32 }), oneTwo],
    ['empty ARRAY', [], new Schema('array', { values: INT32 }), null],
    ['ARRAY with null', [1, null], new Schema('array', { values: INT32 }), 'null element'],
    ['INT32', 1, INT32, 'codec not found'],
  ])
  jsonRows({ kind: 'set', element: INT, frozen: true }, [
    ['[2,1]', '00000002000000040000000200000004' + '00000001'],
  ])
  jsonRows({ kind: 'list', element: list, frozen: false }, [
    ['[[1]]', '000000010000000c000000010000000400000001'],
  ])
  const one = '0000000100000004000000010000000161'
  jsonRows(map, [
    ['{"1":"a"}', one],
    ['{}', '00000000'],
    ['{"1":null}', 'null element'],
    ['{"x":"a"}', 'not a number'],
    ['[]', 'codec not found'],
  ])
  textRows(map, [
    ['{"1":"a"}', one],
    ["1:'a'", one],
  ])
  valueRows(map, [
    ['MAP', new Map<Value, Value>([[1, 'a']]), null, one],
    ['empty MAP', new Map<Value, Value>(), null, null],
  ])
})

describe('tuple, UDT and vector', () => {
  const pair = '0000000400000001' + '0000000161'
  const tuple: CqlType = { kind: 'tuple', elements: [INT, TEXT] }
  jsonRows(tuple, [
    ['[1,"a"]', pair],
    ['[1,null]', '0000000400000001ffffffff'],
    ['[1]', 'wrong element count'],
    ['{"a":1}', 'codec not found'],
  ])
  textRows(tuple, [['1,"a"', pair]])
  valueRows(tuple, [['ARRAY', [1, 'a'], null, pair]])
  const fields = [
    { name: 'n', type: INT },
    { name: 'Name', type: TEXT },
  ]
  const udt: CqlType = { kind: 'udt', keyspace: 'ks', name: 'u', fields, frozen: true }
  jsonRows(udt, [
    ['{"Name":"a","n":1}', pair],
    ['[1,"a"]', pair],
    ['{"n":null,"Name":""}', 'ffffffff00000000'],
    ['{"n":1}', 'wrong fields'],
    ['{"n":1,"name":"a"}', 'wrong fields'],
    ['{"n":1,"Name":"a","x":1}', 'wrong fields'],
    ['[1]', 'wrong element count'],
  ])
  textRows(udt, [["n:1,Name:'a'", pair]])
  const schema = structSchema([
    ['Name', STRING],
    ['n', INT32],
  ])
  valueRows(udt, [
    ['STRUCT', new Struct(schema, ['a', 1]), schema, pair],
    [
      'MAP',
      new Map<Value, Value>([
        ['n', 1],
        ['Name', 'a'],
      ]),
      null,
      pair,
    ],
    ['short STRUCT', new Struct(structSchema([['n', INT32]]), [1]), null, 'wrong fields'],
  ])
  const vector: CqlType = { kind: 'vector', element: { kind: 'float' }, dimension: 2 }
  jsonRows(vector, [
    ['[1,2.5]', f32(1) + f32(2.5)],
    ['[1]', 'wrong element count'],
    ['[1,null]', 'null element'],
  ])
  textRows(vector, [['1,2.5', f32(1) + f32(2.5)]])
  valueRows(vector, [
    ['ARRAY', [1, 2.5], new Schema('array', { values: FLOAT32 }), f32(1) + f32(2.5)],
  ])
  jsonRows({ kind: 'vector', element: TEXT, dimension: 2 }, [['["a","bc"]', '0161026263']])
})
