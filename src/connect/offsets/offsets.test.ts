import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../base/json/canonical-json.ts'
import type { SourceOffset, SourcePartition } from '../../flow/index.ts'
import { FileOffsetStore } from './file-offset-store.ts'
import { isJavaStream, readJavaByteMap } from './java-byte-map.ts'
import { offsetKey } from './offset-store.ts'
import { OffsetTable } from './offset-table.ts'

const file = () => join(mkdtempSync(join(tmpdir(), 'scamander-offsets-')), 'offsets')

describe('canonicalJson', () => {
  it('is one text for equal data, and parses back to it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain)
        expect(canonicalJson(reversed(plain))).toBe(canonicalJson(plain))
      }),
    )
  })
})

/** The same data with the members of every object in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).reverse()
  return Object.fromEntries(entries.map(([name, member]) => [name, reversed(member)]))
}

describe('FileOffsetStore', () => {
  it('gives back what was written, also after a start', async () => {
    const path = file()
    const store = new FileOffsetStore(path)
    await store.write('a', [
      { partition: { t: 'x', n: 1 }, offset: { at: 1 } },
      { partition: { t: 'y' }, offset: { at: 2 } },
    ])
    await store.write('b', [{ partition: { t: 'x', n: 1 }, offset: { at: 9 } }])
    await store.write('a', [{ partition: { n: 1, t: 'x' }, offset: { at: 3 } }])
    await store.write('a', [{ partition: { t: 'y' }, offset: null }])
    for (const one of [store, new FileOffsetStore(path)]) {
      const partitions = [{ t: 'x', n: 1 }, { t: 'y' }, { t: 'z' }]
      expect(await one.read('a', partitions)).toEqual([{ at: 3 }, undefined, undefined])
      expect(await one.readAll('b')).toEqual([{ partition: { t: 'x', n: 1 }, offset: { at: 9 } }])
      expect(await one.readAll('none')).toEqual([])
    }
  })

  it('neither reads a device nor puts a file in its place', async () => {
    const path = file()
    symlinkSync('/dev/zero', path)
    const store = new FileOffsetStore(path)
    expect(await store.readAll('a')).toEqual([])
    await store.write('a', [{ partition: { t: 'x' }, offset: { at: 1 } }])
    expect(await store.readAll('a')).toEqual([{ partition: { t: 'x' }, offset: { at: 1 } }])
    expect(lstatSync(path).isSymbolicLink()).toBe(true)
    expect(readdirSync(dirname(path))).toEqual(['offsets'])
  })

  it('keeps the order of concurrent writes', async () => {
    const path = file()
    const store = new FileOffsetStore(path)
    const writes = Array.from({ length: 50 }, (_, at) =>
      store.write('a', [{ partition: { p: at % 3 }, offset: { at } }]),
    )
    await Promise.all(writes)
    const again = new FileOffsetStore(path)
    expect(await again.read('a', [{ p: 0 }, { p: 1 }, { p: 2 }])).toEqual([
      { at: 48 },
      { at: 49 },
      { at: 47 },
    ])
  })

  it.each<[string, string]>([
    ['no JSON', 'oops'],
    ['another format', '{"format":"other","offsets":[]}'],
    ['cut off', '{"format":"scamander-offsets-1","offsets":[["a",'],
  ])('refuses a file it cannot read: %s', async (_what, text) => {
    const path = file()
    writeFileSync(path, text)
    await expect(new FileOffsetStore(path).open()).rejects.toMatchObject({ kind: 'config' })
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('fails a write into a folder that is not there, and succeeds when it is', async () => {
    const store = new FileOffsetStore(join(file(), 'missing', 'offsets'))
    const write = store.write('a', [{ partition: {}, offset: {} }])
    await expect(write).rejects.toMatchObject({ kind: 'retriable' })
  })

  it('takes over the file of Kafka Connect', async () => {
    const path = file()
    const entries = [
      ['["a",{"table":"t"}]', '{"id":7}'],
      ['["b",{"table":"u"}]', '{"id":8}'],
    ] as const
    writeFileSync(path, javaMap(entries))
    const store = new FileOffsetStore(path)
    expect(await store.readAll('a')).toEqual([{ partition: { table: 't' }, offset: { id: 7 } }])
    await store.write('a', [{ partition: { table: 't' }, offset: { id: 9 } }])
    const again = new FileOffsetStore(path)
    expect(await again.read('a', [{ table: 't' }])).toEqual([{ id: 9 }])
    expect(await again.read('b', [{ table: 'u' }])).toEqual([{ id: 8 }])
  })
})

describe('readJavaByteMap', () => {
  it('reads what Java writes, and refuses what is cut off anywhere', () => {
    const bytes = javaMap([
      ['k1', 'v1'],
      ['k2', 'v2'],
    ])
    expect(isJavaStream(bytes)).toBe(true)
    expect(readJavaByteMap(bytes).map(pair => pair.map(String))).toEqual([
      ['k1', 'v1'],
      ['k2', 'v2'],
    ])
    // The last byte only ends the object.
    for (let end = 5; end < bytes.length - 1; end++) {
      expect(() => readJavaByteMap(bytes.subarray(0, end))).toThrow()
    }
  })
})

/** As `ObjectOutputStream` writes a `HashMap<byte[], byte[]>`. */
function javaMap(entries: readonly (readonly [string, string])[]): Buffer {
  const int = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(value)
    return bytes
  }
  const utf = (text: string) => Buffer.from([0, text.length, ...Buffer.from(text)])
  const map = [
    [0xac, 0xed, 0, 5, 0x73, 0x72],
    utf('java.util.HashMap'),
    [5, 7, 0xda, 0xc1, 0xc3, 0x16, 0x60, 0xd1, 3, 0, 2],
    [0x46, ...utf('loadFactor'), 0x49, ...utf('threshold'), 0x78, 0x70],
    [0x3f, 0x40, 0, 0, ...int(12)],
    [0x77, 8, ...int(16), ...int(entries.length)],
  ]
  let isFirst = true
  for (const text of entries.flat()) {
    const described = [
      0x72,
      ...utf('[B'),
      0xac,
      0xf3,
      0x17,
      0xf8,
      6,
      8,
      0x54,
      0xe0,
      2,
      0,
      0,
      0x78,
      0x70,
    ]
    map.push([0x75, ...(isFirst ? described : [0x71, 0, 0x7e, 0, 3])])
    map.push([...int(text.length), ...Buffer.from(text)])
    isFirst = false
  }
  map.push([0x78])
  return Buffer.concat(map.map(part => Buffer.from(part)))
}

