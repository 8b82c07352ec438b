/**
 * The proxy between two real clusters: whatever form a write has, both clusters hold the same cells
 * with the same write times afterwards.
 */
import { types } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CqlLink } from '../../scripts/golden/cql-link.ts'
import { type Compressor, lz4, type ProtocolVersion, snappy } from '../../src/cql/index.ts'
import { type ProxyPair, proxyPair, tableDifferences, testProxy } from '../support/proxy.ts'

let pair: ProxyPair

beforeAll(async () => {
  pair = await proxyPair()
})

afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
})

describe('every form of the protocol', () => {
  it.each<[ProtocolVersion, Compressor | undefined]>([
    [3, undefined],
    [3, snappy],
    [4, undefined],
    [4, lz4],
    [4, snappy],
    [5, undefined],
    [5, lz4],
  ])('version %s with compression %o', async (version, compressor) => {
    const table = `forms_${version}_${compressor?.name ?? 'none'}`
    await pair.both(
      `CREATE TABLE ${pair.keyspace}.${table} (k int PRIMARY KEY, v text, u timeuuid)`,
    )
    await using proxy = await testProxy(pair, '--replace-functions', 'true')
    const options = { host: '127.0.0.1', port: proxy.port, version }
    const link = await CqlLink.open(compressor === undefined ? options : { ...options, compressor })
    await link.execute(`USE ${pair.keyspace}`)
    for (let k = 0; k < 25; k++) {
      await link.execute(`INSERT INTO ${table} (k, v, u) VALUES (${k}, 'text ${k}', now())`)
    }
    const prepared = await link.request({
      kind: 'PREPARE',
      query: `INSERT INTO ${table} (k, u, v) VALUES (?, now(), ?)`,
    })
    if (prepared.kind !== 'RESULT' || prepared.result !== 'PREPARED') throw new Error(prepared.kind)
    expect(prepared.variables.columns.map(one => one.name)).toEqual(['k', 'v'])
    const { preparedId, resultMetadataId } = prepared
    const long = Buffer.alloc(150_000, 'long ')
    for (let k = 100; k < 125; k++) {
      const values = [int(k), k === 100 ? long : Buffer.from(`bound ${k}`)]
      const parameters = { consistency: 1, values }
      const answer = await link.request({
        kind: 'EXECUTE',
        preparedId,
        resultMetadataId,
        parameters,
      })
      expect(answer).toMatchObject({ kind: 'RESULT', result: 'VOID' })
    }
    const answer = await link.request({
      kind: 'BATCH',
      type: 0,
      consistency: 1,
      children: [
        { preparedId, values: [int(200), Buffer.from('in a batch')] },
        { query: `INSERT INTO ${table} (k, u) VALUES (201, now())`, values: [] },
        { query: `UPDATE ${table} SET v = ? WHERE k = ?`, values: [Buffer.from('v'), int(202)] },
      ],
    })
    expect(answer).toMatchObject({ kind: 'RESULT', result: 'VOID' })
    const rows = await link.execute(`SELECT * FROM ${table}`)
    expect(rows?.rowCount).toBe(53)
    link.close()
    expect(await tableDifferences(pair, table)).toEqual([])
  })
})

