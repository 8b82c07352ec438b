/**
 * Behaviours around the schema and the nodes: USE, DDL, system.local and system.peers, events.
 * Drivers that follow these tables and events must never find a node of a cluster.
 * Spec: live-migration 2.7.
 */
import { expect } from 'vitest'
import { ByteWriter } from '../../../src/base/byte-writer.ts'
import { type CqlResponse, parseInet, rowsOf } from '../../../src/cql/index.ts'
import type { ScriptedRequest } from '../scripted-cql-server.ts'
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

function rows(message: CqlResponse) {
  if (message.kind === 'RESULT' && message.result === 'ROWS') return message
  throw new Error(`expected rows, found ${JSON.stringify(message)}`)
}

function namesOf(message: CqlResponse): (string | undefined)[] | undefined {
  return rows(message).metadata.columns?.map(column => column.name)
}

const keyspaces: readonly Behaviour[] = [
  {
    id: 'S1',
    what: 'USE holds on both clusters, with quotes and in any case',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      const { keyspace } = scene.pair
      for (const name of [keyspace.toUpperCase(), `"${keyspace}"`]) {
        expect(await link.query(`use ${name}`)).toMatchObject({ result: 'SET_KEYSPACE', keyspace })
        expectVoid(await link.query(`INSERT INTO kv (k, v) VALUES (${key}, 'used')`))
      }
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k = ${key}`)
    },
  },
  {
    id: 'S2',
    what: 'USE of an unknown keyspace is an error, the connection stays',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      expectError(await link.query('USE nowhere'), 0x2200)
      expect((await link.query('SELECT key FROM system.local')).kind).toBe('RESULT')
    },
  },
  {
    id: 'S3',
    what: 'USE that succeeds on one cluster only is an error, and the connection ends',
    run: async scene => {
      const name = `${scene.pair.keyspace}_alone`
      const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
      const create = `CREATE KEYSPACE ${name} WITH replication = ${replication}`
      await scene.pair.onSource.execute(create)
      const link = await scene.link(await scene.proxy())
      expectError(await link.query(`USE ${name}`), 0x2200)
      await link.closed
      await scene.pair.onSource.execute(`DROP KEYSPACE ${name}`)
    },
  },
  {
    id: 'S4',
    what: 'USE while the target is switched off holds there when it is back',
    run: async scene => {
      const proxy = await scene.proxy('--debug', 'true')
      const link = await scene.link(proxy)
      const key = scene.key()
      await link.query('USE system')
      await proxy.control('target/disable', {})
      await link.query(`USE ${scene.pair.keyspace}`)
      await proxy.control('target/enable', {})
      await untilTrue(async () => (await proxy.metric('scamander_proxy_target_connections')) === 1)
      expectVoid(await link.query(`INSERT INTO kv (k, v) VALUES (${key}, 'used')`))
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k = ${key}`)
    },
  },
]

