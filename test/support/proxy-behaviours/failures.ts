/**
 * Behaviours when a cluster fails, is away, comes back or does not answer, in both failure modes; the
 * account that the proxy gives of it.
 * Spec: live-migration 1.4, 2.9, 2.13.
 */
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { runCli } from '../../../src/cli/index.ts'
import type { Script } from '../scripted-cql-server.ts'
import { serverError } from '../scripted-cql-server.ts'
import {
  type Behaviour,
  expectError,
  expectVoid,
  int,
  prepare,
  queriesOn,
  type ScriptedScene,
  scripted,
  text,
  untilTrue,
} from './behaviour.ts'

const WRITE = "INSERT INTO ks.t (k, v) VALUES (1, 'a secret')"
const FAIL = ['--target-failure', 'fail']
const failing =
  (code: number): Script =>
  ({ message }) =>
    message.kind === 'QUERY' ? serverError(code, `scripted ${code}`) : undefined
const holding: Script = ({ message }) => (message.kind === 'QUERY' ? 'hold' : undefined)
const failedOn = (where: string) => `scamander_proxy_failed_writes_total{failed_on="${where}"}`
const links = (side: string) => `scamander_proxy_${side}_connections`

async function away(all: ScriptedScene): Promise<void> {
  all.target.isRefusing = true
  all.target.cut()
  await untilTrue(async () => (await all.proxy.metric(links('target'))) === 0)
}

const errors: readonly Behaviour[] = [
  {
    id: 'E1',
    what: "the target fails a write, `log`: the source's answer; counted, logged without values",
    run: async () => {
      await using all = await scripted([], { target: { script: failing(0x1001) } })
      expectVoid(await (await all.client()).query(WRITE))
      expect(await all.proxy.metric(failedOn('target'))).toBe(1)
      const series = 'scamander_proxy_cluster_errors_total{cluster="target",error="overloaded"}'
      expect(await all.proxy.metric(series)).toBe(1)
      const table = 'scamander_proxy_writes_failed_total{cluster="target",keyspace="ks",table="t"}'
      expect(await all.proxy.metric(table)).toBe(1)
      expect(all.proxy.logs.join('\n')).toMatch(/did not reach the target/)
      expect(all.proxy.logs.join('\n')).not.toMatch(/a secret/)
    },
  },
  {
    id: 'E2',
    what: "the target fails a write, `fail`: the target's error frame",
    run: async () => {
      await using all = await scripted(FAIL, { target: { script: failing(0x1001) } })
      expectError(await (await all.client()).query(WRITE), 0x1001, /scripted/)
    },
  },
  {
    id: 'E3',
    what: "the source fails a write: its error in both modes, and the miss is the source's",
    run: async () => {
      for (const mode of ['log', 'fail']) {
        await using all = await scripted(['--target-failure', mode], {
          source: { script: failing(0x1001) },
        })
        expectError(await (await all.client()).query(WRITE), 0x1001)
        expect(await all.proxy.metric(failedOn('source'))).toBe(1)
      }
    },
  },
  {
    id: 'E4',
    what: "both fail: the source's error",
    run: async () => {
      await using all = await scripted(FAIL, {
        source: { script: failing(0x1001) },
        target: { script: failing(0x2200) },
      })
      expectError(await (await all.client()).query(WRITE), 0x1001)
      expect(await all.proxy.metric(failedOn('both'))).toBe(1)
    },
  },
]

