/**
 * Behaviours of writes that are not waited for, and of everything that is bounded: stream ids,
 * clients, queues, memory, time.
 * Spec: live-migration 2.10, 2.11, 6 (6, 10).
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Script } from '../scripted-cql-server.ts'
import { serverError } from '../scripted-cql-server.ts'
import {
  type Behaviour,
  expectError,
  expectVoid,
  int,
  queriesOn,
  scripted,
  untilTrue,
} from './behaviour.ts'

const UNWAITED = ['--wait', 'false']
const QUEUE = 'scamander_proxy_async_queue_length'
const holding: Script = ({ message }) => (message.kind === 'QUERY' ? 'hold' : undefined)
const insert = (k: number) => `INSERT INTO ks.t (k, v) VALUES (${k}, 1)`

const unwaited: readonly Behaviour[] = [
  {
    id: 'W1',
    what: 'the client has its answer while the target still owes its own',
    run: async () => {
      await using all = await scripted(UNWAITED, { target: { script: holding } })
      const client = await all.client()
      for (let k = 0; k < 20; k++) expectVoid(await client.query(insert(k)))
      await untilTrue(() => all.target.held.length === 20)
      expect(await all.proxy.metric(QUEUE)).toBe(20)
      all.target.release()
      await untilTrue(async () => (await all.proxy.metric(QUEUE)) === 0)
    },
  },
  {
    id: 'W2',
    what: 'what the source refused does not reach the target',
    run: async () => {
      await using all = await scripted(UNWAITED)
      const client = await all.client()
      all.source.script = ({ message }) =>
        message.kind === 'QUERY' ? serverError(0x2200) : undefined
      expectError(await client.query(insert(1)), 0x2200)
      all.source.script = () => undefined
      expectVoid(await client.query(insert(2)))
      await untilTrue(() => queriesOn(all.target).length > 0)
      expect(queriesOn(all.target)).toEqual([insert(2)])
    },
  },
  {
    id: 'W3',
    what: '--async-order concurrent: the target is asked at once',
    run: async () => {
      const args = [...UNWAITED, '--async-order', 'concurrent']
      await using all = await scripted(args, { source: { script: holding } })
      const client = await all.client()
      const answer = client.query(insert(1))
      await untilTrue(() => queriesOn(all.target).length === 1)
      all.source.release()
      expectVoid(await answer)
    },
  },
  {
    id: 'W4',
    what: 'order is kept and nothing is lost when the queue drains',
    run: async () => {
      const args = [...UNWAITED, '--max-stream-ids', '4', '--async-queue', '100']
      await using all = await scripted(args, { target: { script: holding } })
      const client = await all.client()
      for (let k = 0; k < 50; k++) expectVoid(await client.query(insert(k)))
      await untilTrue(() => {
        all.target.release()
        return queriesOn(all.target).length === 50
      })
      expect(queriesOn(all.target)).toEqual(Array.from({ length: 50 }, (_, k) => insert(k)))
    },
  },
  {
    id: 'W5',
    what: 'a full queue, `block`: the client waits, nothing is lost',
    run: async () => {
      const args = [...UNWAITED, '--async-queue', '5']
      await using all = await scripted(args, { target: { script: holding } })
      const client = await all.client()
      let answered = 0
      const run = (async () => {
        for (let k = 0; k < 12; k++) {
          expectVoid(await client.query(insert(k)))
          answered += 1
        }
      })()
      await untilTrue(() => all.target.held.length === 5)
      expect(answered).toBeLessThan(12)
      all.target.script = () => undefined
      all.target.release()
      await run
      await untilTrue(() => queriesOn(all.target).length === 12)
    },
  },
  {
    id: 'W6',
    what: 'a full queue, `drop`: the client goes on, what was dropped is counted and logged',
    run: async () => {
      const args = [...UNWAITED, '--async-queue', '5', '--async-overflow', 'drop']
      await using all = await scripted(args, { target: { script: holding } })
      const client = await all.client()
      for (let k = 0; k < 8; k++) expectVoid(await client.query(insert(k)))
      const series = 'scamander_proxy_source_only_writes_total{reason="queue_full"}'
      await untilTrue(async () => (await all.proxy.metric(series)) === 3)
      expect(all.proxy.logs.join('\n')).toMatch(/did not reach the target \(queue_full\)/)
      all.target.release()
    },
  },
  {
    id: 'W7',
    what: 'the target is lost with writes in the queue: all of them are counted as missed',
    run: async () => {
      await using all = await scripted([...UNWAITED, '--max-stream-ids', '4'], {
        target: { script: holding },
      })
      const client = await all.client()
      for (let k = 0; k < 10; k++) expectVoid(await client.query(insert(k)))
      all.target.isRefusing = true
      all.target.cut()
      const series = 'scamander_proxy_failed_writes_total{failed_on="target"}'
      await untilTrue(async () => (await all.proxy.metric(series)) === 10)
    },
  },
]

const kept: readonly Behaviour[] = [
  {
    id: 'W8',
    what: 'a target that never answers a write: after the time-out it counts as missed',
    run: async () => {
      const args = [...UNWAITED, '--request-timeout', '300', '--async-queue', '5']
      await using all = await scripted(args, { target: { script: holding } })
      const client = await all.client()
      for (let k = 0; k < 12; k++) expectVoid(await client.query(insert(k)))
      const series = 'scamander_proxy_failed_writes_total{failed_on="target"}'
      await untilTrue(async () => (await all.proxy.metric(series)) === 12)
    },
  },
  {
    id: 'W9',
    what: '--write-ahead: a write is in the journal before its answer, and leaves it when done',
    run: async () => {
      await using folder = await journalFolder()
      const ahead = ['--write-ahead', 'true', '--journal', folder.dir]
      await using all = await scripted([...UNWAITED, ...ahead], { target: { script: holding } })
      const client = await all.client()
      for (let k = 0; k < 20; k++) {
        expectVoid(await client.query(insert(k)))
        expect(await folder.waiting()).toBe(k + 1)
      }
      await untilTrue(() => all.target.held.length === 20)
      all.target.release()
      await untilTrue(async () => (await folder.waiting()) === 0)
      all.target.script = () => undefined
      await all.proxy.proxy.close()
      expect(await folder.names()).toEqual([])
    },
  },
  {
    id: 'W10',
    what: '--write-ahead: what the target fails stands among the missed writes',
    run: async () => {
      await using folder = await journalFolder()
      const ahead = ['--write-ahead', 'true', '--journal', folder.dir]
      await using all = await scripted([...UNWAITED, ...ahead])
      all.target.script = ({ message }) =>
        message.kind === 'QUERY' ? serverError(0x1001) : undefined
      const client = await all.client()
      for (let k = 0; k < 5; k++) expectVoid(await client.query(insert(k)))
      await untilTrue(async () => (await folder.waiting()) === 0)
      await untilTrue(async () => (await folder.missed()) === 5)
    },
  },
  {
    id: 'W11',
    what: 'a full journal, `go-on`: clients are served, what is not kept is counted and logged',
    run: async () => {
      await using folder = await journalFolder()
      const args = ['--journal', folder.dir, '--journal-mb', '1']
      await using all = await scripted(args)
      const client = await all.client()
      await all.proxy.control('target/disable', {})
      const value = 'x'.repeat(100_000)
      for (let k = 0; k < 20; k++) {
        expectVoid(await client.query(`INSERT INTO ks.t (k, v) VALUES (${k}, '${value}')`))
      }
      await untilTrue(
        async () => (await all.proxy.metric('scamander_proxy_journal_lost_total')) > 0,
      )
      expect(all.proxy.logs.join('\n')).toMatch(/the journal cannot take/)
      const lost = await all.proxy.metric('scamander_proxy_journal_lost_total')
      expect((await folder.missed()) + lost).toBe(20)
    },
  },
  {
    id: 'W12',
    what: 'a full journal, `refuse`: writes that need it get Overloaded, and no cluster sees them',
    run: async () => {
      await using folder = await journalFolder()
      const args = ['--journal', folder.dir, '--journal-mb', '1', '--journal-full', 'refuse']
      await using all = await scripted(args)
      const client = await all.client()
      await all.proxy.control('target/disable', {})
      const value = 'x'.repeat(100_000)
      let served = 0
      for (let k = 0; k < 20; k++) {
        const answer = await client.query(`INSERT INTO ks.t (k, v) VALUES (${k}, '${value}')`)
        if (answer.kind === 'ERROR') expectError(answer, 0x1001, /journal/)
        else served += 1
      }
      expect(served).toBeLessThan(20)
      expect(queriesOn(all.source)).toHaveLength(served)
      expect(await folder.missed()).toBe(served)
      expect(await all.proxy.metric('scamander_proxy_journal_refused_total')).toBe(20 - served)
      await all.proxy.control('target/enable', {})
      expectVoid(await client.query(insert(99)))
    },
  },
]

/** A folder for a journal, and what stands in it. */
async function journalFolder() {
  const dir = await mkdtemp(join(tmpdir(), 'scamander-journal-'))
  const names = async () => (await readdir(dir)).sort()
  const lines = async (kind: string) => {
    const files = (await names()).filter(name => name.startsWith(kind))
    const texts = await Promise.all(files.map(name => readFile(join(dir, name), 'utf8')))
    return texts
      .join('')
      .split('\n')
      .filter(line => line !== '')
  }
  const done = (line: string) => (JSON.parse(line.slice(9)) as { done?: number[] }).done
  return {
    dir,
    names,
    missed: async () => (await lines('writes-')).length,
    /** Kept ahead and not done. */
    waiting: async () => {
      const ahead = await lines('ahead-')
      const marks = ahead.flatMap(line => done(line) ?? [])
      return ahead.filter(line => done(line) === undefined).length - marks.length
    },
    [Symbol.asyncDispose]: async () => await rm(dir, { recursive: true, force: true }),
  }
}

const limits: readonly Behaviour[] = [
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

export const LIMITS: readonly Behaviour[] = [...unwaited, ...kept, ...limits]