const changes: readonly Behaviour[] = [
  {
    id: 'S5',
    what: 'CREATE, ALTER and DROP on both; the answer waits for both',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const name = `made_${scene.key()}`
      const columns = `SELECT column_name FROM system_schema.columns WHERE keyspace_name = '${scene.pair.keyspace}' AND table_name = '${name}'`
      const create = `CREATE TABLE ${scene.ks}${name} (k int PRIMARY KEY)`
      expect(await link.query(create)).toMatchObject({ result: 'SCHEMA_CHANGE' })
      await scene.same(columns, 1)
      await link.query(`ALTER TABLE ${scene.ks}${name} ADD v text`)
      await scene.same(columns, 2)
      await link.query(`DROP TABLE ${scene.ks}${name}`)
      expect(await scene.apart(columns)).toEqual([[], []])
    },
  },
  {
    id: 'S6',
    what: '--ddl source and --ddl reject',
    run: async scene => {
      const name = `made_${scene.key()}`
      const create = `CREATE TABLE ${scene.ks}${name} (k int PRIMARY KEY)`
      const tables = `SELECT table_name FROM system_schema.tables WHERE keyspace_name = '${scene.pair.keyspace}' AND table_name = '${name}'`
      const rejecting = await scene.link(await scene.proxy('--ddl', 'reject'))
      expectError(await rejecting.query(create), 0x2200, /--ddl reject/)
      const link = await scene.link(await scene.proxy('--ddl', 'source'))
      expect(await link.query(create)).toMatchObject({ result: 'SCHEMA_CHANGE' })
      expect(await scene.apart(tables)).toEqual([[{ table_name: name }], []])
    },
  },
  {
    id: 'S7',
    what: 'a change of the schema that the target refuses is an error for the client',
    run: async scene => {
      const name = `taken_${scene.key()}`
      const create = `CREATE TABLE ${scene.ks}${name} (k int PRIMARY KEY)`
      await scene.pair.onTarget.execute(create)
      const link = await scene.link(await scene.proxy())
      expectError(await link.query(create), 0x2400)
    },
  },
  {
    id: 'S8',
    what: 'TRUNCATE empties the table on both',
    run: async scene => {
      const table = `${scene.ks}emptied_${scene.key()}`
      await scene.pair.both(`CREATE TABLE ${table} (k int PRIMARY KEY)`)
      await scene.pair.both(`INSERT INTO ${table} (k) VALUES (1)`)
      const link = await scene.link(await scene.proxy('--request-timeout', '60000'))
      expectVoid(await link.query(`TRUNCATE ${table}`))
      expect(await scene.apart(`SELECT k FROM ${table}`)).toEqual([[], []])
    },
  },
  {
    id: 'S9',
    what: 'comments and letter case do not mislead the classes; the unknown goes to both, counted',
    run: async () => {
      await using all = await scripted()
      const client = await all.client()
      const reads = ['-- c\nselect * FROM ks.t', '// c\nSELECT * FROM ks.t', '(select', 'sElEcT 1']
      const writes = ['/* SELECT */ insert INTO ks.t (k) VALUES (1)', 'MERGE INTO ks.t']
      for (const query of [...reads, ...writes]) await client.query(query)
      expect(queriesOn(all.target)).toEqual(['(select', ...writes])
      const series = 'scamander_proxy_requests_total{opcode="QUERY",class="unknown",routed="both"}'
      await untilTrue(async () => (await all.proxy.metric(series)) === 2)
    },
  },
]

/** Two peers, of version 4 and 6, as a node has them; asked for again they come again. */
function withPeers({ message }: ScriptedRequest): CqlResponse | undefined {
  if (message.kind !== 'QUERY' || !message.query.includes('system.')) return undefined
  const column = (name: string, kind: 'inet' | 'int') => ({
    keyspace: 'system',
    table: 'peers',
    name,
    type: { kind },
  })
  const isV2 = message.query.includes('peers_v2')
  const columns = isV2
    ? [column('peer', 'inet'), column('native_address', 'inet'), column('native_port', 'int')]
    : [column('peer', 'inet'), column('rpc_address', 'inet'), column('preferred_ip', 'inet')]
  const cells = ['10.0.0.2', 'fe80::2'].map(address => {
    const bytes = parseInet(address)!
    return [bytes, bytes, isV2 ? int(9042) : bytes]
  })
  return rowsOf(new ByteWriter(1024), { columnCount: 3, columns }, cells)
}

const GHOSTS = ['--ghostIps', '{"10.0.0.2":"10.9.0.2","fe80::2":"fe80::9"}']

