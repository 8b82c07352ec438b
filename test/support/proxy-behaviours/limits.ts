/**
 * Behaviours of everything that is bounded: stream ids, clients, memory, time.
 * Spec: live-migration 2.11, 6 (10).
 */
import { expect } from 'vitest'
import type { Script } from '../scripted-cql-server.ts'
import {
  type Behaviour,
  expectError,
  expectVoid,
  int,
  queriesOn,
  scripted,
  untilTrue,
} from './behaviour.ts'

const holding: Script = ({ message }) => (message.kind === 'QUERY' ? 'hold' : undefined)
const insert = (k: number) => `INSERT INTO ks.t (k, v) VALUES (${k}, 1)`

export const LIMITS: readonly Behaviour[] = [
  {
    id: 'L1',
    what: 'a stream id in use: a protocol error, and the connection ends',
    run: async () => {
      await using all = await scripted([], { source: { script: holding } })
      const client = await all.client()
      const answer = client.answerOn(5)
      const parameters = { consistency: 1 as const }
      const bytes = client.bytesOf({ kind: 'QUERY', query: insert(1), parameters }, { stream: 5 })
      client.write(Buffer.concat([bytes, bytes]))
      expectError((await answer).message, 0x000a, /in use/)
      await client.closed
    },
  },
  {
    id: 'L2',
    what: 'more requests than stream ids of a cluster: Overloaded, and the rest is served',
    run: async () => {
      await using all = await scripted(['--max-stream-ids', '8'], { source: { script: holding } })
      const client = await all.client()
      const parameters = { consistency: 1 as const }
      const answers = Array.from({ length: 20 }, (_, stream) => client.answerOn(stream))
      const frames = answers.map((_, stream) =>
        client.bytesOf({ kind: 'QUERY', query: insert(stream), parameters }, { stream }),
      )
      client.write(Buffer.concat(frames))
      await untilTrue(() => all.source.held.length === 8)
      all.source.release()
      const kinds = (await Promise.all(answers)).map(({ message }) =>
        message.kind === 'ERROR' ? message.code : message.kind,
      )
      expect(kinds.filter(kind => kind === 'RESULT')).toHaveLength(8)
      expect(kinds.filter(kind => kind === 0x1001)).toHaveLength(12)
    },
  },
  {
    id: 'L3',
    what: '40,000 requests in flight on two connections: each is answered, some with Overloaded',
    run: async scene => {
      const proxy = await scene.proxy()
      const kinds = new Map<string, number>()
      const flood = async () => {
        const link = await scene.link(proxy)
        const count = 20_000
        const query = `INSERT INTO ${scene.ks}kv (k, v) VALUES (-1, 'flood')`
        const parameters = { consistency: 1 as const }
        const answers = Array.from({ length: count }, (_, stream) => link.answerOn(stream))
        const frames = answers.map((_, stream) =>
          link.bytesOf({ kind: 'QUERY', query, parameters }, { stream }),
        )
        link.write(Buffer.concat(frames))
        for (const answer of answers) {
          const { message } = await answer
          const kind = message.kind === 'ERROR' ? `error ${message.code}` : message.kind
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        }
      }
      await Promise.all([flood(), flood()])
      const [served, refused] = [kinds.get('RESULT') ?? 0, kinds.get('error 4097') ?? 0]
      expect(served + refused).toBe(40_000)
      expect(served).toBeGreaterThan(2_000)
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k = -1`)
    },
  },
  {
    id: 'L4',
    what: 'more clients than --max-clients: Overloaded, then closed; the others are served',
    run: async () => {
      await using all = await scripted(['--max-clients', '1'])
      const first = await all.client()
      await expect(all.client()).rejects.toThrow(/serves 1 clients/)
      expectVoid(await first.query(insert(1)))
    },
  },
  {
    id: 'L5',
    what: 'a target that does not read holds its client back, and nothing else',
    run: async () => {
      await using all = await scripted()
      const [slow, other] = [await all.client(), await all.client()]
      expectVoid(await other.query('SELECT * FROM ks.t'))
      all.target.setReading(false)
      const value = 'x'.repeat(100_000)
      const parameters = { consistency: 1 as const }
      const frames = Array.from({ length: 300 }, (_, stream) => {
        const query = `INSERT INTO ks.t (k, v) VALUES (${stream}, '${value}')`
        return slow.bytesOf({ kind: 'QUERY', query, parameters }, { stream })
      })
      const last = slow.answerOn(299)
      slow.write(Buffer.concat(frames))
      await untilTrue(() => queriesOn(all.source).length > 10)
      expectVoid(await other.query('SELECT * FROM ks.t'))
      expect(queriesOn(all.source).length).toBeLessThan(290)
      all.target.setReading(true)
      expectVoid((await last).message)
      expect(queriesOn(all.target)).toHaveLength(300)
    },
  },
  {
    id: 'L6',
    what: '--tcp-idle-time-out closes what is idle',
    run: async () => {
      await using all = await scripted(['--tcp-idle-time-out', '1'])
      const client = await all.client()
      await client.closed
      await untilTrue(() => all.source.openCount === 0 && all.target.openCount === 0)
    },
  },
  {
    id: 'L7',
    what: 'a proxy that stops answers what is in flight first',
    run: async () => {
      await using all = await scripted([], { target: { script: holding } })
      const client = await all.client()
      const answer = client.query(insert(1))
      await untilTrue(() => all.target.held.length === 1)
      const closing = all.proxy.proxy.close()
      all.target.release()
      expectVoid(await answer)
      await client.closed
      await closing
    },
  },
  {
    id: 'L8',
    what: 'no protocol version in common: the proxy does not start, and says why',
    run: async () => {
      const supported = (versions: readonly string[]) => ({
        supported: { PROTOCOL_VERSIONS: versions, CQL_VERSION: ['3.4.7'], COMPRESSION: [] },
      })
      const sides = { source: supported(['5/v5']), target: supported(['3/v3', '4/v4']) }
      await expect(scripted([], sides)).rejects.toThrow(/common protocol version/)
    },
  },
  {
    id: 'L9',
    what: 'a client that does not read costs bounded memory, and is served when it reads',
    run: async scene => {
      const proxy = await scene.proxy('--write-buffer-size', '65536')
      const link = await scene.link(proxy)
      const key = scene.key()
      const write = `INSERT INTO ${scene.ks}large (k, v) VALUES (?, ?)`
      expectVoid(await link.query(write, { values: [int(key), Buffer.alloc(1_400_000, 1)] }))
      link.pause()
      const before = process.memoryUsage().rss
      const query = `SELECT v FROM ${scene.ks}large WHERE k = ${key}`
      const parameters = { consistency: 1 as const }
      const answers = Array.from({ length: 60 }, (_, stream) => link.answerOn(stream))
      const frames = answers.map((_, stream) =>
        link.bytesOf({ kind: 'QUERY', query, parameters }, { stream }),
      )
      link.write(Buffer.concat(frames))
      // Time in which a proxy that reads on would hold 84 MB.
      await new Promise(resolve => setTimeout(resolve, 2_000))
      expect(process.memoryUsage().rss - before).toBeLessThan(70 * 1024 * 1024)
      link.resume()
      for (const answer of answers) expect((await answer).message).toMatchObject({ rowCount: 1 })
      const paused = 'cassandraProxy_clientSocket_paused_seconds_count'
      expect(await proxy.metric(paused)).toBeGreaterThan(0)
    },
  },
]
