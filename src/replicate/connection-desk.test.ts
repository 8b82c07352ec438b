/**
 * Saved secrets of connections: kept while their address stays, asked for again for another one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConnectorKind, Properties } from '../api-v1.ts'
import { Logger } from '../telemetry/index.ts'
import { ConnectionDesk } from './connection-desk.ts'
import { Store } from './store.ts'

const URL = 'https://acme.backlog.example'
const OTHER = 'https://acme.backlog.test'
const OAUTH = { authScheme: 'OAuth', url: URL, oauthClientId: 'c', oauthClientSecret: 'shh' }
const CASSANDRA = { server: 'db1', database: 'ks', user: 'u', password: 'pw' }
let folder: string
let store: Store
let desk: ConnectionDesk

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-connections-'))
  store = new Store(folder)
  desk = new ConnectionDesk(store, Logger.silent())
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function saved(connector: ConnectorKind, properties: Properties): Promise<string> {
  const draft = { name: connector, connector, properties }
  const { connection } = await desk.saveConnection(draft, AbortSignal.timeout(1_000))
  return connection!.id
}

describe('a saved secret', () => {
  it('stays while the address stays', async () => {
    const id = await saved('cassandra', CASSANDRA)
    const properties = { ...{ server: ' db1 ', port: '9042' }, pageSize: 10 }
    const { secrets } = desk.patchConnection(id, { properties })
    expect(secrets).toEqual({ password: { set: true, hint: '…pw' } })
  })

  it.each([
    ['cassandra', CASSANDRA, { server: 'db1,other' }, 'password'],
    ['cassandra', CASSANDRA, { port: 9043 }, 'password'],
    ['cassandra', { ...CASSANDRA, useSsl: true }, { useSsl: false }, 'password'],
    ['cassandra', { ...CASSANDRA, useSsl: true }, { sslVerifyHost: false }, 'password'],
    ['cassandra', { ...CASSANDRA, useSsl: true }, { sslCa: 'of another' }, 'password'],
    ['backlog', { url: URL, apiKey: 'key' }, { url: OTHER }, 'apiKey'],
    ['backlog', { url: URL, apiKey: 'key' }, { allowPlainHttp: true }, 'apiKey'],
    ['backlog', { ...OAUTH, oauthRefreshToken: 'r' }, { url: OTHER }, 'oauthClientSecret'],
  ] as const)('of %s %o is asked for again with %o', async (kind, properties, moved, field) => {
    const id = await saved(kind, properties)
    const before = desk.connection(id)
    expect(() => desk.patchConnection(id, { properties: moved })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^the address changed: enter .+ again$/),
        context: expect.objectContaining({ field }),
      }),
    )
    expect(desk.connection(id)).toEqual(before)
    const given = { ...moved, [field]: 'entered', oauthRefreshToken: 'entered' }
    const { oauthRefreshToken: _none, ...ofCassandra } = given
    const patch = kind === 'backlog' ? given : ofCassandra
    expect(desk.patchConnection(id, { properties: patch }).secrets[field]).toMatchObject({
      ...{ set: true, hint: '…ed' },
    })
  })

  it('that the form does not show is given up with the address', async () => {
    const id = await saved('backlog', { ...OAUTH, apiKey: 'key', oauthRefreshToken: 'r' })
    const properties = { url: OTHER, authScheme: 'APIToken', apiKey: 'other' }
    const { secrets } = desk.patchConnection(id, { properties })
    expect(secrets).toMatchObject({
      ...{ oauthClientSecret: { set: false }, oauthRefreshToken: { set: false } },
    })
  })

  it('is no part of a sign-in to another address', async () => {
    const id = await saved('backlog', { ...OAUTH, oauthRefreshToken: 'r' })
    expect(desk.withSaved(id, { url: URL })['oauthClientSecret']).toBe('shh')
    expect(() => desk.withSaved(id, { url: OTHER })).toThrow('enter OAuth Client Secret again')
    const entered = desk.withSaved(id, { url: OTHER, oauthClientSecret: 'entered' })
    expect(Object.values(entered)).not.toContain('r')
  })
})

describe('a connection', () => {
  it.each([
    ['name', { name: 7 }],
    ['labels', { labels: 'prod' }],
    ['properties', { properties: [] }],
    ['properties', { properties: undefined }],
    ['connector', { connector: 'kafka' }],
    ['server', { properties: { ...CASSANDRA, server: { host: 'x' } } }],
    ['port', { properties: { ...CASSANDRA, port: 0 } }],
  ])('is refused with the name of the wrong field, and not saved: %s', async (field, wrong) => {
    const draft = { name: 'ops', connector: 'cassandra', properties: CASSANDRA, ...wrong } as never
    await expect(desk.saveConnection(draft, AbortSignal.timeout(1_000))).rejects.toMatchObject({
      ...{ kind: 'config', context: { field } },
    })
    expect(desk.connections()).toEqual([])
  })
})