const nodes: readonly Behaviour[] = [
  {
    id: 'S10',
    what: 'system.local shows the port of the proxy, with any selection and prepared',
    run: async scene => {
      const proxy = await scene.proxy()
      const link = await scene.link(proxy)
      const query = "SELECT rpc_port AS port FROM system.local WHERE key = 'local'"
      const read = await prepare(link, query)
      for (const answer of [await link.query(query), await read.execute([])]) {
        const { bytes, rowsStart } = rows(answer)
        expect(namesOf(answer)).toEqual(['port'])
        expect(bytes.readInt32BE(rowsStart + 4)).toBe(proxy.port)
      }
    },
  },
  {
    id: 'S11',
    what: '--ghostIps: all address columns of peers and peers_v2, version 4 and 6',
    run: async () => {
      await using all = await scripted(GHOSTS, { source: { script: withPeers } })
      const client = await all.client()
      for (const table of ['peers', 'peers_v2']) {
        const { bytes, rowsStart, rowsEnd } = rows(
          await client.query(`SELECT * FROM system.${table}`),
        )
        const hex = bytes.toString('hex', rowsStart, rowsEnd)
        expect(hex).toContain('0a090002')
        expect(hex).toContain(parseInet('fe80::9')!.toString('hex'))
        expect(hex).not.toContain('0a000002')
        expect(hex).not.toContain(parseInet('fe80::2')!.toString('hex'))
        if (table === 'peers_v2') {
          expect(hex).toContain(`00000004${int(all.proxy.port).toString('hex')}`)
        }
      }
    },
  },
  {
    id: 'S12',
    what: '--strict-peers leaves nodes out that the map does not name',
    run: async () => {
      const args = ['--ghostIps', '{"10.0.0.2":"10.9.0.2"}', '--strict-peers', 'true']
      await using all = await scripted(args, { source: { script: withPeers } })
      const client = await all.client()
      expect(rows(await client.query('SELECT peer FROM system.peers')).rowCount).toBe(1)
    },
  },
  {
    id: 'S13',
    what: 'a selection that is too clever is refused while addresses are mapped',
    run: async () => {
      await using all = await scripted(GHOSTS, { source: { script: withPeers } })
      const client = await all.client()
      expectError(await client.query('SELECT max(peer) FROM system.peers'), 0x2200)
    },
  },
  {
    id: 'S14',
    what: '--topology: a ring of proxies with tokens of their own, in local and peers',
    run: async scene => {
      const ring = ['--topology', '127.0.0.1,127.0.0.7,127.0.0.8', '--topology-index', '0']
      const link = await scene.link(await scene.proxy(...ring))
      const local = rows(await link.query('SELECT rack, tokens FROM system.local'))
      const shown = local.bytes.toString('latin1', local.rowsStart, local.rowsEnd)
      expect(shown).toContain('rack0')
      expect(shown.slice(shown.indexOf('rack0') + 5).match(/-?\d+/g)).toHaveLength(8)
      expect(rows(await link.query('SELECT * FROM system.peers')).rowCount).toBe(2)
      const one = "SELECT peer FROM system.peers WHERE peer = '127.0.0.7'"
      expect(rows(await link.query(one)).rowCount).toBe(1)
      const read = await prepare(link, 'SELECT peer FROM system.peers WHERE peer = ?')
      expect(rows(await read.execute([parseInet('127.0.0.8')!])).rowCount).toBe(1)
      const count = rows(await link.query('SELECT count(*) FROM system.peers'))
      expect(count.bytes.readBigInt64BE(count.rowsStart + 4)).toBe(2n)
    },
  },
  {
    id: 'S15',
    what: '--topology: peers_v2 is unknown, so that drivers fall back to peers',
    run: async scene => {
      const ring = ['--topology', '127.0.0.1,127.0.0.7,127.0.0.8', '--topology-index', '0']
      const link = await scene.link(await scene.proxy(...ring))
      expectError(await link.query('SELECT * FROM system.peers_v2'), 0x2200, /unconfigured table/)
    },
  },
]

