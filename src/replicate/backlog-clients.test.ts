/**
 * Clients of Backlog with a scripted server: who shares one, and which renewed tokens are kept.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Properties } from '../api-v1.ts'
import { Logger } from '../telemetry/index.ts'
import { BacklogClients, type Refused } from './backlog-clients.ts'
import { type ConnectionRecord, openProperties, sealSecrets } from './connection.ts'
import { SignInRenewals } from './sign-in-renewals.ts'
import { Store } from './store.ts'

const caller = { signal: new AbortController().signal }
const SPACE = { url: 'https://acme.backlog.example' }
const OAUTH = { ...SPACE, authScheme: 'OAuth', oauthClientId: 'c', oauthClientSecret: 'shh' }
let folder: string
let store: Store
let clients: BacklogClients
let refusals: Refused[]
/** Answer of the next renewal; undefined: refused. */
let renewed: string | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-clients-'))
  store = new Store(folder)
  refusals = []
  clients = new BacklogClients(store, {
    open: record => openProperties(store, record),
    renewals: new SignInRenewals(store, Logger.silent()),
    onRefused: (_id, told) => void refusals.push(told),
  })
  vi.stubGlobal('fetch', async (url: string) => {
    if (!url.endsWith('/token')) return Response.json([])
    if (renewed === undefined) return Response.json({}, { status: 400 })
    return Response.json({ access_token: 'a', refresh_token: renewed, expires_in: 3_600 })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

function save(id: string, properties: Properties): void {
  const sealed = sealSecrets(store, { id, kind: 'backlog', properties })
  store.put('connection', id, { id, connector: 'backlog', ...sealed })
}

function client(id: string) {
  const record = store.get<ConnectionRecord>('connection', id)!
  return clients.of(record, openProperties(store, record))
}

const tokenOf = (id: string) =>
  openProperties(store, store.get<ConnectionRecord>('connection', id)!)['oauthRefreshToken']

describe('a client', () => {
  it('is shared by connections of one API key, not by two sign-ins', () => {
    save('one', { ...SPACE, apiKey: 'key' })
    save('two', { ...SPACE, apiKey: 'key' })
    expect(client('one')).toBe(client('two'))
    save('ann', { ...OAUTH, oauthRefreshToken: 'of ann' })
    save('ben', { ...OAUTH, oauthRefreshToken: 'of ben' })
    expect(client('ann')).not.toBe(client('ben'))
    expect(client('ann')).toBe(client('ann'))
  })

  it('keeps a token that was renewed, and stays', async () => {
    save('ann', { ...OAUTH, oauthRefreshToken: 'first' })
    const before = client('ann')
    renewed = 'second'
    await before.get('users', {}, caller)
    expect([tokenOf('ann'), client('ann') === before]).toEqual(['second', true])
  })

  it('of a sign-in before neither undoes the new one nor speaks for it', async () => {
    save('ann', { ...OAUTH, oauthRefreshToken: 'first' })
    const before = client('ann')
    save('ann', { ...OAUTH, oauthRefreshToken: 'new' })
    expect(client('ann')).not.toBe(before)
    renewed = 'late'
    await before.get('users', {}, caller)
    expect(tokenOf('ann')).toBe('new')
    save('ben', { ...OAUTH, oauthRefreshToken: 'first' })
    const old = client('ben')
    save('ben', { ...OAUTH, oauthRefreshToken: 'new' })
    renewed = undefined
    await expect(old.get('users', {}, caller)).rejects.toThrow('400')
    expect(refusals).toEqual([])
    await expect(client('ben').get('users', {}, caller)).rejects.toThrow('400')
    await vi.waitFor(() => expect(refusals).toMatchObject([{ status: 'AUTH_EXPIRED' }]))
  })
})
