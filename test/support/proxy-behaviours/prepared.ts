/**
 * Behaviours of prepared statements: ids of two clusters behind one, statements that a cluster forgot
 * or refuses, keyspaces, switched reads.
 * `ALTER TABLE … ADD` and `DROP` on one cluster makes just that cluster forget its statements.
 * Spec: live-migration 2.5.
 */
import { expect } from 'vitest'
import { prepared, type ScriptedCqlServer, serverError } from '../scripted-cql-server.ts'
import {
  type Behaviour,
  type BehaviourScene,
  expectError,
  expectVoid,
  int,
  prepare,
  scripted,
  text,
} from './behaviour.ts'

type Side = 'onSource' | 'onTarget'
const FAILED = 'scamander_proxy_failed_writes_total{failed_on="target"}'

/** The clusters forget a counter's statement in turns; each add counts once. */
async function countExactly(scene: BehaviourScene, sides: readonly Side[]): Promise<void> {
  const table = `forgotten_${scene.key()}`
  const counter = `${scene.ks}${table}`
  await scene.pair.both(`CREATE TABLE ${counter} (k int PRIMARY KEY, n counter)`)
  const link = await scene.link(await scene.proxy(), { version: 5 })
  const add = await prepare(link, `UPDATE ${counter} SET n = n + 1 WHERE k = ?`)
  for (let round = 0; round < 3; round++) {
    for (const side of sides) {
      await scene.pair[side].execute(`ALTER TABLE ${counter} ADD x${round} counter`)
      await scene.pair[side].execute(`ALTER TABLE ${counter} DROP x${round}`)
    }
    for (let i = 0; i < 5; i++) expectVoid(await add.execute([int(1)]))
  }
  const [row] = await scene.same(`SELECT n FROM ${counter}`)
  expect(row).toEqual({ n: '15' })
}

/** The same table in a second keyspace of both clusters. */
async function otherKeyspace(scene: BehaviourScene): Promise<string> {
  const name = `${scene.pair.keyspace}_b`
  const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
  await scene.pair.both(`CREATE KEYSPACE IF NOT EXISTS ${name} WITH replication = ${replication}`)
  await scene.pair.both(`CREATE TABLE IF NOT EXISTS ${name}.kv (k int PRIMARY KEY, v text, n int)`)
  return name
}

