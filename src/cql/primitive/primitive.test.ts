import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import {
  ByteReader,
  readByte,
  readBytes,
  readInt,
  readLong,
  readLongString,
  readShort,
  readShortBytes,
  readString,
  remaining,
} from './byte-reader.ts'
import { CONSISTENCY, consistencyCode, consistencyName } from './consistency.ts'
import { formatInet, parseInet } from './inet-address.ts'
import {
  readBytesMap,
  readInet,
  readStringList,
  readStringMap,
  readStringMultimap,
  readValue,
  UNSET,
  writeBytesMap,
  writeInet,
  writeStringList,
  writeStringMap,
  writeStringMultimap,
  writeValue,
} from './structures.ts'
import { readUuid, writeUuidText } from './uuid.ts'
import { readUnsignedVint, readVint, writeUnsignedVint32, writeVint } from './vint.ts'
import {
  writeBytesOrNull,
  writeLong,
  writeLongString,
  writeShortBytes,
  writeString,
} from './writers.ts'

/** name, write, read, value, hexadecimal bytes */
type Case = [string, (w: ByteWriter, v: never) => void, (r: ByteReader) => unknown, unknown, string]

const CASES: Case[] = [
  ['byte', (w, v) => w.writeUInt8(v), readByte, 255, 'ff'],
  ['short', (w, v) => w.writeInt16(v), readShort, 65_534, 'fffe'],
  ['int', (w, v) => w.writeInt32(v), readInt, -2, 'fffffffe'],
  ['long min', writeLong, readLong, -(2n ** 63n), '8000000000000000'],
  ['string', writeString, readString, 'é', '0002c3a9'],
  ['string empty', writeString, readString, '', '0000'],
  ['long string', writeLongString, readLongString, 'ab', '000000026162'],
  ['bytes', writeBytesOrNull, readBytes, Buffer.from([7]), '0000000107'],
  ['bytes null', writeBytesOrNull, readBytes, null, 'ffffffff'],
  ['short bytes', writeShortBytes, readShortBytes, Buffer.from([1, 2]), '00020102'],
  ['value', writeValue, readValue, Buffer.alloc(0), '00000000'],
  ['value null', writeValue, readValue, null, 'ffffffff'],
  ['value unset', writeValue, readValue, UNSET, 'fffffffe'],
  ['string list', writeStringList, readStringList, ['a', ''], '00020001610000'],
  ['string map', writeStringMap, readStringMap, { a: 'b' }, '0001000161000162'],
  [
    'string multimap',
    writeStringMultimap,
    readStringMultimap,
    { a: ['b'] },
    '00010001610001000162',
  ],
  ['bytes map', writeBytesMap, readBytesMap, { a: null }, '0001000161ffffffff'],
  ['inet 4', writeInet, readInet, { address: '127.0.0.1', port: 9042 }, '047f00000100002352'],
  [
    'inet 6',
    writeInet,
    readInet,
    { address: '2001:db8::1', port: 1 },
    '1020010db800000000000000000000000100000001',
  ],
  [
    'uuid',
    writeUuidText as (w: ByteWriter, v: never) => void,
    readUuid,
    '00112233-4455-6677-8899-aabbccddeeff',
    '00112233445566778899aabbccddeeff',
  ],
]

describe('notations', () => {
  it.each(CASES)('%s', (_, write, read, value, hex) => {
    const writer = new ByteWriter(64)
    write(writer, value as never)
    expect(writer.view().toString('hex')).toBe(hex)
    const reader = new ByteReader(Buffer.from(hex, 'hex'))
    expect(read(reader)).toEqual(value)
    expect(remaining(reader)).toBe(0)
  })

  it.each(CASES)('%s cut anywhere is an overrun', (_, _write, read, _value, hex) => {
    const bytes = Buffer.from(hex, 'hex')
    for (let end = 0; end < bytes.length; end++) {
      expect(() => read(new ByteReader(bytes, 0, end))).toThrow(/ended early/)
    }
  })

  it('writes a long number as the same long bigint', () => {
    const writer = new ByteWriter(64)
    writeLong(writer, -1_700_000_000_123_456)
    writeLong(writer, -1_700_000_000_123_456n)
    const bytes = writer.view()
    expect(bytes.subarray(0, 8)).toEqual(bytes.subarray(8))
  })
})

describe('vints', () => {
  it.each([
    [0n, '00'],
    [-1n, '01'],
    [1n, '02'],
    [63n, '7e'],
    [-64n, '7f'],
    [64n, '8080'],
    [8191n, 'bffe'],
    [8192n, 'c04000'],
    [2n ** 63n - 1n, 'fffffffffffffffffe'],
    [-(2n ** 63n), 'ffffffffffffffffff'],
  ])('signed %s', (value, hex) => {
    const writer = new ByteWriter(64)
    writeVint(writer, value)
    expect(writer.view().toString('hex')).toBe(hex)
    expect(readVint(new ByteReader(Buffer.from(hex, 'hex')))).toBe(value)
  })

  it.each([
    [0, '00'],
    [127, '7f'],
    [128, '8080'],
    [16_383, 'bfff'],
    [16_384, 'c04000'],
    [0x1fffff, 'dfffff'],
    [0x200000, 'e0200000'],
    [0x0fffffff, 'efffffff'],
    [0x10000000, 'f010000000'],
    [0xffffffff, 'f0ffffffff'],
  ])('unsigned %s', (value, hex) => {
    const writer = new ByteWriter(64)
    writeUnsignedVint32(writer, value)
    expect(writer.view().toString('hex')).toBe(hex)
    expect(readUnsignedVint(new ByteReader(Buffer.from(hex, 'hex')))).toBe(value)
  })

  it('refuses an unsigned value above 2^53', () => {
    expect(readUnsignedVint(new ByteReader(Buffer.alloc(9, 0xff)))).toBeUndefined()
  })
})

describe('addresses and identifiers', () => {
  it.each([
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['1::', '00010000000000000000000000000000'],
    ['fe80::1:0:0:1', 'fe800000000000000001000000000001'],
    ['1:0:2:0:3:0:4:0', '00010000000200000003000000040000'],
    ['::ffff:10.0.0.1', '00000000000000000000ffff0a000001'],
    ['255.255.255.255', 'ffffffff'],
  ])('%s', (text, hex) => {
    expect(parseInet(text)?.toString('hex')).toBe(hex)
    const bytes = Buffer.from(hex, 'hex')
    expect(formatInet(bytes, 0, bytes.length)).toBe(text)
  })

  it.each(['', '1.2.3', '1.2.3.256', ':::', 'fe80::1%eth0', 'host'])('%j is no address', text => {
    expect(parseInet(text)).toBeUndefined()
  })

  it.each([
    '00112233-4455-6677-8899-aabbccddeef',
    '00112233-4455-6677-8899-aabbccddeegf',
    '001122334-455-6677-8899-aabbccddeeff',
    '00112233-4455-6677-8899-aabbccdd-eff',
  ])('%s is no UUID', text => {
    const writer = new ByteWriter(64)
    expect(writeUuidText(writer, text)).toBe(false)
    expect(writer.position).toBe(0)
  })

  it('names consistency levels both ways', () => {
    for (const [name, code] of Object.entries(CONSISTENCY)) {
      expect(consistencyName(code)).toBe(name)
      expect(consistencyCode(name.toLowerCase())).toBe(code)
    }
    expect(consistencyName(99)).toBe('UNKNOWN(99)')
    expect(consistencyCode('constructor')).toBeUndefined()
  })
})