describe('a driver at work', () => {
  it.each([
    [3, 2_000],
    [4, 10_000],
  ])('mixed statements of the Node driver at version %s: %s', async (maxVersion, count) => {
    const table = `mixed_${maxVersion}`
    await pair.both(
      `CREATE TABLE ${pair.keyspace}.${table} (p int, c int, v text, n bigint, s set<text>, m map<text, int>, st text static, PRIMARY KEY (p, c))`,
    )
    await using proxy = await testProxy(pair, '--threads', '2')
    const client = await proxy.connect({
      keyspace: pair.keyspace,
      protocolOptions: { port: proxy.port, maxVersion },
      pooling: { coreConnectionsPerHost: { [types.distance.local]: 3 } },
    })
    let next = 0
    const worker = async () => {
      for (let i = next++; i < count; i = next++) await client.execute(...statementOf(table, i))
    }
    await Promise.all(Array.from({ length: 64 }, worker))
    expect(await tableDifferences(pair, table)).toEqual([])
    expect(await proxy.metric('scamander_proxy_failed_writes_total{failed_on="target"}')).toBe(0)
  })

  it('equal values of all functions of the coordinator', async () => {
    await pair.both(
      `CREATE TABLE ${pair.keyspace}.functions (k uuid PRIMARY KEY, a timeuuid, b timestamp, c date, d time, e timestamp, f bigint, g int)`,
    )
    await using proxy = await testProxy(pair, '--uuid', 'true')
    const client = await proxy.connect({ keyspace: pair.keyspace })
    const text =
      'INSERT INTO functions (k, a, b, c, d, e, f, g) VALUES (uuid(), currentTimeUUID(), current_timestamp(), currentDate(), current_time(), toTimestamp(now()), toUnixTimestamp(now()), '
    for (let i = 0; i < 25; i++) await client.execute(`${text}${i})`)
    for (let i = 0; i < 25; i++) await client.execute(`${text}?)`, [i], { prepare: true })
    for (let i = 0; i < 25; i++) await client.execute(`${text}:g)`, { g: i }, { prepare: true })
    await client.batch(
      [
        { query: `${text}?)`, params: [1] },
        { query: `${text}?)`, params: [2] },
      ],
      {
        prepare: true,
      },
    )
    const { rows } = await pair.onSource.execute(`SELECT * FROM ${pair.keyspace}.functions`)
    expect(rows).toHaveLength(77)
    expect(new Set(rows.map(row => String(row['a']))).size).toBe(77)
    expect(await tableDifferences(pair, 'functions')).toEqual([])
  })

  it('counters stay exact when one cluster forgets a prepared statement', async () => {
    await pair.both(`CREATE TABLE ${pair.keyspace}.counts (k int PRIMARY KEY, n counter)`)
    await using proxy = await testProxy(pair)
    const client = await proxy.connect({ keyspace: pair.keyspace })
    const add = () =>
      client.execute('UPDATE counts SET n = n + 1 WHERE k = ?', [1], { prepare: true })
    await add()
    for (let round = 0; round < 3; round++) {
      await pair.onTarget.execute(`ALTER TABLE ${pair.keyspace}.counts ADD x${round} counter`)
      await pair.onTarget.execute(`ALTER TABLE ${pair.keyspace}.counts DROP x${round}`)
      await Promise.all(Array.from({ length: 20 }, add))
    }
    const series = 'scamander_proxy_cluster_errors_total{cluster="target",error="unprepared"}'
    expect(await proxy.metric(series)).toBeGreaterThan(0)
    for (const one of [pair.onSource, pair.onTarget]) {
      const { rows } = await one.execute(`SELECT n FROM ${pair.keyspace}.counts WHERE k = 1`)
      expect(String(rows[0]?.['n'])).toBe('61')
    }
  })

  it('conditional writes, unlogged and counter batches', async () => {
    await pair.both(`CREATE TABLE ${pair.keyspace}.lwt (k int PRIMARY KEY, v int)`)
    await pair.onTarget.execute(`INSERT INTO ${pair.keyspace}.lwt (k, v) VALUES (7, 1)`)
    await using proxy = await testProxy(pair)
    const client = await proxy.connect({ keyspace: pair.keyspace })
    const insert = 'INSERT INTO lwt (k, v) VALUES (?, ?) IF NOT EXISTS'
    const first = await client.execute(insert, [1, 1], { prepare: true })
    const second = await client.execute(insert, [1, 2], { prepare: true })
    expect([first.wasApplied(), second.wasApplied()]).toEqual([true, false])
    const apart = await client.execute(insert, [7, 2], { prepare: true })
    expect(apart.wasApplied()).toBe(true)
    expect(await proxy.metric('scamander_proxy_lwt_applied_mismatch_total')).toBe(1)
  })

  it('source first: the target gets what the source applied', async () => {
    await pair.both(`CREATE TABLE ${pair.keyspace}.first (k int PRIMARY KEY, v int)`)
    await pair.onSource.execute(`INSERT INTO ${pair.keyspace}.first (k, v) VALUES (1, 1)`)
    await using proxy = await testProxy(pair, '--lwt', 'source-first')
    const client = await proxy.connect({ keyspace: pair.keyspace })
    const insert = 'INSERT INTO first (k, v) VALUES (?, 5) IF NOT EXISTS'
    expect((await client.execute(insert, [1], { prepare: true })).wasApplied()).toBe(false)
    expect((await client.execute(insert, [2], { prepare: true })).wasApplied()).toBe(true)
    const { rows } = await pair.onTarget.execute(`SELECT k FROM ${pair.keyspace}.first`)
    expect(rows.map(row => row['k'])).toEqual([2])
  })

  it('a filter leaves statements out on the target', async () => {
    await pair.both(`CREATE TABLE ${pair.keyspace}.kept (k int PRIMARY KEY, v int)`)
    await pair.both(`CREATE TABLE ${pair.keyspace}.left_out (k int PRIMARY KEY, v int)`)
    await using proxy = await testProxy(pair, '--filter-tables', '.*left_out.*')
    const client = await proxy.connect({ keyspace: pair.keyspace })
    const queries = ['kept', 'left_out'].map(name => `INSERT INTO ${name} (k, v) VALUES (?, 1)`)
    await client.execute(queries[1]!, [1], { prepare: true })
    await client.execute('INSERT INTO left_out (k, v) VALUES (2, 2)')
    await client.batch(
      queries.map(query => ({ query, params: [3] })),
      { prepare: true },
    )
    const count = async (one: ProxyPair['onSource'], name: string) =>
      (await one.execute(`SELECT k FROM ${pair.keyspace}.${name}`)).rowLength
    expect(await count(pair.onSource, 'left_out')).toBe(3)
    expect(await count(pair.onTarget, 'left_out')).toBe(0)
    expect(await count(pair.onTarget, 'kept')).toBe(1)
  })
})

function statementOf(table: string, i: number): [string, unknown[], { prepare: boolean }] {
  const p = i % 97
  const c = i % 1009
  const prepare = { prepare: true }
  switch (i % 8) {
    case 0:
      return [`INSERT INTO ${table} (p, c, v) VALUES (${p}, ${c}, 'v${i}')`, [], { prepare: false }]
    case 1:
      return [
        `INSERT INTO ${table} (p, c, v, n) VALUES (?, ?, ?, ?) USING TTL 5000`,
        [p, c, `t${i}`, i],
        prepare,
      ]
    case 2:
      return [
        `UPDATE ${table} SET s = s + ?, m['k'] = ? WHERE p = ? AND c = ?`,
        [[`e${i}`], i, p, c],
        prepare,
      ]
    case 3:
      return [`DELETE v FROM ${table} WHERE p = ? AND c = ?`, [p, c], prepare]
    case 4:
      return [`UPDATE ${table} SET st = ? WHERE p = ?`, [`static ${i}`, p], prepare]
    case 5:
      return [`DELETE FROM ${table} WHERE p = ? AND c = ?`, [p, c], prepare]
    case 6:
      return [`SELECT * FROM ${table} WHERE p = ? LIMIT 5`, [p], prepare]
    default:
      return [
        `INSERT INTO ${table} (p, c, v, s) VALUES (?, ?, ?, ?)`,
        [p, c, `x${i}`, ['a', 'b']],
        prepare,
      ]
  }
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
