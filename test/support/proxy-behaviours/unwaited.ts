/**
 * Behaviours of writes that are not waited for: their queue, and the journal that keeps them.
 * Spec: live-migration 2.10, 6 (6).
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
  queriesOn,
  scripted,
  untilTrue,
} from './behaviour.ts'

const UNWAITED = ['--wait', 'false']
const QUEUE = 'scamander_proxy_async_queue_length'
const OLDEST = 'scamander_proxy_async_oldest_seconds'
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
      expect(await all.proxy.metric(OLDEST)).toBeGreaterThan(0)
      all.target.release()
      await untilTrue(async () => (await all.proxy.metric(QUEUE)) === 0)
      expect(await all.proxy.metric(OLDEST)).toBe(0)
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
  {
    id: 'W13',
    what: 'the source leaves open whether it took a write: told, and kept among the missed writes',
    run: async () => {
      await using folder = await journalFolder()
      const code = 0x1100
      const details = {
        code,
        consistency: 1,
        received: 0,
        blockFor: 1,
        writeType: 'SIMPLE',
      } as const
      await using all = await scripted([...UNWAITED, '--journal', folder.dir])
      all.source.script = ({ message }) =>
        message.kind === 'QUERY' ? { kind: 'ERROR', code, message: 'scripted', details } : undefined
      const client = await all.client()
      expectError(await client.query(insert(1)), code)
      await untilTrue(async () => (await folder.missed()) === 1)
      expect(all.proxy.logs.join('\n')).toMatch(/did not say whether it took it/)
      expect(queriesOn(all.target)).toEqual([])
    },
  },
  {
    id: 'W14',
    what: 'a USE does not overtake writes that wait for the target',
    run: async () => {
      const args = [...UNWAITED, '--max-stream-ids', '4']
      await using all = await scripted(args, { target: { script: holding } })
      const client = await all.client()
      const texts = Array.from({ length: 6 }, (_, k) => `INSERT INTO t (k, v) VALUES (${k}, 1)`)
      for (const text of texts) expectVoid(await client.query(text))
      const used = client.query('USE other')
      await untilTrue(() => all.target.held.length === 4)
      expect(queriesOn(all.source)).toEqual(texts)
      await untilTrue(() => {
        all.target.release()
        return queriesOn(all.target).length === 7
      })
      all.target.release()
      expectVoid(await used)
      expect(queriesOn(all.target)).toEqual([...texts, 'USE other'])
    },
  },
  {
    id: 'W15',
    what: 'a TRUNCATE waits for the writes before it, and its client for both clusters',
    run: async () => {
      await using all = await scripted(UNWAITED, { target: { script: holding } })
      const client = await all.client()
      for (const text of ['TRUNCATE ks.t', 'DROP TABLE ks.t']) {
        expectVoid(await client.query(insert(1)))
        await untilTrue(() => all.target.held.length === 1)
        let isAnswered = false
        const answer = client.query(text).finally(() => {
          isAnswered = true
        })
        expectVoid(await (await all.client()).query('SELECT * FROM ks.t'))
        expect(queriesOn(all.source)).not.toContain(text)
        all.target.release()
        await untilTrue(() => all.target.held.length === 1)
        expect(queriesOn(all.target).slice(-2)).toEqual([insert(1), text])
        expect([queriesOn(all.source).at(-1), isAnswered]).toEqual([text, false])
        all.target.release()
        expectVoid(await answer)
      }
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

export const UNWAITED_WRITES: readonly Behaviour[] = [...unwaited, ...kept]