describe('OffsetTable', () => {
  it('keeps the key of a record as its writer spelled it', () => {
    const table = new OffsetTable()
    const key = '["a",{"z":1,"b":2}]'
    expect(table.applyRecord(key, '{"at":1}')).toBe(true)
    expect(table.keyOf('a', { b: 2, z: 1 })).toBe(key)
    expect(table.read('a', [{ b: 2, z: 1 }])).toEqual([{ at: 1 }])
    table.apply('a', [{ partition: { b: 2, z: 1 }, offset: { at: 2 } }])
    expect(table.keyOf('a', { b: 2, z: 1 })).toBe(key)
    expect(table.keyOf('a', { other: 1 })).toBe('["a",{"other":1}]')
  })

  it.each<[string, string | null]>([
    ['oops', '{}'],
    ['["a"]', '{}'],
    ['[1,{}]', '{}'],
    ['["a",[]]', '{}'],
    ['["a",{}]', '[]'],
    ['["a",{}]', 'oops'],
  ])('ignores a record of another form: %s %s', (key, value) => {
    const table = new OffsetTable()
    expect(table.applyRecord(key, value)).toBe(false)
    expect(table.readAll('a')).toEqual([])
  })

  it('is the map that its last writes say', () => {
    const operation = fc.record({
      connector: fc.constantFrom('a', 'b'),
      partition: fc.constantFrom<SourcePartition>({ p: 1 }, { p: 2, q: 'x' }, { q: 'x', p: 2 }, {}),
      offset: fc.option(fc.record({ at: fc.integer() })),
    })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), operations => {
        const table = new OffsetTable()
        const model = new Map<string, SourceOffset>()
        for (const { connector, partition, offset } of operations) {
          table.apply(connector, [{ partition, offset }])
          const key = offsetKey(connector, partition)
          if (offset === null) model.delete(key)
          else model.set(key, offset)
        }
        const found = [...table.entries()].map(
          ([connector, partition, offset]) => [offsetKey(connector, partition), offset] as const,
        )
        expect(new Map(found)).toEqual(model)
      }),
    )
  })
})