const ids: readonly Behaviour[] = [
  {
    id: 'P1',
    what: 'an id that the proxy does not know is answered UNPREPARED with that id',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const preparedId = Buffer.alloc(16, 7)
      const parameters = { consistency: 1 as const, values: [int(1)] }
      const { message } = await link.request({ kind: 'EXECUTE', preparedId, parameters })
      expect(message).toMatchObject({ kind: 'ERROR', code: 0x2500, details: { preparedId } })
    },
  },
  {
    id: 'P2',
    what: 'a statement prepared on one connection is executed on another',
    run: async scene => {
      const proxy = await scene.proxy()
      const [first, second] = [await scene.link(proxy), await scene.link(proxy)]
      const key = scene.key()
      const insert = await prepare(first, `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, 'other')`)
      const { preparedId } = insert
      const parameters = { consistency: 1 as const, values: [int(key)] }
      expectVoid((await second.request({ kind: 'EXECUTE', preparedId, parameters })).message)
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k = ${key}`)
    },
  },
  {
    id: 'P3',
    what: 'a statement prepared in one thread of the proxy is executed in another',
    run: async scene => {
      const proxy = await scene.proxy('--threads', '2')
      const links = await Promise.all(Array.from({ length: 8 }, () => scene.link(proxy)))
      const insert = await prepare(links[0]!, `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, 'thr')`)
      const { preparedId } = insert
      const keys = links.map(() => scene.key())
      for (const [i, link] of links.entries()) {
        const parameters = { consistency: 1 as const, values: [int(keys[i]!)] }
        const request = { kind: 'EXECUTE', preparedId, parameters } as const
        await expect
          .poll(async () => (await link.request(request)).message, { timeout: 30_000 })
          .toMatchObject({ result: 'VOID' })
      }
      const query = `SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k IN (${keys.join(', ')})`
      await scene.same(query, keys.length)
    },
  },
  {
    id: 'P4',
    what: 'unqualified names: the keyspace of the connection counts, the ids differ',
    run: async scene => {
      const other = await otherKeyspace(scene)
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      const query = 'INSERT INTO kv (k, v) VALUES (?, ?)'
      await link.query(`USE ${scene.pair.keyspace}`)
      const here = await prepare(link, query)
      await link.query(`USE ${other}`)
      const there = await prepare(link, query)
      expect(there.preparedId).not.toEqual(here.preparedId)
      expectVoid(await here.execute([int(key), text('here')]))
      expectVoid(await there.execute([int(key), text('there')]))
      const [a] = await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k = ${key}`)
      const [b] = await scene.same(`SELECT v, writetime(v) FROM ${other}.kv WHERE k = ${key}`)
      expect([a?.['v'], b?.['v']]).toEqual(['here', 'there'])
    },
  },
  {
    id: 'P5',
    what: 'version 5: the keyspace of PREPARE counts',
    run: async scene => {
      const other = await otherKeyspace(scene)
      const link = await scene.link(await scene.proxy(), { version: 5 })
      const key = scene.key()
      const query = 'INSERT INTO kv (k, v) VALUES (?, ?)'
      const insert = await prepare(link, query, { keyspace: other })
      expectVoid(await insert.execute([int(key), text('v5')]))
      await scene.same(`SELECT v, writetime(v) FROM ${other}.kv WHERE k = ${key}`)
    },
  },
  {
    id: 'P6',
    what: 'the cache is bounded: what fell out is answered UNPREPARED and prepared again',
    run: async scene => {
      const link = await scene.link(await scene.proxy('--prepared-cache-size', '10'))
      const query = `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, 'kept')`
      const first = await prepare(link, query)
      for (let i = 0; i < 15; i++) {
        await prepare(link, `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, 'v${i}')`)
      }
      const key = scene.key()
      expectError(await first.execute([int(key)]), 0x2500)
      const again = await prepare(link, query)
      expect(again.preparedId).toEqual(first.preparedId)
      expectVoid(await again.execute([int(key)]))
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k = ${key}`)
    },
  },
]

const forgotten: readonly Behaviour[] = [
  {
    id: 'P7',
    what: 'the target forgot a statement: a counter stays exact, the client hears nothing',
    run: scene => countExactly(scene, ['onTarget']),
  },
  {
    id: 'P8',
    what: 'the source forgot a statement: a counter stays exact, the client hears nothing',
    run: scene => countExactly(scene, ['onSource']),
  },
  {
    id: 'P9',
    what: 'both clusters forgot a statement: a counter stays exact, the client hears nothing',
    run: scene => countExactly(scene, ['onSource', 'onTarget']),
  },
  {
    id: 'P10',
    what: 'the target forgot the child of a batch: the batch happens once on each',
    run: async scene => {
      const counter = `${scene.ks}forgotten_${scene.key()}`
      await scene.pair.both(`CREATE TABLE ${counter} (k int PRIMARY KEY, n counter)`)
      const link = await scene.link(await scene.proxy())
      const add = await prepare(link, `UPDATE ${counter} SET n = n + 1 WHERE k = ?`)
      await scene.pair.onTarget.execute(`ALTER TABLE ${counter} ADD x counter`)
      await scene.pair.onTarget.execute(`ALTER TABLE ${counter} DROP x`)
      const children = [1, 1, 2].map(k => ({ preparedId: add.preparedId, values: [int(k)] }))
      const batch = { kind: 'BATCH', type: 2, consistency: 1, children } as const
      expectVoid((await link.request(batch)).message)
      const rows = await scene.same(`SELECT k, n FROM ${counter}`, 2)
      expect(rows.map(row => row['n']).sort()).toEqual(['1', '2'])
    },
  },
  {
    id: 'P11',
    what: 'a forgotten statement is prepared again under the keyspace it was prepared in',
    run: async scene => {
      const other = await otherKeyspace(scene)
      const table = `moved_${scene.key()}`
      for (const ks of [scene.pair.keyspace, other]) {
        await scene.pair.both(`CREATE TABLE ${ks}.${table} (k int PRIMARY KEY, v text)`)
      }
      const link = await scene.link(await scene.proxy())
      await link.query(`USE ${scene.pair.keyspace}`)
      const insert = await prepare(link, `INSERT INTO ${table} (k, v) VALUES (?, ?)`)
      await link.query(`USE ${other}`)
      await scene.pair.onTarget.execute(`ALTER TABLE ${scene.ks}${table} ADD x int`)
      await scene.pair.onTarget.execute(`ALTER TABLE ${scene.ks}${table} DROP x`)
      expectVoid(await insert.execute([int(1), text('first')]))
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}${table}`)
      expect(await scene.apart(`SELECT v FROM ${other}.${table}`)).toEqual([[], []])
    },
  },
  {
    id: 'P12',
    what: 'version 5: columns that changed reach the client as changed metadata',
    run: async scene => {
      const table = `${scene.ks}grown_${scene.key()}`
      await scene.pair.both(`CREATE TABLE ${table} (k int PRIMARY KEY, v text)`)
      await scene.pair.both(`INSERT INTO ${table} (k, v) VALUES (1, 'v')`)
      const link = await scene.link(await scene.proxy(), { version: 5 })
      const read = await prepare(link, `SELECT * FROM ${table} WHERE k = ?`)
      await scene.pair.both(`ALTER TABLE ${table} ADD w text`)
      const rows = await read.execute([int(1)], { skipMetadata: true })
      if (rows.kind !== 'RESULT' || rows.result !== 'ROWS') throw new Error(JSON.stringify(rows))
      expect(rows.metadata.columns?.map(one => one.name)).toEqual(['k', 'v', 'w'])
      expect(rows.metadata.newMetadataId).toBeInstanceOf(Buffer)
    },
  },
  {
    id: 'P13',
    what: 'a statement prepared while the target is switched off is executed on both when it is on',
    run: async scene => {
      const proxy = await scene.proxy('--debug', 'true')
      const link = await scene.link(proxy)
      await proxy.control('target/disable', {})
      const insert = await prepare(link, `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, 'late')`)
      await proxy.control('target/enable', {})
      const key = scene.key()
      expectVoid(await insert.execute([int(key)]))
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k = ${key}`)
    },
  },
]

const unlike: readonly Behaviour[] = [
  {
    id: 'P14',
    what: 'the target refuses a statement: with `log` it is used on the source only, and counted',
    run: async scene => {
      const table = `${scene.ks}lacking_${scene.key()}`
      await scene.pair.onSource.execute(`CREATE TABLE ${table} (k int PRIMARY KEY, v text)`)
      const proxy = await scene.proxy()
      const link = await scene.link(proxy)
      const before = await proxy.metric(FAILED)
      const insert = await prepare(link, `INSERT INTO ${table} (k, v) VALUES (?, 'v')`)
      expectVoid(await insert.execute([int(1)]))
      expect(await proxy.metric(FAILED)).toBe(before + 1)
    },
  },
  {
    id: 'P15',
    what: 'the target refuses a statement: with `fail` PREPARE gets its error',
    run: async scene => {
      const table = `${scene.ks}lacking_${scene.key()}`
      await scene.pair.onSource.execute(`CREATE TABLE ${table} (k int PRIMARY KEY, v text)`)
      const link = await scene.link(await scene.proxy('--target-failure', 'fail'))
      const query = `INSERT INTO ${table} (k, v) VALUES (?, 'v')`
      expectError((await link.request({ kind: 'PREPARE', query })).message, 0x2200)
    },
  },
  {
    id: 'P16',
    what: 'variables of different types on the clusters are counted',
    run: async scene => {
      const table = `${scene.ks}unlike_${scene.key()}`
      await scene.pair.onSource.execute(`CREATE TABLE ${table} (k int PRIMARY KEY, v text)`)
      await scene.pair.onTarget.execute(`CREATE TABLE ${table} (k int PRIMARY KEY, v blob)`)
      const proxy = await scene.proxy()
      const link = await scene.link(proxy)
      const before = await proxy.metric('scamander_proxy_prepare_metadata_mismatch_total')
      const insert = await prepare(link, `INSERT INTO ${table} (k, v) VALUES (?, ?)`)
      expect(await proxy.metric('scamander_proxy_prepare_metadata_mismatch_total')).toBe(before + 1)
      expectVoid(await insert.execute([int(1), text('as bytes')]))
    },
  },
  {
    id: 'P17',
    what: 'after a switch of reads each prepared SELECT is refused once, then fits the new cluster',
    run: async scene => {
      const table = `${scene.ks}unlike_${scene.key()}`
      await scene.pair.onSource.execute(`CREATE TABLE ${table} (k int PRIMARY KEY, a text)`)
      await scene.pair.onTarget.execute(`CREATE TABLE ${table} (k int PRIMARY KEY, a text, b int)`)
      await scene.pair.both(`INSERT INTO ${table} (k, a) VALUES (1, 'v')`)
      const proxy = await scene.proxy('--metrics', 'true')
      const link = await scene.link(proxy)
      const query = `SELECT * FROM ${table} WHERE k = ?`
      const before = await prepare(link, query)
      expect(before.resultMetadata.columnCount).toBe(2)
      await proxy.control('primary', { primary: 'target' })
      expectError(await before.execute([int(1)]), 0x2500)
      const after = await prepare(link, query)
      expect(after.resultMetadata.columnCount).toBe(3)
      expect(await after.execute([int(1)], { skipMetadata: true })).toMatchObject({ rowCount: 1 })
      await proxy.control('primary', { primary: 'source' })
    },
  },
]

/** Ids of statement and columns that carry the name of the cluster. */
function nameIds(server: ScriptedCqlServer, name: string): void {
  server.script = ({ message }) => {
    if (message.kind !== 'PREPARE') return undefined
    const answer = prepared(message.query, `${name} ${message.query}`)
    return { ...answer, resultMetadataId: Buffer.from(`${name} columns`) } as typeof answer
  }
}

/** The ids in the EXECUTE and BATCH requests that a cluster got. */
function idsOn(server: ScriptedCqlServer): string[] {
  return server.writes.flatMap(({ message }) => {
    if (message.kind === 'EXECUTE')
      return [`${message.preparedId}, ${message.resultMetadataId ?? 'none'}`]
    if (message.kind !== 'BATCH') return []
    return message.children.map(one => ('preparedId' in one ? String(one.preparedId) : 'text'))
  })
}

const apart: readonly Behaviour[] = [
  {
    id: 'P18',
    what: 'clusters with ids of their own: each gets its own, in EXECUTE, BATCH and at version 5',
    run: async () => {
      for (const version of [4, 5] as const) {
        await using all = await scripted(['--protocol-version', '5'])
        nameIds(all.source, 'source')
        nameIds(all.target, 'target')
        const client = await all.client({ version })
        const query = 'INSERT INTO ks.t (k, v) VALUES (?, ?)'
        const insert = await prepare(client, query)
        expect(String(insert.preparedId)).toBe(`source ${query}`)
        expectVoid(await insert.execute([int(1), int(2)]))
        const child = { preparedId: insert.preparedId, values: [int(1), int(2)] }
        const batch = { kind: 'BATCH', type: 0, consistency: 1, children: [child] } as const
        expectVoid((await client.request(batch)).message)
        for (const [server, name] of [
          [all.source, 'source'],
          [all.target, 'target'],
        ] as const) {
          const columns = version === 5 ? `${name} columns` : 'none'
          expect(idsOn(server)).toEqual([`${name} ${query}, ${columns}`, `${name} ${query}`])
        }
      }
    },
  },
]

const through: readonly Behaviour[] = [
  {
    id: 'P19',
    what: 'a prepared change of the schema and a prepared USE take effect on both clusters',
    run: async scene => {
      const name = `made_${scene.key()}`
      const link = await scene.link(await scene.proxy())
      const use = await prepare(link, `USE ${scene.pair.keyspace}`)
      expect(await use.execute([])).toMatchObject({ result: 'SET_KEYSPACE' })
      const create = await prepare(link, `CREATE TABLE ${name} (k int PRIMARY KEY, v int)`)
      expect(await create.execute([])).toMatchObject({ result: 'SCHEMA_CHANGE' })
      expectVoid(await link.query(`INSERT INTO ${name} (k, v) VALUES (1, 1)`))
      await scene.same(`SELECT k, v, writetime(v) FROM ${scene.ks}${name}`)
    },
  },
  {
    id: 'P20',
    what: 'a statement keeps its id when reads are switched and it is prepared again',
    run: async () => {
      await using all = await scripted()
      nameIds(all.source, 'source')
      nameIds(all.target, 'target')
      const client = await all.client()
      const query = 'SELECT v FROM ks.t WHERE k = ?'
      const before = await prepare(client, query)
      await all.proxy.control('primary', { primary: 'target' })
      expectError(await before.execute([int(1)]), 0x2500)
      const after = await prepare(client, query)
      expect(String(after.preparedId)).toBe(`source ${query}`)
      expectVoid(await before.execute([int(1)]))
      expect(idsOn(all.target)).toEqual([`target ${query}, none`])
    },
  },
  {
    id: 'P21',
    what: 'the target is too busy to prepare a statement: it gets it with the first write',
    run: async () => {
      await using all = await scripted()
      all.target.script = ({ message }) =>
        message.kind === 'PREPARE' ? serverError(0x1001) : undefined
      const client = await all.client()
      const insert = await prepare(client, 'INSERT INTO ks.t (k, v) VALUES (?, ?)')
      all.target.script = () => undefined
      expectVoid(await insert.execute([int(1), int(2)]))
      expect([all.source.writes.length, all.target.writes.length]).toEqual([1, 1])
    },
  },
  {
    id: 'P22',
    what: 'a prepared change of the schema that the target refuses is an error for the client',
    run: async () => {
      await using all = await scripted()
      all.target.script = ({ message }) =>
        message.kind === 'PREPARE' ? serverError(0x2200) : undefined
      const client = await all.client()
      const create = await prepare(client, 'CREATE TABLE ks.made (k int PRIMARY KEY)')
      for (let i = 0; i < 2; i++) expectError(await create.execute([]), 0x2200)
    },
  },
]

export const PREPARED: readonly Behaviour[] = [
  ...ids,
  ...forgotten,
  ...unlike,
  ...apart,
  ...through,
]
