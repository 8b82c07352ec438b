/**
 * Behaviours of reads: which cluster answers, pages while reads are switched, comparison, copies to
 * the secondary, what comes along with an answer.
 * Spec: live-migration 2.7, 2.9.
 */
import { expect } from 'vitest'
import { ByteWriter } from '../../../src/base/byte-writer.ts'
import { type CqlResponse, rowsOf } from '../../../src/cql/index.ts'
import type { RawCqlClient } from '../raw-cql-client.ts'
import {
  type Behaviour,
  type BehaviourScene,
  expectError,
  expectVoid,
  int,
  prepare,
  queriesOn,
  scripted,
  untilTrue,
} from './behaviour.ts'

const DIFFERENT = 'cassandraProxy_cqlOperation_cqlDifferentResultCount_total'

/** A row whose text names its cluster. */
async function namedRow(scene: BehaviourScene): Promise<number> {
  const key = scene.key()
  for (const [side, name] of [
    ['onSource', 'source'],
    ['onTarget', 'target'],
  ] as const) {
    const query = `INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, '${name}')`
    await scene.pair[side].execute(query)
  }
  return key
}

function rows(message: CqlResponse) {
  if (message.kind === 'RESULT' && message.result === 'ROWS') return message
  throw new Error(`expected rows, found ${JSON.stringify(message)}`)
}

/** The text in the only cell of the only row. */
function cell(message: CqlResponse): string {
  const { bytes, rowsStart, rowsEnd } = rows(message)
  return bytes.toString('utf8', rowsStart + 4, rowsEnd)
}

/** Ten pages of ten rows each; `between` runs after the first. */
async function pages(
  ask: (pagingState: Buffer | undefined) => Promise<CqlResponse>,
  between: () => Promise<unknown>,
): Promise<string[]> {
  const seen: string[] = []
  let state: Buffer | undefined
  for (let page = 0; page < 20; page++) {
    const answer = rows(await ask(state))
    const text = answer.bytes.toString('latin1', answer.rowsStart, answer.rowsEnd)
    seen.push(...(text.match(/source|target/g) ?? []))
    state = answer.metadata.pagingState ?? undefined
    if (state === undefined) return seen
    await between()
  }
  throw new Error('the pages do not end')
}

async function pagedTable(scene: BehaviourScene): Promise<string> {
  const table = `${scene.ks}paged_${scene.key()}`
  await scene.pair.both(`CREATE TABLE ${table} (k int PRIMARY KEY, v text)`)
  for (let k = 0; k < 100; k++) {
    await Promise.all([
      scene.pair.onSource.execute(`INSERT INTO ${table} (k, v) VALUES (${k}, 'source')`),
      scene.pair.onTarget.execute(`INSERT INTO ${table} (k, v) VALUES (${k}, 'target')`),
    ])
  }
  return table
}