const absence: readonly Behaviour[] = [
  {
    id: 'E5',
    what: 'the target is away at connect, `log`: served by the source at once',
    run: async () => {
      await using all = await scripted()
      all.target.isRefusing = true
      expectVoid(await (await all.client()).query(WRITE))
      const series = 'scamander_proxy_source_only_writes_total{reason="target_down"}'
      expect(await all.proxy.metric(series)).toBe(1)
    },
  },
  {
    id: 'E6',
    what: 'the target is away at connect, `fail`: the client is told',
    run: async () => {
      await using all = await scripted(FAIL)
      all.target.isRefusing = true
      await expect(all.client()).rejects.toThrow(/cannot be reached/)
    },
  },
  {
    id: 'E7',
    what: 'the target is lost and comes back: the same connection writes to both again',
    run: async () => {
      await using all = await scripted()
      const client = await all.client()
      await away(all)
      expectVoid(await client.query('INSERT INTO ks.t (k) VALUES (2)'))
      all.target.isRefusing = false
      await untilTrue(async () => (await all.proxy.metric(links('target'))) === 1)
      expectVoid(await client.query('INSERT INTO ks.t (k) VALUES (3)'))
      expect(queriesOn(all.target)).toEqual(['INSERT INTO ks.t (k) VALUES (3)'])
      expect(queriesOn(all.source)).toHaveLength(2)
    },
  },
  {
    id: 'E8',
    what: 'the target is lost, `fail`: writes are refused before the source sees them',
    run: async () => {
      await using all = await scripted(FAIL)
      const client = await all.client()
      await away(all)
      expectError(await client.query(WRITE), 0x1000, /not connected/)
      expect(queriesOn(all.source)).toEqual([])
    },
  },
  {
    id: 'E9',
    what: 'the target is lost while it owes an answer: the miss is counted, the client served',
    run: async () => {
      await using all = await scripted([], { target: { script: holding } })
      const client = await all.client()
      const answer = client.query(WRITE)
      await untilTrue(() => all.target.held.length === 1)
      all.target.cut()
      expectVoid(await answer)
      expect(await all.proxy.metric(failedOn('target'))).toBe(1)
    },
  },
  {
    id: 'E10',
    what: '--dest-close: the client is closed with its target connection',
    run: async () => {
      await using all = await scripted(['--dest-close', 'true'])
      const client = await all.client()
      all.target.cut()
      await client.closed
    },
  },
  {
    id: 'E11',
    what: 'the source is lost: the client is closed at once',
    run: async () => {
      await using all = await scripted()
      const client = await all.client()
      all.source.cut()
      await client.closed
    },
  },
  {
    id: 'E12',
    what: 'the target is switched off and on while clients are served; skips are counted by table',
    run: async () => {
      await using all = await scripted()
      const client = await all.client()
      expect(await all.proxy.control('target/disable', {})).toEqual({ enabled: false })
      expectVoid(await client.query('INSERT INTO ks.t (k) VALUES (2)'))
      expect(queriesOn(all.target)).toEqual([])
      const skipped = 'scamander_proxy_writes_skipped_total{keyspace="ks",table="t"}'
      expect(await all.proxy.metric(skipped)).toBe(1)
      expect(await all.proxy.control('target/enable', {})).toEqual({ enabled: true })
      expectVoid(await client.query('INSERT INTO ks.t (k) VALUES (3)'))
      expect(queriesOn(all.target)).toEqual(['INSERT INTO ks.t (k) VALUES (3)'])
    },
  },
]

/** `scamander proxy-replay` to a cluster; what it prints. */
async function replay(dir: string, port: number): Promise<string> {
  const args = ['proxy-replay', '127.0.0.1', '--target-port', `${port}`, '--journal', dir]
  const out: string[] = []
  const streams = { out: (line: string) => void out.push(line), err: () => undefined }
  await runCli([...args, '--disable-target-tls', 'true'], streams)
  return out.join('')
}

