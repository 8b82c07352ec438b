/**
 * Behaviours of writes: batches of every kind, write times, conditional writes and counters.
 * Write times are compared on twenty rows and more: without timestamps of the proxy some of so many
 * differ even on idle clusters.
 * Spec: live-migration 2.6, 1.2 (--filter-tables), 2.9 (--target-cl).
 */
import { expect } from 'vitest'
import type { ProtocolVersion } from '../../../src/cql/index.ts'
import {
  type Behaviour,
  type BehaviourScene,
  expectError,
  expectVoid,
  int,
  prepare,
  queriesOn,
  scripted,
  text,
  untilTrue,
} from './behaviour.ts'

const ROWS = 20

async function equalTimes(scene: BehaviourScene, version: ProtocolVersion): Promise<void> {
  const link = await scene.link(await scene.proxy(), { version })
  const keys = Array.from({ length: ROWS }, () => scene.key())
  const insert = await prepare(link, `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, ?)`)
  for (const [i, key] of keys.entries()) {
    if (i % 2 === 0) expectVoid(await insert.execute([int(key), text('bound')]))
    else expectVoid(await link.query(`INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, 'q')`))
  }
  const list = keys.join(', ')
  await scene.same(`SELECT k, v, writetime(v) FROM ${scene.ks}kv WHERE k IN (${list})`, ROWS)
}

async function batchOf(scene: BehaviourScene, version: ProtocolVersion, type: 0 | 1) {
  const link = await scene.link(await scene.proxy(), { version })
  const insert = await prepare(link, `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, ?)`)
  const keys = Array.from({ length: ROWS }, () => scene.key())
  const children = keys.map((key, i) =>
    i % 2 === 0
      ? { preparedId: insert.preparedId, values: [int(key), text(`child ${i}`)] }
      : { query: `INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, ?)`, values: [text('text')] },
  )
  expectVoid((await link.request({ kind: 'BATCH', type, consistency: 1, children })).message)
  const list = keys.join(', ')
  await scene.same(`SELECT k, v, writetime(v) FROM ${scene.ks}kv WHERE k IN (${list})`, ROWS)
}

