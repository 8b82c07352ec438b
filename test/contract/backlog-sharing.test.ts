/**
 * Those who share a user or a sign-in of Backlog, over HTTP with the stand-in: jobs of one user, and
 * processes with one product database.
 * Spec: backlog-replication 1.2, 1.4, 3.4.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BacklogClient } from '../../src/backlog/index.ts'
import { type BacklogStandIn, startBacklogStandIn } from '../../src/demo/index.ts'
import { Replicator } from '../../src/replicate/index.ts'
import { Logger } from '../../src/telemetry/index.ts'

const NOW = Date.UTC(2026, 10, 22)
let standIn: BacklogStandIn

afterEach(() => standIn.close())

describe('two jobs of one user', () => {
  const LIMIT = 20
  const REQUESTS = 30
  const { signal } = new AbortController()
  let nowMs: number
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
  const HOUR_MS = 3_600_000
  const { signal } = new AbortController()
  let folder: string
  let processes: Replicator[]

  beforeEach(async () => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
    standIn = await startBacklogStandIn()
    folder = mkdtempSync(join(tmpdir(), 'scamander-sharing-'))
    // The database on connections of their own, and nothing else shared.
    processes = [0, 1].map(() => new Replicator(folder, Logger.silent()))
  })
  afterEach(async () => {
    for (const one of processes) await one.close()
    rmSync(folder, { recursive: true, force: true })
    vi.useRealTimers()
  })

  async function connected(): Promise<string> {
    const { clientId, clientSecret, refreshToken } = standIn.oauth
    const properties = {
      ...{ url: standIn.url, authScheme: 'OAuth', oauthClientId: clientId },
      ...{ oauthClientSecret: clientSecret, oauthRefreshToken: refreshToken },
    }
    const draft = { name: 'acme', connector: 'backlog', properties } as const
    const { connection } = await processes[0]!.saveConnection(draft, signal)
    return connection!.id
  }

  it('is renewed hour by hour by those who read and those who test, and nobody is refused', async () => {
    const id = await connected()
    for (let hour = 0; hour < 3; hour++) {
      const all = processes.flatMap(one => [one.columns(id, 'Issues'), one.testSaved(id, signal)])
      await Promise.all(all)
      expect(processes.map(one => one.connection(id).status)).toEqual(['SUCCESSFUL', 'SUCCESSFUL'])
      vi.setSystemTime(NOW + (hour + 1) * HOUR_MS)
    }
    const { journal } = standIn
    expect(new Set(journal.map(one => one.status))).toEqual(new Set([200]))
    const paths = journal.map(one => one.path)
    // Each hour in each process by the client of its jobs and by that of the test.
    expect(paths.filter(one => one.endsWith('oauth2/token'))).toHaveLength(12)
    expect(paths.filter(one => one.endsWith('customFields'))).toHaveLength(6)
  })
})