const routing: readonly Behaviour[] = [
  {
    id: 'R1',
    what: 'a read is answered by the source and does not reach the target',
    run: async () => {
      await using all = await scripted()
      await (await all.client()).query('/* c */ SELECT * FROM ks.t')
      expect([queriesOn(all.source).length, queriesOn(all.target).length]).toEqual([1, 0])
    },
  },
  {
    id: 'R2',
    what: '--primary target: reads are answered by the target, writes still go to both',
    run: async scene => {
      const link = await scene.link(await scene.proxy('--primary', 'target'))
      const key = await namedRow(scene)
      const query = `SELECT v FROM ${scene.ks}kv WHERE k = ${key}`
      expect(cell(await link.query(query))).toBe('target')
      await link.query(`INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, 'both')`)
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k = ${key}`)
    },
  },
  {
    id: 'R3',
    what: 'reads are switched while clients are connected, there and back',
    run: async scene => {
      const proxy = await scene.proxy('--metrics', 'true', '--debug', 'true')
      const link = await scene.link(proxy)
      const query = `SELECT v FROM ${scene.ks}kv WHERE k = ${await namedRow(scene)}`
      for (const primary of ['target', 'source', 'target', 'source']) {
        expect(await proxy.control('primary', { primary })).toEqual({ primary })
        expect(cell(await link.query(query))).toBe(primary)
      }
    },
  },
  {
    id: 'R4',
    what: 'ten pages of a QUERY stay on their cluster while reads are switched',
    run: async scene => {
      const table = await pagedTable(scene)
      const proxy = await scene.proxy('--request-timeout', '20000')
      const link = await scene.link(proxy)
      const ask = (pagingState: Buffer | undefined) =>
        link.query(`SELECT v FROM ${table}`, { pageSize: 10, pagingState })
      const seen = await pages(ask, () => proxy.control('primary', { primary: 'target' }))
      await proxy.control('primary', { primary: 'source' })
      expect(seen).toEqual(Array.from({ length: 100 }, () => 'source'))
    },
  },
  {
    id: 'R5',
    what: 'ten pages of an EXECUTE stay on their cluster while reads are switched, at 5 as well',
    run: async scene => {
      const table = await pagedTable(scene)
      const proxy = await scene.proxy('--request-timeout', '20000')
      for (const version of [4, 5] as const) {
        const link = await scene.link(proxy, { version })
        let read = await prepare(link, `SELECT v FROM ${table}`)
        const ask = async (pagingState: Buffer | undefined) => {
          const more = { pageSize: 10, pagingState }
          const answer = await read.execute([], more)
          if (answer.kind !== 'ERROR' || answer.code !== 0x2500) return answer
          read = await prepare(link, `SELECT v FROM ${table}`)
          return await read.execute([], more)
        }
        const seen = await pages(ask, () => proxy.control('primary', { primary: 'target' }))
        await proxy.control('primary', { primary: 'source' })
        expect(seen).toEqual(Array.from({ length: 100 }, () => 'source'))
      }
    },
  },
  {
    id: 'R6',
    what: 'a paging state that no proxy made is refused',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const more = { pageSize: 10, pagingState: Buffer.from('0102030405', 'hex') }
      expectError(await link.query(`SELECT v FROM ${scene.ks}kv`, more), 0x000a, /paging state/)
    },
  },
]

const modes: readonly Behaviour[] = [
  {
    id: 'R7',
    what: '--read-mode compare: both are asked, the primary answers, differences are counted',
    run: async scene => {
      const proxy = await scene.proxy('--read-mode', 'compare')
      const link = await scene.link(proxy)
      const [apart, same] = [await namedRow(scene), scene.key()]
      await scene.pair.both(
        `INSERT INTO ${scene.ks}kv (k, v) VALUES (${same}, 'v') USING TIMESTAMP 9`,
      )
      const before = await proxy.metric(DIFFERENT)
      await link.query(`SELECT v FROM ${scene.ks}kv WHERE k = ${same}`)
      expect(await proxy.metric(DIFFERENT)).toBe(before)
      const query = `SELECT v FROM ${scene.ks}kv WHERE k = ${apart}`
      expect(cell(await link.query(query))).toBe('source')
      expect(await proxy.metric(DIFFERENT)).toBe(before + 1)
    },
  },
  {
    id: 'R8',
    what: '--read-mode compare: without the target the primary goes on alone, with `fail` too',
    run: async () => {
      for (const mode of ['log', 'fail']) {
        await using all = await scripted(['--read-mode', 'compare', '--target-failure', mode])
        const client = await all.client()
        all.target.isRefusing = true
        all.target.cut()
        await untilTrue(
          async () => (await all.proxy.metric('scamander_proxy_target_connections')) === 0,
        )
        expect(await client.query('SELECT * FROM ks.t')).toMatchObject({ kind: 'RESULT' })
      }
    },
  },
  {
    id: 'R9',
    what: '--read-mode dual-async: the secondary gets a copy that nobody waits for',
    run: async () => {
      await using all = await scripted(['--read-mode', 'dual-async'])
      all.target.script = ({ message }) => (message.kind === 'QUERY' ? 'hold' : undefined)
      const client = await all.client()
      await untilTrue(async () => {
        expect(await client.query('SELECT * FROM ks.t')).toMatchObject({ kind: 'RESULT' })
        return queriesOn(all.target).length > 0
      })
    },
  },
  {
    id: 'R10',
    what: '--read-mode dual-async: a secondary that is away or full delays nobody',
    run: async () => {
      await using all = await scripted(['--read-mode', 'dual-async', '--max-stream-ids', '8'])
      all.target.script = ({ message }) => (message.kind === 'QUERY' ? 'hold' : undefined)
      const client = await all.client()
      for (let i = 0; i < 100; i++) {
        expect(await client.query('SELECT * FROM ks.t')).toMatchObject({ kind: 'RESULT' })
      }
      all.target.isRefusing = true
      all.target.cut()
      expect(await client.query('SELECT * FROM ks.t')).toMatchObject({ kind: 'RESULT' })
    },
  },
  {
    id: 'R11',
    what: 'LIST and DESCRIBE are answered by the source, system tables by --system-queries',
    run: async () => {
      await using all = await scripted(['--primary', 'target', '--system-queries', 'target'])
      const client = await all.client()
      await client.query('DESCRIBE KEYSPACES')
      await client.query('LIST ROLES')
      await client.query('SELECT * FROM system_schema.tables')
      await client.query('SELECT * FROM ks.t')
      expect(queriesOn(all.source)).toEqual(['DESCRIBE KEYSPACES', 'LIST ROLES'])
      expect(queriesOn(all.target)).toEqual([
        'SELECT * FROM system_schema.tables',
        'SELECT * FROM ks.t',
      ])
    },
  },
]

const copies: readonly Behaviour[] = [
  {
    id: 'R16',
    what: '--read-mode dual-async: pages after the first are not copied',
    run: async () => {
      await using all = await scripted(['--read-mode', 'dual-async'])
      const column = { keyspace: 'ks', table: 't', name: 'k', type: { kind: 'int' } } as const
      const metadata = { columnCount: 1, columns: [column], pagingState: Buffer.from('next') }
      const page = rowsOf(new ByteWriter(256), metadata, [[int(1)]])
      all.source.script = ({ message }) => (message.kind === 'QUERY' ? page : undefined)
      const client = await all.client()
      const first = 'SELECT k FROM ks.t'
      let pagingState: Buffer | undefined
      await untilTrue(async () => {
        const answer = rows(await client.query(first, { pageSize: 1 }))
        pagingState = answer.metadata.pagingState ?? undefined
        return queriesOn(all.target).length > 0
      })
      const [second, other] = ['SELECT k FROM ks.t /* 2 */', 'SELECT k FROM ks.t /* other */']
      await client.query(second, { pageSize: 1, pagingState })
      await client.query(other, { pageSize: 1 })
      await untilTrue(() => queriesOn(all.target).includes(other))
      expect(queriesOn(all.source)).toContain(second)
      expect(queriesOn(all.target)).not.toContain(second)
    },
  },
]

async function along(scene: BehaviourScene): Promise<RawCqlClient> {
  return await scene.link(await scene.proxy())
}

const passengers: readonly Behaviour[] = [
  {
    id: 'R12',
    what: 'tracing: the id comes back',
    run: async scene => {
      const link = await along(scene)
      const query = `SELECT v FROM ${scene.ks}kv WHERE k = 1`
      const parameters = { consistency: 1 as const }
      const answer = await link.request({ kind: 'QUERY', query, parameters }, { tracing: true })
      expect(answer.tracingId).toMatch(/^[0-9a-f-]{36}$/)
    },
  },
  {
    id: 'R13',
    what: 'warnings of the server reach the client',
    run: async scene => {
      const link = await along(scene)
      const query = `SELECT count(*) FROM ${scene.ks}kv`
      const parameters = { consistency: 1 as const }
      const answer = await link.request({ kind: 'QUERY', query, parameters })
      expect(answer.warnings?.join(' ')).toMatch(/without partition key/)
    },
  },
  {
    id: 'R14',
    what: 'a custom payload in front of a write does not confuse the proxy',
    run: async scene => {
      const link = await along(scene)
      const keys = Array.from({ length: 20 }, () => scene.key())
      const insert = await prepare(link, `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, 'payload')`)
      for (const key of keys) {
        const parameters = { consistency: 1 as const, values: [int(key)] }
        const request = { kind: 'EXECUTE', preparedId: insert.preparedId, parameters } as const
        const customPayload = { name: Buffer.from('value') }
        const { message } = await link.request(request, { customPayload })
        expect(message).toMatchObject({ result: 'VOID' })
      }
      const list = keys.join(', ')
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k IN (${list})`, 20)
    },
  },
  {
    id: 'R15',
    what: 'errors of the server reach the client with their details, the connection stays',
    run: async scene => {
      const link = await along(scene)
      expectError(await link.query('SELEC * FROM x'), 0x2000)
      expectError(await link.query(`SELECT * FROM ${scene.ks}nowhere`), 0x2200)
      const create = `CREATE TABLE ${scene.ks}kv (k int PRIMARY KEY)`
      expect(await link.query(create)).toMatchObject({ kind: 'ERROR', code: 0x2400 })
      expect((await link.query('SELECT key FROM system.local')).kind).toBe('RESULT')
    },
  },
]