const unreachable: readonly Behaviour[] = [
  {
    id: 'E20',
    what: 'a replay that fails in the middle leaves the rest, and the next run writes only that',
    run: async () => {
      const dir = await mkdtemp(join(tmpdir(), 'scamander-behaviours-'))
      const insert = (k: number) => `INSERT INTO ks.t (k, l) VALUES (${k}, [1, 2])`
      await using all = await scripted(['--journal', dir])
      const client = await all.client()
      await all.proxy.control('target/disable', {})
      for (let k = 0; k < 10; k++) expectVoid(await client.query(insert(k)))
      await all.proxy.proxy.close()
      // The files of a process that lives are not rewritten: they become those of one that is gone.
      for (const name of await readdir(dir)) {
        await rename(join(dir, name), join(dir, name.replace(`-${process.pid}-`, '-4194304-')))
      }
      all.target.script = ({ message }) =>
        message.kind === 'QUERY' && /VALUES \([37],/.test(message.query)
          ? serverError(0x1001)
          : undefined
      expect(await replay(dir, all.target.port)).toBe(
        'Replayed: 8\nRefused: 0\nFailed: 2\nBroken: 0\n',
      )
      const before = queriesOn(all.target).length
      all.target.script = () => undefined
      expect(await replay(dir, all.target.port)).toBe(
        'Replayed: 2\nRefused: 0\nFailed: 0\nBroken: 0\n',
      )
      expect(queriesOn(all.target).slice(before)).toEqual([insert(3), insert(7)])
      expect(await replay(dir, all.target.port)).toMatch(/^Replayed: 0/)
      await rm(dir, { recursive: true })
    },
  },
  {
    id: 'E19',
    what: 'the source is away at connect: the client is told which cluster, and nothing hangs',
    run: async () => {
      await using all = await scripted()
      all.source.isRefusing = true
      await expect(all.client()).rejects.toThrow(/source cluster cannot be reached/)
      all.source.isRefusing = false
      expectVoid(await (await all.client()).query(WRITE))
    },
  },
]

const silence: readonly Behaviour[] = [
  {
    id: 'E13',
    what: 'no answer to a write, `fail`: Write_timeout with the consistency of the request',
    run: async () => {
      await using all = await scripted([...FAIL, '--request-timeout', '300'], {
        target: { script: holding },
      })
      const answer = await (await all.client()).query(WRITE, { consistency: 6 })
      expectError(answer, 0x1100)
      expect(answer).toMatchObject({ details: { consistency: 6, received: 0, blockFor: 1 } })
    },
  },
  {
    id: 'E14',
    what: "no answer to a write, `log`: the source's answer after the time-out, counted",
    run: async () => {
      await using all = await scripted(['--request-timeout', '300'], {
        target: { script: holding },
      })
      const client = await all.client()
      expectVoid(await client.query(WRITE))
      all.target.release()
      const series = 'scamander_proxy_cluster_errors_total{cluster="target",error="client_timeout"}'
      await untilTrue(async () => (await all.proxy.metric(series)) === 1)
    },
  },
  {
    id: 'E15',
    what: 'no answer to a read: Read_timeout',
    run: async () => {
      await using all = await scripted(['--request-timeout', '300'], {
        source: { script: holding },
      })
      const answer = await (await all.client()).query('SELECT * FROM ks.t', { consistency: 6 })
      expectError(answer, 0x1200)
      expect(answer).toMatchObject({ details: { consistency: 6, received: 0, blockFor: 1 } })
    },
  },
  {
    id: 'E16',
    what: 'an answer after the time-out is not taken for that of a later request',
    run: async () => {
      await using all = await scripted(['--request-timeout', '300', '--max-stream-ids', '2'], {
        source: { script: holding },
      })
      const client = await all.client()
      expectError(await client.query('SELECT 1 FROM ks.t'), 0x1200)
      const late = all.source.held.splice(0)
      all.source.script = () => undefined
      expectVoid(await client.query('SELECT 2 FROM ks.t'))
      for (const request of late) request.reply(serverError(0x1001, 'late'))
      for (let i = 0; i < 4; i++) expectVoid(await client.query(`SELECT ${i} FROM ks.t`))
    },
  },
]

const journal: readonly Behaviour[] = [
  {
    id: 'E17',
    what: 'the journal keeps what the target missed, replay writes it with the first write times',
    run: async scene => {
      const dir = await mkdtemp(join(tmpdir(), 'scamander-behaviours-'))
      const keys = Array.from({ length: 20 }, () => scene.key())
      {
        const proxy = await scene.proxy('--journal', dir)
        const link = await scene.link(proxy)
        const insert = await prepare(link, `INSERT INTO ${scene.ks}kv (k, v) VALUES (?, ?)`)
        await proxy.control('target/disable', {})
        for (const key of keys) expectVoid(await insert.execute([int(key), text('missed')]))
        expectVoid(await link.query(`UPDATE ${scene.ks}counts SET n = n + 1 WHERE k = ${keys[0]}`))
      }
      const { port, contactPoints } = scene.pair.target
      const args = ['proxy-replay', contactPoints[0]!, '--target-port', `${port}`, '--journal', dir]
      const out: string[] = []
      const streams = { out: (line: string) => void out.push(line), err: () => undefined }
      expect(await runCli([...args, '--disable-target-tls', 'true'], streams)).toBe(3)
      expect(out.join('')).toBe('Replayed: 20\nRefused: 1\nFailed: 0\nBroken: 0\n')
      const list = keys.join(', ')
      await scene.same(`SELECT v, writetime(v) FROM ${scene.ks}kv WHERE k IN (${list})`, 20)
      await rm(dir, { recursive: true })
    },
  },
  {
    id: 'E18',
    what: 'metrics of both families, liveness and readiness are at one port',
    run: async () => {
      const supported = { PROTOCOL_VERSIONS: ['4/v4'], CQL_VERSION: ['3.4.7'], COMPRESSION: [] }
      await using all = await scripted([], { source: { supported }, target: { supported } })
      await (await all.client()).query(WRITE)
      const at = (path: string) => fetch(`http://127.0.0.1:${all.proxy.proxy.metricsPort}${path}`)
      const metrics = await (await at('/metrics')).text()
      expect(metrics).toContain(
        'cassandraProxy_cqlOperation_timer_seconds_count{requestOpcode="7",requestState="query"} 1',
      )
      expect(metrics).toMatch(/cassandraProxy_cqlOperationTargetCassandra_timer_seconds_sum/)
      expect(metrics).toMatch(/scamander_proxy_requests_total/)
      expect((await at('/health/liveness')).status).toBe(200)
      expect((await at('/health/readiness')).status).toBe(200)
      expect((await at('/nowhere')).status).toBe(404)
      all.target.isRefusing = true
      await untilTrue(async () => (await at('/health/readiness')).status === 503)
    },
  },
]

/** Status of the control API's answer to a request with these headers. */
function statusOf(port: number, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path: '/api/v1/primary', headers }
    httpRequest(options, answer => resolve(answer.resume().statusCode ?? 0))
      .on('error', reject)
      .end()
  })
}

