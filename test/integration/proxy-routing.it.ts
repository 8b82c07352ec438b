/**
 * The proxy's policies on two real clusters: failures of one cluster, journal and replay, switching of
 * reads, writes that are not waited for, what drivers see of nodes. One by one the behaviours are in
 * proxy-behaviours.it.ts.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CqlLink } from '../../scripts/golden/cql-link.ts'
import { runCli } from '../../src/cli/index.ts'
import { type ProxyPair, proxyPair, tableDifferences, testProxy } from '../support/proxy.ts'

let pair: ProxyPair

beforeAll(async () => {
  pair = await proxyPair()
})

afterAll(async () => {
  await pair?.[Symbol.asyncDispose]()
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in 20 s')
    await sleep(50)
  }
}

describe('a target that fails writes', () => {
  it('log: the client is served, the miss is counted; fail: the client gets the error', async () => {
    await pair.onSource.execute(`CREATE TABLE ${pair.keyspace}.lacking (k int PRIMARY KEY, v int)`)
    const insert = `INSERT INTO ${pair.keyspace}.lacking (k, v) VALUES (1, 1)`
    {
      await using proxy = await testProxy(pair)
      const client = await proxy.connect()
      await client.execute(insert)
      await client.execute(`INSERT INTO ${pair.keyspace}.lacking (k, v) VALUES (?, ?)`, [2, 2], {
        prepare: true,
      })
      expect(await proxy.metric('scamander_proxy_failed_writes_total{failed_on="target"}')).toBe(2)
      expect(proxy.logs.join('\n')).toMatch(/did not reach the target/)
      expect(proxy.logs.join('\n')).not.toMatch(/VALUES \(1,/)
    }
    await using proxy = await testProxy(pair, '--target-failure', 'fail')
    const client = await proxy.connect()
    await expect(client.execute(insert)).rejects.toThrow(/does not exist|unconfigured/)
  })

  it('journal and replay close the gap, but for what cannot be repeated', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'scamander-journal-'))
    const { keyspace } = pair
    await pair.both(
      `CREATE TABLE ${keyspace}.gap (k int PRIMARY KEY, v text, s set<int>, l list<int>)`,
    )
    {
      await using proxy = await testProxy(pair, '--journal', dir, '--replace-functions', 'true')
      const client = await proxy.connect({ keyspace })
      await client.execute('INSERT INTO gap (k, v) VALUES (?, ?)', [0, 'before'], { prepare: true })
      expect(await proxy.control('target/disable', {})).toEqual({ enabled: false })
      for (let k = 1; k < 200; k++) {
        await client.execute('INSERT INTO gap (k, v) VALUES (?, ?)', [k, `v${k}`], {
          prepare: true,
        })
      }
      await client.execute("UPDATE gap SET v = 'text' WHERE k = 5")
      await client.execute('UPDATE gap SET s = s + ? WHERE k = 6', [[1, 2]], { prepare: true })
      const query = 'INSERT INTO gap (k, v) VALUES (?, ?)'
      await client.batch(
        [
          { query, params: [300, 'b'] },
          { query, params: [301, 'c'] },
        ],
        { prepare: true },
      )
      await client.execute('DELETE FROM gap WHERE k = 0')
      await client.execute('UPDATE gap SET l = l + ? WHERE k = 7', [[1]], { prepare: true })
      expect(await proxy.control('target/enable', {})).toEqual({ enabled: true })
      const series = 'scamander_proxy_source_only_writes_total{reason="target_disabled"}'
      expect(await proxy.metric(series)).toBe(204)
      expect(await tableDifferences(pair, 'gap')).not.toEqual([])
    }
    const out: string[] = []
    const { port, contactPoints } = pair.target
    const args = ['proxy-replay', contactPoints[0]!, '--target-port', `${port}`]
    const more = ['--disable-target-tls', 'true', '--journal', dir]
    const streams = { out: (text: string) => void out.push(text), err: () => undefined }
    expect(await runCli([...args, ...more], streams)).toBe(3)
    expect(out.join('')).toBe('Replayed: 203\nRefused: 1\nFailed: 0\nBroken: 0\n')
    await pair.onTarget.execute(`UPDATE ${keyspace}.gap SET l = l + [1] WHERE k = 7`)
    expect(await tableDifferences(pair, 'gap')).toEqual([])
    expect((await readdir(dir)).some(name => name === 'cannot-replay.jsonl')).toBe(true)
    await rm(dir, { recursive: true })
  })

  it('without waiting: every write reaches the target', async () => {
    await pair.both(`CREATE TABLE ${pair.keyspace}.unwaited (k int PRIMARY KEY, v text)`)
    await using proxy = await testProxy(pair, '--wait', 'false', '--async-queue', '50')
    const client = await proxy.connect({ keyspace: pair.keyspace })
    const insert = 'INSERT INTO unwaited (k, v) VALUES (?, ?)'
    const run = (k: number) => client.execute(insert, [k, `v${k}`], { prepare: true })
    await Promise.all(Array.from({ length: 500 }, (_, k) => run(k)))
    await until(async () => (await proxy.metric('scamander_proxy_async_queue_length')) === 0)
    expect(await tableDifferences(pair, 'unwaited')).toEqual([])
    const { rowLength } = await pair.onTarget.execute(`SELECT k FROM ${pair.keyspace}.unwaited`)
    expect(rowLength).toBe(500)
  })
})

describe('stopping and switching', () => {
  it('what is in flight is finished when the proxy stops', async () => {
    await pair.both(`CREATE TABLE ${pair.keyspace}.stopped (k int PRIMARY KEY, v text)`)
    await using proxy = await testProxy(pair, '--threads', '2')
    const client = await proxy.connect({ keyspace: pair.keyspace })
    const insert = 'INSERT INTO stopped (k, v) VALUES (?, ?)'
    await client.execute(insert, [0, 'prepared'], { prepare: true })
    const runs = Array.from({ length: 400 }, (_, k) =>
      client.execute(insert, [k, `v${k}`], { prepare: true }).then(
        () => true,
        () => false,
      ),
    )
    await runs[20]
    await proxy.proxy.close()
    await Promise.all(runs)
    expect(await tableDifferences(pair, 'stopped')).toEqual([])
  })

  it('USE while the target is switched off holds there when it is back', async () => {
    await pair.both(`CREATE TABLE ${pair.keyspace}.used (k int PRIMARY KEY, v int)`)
    await using proxy = await testProxy(pair)
    const link = await CqlLink.open({ host: '127.0.0.1', port: proxy.port, version: 4 })
    await link.execute('USE system')
    await proxy.control('target/disable', {})
    await link.execute(`USE ${pair.keyspace}`)
    await proxy.control('target/enable', {})
    await until(async () => (await proxy.metric('scamander_proxy_target_connections')) === 1)
    await link.execute('INSERT INTO used (k, v) VALUES (1, 1)')
    link.close()
    expect(await tableDifferences(pair, 'used')).toEqual([])
  })
})

describe('reads', () => {
  it('pages go on where they began when reads are switched', async () => {
    const { keyspace } = pair
    await pair.both(`CREATE TABLE ${keyspace}.paged (k int PRIMARY KEY, v text)`)
    for (let k = 0; k < 100; k++) {
      await pair.onSource.execute(`INSERT INTO ${keyspace}.paged (k, v) VALUES (${k}, 'source')`)
      await pair.onTarget.execute(`INSERT INTO ${keyspace}.paged (k, v) VALUES (${k}, 'target')`)
    }
    await using proxy = await testProxy(pair)
    const client = await proxy.connect({ keyspace })
    const query = 'SELECT k, v FROM paged'
    for (const prepare of [false, true]) {
      await proxy.control('primary', { primary: 'source' })
      const seen: string[] = []
      let pageState: string | undefined
      do {
        const page = await client.execute(query, [], {
          prepare,
          fetchSize: 10,
          ...(pageState === undefined ? {} : { pageState }),
        })
        seen.push(...page.rows.map(row => String(row['v'])))
        pageState = page.pageState
        await proxy.control('primary', { primary: 'target' })
      } while (pageState !== undefined && pageState !== null)
      expect(seen).toEqual(Array.from({ length: 100 }, () => 'source'))
      const after = await client.execute(`${query} WHERE k = ?`, [1], { prepare: true })
      expect(after.rows[0]?.['v']).toBe('target')
    }
  })

  it('compare counts answers that differ; dual-async reads the secondary too', async () => {
    const { keyspace } = pair
    await pair.both(`CREATE TABLE ${keyspace}.compared (k int PRIMARY KEY, v text)`)
    await pair.onTarget.execute(`INSERT INTO ${keyspace}.compared (k, v) VALUES (1, 'other')`)
    await using proxy = await testProxy(pair, '--read-mode', 'compare')
    const client = await proxy.connect({ keyspace })
    const read = () => client.execute('SELECT * FROM compared WHERE k = 1')
    expect((await read()).rowLength).toBe(0)
    expect(
      await proxy.metric('cassandraProxy_cqlOperation_cqlDifferentResultCount_total'),
    ).toBeGreaterThan(0)
    await proxy.control('read-mode', { readMode: 'dual-async' })
    const series = 'scamander_proxy_cluster_request_duration_seconds_count{cluster="target"}'
    const before = await proxy.metric(series)
    await until(async () => {
      await read()
      return (await proxy.metric(series)) > before + 2
    })
  })
})

describe('what drivers see', () => {
  it('the nodes are the proxies of the ring', async () => {
    await using proxy = await testProxy(
      pair,
      '--topology',
      '127.0.0.1,127.0.0.7',
      '--topology-index',
      '0',
    )
    const client = await proxy.connect()
    const hosts = client.hosts.values().map(host => host.address)
    expect(hosts.sort()).toEqual([`127.0.0.1:${proxy.port}`, `127.0.0.7:${proxy.port}`])
    const local = await client.execute('SELECT rack, tokens, rpc_port AS port FROM system.local')
    expect(local.rows[0]?.['rack']).toBe('rack0')
    expect(local.rows[0]?.['tokens']).toHaveLength(8)
    expect(local.rows[0]?.['port']).toBe(proxy.port)
    const count = await client.execute('SELECT count(*) FROM system.peers')
    expect(String(count.rows[0]?.['count'])).toBe('1')
    const one = await client.execute(
      'SELECT peer FROM system.peers WHERE peer = ?',
      ['127.0.0.7'],
      { prepare: true },
    )
    expect(String(one.rows[0]?.['peer'])).toBe('127.0.0.7')
    await expect(client.execute('SELECT * FROM system.peers_v2')).rejects.toThrow(
      /unconfigured table/,
    )
  })

  it('mapped addresses, and events of the schema', async () => {
    await using proxy = await testProxy(pair, '--ghostIps', '{"127.0.0.1":"127.0.0.9"}')
    const link = await CqlLink.open({ host: '127.0.0.1', port: proxy.port, version: 4 })
    const rows = await link.execute("SELECT rpc_address FROM system.local WHERE key='local'")
    expect(rows?.bytes.subarray(rows.rowsStart + 4, rows.rowsEnd).toString('hex')).toBe('7f000009')
    link.close()
    const client = await proxy.connect({ keyspace: pair.keyspace, isMetadataSyncEnabled: true })
    await client.execute('CREATE TABLE seen_by_event (k int PRIMARY KEY)')
    await until(async () => {
      const table = await client.metadata.getTable(pair.keyspace, 'seen_by_event')
      return table?.columns.length === 1
    })
    const { rowLength } = await pair.onTarget.execute(
      "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = 'seen_by_event'",
      [pair.keyspace],
    )
    expect(rowLength).toBe(1)
  })
})