const rehearsal: readonly Behaviour[] = [
  {
    id: 'R18',
    what: '--read-mode dual-async: copies that a silent secondary owes are counted as failed',
    run: async () => {
      await using all = await scripted(['--read-mode', 'dual-async', '--request-timeout', '300'])
      all.target.script = ({ message }) =>
        message.kind === 'QUERY' || message.kind === 'OPTIONS' ? 'hold' : undefined
      const client = await all.client()
      await untilTrue(async () => {
        expectVoid(await client.query('SELECT * FROM ks.t'))
        return queriesOn(all.target).length > 0
      })
      const failed = 'scamander_proxy_failed_reads_total{cluster="target"}'
      await untilTrue(async () => (await all.proxy.metric(failed)) > 0)
      expectVoid(await client.query('SELECT * FROM ks.t'))
    },
  },
  {
    id: 'R17',
    what: '--read-mode dual-async: a statement that the secondary forgot is prepared there again',
    run: async () => {
      await using all = await scripted(['--read-mode', 'dual-async'])
      const client = await all.client()
      const query = 'SELECT v FROM ks.t WHERE k = ?'
      const select = await prepare(client, query)
      const code = 0x2500
      const details = { code, preparedId: Buffer.from(query) } as const
      let isForgotten = true
      all.target.script = ({ message }) => {
        if (message.kind === 'PREPARE') isForgotten = false
        if (message.kind !== 'EXECUTE' || !isForgotten) return undefined
        return { kind: 'ERROR', code, message: 'scripted', details }
      }
      await untilTrue(async () => {
        expectVoid(await select.execute([int(1)]))
        return !isForgotten
      })
      const failed = 'scamander_proxy_failed_reads_total{cluster="target"}'
      expect(await all.proxy.metric(failed)).toBe(0)
      const before = all.target.writes.length
      await untilTrue(async () => {
        expectVoid(await select.execute([int(1)]))
        return all.target.writes.length > before
      })
    },
  },
]

export const READS: readonly Behaviour[] = [
  ...routing,
  ...modes,
  ...passengers,
  ...copies,
  ...rehearsal,
]
