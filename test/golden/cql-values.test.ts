/**
 * Every captured cell decodes to the value its literal stands for, and encodes back to equal bytes;
 * every captured token is the one we compute. Origin of the bytes: see cql-values.json.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../src/base/byte-writer.ts'
import {
  type CqlType,
  codecFor,
  formatCqlType,
  murmur3Token,
  parseCqlType,
  tokenToBigint,
} from '../../src/cql/index.ts'
import { UDT_FIELDS, UDT_NAME, VALUE_CASES } from './cql-value-cases.ts'

interface Captured {
  readonly type: string
  readonly schemaType: string
  readonly literal: string
  readonly hex: string
}

const golden = JSON.parse(readFileSync(new URL('./cql-values.json', import.meta.url), 'utf8')) as {
  server: string
  values: Captured[]
  tokens: { key: string; token: string }[]
}

const person: CqlType = {
  kind: 'udt',
  keyspace: 'scamander_golden',
  name: UDT_NAME,
  fields: UDT_FIELDS.map(([name, type]) => ({ name, type: parseCqlType(type) })),
  frozen: false,
}
const lookup = (name: string) => (name === UDT_NAME ? person : undefined)

const expected = new Map(
  VALUE_CASES.flatMap(([type, cases]) => cases.map(c => [`${type} ${c.literal}`, c] as const)),
)
expected.set('counter -7', { literal: '-7', value: -7n })

describe(`cells of ${golden.server}`, () => {
  it('cover every case', () => {
    expect(golden.values.map(v => `${v.type} ${v.literal}`).sort()).toEqual(
      [...expected.keys()].sort(),
    )
  })

  it.each(golden.values)('$type $literal', ({ type, literal, hex }) => {
    const codec = codecFor(parseCqlType(type, lookup))
    const bytes = Buffer.from(hex, 'hex')
    const value = codec.decode(bytes, 0, bytes.length)
    const wanted = expected.get(`${type} ${literal}`)
    expect(value).toEqual(wanted?.value)
    const writer = new ByteWriter(64)
    codec.encode(value, writer)
    expect(writer.view().toString('hex')).toBe(hex + (wanted?.padding ?? ''))
  })

  it.each(golden.values)('type text $schemaType', ({ type, schemaType }) => {
    expect(formatCqlType(parseCqlType(schemaType, lookup))).toBe(schemaType)
    expect(parseCqlType(type, lookup)).toEqual(parseCqlType(schemaType, lookup))
  })
})

describe(`tokens of ${golden.server}`, () => {
  it.each(golden.tokens)('$key', ({ key, token }) => {
    const out = { high: 0, low: 0 }
    murmur3Token(Buffer.from(key, 'hex'), { start: 0, end: key.length / 2 }, out)
    expect(String(tokenToBigint(out))).toBe(token)
  })
})
