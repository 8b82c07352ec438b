/**
 * Which frames reach which cluster, and when the client is answered: two scripted servers, whose
 * answers the test holds back. Meaning is settled elsewhere, on real clusters.
 */
import { expect, it } from 'vitest'
import { CqlLink } from '../../scripts/golden/cql-link.ts'
import type { CqlResponse } from '../../src/cql/index.ts'
import { testProxy } from '../support/proxy.ts'
import { prepared, ScriptedCqlServer, serverError, VOID } from '../support/scripted-cql-server.ts'

const INSERT = 'INSERT INTO ks.t (k, v) VALUES (1, 1)'
const HOST = {
  line: '5.0',
  version: 'scripted',
  contactPoints: ['127.0.0.1'],
  localDatacenter: 'dc',
  nodes: [],
} as const

async function scene(...more: readonly string[]) {
  const source = await ScriptedCqlServer.start()
  const target = await ScriptedCqlServer.start()
  const pair = { source: { ...HOST, port: source.port }, target: { ...HOST, port: target.port } }
  const proxy = await testProxy(pair, '--protocol-version', '4', ...more)
  const link = await CqlLink.open({ host: '127.0.0.1', port: proxy.port, version: 4 })
  const query = (text: string) =>
    link.request({ kind: 'QUERY', query: text, parameters: { consistency: 6 } })
  const queriesOn = (server: ScriptedCqlServer) =>
    server.requests.flatMap(({ message }) => (message.kind === 'QUERY' ? [message] : []))
  const close = async () => {
    link.close()
    source.cut()
    target.cut()
    await proxy[Symbol.asyncDispose]()
    await source[Symbol.asyncDispose]()
    await target[Symbol.asyncDispose]()
  }
  return { source, target, proxy, link, query, queriesOn, [Symbol.asyncDispose]: close }
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const late = new Promise(resolve => setTimeout(() => resolve('late'), 150))
  return (await Promise.race([promise, late])) === 'late'
}

it('waits for both, and both get the same timestamp', async () => {
  await using all = await scene()
  all.target.script = ({ message }) => (message.kind === 'QUERY' ? 'hold' : undefined)
  const answer = all.query(INSERT)
  expect(await isPending(answer)).toBe(true)
  all.target.release()
  expect(await answer).toEqual(VOID)
  const [a, b] = [all.queriesOn(all.source), all.queriesOn(all.target)]
  expect([a.length, b.length]).toEqual([1, 1])
  expect(a[0]?.parameters.timestamp).toBeTypeOf('bigint')
  expect(a[0]?.parameters).toEqual(b[0]?.parameters)
})

it('reads go to the source only', async () => {
  await using all = await scene()
  await all.query('SELECT * FROM ks.t')
  expect([all.queriesOn(all.source).length, all.queriesOn(all.target).length]).toEqual([1, 0])
})

it('without waiting: the source answers the client, then the target is asked', async () => {
  await using all = await scene('--wait', 'false')
  all.source.script = ({ message }) => (message.kind === 'QUERY' ? 'hold' : undefined)
  all.target.script = all.source.script
  const answer = all.query(INSERT)
  expect(await isPending(answer)).toBe(true)
  expect(all.queriesOn(all.target)).toEqual([])
  all.source.release()
  expect(await answer).toEqual(VOID)
  await expect.poll(() => all.queriesOn(all.target).length).toBe(1)
  expect(await all.proxy.metric('scamander_proxy_async_queue_length')).toBe(1)
  all.target.release()
  await expect.poll(() => all.proxy.metric('scamander_proxy_async_queue_length')).toBe(0)
})

it('without waiting: what the source refused never reaches the target', async () => {
  await using all = await scene('--wait', 'false')
  all.source.script = ({ message }) => (message.kind === 'QUERY' ? serverError(0x2200) : undefined)
  expect(await all.query(INSERT)).toMatchObject({ kind: 'ERROR', code: 0x2200 })
  all.source.script = () => undefined
  expect(await all.query(INSERT)).toEqual(VOID)
  await expect.poll(() => all.queriesOn(all.target).length).toBe(1)
})

it("no answer in time: a write timeout in fail mode, the source's answer in log mode", async () => {
  const hold = ({ message }: { message: { kind: string } }) =>
    message.kind === 'QUERY' ? ('hold' as const) : undefined
  for (const [mode, expected] of [
    [
      'fail',
      { kind: 'ERROR', code: 0x1100, details: { consistency: 6, received: 0, blockFor: 1 } },
    ],
    ['log', VOID],
  ] as const) {
    await using all = await scene('--target-failure', mode, '--request-timeout', '300')
    all.target.script = hold
    expect(await all.query(INSERT)).toMatchObject(expected)
    all.target.release()
  }
})

it('UNPREPARED from one cluster is healed there, the other is not asked twice', async () => {
  await using all = await scene()
  let isForgotten = true
  const id = Buffer.from('statement')
  const unprepared: CqlResponse = {
    kind: 'ERROR',
    code: 0x2500,
    message: 'unknown',
    details: { code: 0x2500, preparedId: id },
  }
  all.source.script = ({ message }) =>
    message.kind === 'PREPARE' ? prepared(message.query, 'statement') : undefined
  all.target.script = ({ message }) => {
    if (message.kind === 'PREPARE') return prepared(message.query, 'statement')
    if (message.kind !== 'EXECUTE' || !isForgotten) return undefined
    isForgotten = false
    return unprepared
  }
  await all.link.request({ kind: 'PREPARE', query: 'INSERT INTO ks.t (k, v) VALUES (?, ?)' })
  const parameters = { consistency: 1, values: [Buffer.alloc(4), Buffer.alloc(4)] }
  expect(await all.link.request({ kind: 'EXECUTE', preparedId: id, parameters })).toEqual(VOID)
  const kinds = (server: ScriptedCqlServer) =>
    server.requests.map(({ message }) => message.kind).filter(kind => /PREPARE|EXECUTE/.test(kind))
  expect(kinds(all.source)).toEqual(['PREPARE', 'EXECUTE'])
  expect(kinds(all.target)).toEqual(['PREPARE', 'EXECUTE', 'PREPARE', 'EXECUTE'])
})

it('the target refuses a statement: prepared and executed on the source only', async () => {
  await using all = await scene()
  const id = Buffer.from('statement')
  all.source.script = ({ message }) =>
    message.kind === 'PREPARE' ? prepared(message.query, 'statement') : undefined
  all.target.script = ({ message }) =>
    message.kind === 'PREPARE' ? serverError(0x2200) : undefined
  const answer = await all.link.request({
    kind: 'PREPARE',
    query: 'INSERT INTO ks.t (k, v) VALUES (?, ?)',
  })
  expect(answer).toMatchObject({ result: 'PREPARED', preparedId: id })
  const parameters = { consistency: 1, values: [Buffer.alloc(4), Buffer.alloc(4)] }
  expect(await all.link.request({ kind: 'EXECUTE', preparedId: id, parameters })).toEqual(VOID)
  expect(all.target.writes).toEqual([])
  const series = 'scamander_proxy_source_only_writes_total{reason="prepare_failed"}'
  expect(await all.proxy.metric(series)).toBe(1)
})
