import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { murmur3Token, type Token } from './murmur3-token.ts'
import { partitionKeyOf, writeKeyComponent } from './partition-key.ts'
import { compareTokens, tokenFromBigint, tokenToBigint } from './token-order.ts'

const require = createRequire(import.meta.url)
const { Murmur3Tokenizer } = require('cassandra-driver/lib/tokenizer.js') as {
  Murmur3Tokenizer: new () => { hash(key: Buffer): { toString(): string } }
}
const peer = new Murmur3Tokenizer()

function tokenOf(key: Buffer): bigint {
  const token: Token = { high: 0, low: 0 }
  murmur3Token(key, { start: 0, end: key.length }, token)
  return tokenToBigint(token)
}

describe('murmur3Token', () => {
  it.each([
    ['', 0n],
    ['31', 8213365047359667313n],
  ])('%s', (hex, token) => {
    const key = Buffer.from(hex, 'hex')
    expect(tokenOf(key)).toBe(token)
    if (hex !== '') expect(peer.hash(key).toString()).toBe(String(token))
  })

  it('agrees with the driver for every length, with high and low bytes', () => {
    for (let length = 1; length <= 40; length++) {
      for (const step of [1, 37, 101, 255]) {
        const key = Buffer.from(Array.from({ length }, (_, i) => (i * step + length * 7) & 0xff))
        expect([length, step, String(tokenOf(key))]).toEqual([
          length,
          step,
          peer.hash(key).toString(),
        ])
      }
    }
  })

  it('reads only the range', () => {
    const token: Token = { high: 0, low: 0 }
    murmur3Token(Buffer.from('ff31ff', 'hex'), { start: 1, end: 2 }, token)
    expect(tokenToBigint(token)).toBe(8213365047359667313n)
  })
})

describe('token order', () => {
  const ordered = [
    -(2n ** 63n),
    -(2n ** 32n) - 1n,
    -1n,
    0n,
    1n,
    2n ** 31n,
    2n ** 32n,
    2n ** 63n - 1n,
  ]

  it('is that of signed 64-bit integers', () => {
    for (const a of ordered) {
      expect(tokenToBigint(tokenFromBigint(a))).toBe(a)
      for (const b of ordered) {
        const expected = a < b ? -1 : a > b ? 1 : 0
        expect(compareTokens(tokenFromBigint(a), tokenFromBigint(b))).toBe(expected)
      }
    }
  })
})

describe('partition keys', () => {
  const a = Buffer.from([1, 2])
  const b = Buffer.from([3])

  it.each([
    [[a], '0102'],
    [[a, b], '000201020000010300'],
    [[a, Buffer.alloc(0)], '0002010200000000'],
  ])('%#', (components, hex) => {
    expect(partitionKeyOf(components, new ByteWriter(64)).toString('hex')).toBe(hex)
  })

  it('refuses a component that is null or too long', () => {
    const write = (length: number) => () =>
      writeKeyComponent(new ByteWriter(64), Buffer.alloc(70_000), { start: 0, length })
    expect(write(-1)).toThrow(/0 to 65535/)
    expect(write(65_536)).toThrow(/0 to 65535/)
  })
})
