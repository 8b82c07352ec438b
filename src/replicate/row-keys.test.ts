/**
 * Names of rows: one per key, whoever told its values, and those that earlier versions kept.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toCql } from './cell-value.ts'
import { cellsOf, keyOf, uniteKeys } from './row-keys.ts'
import type { Value } from './sql-engine.ts'
import { Store } from './store.ts'
import { type TaskTarget, toTarget } from './task-target.ts'

function targetOf(...types: string[]): TaskTarget {
  const specs = types.map((type, at) => ({
    ...{ on: true, source: `c${at}`, expression: null, name: `c${at}`, type },
    key: 'partition' as const,
  }))
  return toTarget({ keyspace: 'ks', table: 't', specs, system: [] })
}

function nameOf(value: Value, type: string): string {
  const target = targetOf(type)
  return keyOf([toCql(value, target.columns[0]!.type, 'c0')], target)
}

describe('the name of a row', () => {
  it.each<[type: string, name: string, told: Value[]]>([
    ['bigint', '["880001"]', [880_001, '880001', '880001.0']],
    ['bigint', '["9007199254740993"]', ['9007199254740993']],
    ['int', '[5]', [5, '5']],
    ['varint', '["5"]', [5, '5']],
    ['text', '["5"]', [5, '5']],
    ['text', '["0[é\\"]"]', ['0[é"]']],
    ['boolean', '[true]', [true, 'true', 1]],
    ['double', '[1.5]', [1.5, '1.5']],
    ['double', '["Infinity"]', [Number.POSITIVE_INFINITY, 'Infinity']],
    ['decimal', '["1.50"]', ['1.50']],
    ['date', '["2026-11-20"]', ['2026-11-20', '2026-11-20T00:00:00Z', '2026-11-20 00:00:00']],
    [
      'timestamp',
      '["2026-11-20T01:02:03.000Z"]',
      ['2026-11-20T01:02:03Z', '2026-11-20 01:02:03', '2026-11-20 01:02:03+00', 1_795_136_523_000],
    ],
    ['timestamp', '[253402300800000]', [253_402_300_800_000]],
    [
      'uuid',
      '["0197f2b2-0000-7000-8000-00000000000a"]',
      ['0197F2B2-0000-7000-8000-00000000000A', '0197f2b2-0000-7000-8000-00000000000a'],
    ],
    [
      'frozen<list<bigint>>',
      '[["1","2"]]',
      [
        [1, 2],
        ['1', '2'],
      ],
    ],
  ])('%s is %s however it is told, and gives its cells back', (type, name, told) => {
    for (const value of told) expect(nameOf(value, type)).toBe(name)
    const target = targetOf(type)
    expect(keyOf(cellsOf(`00ab12${name}`, target), target)).toBe(name)
  })
})

describe('names that an earlier version kept', () => {
  const target = targetOf('bigint', 'timestamp')
  const HASH = Buffer.from('hash')
  const row = (key: string, scope = 's') => ({ key, scope, hash: HASH })
  const now = (id: number) => `["${id}","2026-11-20T01:02:03.000Z"]`
  let folder: string
  let store: Store

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scamander-keys-'))
    store = new Store(folder)
  })
  afterEach(() => {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('are those of now, with their places, scopes and hashes', async () => {
    const count = 12_000
    const before = Array.from({ length: count }, (_, id) => row(`[${id},"2026-11-20T01:02:03Z"]`))
    store.rows.put('t', before)
    store.rows.put('t', [row('00ab12["7","2026-11-20 01:02:03"]', '')])
    store.rows.put('u', [row('[1,"2026-11-20T01:02:03Z"]')])
    await uniteKeys(store, 't', target)
    expect(store.rows.count('t')).toBe(count + 1)
    const names = [now(0), now(count - 1), `00ab12${now(7)}`]
    const found = store.rows.find('t', names)
    expect(names.map(key => found.get(key)?.scope)).toEqual(['s', 's', ''])
    expect([...found.values()].every(one => HASH.equals(one.hash))).toBe(true)
    expect(store.rows.find('u', ['[1,"2026-11-20T01:02:03Z"]']).size).toBe(1)
  })

  it('are changed once per task, and again when it is forgotten', async () => {
    await uniteKeys(store, 't', target)
    const old = '[1,"2026-11-20T01:02:03Z"]'
    store.rows.put('t', [row(old)])
    await uniteKeys(store, 't', target)
    expect(store.rows.find('t', [old]).size).toBe(1)
    store.forgetTask('t')
    store.rows.put('t', [row(old)])
    await uniteKeys(store, 't', target)
    expect([...store.rows.find('t', [old, now(1)]).keys()]).toEqual([now(1)])
  })

  it('of one row are one, which is written again', async () => {
    const [first, second, third] = [1, 2, 3].map(id => `[${id},"2026-11-20T01:02:03Z"]`)
    store.rows.put('t', [
      row(first!),
      row(now(1)),
      row(second!),
      row('["2","2026-11-20 01:02:03"]'),
    ])
    store.rows.put('t', [row(third!), row(now(3))])
    store.rows.bury('t', [third!])
    await uniteKeys(store, 't', target)
    expect(store.rows.count('t')).toBe(3)
    for (const one of store.rows.find('t', [now(1), now(2), now(3)]).values())
      expect([one.scope, one.hash.length]).toEqual(['s', 0])
  })

  it('stay when they are of no row that the task can write', async () => {
    const strange = ['["x"]', '[1]', '[1,null]', '[1,2,3]', 'none']
    store.rows.put(
      't',
      strange.map(key => row(key)),
    )
    await uniteKeys(store, 't', target)
    expect(store.rows.find('t', strange).size).toBe(strange.length)
  })
})
