/**
 * From where calls are taken: the list of the server over the API, and lists of tokens.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { Secret } from '../../config/index.ts'
import { Replicator } from '../../replicate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { Access } from '../access.ts'
import { AddressRules } from '../address-rules.ts'
import { Callers } from '../callers.ts'
import { HttpServer } from '../http-server.ts'
import { json, type Method, type Route } from '../route.ts'
import { EventStreams } from './event-stream.ts'
import { withRights } from './rights.ts'
import { v1Routes } from './v1-routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-addresses-'))
const replicator = new Replicator(folder, Logger.silent())
const open: HttpServer[] = []
afterAll(async () => {
  for (const http of open) await http.close()
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

const basic = (name: string) => `Basic ${btoa(`${name}:x`)}`
const ADMIN = { authorization: basic('emil') }
const INSIDE = '192.0.2.7'
const OUTSIDE = '198.51.100.1'
const PROXY = '10.0.0.1'
const RULES = '/api/v1/addresses'

function serve(allowed: readonly string[] = []) {
  const callers = new Callers('ann:viewer', text => replicator.tokens.find(text), replicator.users)
  const addresses = new AddressRules({ allowed, trustedProxies: [PROXY] })
  const users = new Secret('ann:x,emil:x')
  const access = new Access({ users, token: new Secret(''), callers, addresses })
  const events = new EventStreams(replicator)
  const own = v1Routes({ replicator, events, hasLogin: true, hasConnect: false, callers })
  const connectors: Route = {
    ...{ method: 'GET', path: '/connectors', summary: '' },
    handle: () => json(200, []),
  }
  const routes = [...withRights(own, callers), connectors]
  const http = new HttpServer({ routes, access, logger: Logger.silent() })
  open.push(http)
  return async (
    remoteAddress: string,
    [method, url]: readonly [Method, string],
    more: { body?: object; headers?: Record<string, string> } = {},
  ) => {
    const { body, headers = {} } = more
    const payload = body === undefined ? {} : { payload: JSON.stringify(body) }
    const all = { 'content-type': 'application/json', ...ADMIN, ...headers }
    const answer = await http.inject({ method, url, headers: all, remoteAddress, ...payload })
    return { status: answer.status, body: answer.body === '' ? {} : JSON.parse(answer.body) }
  }
}

it('is set by an administrator, who cannot lock the own address out', async () => {
  const call = serve()
  const put = (from: string, allowed: unknown, headers = ADMIN) =>
    call(from, ['PUT', RULES], { body: { allowed }, headers })
  expect((await put(INSIDE, ['192.0.2.0/24'], { authorization: basic('ann') })).status).toBe(403)
  const locked = await put(INSIDE, ['198.51.100.0/24'])
  expect([locked.status, locked.body.detail]).toEqual([
    ...[409, `this would lock you out: ${INSIDE} is not in the list`],
  ])
  const wrong = await put(INSIDE, ['192.0.2.0/24', 'office'])
  expect([wrong.status, wrong.body.errors[0].field]).toEqual([422, 'allowed'])
  expect((await call(OUTSIDE, ['GET', '/connectors'])).status).toBe(200)
  expect((await put(INSIDE, ['192.0.2.0/24'])).body).toEqual({
    ...{ allowed: ['192.0.2.0/24'], configured: false, trustedProxies: [PROXY], own: INSIDE },
  })
  const refused = await call(OUTSIDE, ['GET', '/connectors'])
  expect([refused.status, refused.body.message]).toEqual([
    ...[403, `calls from ${OUTSIDE} are not allowed here`],
  ])
  expect((await call('127.0.0.1', ['GET', '/connectors'])).status).toBe(200)
  const [newest] = (await call(INSIDE, ['GET', '/api/v1/audit'])).body.items
  expect(newest).toMatchObject({ action: 'addresses changed', detail: '192.0.2.0/24' })
  const again = serve()
  expect((await again(OUTSIDE, ['GET', '/connectors'])).status).toBe(403)
  expect((await put('::1', [])).status).toBe(200)
  expect((await call(OUTSIDE, ['GET', '/connectors'])).status).toBe(200)
})

it('is that of the configuration where there is one', async () => {
  const call = serve(['192.0.2.0/24'])
  expect((await call(INSIDE, ['GET', RULES])).body).toMatchObject({ configured: true })
  expect((await call(INSIDE, ['PUT', RULES], { body: { allowed: [] } })).status).toBe(409)
  expect((await call(OUTSIDE, ['GET', '/ui/'])).status).toBe(403)
})

it('believes trusted proxies alone, and no header of its own', async () => {
  const call = serve(['192.0.2.0/24'])
  const from = async (remote: string, headers: Record<string, string>) =>
    (await call(remote, ['GET', '/connectors'], { headers })).status
  expect(await from(PROXY, { 'x-forwarded-for': INSIDE })).toBe(200)
  expect(await from(PROXY, { 'x-forwarded-for': `${INSIDE}, ${OUTSIDE}` })).toBe(403)
  expect(await from(OUTSIDE, { 'x-forwarded-for': INSIDE })).toBe(403)
  expect(await from('127.0.0.1', { 'x-forwarded-for': INSIDE })).toBe(403)
  expect(await from(OUTSIDE, { 'x-scamander-client': INSIDE })).toBe(403)
})

it('takes a token from its addresses alone, everywhere', async () => {
  const call = serve()
  const draft = { name: 'x', addresses: ['192.0.2.0/24', '2001:db8::/32'] }
  const made = await call(INSIDE, ['POST', '/api/v1/tokens'], { body: draft })
  expect(made.body.info.addresses).toEqual(draft.addresses)
  const headers = { authorization: `Bearer ${made.body.token}` }
  for (const path of ['/connectors', '/api/v1/jobs'])
    for (const [remote, status] of [
      [INSIDE, 200],
      ['2001:db8::7', 200],
      [OUTSIDE, 401],
      ['127.0.0.1', 401],
    ] as const) {
      const answer = await call(remote, ['GET', path], { headers }).catch(() => ({ status: 401 }))
      expect([path, remote, answer.status]).toEqual([path, remote, status])
    }
  const passed = { ...headers, 'x-scamander-passed': 'true', 'x-forwarded-for': INSIDE }
  for (const [worker, status] of [
    [PROXY, 200],
    ['192.0.2.9', 403],
  ] as const) {
    const answer = await call(worker, ['GET', '/api/v1/jobs'], { headers: passed })
    expect([worker, answer.status]).toEqual([worker, status])
  }
  const wrong = { name: 'y', addresses: ['nowhere'] }
  const refused = await call(INSIDE, ['POST', '/api/v1/tokens'], { body: wrong })
  expect([refused.status, refused.body.errors[0].field]).toEqual([422, 'addresses'])
})