const times: readonly Behaviour[] = [
  {
    id: 'T1',
    what: 'equal write times of QUERY and EXECUTE, version 3',
    run: s => equalTimes(s, 3),
  },
  {
    id: 'T2',
    what: 'equal write times of QUERY and EXECUTE, version 4',
    run: s => equalTimes(s, 4),
  },
  {
    id: 'T3',
    what: 'equal write times of QUERY and EXECUTE, version 5',
    run: s => equalTimes(s, 5),
  },
  {
    id: 'T4',
    what: 'a timestamp of the client is kept',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      const query = `INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, 'v')`
      expectVoid(await link.query(query, { timestamp: 1234 }))
      const [row] = await scene.same(`SELECT writetime(v) AS w FROM ${scene.ks}kv WHERE k = ${key}`)
      expect(row).toEqual({ w: '1234' })
    },
  },
  {
    id: 'T5',
    what: 'USING TIMESTAMP and USING TTL of the text win',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      const using = 'USING TIMESTAMP 77 AND TTL 5000'
      expectVoid(await link.query(`INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, 'v') ${using}`))
      const [row] = await scene.same(`SELECT writetime(v) AS w FROM ${scene.ks}kv WHERE k = ${key}`)
      expect(row).toEqual({ w: '77' })
    },
  },
  {
    id: 'T6',
    what: 'version 5: the timestamp goes before keyspace and now-in-seconds',
    run: async scene => {
      const link = await scene.link(await scene.proxy(), { version: 5 })
      const keys = Array.from({ length: ROWS }, () => scene.key())
      const more = { keyspace: scene.pair.keyspace, nowInSeconds: Math.floor(Date.now() / 1000) }
      for (const key of keys) {
        expectVoid(await link.query(`INSERT INTO kv (k, v) VALUES (${key}, 'v')`, more))
      }
      const list = keys.join(', ')
      await scene.same(`SELECT k, writetime(v) FROM ${scene.ks}kv WHERE k IN (${list})`, ROWS)
    },
  },
  {
    id: 'T7',
    what: 'a serial consistency beside the timestamp',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const keys = Array.from({ length: ROWS }, () => scene.key())
      for (const key of keys) {
        const query = `INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, 'v')`
        expectVoid(await link.query(query, { serialConsistency: 9 }))
      }
      const list = keys.join(', ')
      await scene.same(`SELECT k, writetime(v) FROM ${scene.ks}kv WHERE k IN (${list})`, ROWS)
    },
  },
  {
    id: 'T8',
    what: 'writes of one packet to one cell: the last one wins on both clusters',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      const frames = Array.from({ length: 50 }, (_, stream) => {
        const query = `INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, 'v${stream}')`
        return link.bytesOf({ kind: 'QUERY', query, parameters: { consistency: 1 } }, { stream })
      })
      const answers = frames.map((_, stream) => link.answerOn(stream))
      link.write(Buffer.concat(frames))
      for (const answer of answers) expectVoid((await answer).message)
      const [row] = await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k = ${key}`)
      expect(row?.['v']).toBe('v49')
    },
  },
  {
    id: 'T9',
    what: 'an insert and the delete after it: both clusters agree that the row is gone',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      for (let i = 0; i < ROWS; i++) {
        await link.query(`INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, 'v')`)
        await link.query(`DELETE FROM ${scene.ks}kv WHERE k = ${key}`)
      }
      expect(await scene.apart(`SELECT k FROM ${scene.ks}kv WHERE k = ${key}`)).toEqual([[], []])
    },
  },
  {
    id: 'T10',
    what: '--timestamps client: nothing is added',
    run: async () => {
      for (const [mode, isAdded] of [
        ['client', false],
        ['proxy', true],
      ] as const) {
        await using all = await scripted(['--timestamps', mode])
        await (await all.client()).query('INSERT INTO ks.t (k) VALUES (1)')
        const [request] = all.target.requests.filter(({ message }) => message.kind === 'QUERY')
        const parameters =
          request?.message.kind === 'QUERY' ? request.message.parameters : undefined
        expect(parameters?.timestamp !== undefined).toBe(isAdded)
      }
    },
  },
]

const batches: readonly Behaviour[] = [
  {
    id: 'B1',
    what: 'logged batch of texts and prepared children, version 3',
    run: s => batchOf(s, 3, 0),
  },
  {
    id: 'B2',
    what: 'logged batch of texts and prepared children, version 4',
    run: s => batchOf(s, 4, 0),
  },
  {
    id: 'B3',
    what: 'logged batch of texts and prepared children, version 5',
    run: s => batchOf(s, 5, 0),
  },
  { id: 'B4', what: 'unlogged batch', run: s => batchOf(s, 4, 1) },
  {
    id: 'B5',
    what: 'counter batch: once on each cluster',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      const add = await prepare(link, `UPDATE ${scene.ks}counts SET n = n + ? WHERE k = ?`)
      const amount = Buffer.alloc(8)
      amount.writeBigInt64BE(5n)
      const children = [1, 2].map(() => ({
        preparedId: add.preparedId,
        values: [amount, int(key)],
      }))
      const batch = { kind: 'BATCH', type: 2, consistency: 1, children } as const
      expectVoid((await link.request(batch)).message)
      expect(await scene.same(`SELECT n FROM ${scene.ks}counts WHERE k = ${key}`)).toEqual([
        { n: '10' },
      ])
    },
  },
  {
    id: 'B6',
    what: 'conditional batch: applied on both clusters, answered with [applied]',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      const insert = await prepare(
        link,
        `INSERT INTO ${scene.ks}lwt (k, v) VALUES (?, 1) IF NOT EXISTS`,
      )
      const children = [{ preparedId: insert.preparedId, values: [int(key)] }]
      const batch = { kind: 'BATCH', type: 0, consistency: 1, children } as const
      expect((await link.request(batch)).message).toMatchObject({ result: 'ROWS', rowCount: 1 })
      await scene.same(`SELECT v FROM ${scene.ks}lwt WHERE k = ${key}`)
    },
  },
  {
    id: 'B7',
    what: 'BEGIN BATCH as text, at 3, 4 and 5',
    run: async scene => {
      for (const version of [3, 4, 5] as const) {
        const link = await scene.link(await scene.proxy(), { version })
        const keys = Array.from({ length: ROWS }, () => scene.key())
        const inserts = keys.map(k => `INSERT INTO ${scene.ks}kv (k, v) VALUES (${k}, 'b');`)
        expectVoid(await link.query(`BEGIN BATCH ${inserts.join(' ')} APPLY BATCH`))
        const list = keys.join(', ')
        await scene.same(`SELECT k, writetime(v) FROM ${scene.ks}kv WHERE k IN (${list})`, ROWS)
      }
    },
  },
  {
    id: 'B8',
    what: 'an unknown id among the children: UNPREPARED, and nothing is executed',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      const preparedId = Buffer.alloc(16, 9)
      const children = [
        { query: `INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, 'v')`, values: [] },
        { preparedId, values: [int(1)] },
      ]
      const { message } = await link.request({ kind: 'BATCH', type: 0, consistency: 1, children })
      expect(message).toMatchObject({ kind: 'ERROR', code: 0x2500, details: { preparedId } })
      expect(await scene.apart(`SELECT k FROM ${scene.ks}kv WHERE k = ${key}`)).toEqual([[], []])
    },
  },
  {
    id: 'B9',
    what: 'a filter takes matching children out for the target, and whole statements',
    run: async scene => {
      const link = await scene.link(await scene.proxy('--filter-tables', '.*kv .*left out.*'))
      const keys = [scene.key(), scene.key(), scene.key(), scene.key()] as const
      const out = (key: number) => `INSERT INTO ${scene.ks}kv (k, v) VALUES (${key}, 'left out')`
      const children = [
        { query: out(keys[0]), values: [] },
        { query: `INSERT INTO ${scene.ks}kv (k, v) VALUES (${keys[1]}, 'kept')`, values: [] },
      ]
      expectVoid((await link.request({ kind: 'BATCH', type: 0, consistency: 1, children })).message)
      expectVoid(await link.query(out(keys[2])))
      const left = await prepare(link, `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, 'left out')`)
      expectVoid(await left.execute([int(keys[3])]))
      const query = `SELECT k FROM ${scene.ks}kv WHERE k IN (${keys.join(', ')})`
      const [a, b] = await scene.apart(query)
      expect([a.length, b]).toEqual([4, [{ k: keys[1] }]])
    },
  },
]

const conditions: readonly Behaviour[] = [
  {
    id: 'C1',
    what: 'conditional writes: each cluster decides, the client gets the decision of the primary',
    run: async scene => {
      const proxy = await scene.proxy()
      const link = await scene.link(proxy)
      const key = scene.key()
      await scene.pair.onTarget.execute(`INSERT INTO ${scene.ks}lwt (k, v) VALUES (${key}, 1)`)
      const series = 'scamander_proxy_lwt_applied_mismatch_total'
      const before = await proxy.metric(series)
      const query = `INSERT INTO ${scene.ks}lwt (k, v) VALUES (${key}, 2) IF NOT EXISTS`
      const answer = await link.query(query)
      if (answer.kind !== 'RESULT' || answer.result !== 'ROWS') throw new Error(answer.kind)
      expect(answer.bytes[answer.rowsStart + 4]).toBe(1)
      expect(await proxy.metric(series)).toBe(before + 1)
    },
  },
  {
    id: 'C2',
    what: '--lwt source-first: the target gets what the source applied, and nothing else',
    run: async scene => {
      const link = await scene.link(await scene.proxy('--lwt', 'source-first'))
      const [taken, free] = [scene.key(), scene.key()]
      await scene.pair.onSource.execute(`INSERT INTO ${scene.ks}lwt (k, v) VALUES (${taken}, 1)`)
      for (const key of [taken, free]) {
        await link.query(`INSERT INTO ${scene.ks}lwt (k, v) VALUES (${key}, 2) IF NOT EXISTS`)
      }
      const query = `SELECT k FROM ${scene.ks}lwt WHERE k IN (${taken}, ${free})`
      expect((await scene.apart(query))[1]).toEqual([{ k: free }])
    },
  },
  {
    id: 'C3',
    what: 'counters and conditional writes take a timestamp of the protocol',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      const timestamp = 5
      expectVoid(
        await link.query(`UPDATE ${scene.ks}counts SET n = n + 3 WHERE k = ${key}`, { timestamp }),
      )
      await scene.same(`SELECT n FROM ${scene.ks}counts WHERE k = ${key}`)
      const query = `INSERT INTO ${scene.ks}lwt (k, v) VALUES (${key}, 2) IF NOT EXISTS`
      expect(await link.query(query, { timestamp })).toMatchObject({ result: 'ROWS' })
      expectError(await link.query(`${query} USING TIMESTAMP 5`), 0x2200)
    },
  },
  {
    id: 'C4',
    what: 'list appends and counters are sent once to each cluster',
    run: async scene => {
      const link = await scene.link(await scene.proxy())
      const key = scene.key()
      const append = await prepare(
        link,
        `UPDATE ${scene.ks}wide SET l = l + [1], m['k'] = 2, s = s + {3} WHERE p = ? AND c = 1`,
      )
      for (let i = 0; i < 3; i++) expectVoid(await append.execute([int(key)]))
      const [row] = await scene.same(`SELECT l, m, s FROM ${scene.ks}wide WHERE p = ${key}`)
      expect(row?.['l']).toBe('1,1,1')
    },
  },
  {
    id: 'C5',
    what: '--target-cl changes the consistency of writes on the target, not on the source',
    run: async () => {
      await using all = await scripted(['--target-cl', 'local_one'])
      const client = await all.client()
      await client.query('INSERT INTO ks.t (k) VALUES (1)', { consistency: 6 })
      await client.query('SELECT * FROM ks.t', { consistency: 6 })
      const levels = [all.source, all.target].map(server =>
        server.requests.flatMap(({ message }) =>
          message.kind === 'QUERY' ? [message.parameters.consistency] : [],
        ),
      )
      expect(levels).toEqual([[6, 6], [10]])
    },
  },
  {
    id: 'C6',
    what: 'a request that was read reaches both clusters although its client is gone',
    run: async () => {
      await using all = await scripted()
      const hold = ({ message }: { message: { kind: string } }) =>
        message.kind === 'QUERY' ? ('hold' as const) : undefined
      all.source.script = hold
      all.target.script = hold
      const client = await all.client()
      const frames = [1, 2, 3].map(stream => {
        const query = `INSERT INTO ks.t (k) VALUES (${stream})`
        return client.bytesOf({ kind: 'QUERY', query, parameters: { consistency: 1 } }, { stream })
      })
      client.write(Buffer.concat(frames))
      await untilTrue(() => queriesOn(all.source).length > 0)
      client.close()
      await untilTrue(
        () => queriesOn(all.source).length === 3 && queriesOn(all.target).length === 3,
      )
      await untilTrue(
        async () => (await all.proxy.metric('scamander_proxy_client_connections')) > 0,
      )
      all.source.release()
      all.target.release()
      await untilTrue(
        async () => (await all.proxy.metric('scamander_proxy_client_connections')) === 0,
      )
      const series = 'scamander_proxy_failed_writes_total{failed_on="target"}'
      expect(await all.proxy.metric(series)).toBe(0)
    },
  },
]

export const WRITES: readonly Behaviour[] = [...times, ...batches, ...conditions]
