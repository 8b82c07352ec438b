/**
 * Those who share a user or a sign-in of Backlog, over HTTP with the stand-in: jobs of one user, and
 * processes with one product database.
 * Spec: backlog-replication 1.2, 1.4, 3.4.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BacklogClient } from '../../src/backlog/index.ts'
import { type BacklogStandIn, startBacklogStandIn } from '../../src/demo/backlog/stand-in.ts'
import { BacklogClients } from '../../src/replicate/backlog-clients.ts'
import {
  type ConnectionRecord,
  openProperties,
  sealSecrets,
} from '../../src/replicate/connection.ts'
import { SignInRenewals } from '../../src/replicate/sign-in-renewals.ts'
import { Store } from '../../src/replicate/store.ts'
import { Logger } from '../../src/telemetry/index.ts'

const NOW = Date.UTC(2026, 10, 22)
const ID = 'connection-1'
const { signal } = new AbortController()
let nowMs: number
let standIn: BacklogStandIn

afterEach(() => standIn.close())

describe('two jobs of one user', () => {
  const LIMIT = 20
  const REQUESTS = 30
  const [GREEDY, PATIENT] = ['users/40001', 'users/40002']

  beforeEach(async () => {
    nowMs = NOW
    standIn = await startBacklogStandIn({ now: () => nowMs, limits: { read: LIMIT } })
  })

  it('keep the limit, never ask at once, and take turns', async () => {
    let waits = 0
    const client = new BacklogClient({
      ...{ origin: standIn.url, apiKey: standIn.apiKey, now: () => nowMs },
      sleep: async ms => {
        waits++
        nowMs += ms
      },
    })
    const greedy = Array.from({ length: REQUESTS }, () =>
      client.get(GREEDY, {}, { signal, job: 'greedy' }),
    )
    const patient = async () => {
      for (let at = 0; at < REQUESTS; at++)
        await client.get(PATIENT, {}, { signal, job: 'patient' })
    }
    await Promise.all([patient(), ...greedy])
    const { journal } = standIn
    expect(journal.map(one => one.status)).toEqual(Array(2 * REQUESTS).fill(200))
    expect(Math.max(...journal.map(one => one.inFlight))).toBe(1)
    expect(journal.map(one => one.path)).toEqual(
      Array.from({ length: 2 * REQUESTS }, (_, at) => (at % 2 === 0 ? GREEDY : PATIENT)),
    )
    // A quarter of each window is left to others.
    expect(waits).toBeGreaterThanOrEqual((2 * REQUESTS) / (LIMIT * 0.75) - 1)
  })
})

describe('a sign-in of two processes', () => {
  let folder: string
  let stores: Store[]

  beforeEach(async () => {
    nowMs = NOW
    standIn = await startBacklogStandIn({ now: () => nowMs })
    folder = mkdtempSync(join(tmpdir(), 'scamander-sharing-'))
    stores = []
  })
  afterEach(() => {
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
    const ask = () => client().get<{ id: number }>('users/myself', {}, { signal })
    return { store, refusals, kept, client, ask }
  }

  function save(store: Store): void {
    const { clientId, clientSecret, refreshToken } = standIn.oauth
    const properties = {
      ...{ url: standIn.url, authScheme: 'OAuth', oauthClientId: clientId },
      ...{ oauthClientSecret: clientSecret, oauthRefreshToken: refreshToken },
    }
    const sealed = sealSecrets(store, { id: ID, kind: 'backlog', properties })
    store.put('connection', ID, { id: ID, connector: 'backlog', ...sealed })
  }

  const renewals = () => standIn.journal.filter(one => one.path.endsWith('oauth2/token'))

  it('is renewed by one at a time, with the token of the one before', async () => {
    const processes = [started(), started(), started()]
    save(processes[0]!.store)
    const answers = await Promise.all(processes.map(one => one.ask()))
    expect(answers.map(one => one.id)).toEqual([40_001, 40_001, 40_001])
    expect(renewals().map(one => one.status)).toEqual([200, 200, 200])
    for (const { kept } of processes) expect(kept()).toBe(standIn.oauth.refreshToken)
  })

  it('goes on in each of them when it runs out, though the other one has renewed it', async () => {
    const [one, other] = [started(), started()]
    save(one.store)
    const client = one.client()
    for (let round = 0; round < 3; round++) {
      await Promise.all([one.ask(), other.ask()])
      nowMs += 3_600_000
    }
    expect(one.client()).toBe(client)
    expect(new Set(renewals().map(({ status }) => status))).toEqual(new Set([200]))
    expect([...one.refusals, ...other.refusals]).toEqual([])
  })

  it('that somebody made anew in one of them is not taken by the client of the one before', async () => {
    const [one, other] = [started(), started()]
    save(one.store)
    const before = one.client()
    await before.get('users', {}, { signal })
    standIn.oauth.refreshToken = 'of-somebody-else'
    save(other.store)
    nowMs += 3_600_000
    await expect(before.get('users', {}, { signal })).rejects.toThrow('sign in again')
    expect([one.kept(), one.refusals]).toEqual(['of-somebody-else', []])
    expect((await one.ask()).id).toBe(40_001)
  })
})
