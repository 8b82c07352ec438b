/**
 * Sign-ins that several processes have, with a scripted server that takes each refresh token once: one
 * renewal at a time, and what the other one kept is what the next is asked for with.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as soon } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Logger } from '../telemetry/index.ts'
import { BacklogClients } from './backlog-clients.ts'
import { type ConnectionRecord, openProperties, sealSecrets } from './connection.ts'
import { SignInRenewals } from './sign-in-renewals.ts'
import { Store } from './store.ts'

const ID = 'connection-1'
const { signal } = new AbortController()
let folder: string
let stores: Store[]
let server: {
  valid: string
  readonly live: Set<string>
  renewals: number
  atOnce: number
  most: number
}

async function answer(url: string, init: RequestInit): Promise<Response> {
  if (!url.endsWith('/token')) {
    const bearer = new Headers(init.headers).get('authorization')?.replace('Bearer ', '') ?? ''
    return server.live.has(bearer) ? Response.json([]) : new Response('', { status: 401 })
  }
  server.most = Math.max(server.most, ++server.atOnce)
  await soon()
  server.atOnce--
  const given = (init.body as URLSearchParams).get('refresh_token')
  if (given !== server.valid) return Response.json({ error: 'invalid_grant' }, { status: 400 })
  const number = ++server.renewals
  server.valid = `r${number}`
  server.live.add(`a${number}`)
  return Response.json({ access_token: `a${number}`, refresh_token: server.valid })
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-renewals-'))
  stores = []
  server = { valid: 'r0', live: new Set(), renewals: 0, atOnce: 0, most: 0 }
  vi.stubGlobal('fetch', answer)
})
afterEach(() => {
  vi.unstubAllGlobals()
  for (const one of stores) one.close()
  rmSync(folder, { recursive: true, force: true })
})

/** As another process has it: the database on a connection of its own, and nothing else shared. */
function started() {
  const store = new Store(folder)
  stores.push(store)
  const refusals: string[] = []
  const clients = new BacklogClients(store, {
    open: record => openProperties(store, record),
    renewals: new SignInRenewals(store, Logger.silent()),
    onRefused: (_id, { status }) => void refusals.push(status),
  })
  const record = () => store.get<ConnectionRecord>('connection', ID)!
  const kept = () => openProperties(store, record())['oauthRefreshToken']
  const client = () => clients.of(record(), openProperties(store, record()))
  return { store, refusals, kept, client, ask: () => client().get('users', {}, { signal }) }
}

function signIn(store: Store, token = server.valid): void {
  const properties = {
    ...{ url: 'https://acme.backlog.example', authScheme: 'OAuth', oauthClientId: 'c' },
    ...{ oauthClientSecret: 'shh', oauthRefreshToken: token },
  }
  const sealed = sealSecrets(store, { id: ID, kind: 'backlog', properties })
  store.put('connection', ID, { id: ID, connector: 'backlog', ...sealed })
}

it('are renewed by one at a time, and all of them go on', async () => {
  const processes = [started(), started(), started()]
  signIn(processes[0]!.store)
  await Promise.all(processes.map(one => one.ask()))
  expect([server.renewals, server.most]).toEqual([3, 1])
  expect(processes.map(one => one.kept())).toEqual(['r3', 'r3', 'r3'])
  expect(stores.map(one => one.ids('renewal'))).toEqual([[], [], []])
})

it('go on when they run out, with the client that they have', async () => {
  const [one, other] = [started(), started()]
  signIn(one.store)
  const client = one.client()
  for (let round = 0; round < 3; round++) {
    await Promise.all([one.ask(), other.ask()])
    server.live.clear()
  }
  expect(one.client()).toBe(client)
  expect([server.renewals, server.most, one.refusals, other.refusals]).toEqual([6, 1, [], []])
})

it('that somebody made anew in one process are not taken by clients of the one before', async () => {
  const [one, other] = [started(), started()]
  signIn(one.store)
  const before = one.client()
  await before.get('users', {}, { signal })
  server.valid = 'of somebody else'
  signIn(other.store)
  server.live.clear()
  await expect(before.get('users', {}, { signal })).rejects.toThrow('sign in again')
  expect([one.kept(), one.refusals]).toEqual(['of somebody else', []])
  await one.ask()
  expect(other.kept()).toBe('r2')
})

it('wait for nobody who is gone, and end with the run that waits', async () => {
  const { store } = started()
  const renewals = new SignInRenewals(store, Logger.silent())
  const lease = { owner: 'other', host: 'elsewhere', pid: 1, born: '' }
  store.put('renewal', ID, { ...lease, untilMs: Date.now() + 60_000 })
  const waiting = renewals.one(ID, AbortSignal.abort(), async () => 'done')
  await expect(waiting).rejects.toThrow('another process renews the sign-in')
  store.put('renewal', ID, { ...lease, untilMs: Date.now() - 1 })
  expect(await renewals.one(ID, signal, async () => 'done')).toBe('done')
})