const stillness: readonly Behaviour[] = [
  {
    id: 'E22',
    what: 'the target says nothing any more, `log`: after a while clients are served without it',
    run: async () => {
      await using all = await scripted(['--request-timeout', '300'])
      const client = await all.client()
      expectVoid(await client.query(WRITE))
      all.target.isSilent = true
      expectVoid(await client.query(WRITE))
      await untilTrue(async () => (await all.proxy.metric(links('target'))) === 0)
      const sent = queriesOn(all.target).length
      expectVoid(await client.query(WRITE))
      expect(queriesOn(all.target).length).toBe(sent)
      all.target.speak()
      await untilTrue(async () => (await all.proxy.metric(links('target'))) === 1)
      const before = queriesOn(all.target).length
      expectVoid(await client.query(WRITE))
      expect(queriesOn(all.target)).toHaveLength(before + 1)
    },
  },
  {
    id: 'E25',
    what: 'a request that takes long ends no connection to a node that answers others',
    run: async () => {
      await using all = await scripted(['--request-timeout', '300'])
      all.source.script = holding
      const client = await all.client()
      expectError(await client.query(WRITE), 0x1100)
      const questions = () => all.source.requests.filter(one => one.message.kind === 'OPTIONS')
      await untilTrue(() => questions().length === 3)
      all.source.script = () => undefined
      expectVoid(await client.query(WRITE))
    },
  },
]

const undecided: readonly Behaviour[] = [
  {
    id: 'E24',
    what: 'a USE that one cluster does not answer is an error, and the connection ends',
    run: async () => {
      await using all = await scripted(['--request-timeout', '300'], {
        target: { script: holding },
      })
      const client = await all.client()
      expectError(await client.query('USE other'), 0x1200)
      await client.closed
    },
  },
]

const control: readonly Behaviour[] = [
  {
    id: 'E21',
    what: 'the control API refuses web pages and other names, and admits the token',
    run: async () => {
      await using all = await scripted(['--control-token', 'open sesame'])
      const port = all.proxy.proxy.metricsPort!
      expect(await statusOf(port, {})).toBe(200)
      const strangers = [{ origin: 'http://example.org' }, { host: 'example.org' }]
      for (const headers of strangers) {
        expect(await statusOf(port, headers)).toBe(403)
        expect(await statusOf(port, { ...headers, authorization: 'Bearer other' })).toBe(403)
        const authorization = 'Bearer open sesame'
        expect(await statusOf(port, { ...headers, authorization })).toBe(200)
      }
    },
  },
  {
    id: 'E23',
    what: 'the target is not switched off while it answers reads, nor asked for reads while it is off',
    run: async () => {
      await using all = await scripted()
      const set = async (path: string, body: object) => {
        const url = `http://127.0.0.1:${all.proxy.proxy.metricsPort}/api/v1/${path}`
        return (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).status
      }
      expect(await set('primary', { primary: 'target' })).toBe(200)
      expect(await set('target/disable', {})).toBe(409)
      expect(await set('target', { enabled: false })).toBe(409)
      expect(await set('primary', { primary: 'source' })).toBe(200)
      expect(await set('target/disable', {})).toBe(200)
      expect(await set('primary', { primary: 'target' })).toBe(409)
      expect(all.proxy.proxy.control.routing).toMatchObject({ primary: 0, isTargetEnabled: false })
    },
  },
]

export const FAILURES: readonly Behaviour[] = [
  ...errors,
  ...absence,
  ...silence,
  ...journal,
  ...unreachable,
  ...stillness,
  ...undecided,
  ...control,
]