const ALL_EVENTS = ['SCHEMA_CHANGE', 'STATUS_CHANGE', 'TOPOLOGY_CHANGE']
const up = (address: string): CqlResponse => ({
  kind: 'EVENT',
  event: 'STATUS_CHANGE',
  change: 'UP',
  node: { address, port: 9042 },
})
const schemaChange = (table: string): CqlResponse => ({
  kind: 'EVENT',
  event: 'SCHEMA_CHANGE',
  schemaChange: { change: 'CREATED', target: 'TABLE', keyspace: 'ks', name: table },
})

async function registered(all: Awaited<ReturnType<typeof scripted>>) {
  const client = await all.client()
  const { message } = await client.request({ kind: 'REGISTER', events: ALL_EVENTS })
  expect(message.kind).not.toBe('ERROR')
  return client
}

const events: readonly Behaviour[] = [
  {
    id: 'S16',
    what: 'a change of the schema is told once, though both clusters tell it',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const other = await scene.link(await scene.proxy())
      expect((await link.request({ kind: 'REGISTER', events: ALL_EVENTS })).message.kind).toBe(
        'READY',
      )
      const names = [`seen_${scene.key()}`, `seen_${scene.key()}`]
      for (const name of names) {
        await other.query(`CREATE TABLE ${scene.ks}${name} (k int PRIMARY KEY)`)
      }
      const told = () =>
        link.events.flatMap(one =>
          one.kind === 'EVENT' && one.event === 'SCHEMA_CHANGE' && 'name' in one.schemaChange
            ? [one.schemaChange.name]
            : [],
        )
      await untilTrue(() => told().includes(names[1]!))
      expect(told().filter(one => one === names[0])).toHaveLength(1)
    },
  },
  {
    id: 'S17',
    what: 'events of the target are not told, those of the primary are',
    run: async () => {
      await using all = await scripted()
      const client = await registered(all)
      all.target.emit(schemaChange('of_target'))
      all.target.emit(up('10.0.0.3'))
      all.source.emit(schemaChange('of_source'))
      await untilTrue(() => client.events.length > 0)
      expect(client.events).toEqual([schemaChange('of_source')])
    },
  },
  {
    id: 'S18',
    what: 'after a switch of reads, and a reconnect, events come from the new primary',
    run: async () => {
      await using all = await scripted()
      const client = await registered(all)
      const asked = () => all.target.requests.filter(one => one.message.kind === 'REGISTER').length
      all.target.cut()
      await untilTrue(() => asked() === 2)
      await all.proxy.control('primary', { primary: 'target' })
      all.source.emit(schemaChange('of_source'))
      all.target.emit(schemaChange('of_target'))
      await untilTrue(() => client.events.length > 0)
      expect(client.events).toEqual([schemaChange('of_target')])
    },
  },
  {
    id: 'S19',
    what: 'events of nodes carry the address that clients know; unknown ones are dropped',
    run: async () => {
      await using all = await scripted(['--ghostIps', '{"10.0.0.2":"10.9.0.2"}'])
      const client = await registered(all)
      all.source.emit(up('10.0.0.3'))
      all.source.emit(up('10.0.0.2'))
      await untilTrue(() => client.events.length > 0)
      expect(client.events).toEqual([
        { ...up('10.9.0.2'), node: { address: '10.9.0.2', port: all.proxy.port } },
      ])
    },
  },
  {
    id: 'S20',
    what: '--topology: events of nodes are dropped, those of the schema are not',
    run: async () => {
      await using all = await scripted(['--topology', '127.0.0.1,127.0.0.7'])
      const client = await registered(all)
      all.source.emit(up('127.0.0.1'))
      all.source.emit(schemaChange('told'))
      await untilTrue(() => client.events.length > 0)
      expect(client.events).toEqual([schemaChange('told')])
    },
  },
]

/** Keyspaces that cases made beside the one of the scene. */
export async function dropOthers(scene: BehaviourScene): Promise<void> {
  await scene.pair.both(`DROP KEYSPACE IF EXISTS ${scene.pair.keyspace}_b`)
}

export const SCHEMA: readonly Behaviour[] = [...keyspaces, ...changes, ...nodes, ...events]
