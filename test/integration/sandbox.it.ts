/**
 * The sandbox itself: its servers end with the process that started them, come back on the same
 * ports with their data, and run in every supported release, with login and TLS.
 * Starts its own small sandboxes beside the shared one; about a minute with a warm jar cache.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  readDescription,
  type Sandbox,
  type SandboxDescription,
  sandboxDown,
  sandboxStatus,
  sandboxUp,
  startSandbox,
} from '../../src/sandbox/index.ts'
import { connectClient, testKeyspace } from '../support/keyspace.ts'
import { testTopic } from '../support/topic.ts'

const MAIN = resolve('src/sandbox/main.ts')
const quiet = { out: () => undefined, progress: () => undefined }

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function pidsOf(description: SandboxDescription | undefined): number[] {
  const nodes = description?.cassandra?.nodes ?? []
  const pids = [...nodes.map(node => node.pid), description?.kafka?.pid]
  return pids.filter(pid => pid !== undefined)
}

async function until(check: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs
  while (performance.now() < deadlineMs) {
    if (await check()) return true
    await new Promise(done => setTimeout(done, 50))
  }
  return false
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise(done => child.once('exit', code => done(code)))
}

describe('a sandbox held by another process', () => {
  let dir = ''
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sandbox-it-'))
  })
  afterAll(async () => await rm(dir, { recursive: true, force: true }))

  function up(...args: string[]): ChildProcess {
    const all = [MAIN, 'up', '--dir', dir, '--heap-mb', '512', ...args]
    return spawn(process.execPath, all, { stdio: 'ignore' })
  }

  it('leaves nothing running after kill -9 of the holder', async () => {
    const holder = up()
    const exited = exitOf(holder)
    expect(await until(async () => (await readDescription(dir)) !== undefined, 60_000)).toBe(true)
    const description = await readDescription(dir)
    const pids = pidsOf(description)
    expect(pids).toHaveLength(2)
    expect(pids.every(isAlive)).toBe(true)
    expect(description?.holder).toEqual({ pid: holder.pid, kind: 'command' })
    expect((await stat(join(dir, 'sandbox.json'))).mode & 0o777).toBe(0o600)
    holder.kill('SIGKILL')
    await exited
    expect(await until(() => !pids.some(isAlive), 5_000)).toBe(true)
    expect(await sandboxStatus({ dir }, quiet)).toBe(1)
  })

  it('starts again where it crashed, refuses a second start and other options, ends by down', async () => {
    const before = await readDescription(dir)
    expect(await sandboxUp({ dir, heapMb: 512, detach: true }, quiet)).toBe(0)
    const after = await readDescription(dir)
    expect(after?.cassandra?.port).toBe(before?.cassandra?.port)
    expect(after?.kafka?.bootstrapServers).toBe(before?.kafka?.bootstrapServers)
    expect(await sandboxStatus({ dir }, quiet)).toBe(0)
    const second = up()
    expect(await exitOf(second)).toBe(2)
    expect(pidsOf(after).every(isAlive)).toBe(true)
    expect(await sandboxDown({ dir }, quiet)).toBe(0)
    expect(pidsOf(after).some(isAlive)).toBe(false)
    expect(existsSync(join(dir, 'sandbox.json'))).toBe(false)
    await expect(startSandbox({ dir, auth: true })).rejects.toMatchObject({
      code: 'SCM_SANDBOX_MISMATCH',
    })
  })
})

describe('faults of a running sandbox', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await startSandbox({ heapMb: 512, commitlogSync: 'batch' })
  })
  afterAll(async () => await sandbox?.stop())

  it('keeps port and rows over a kill of the node', async () => {
    const cassandra = sandbox.description.cassandra!
    await using keyspace = await testKeyspace(cassandra)
    const { client, name } = keyspace
    await client.execute(`CREATE TABLE ${name}.t (id int PRIMARY KEY, v text) WITH cdc = true`)
    await client.execute(`INSERT INTO ${name}.t (id, v) VALUES (1, 'kept')`)
    const [node] = sandbox.nodes
    const firstPid = node?.pid
    await node?.kill()
    expect(isAlive(firstPid!)).toBe(false)
    expect((await readDescription(sandbox.description.dir))?.cassandra?.nodes[0]?.pid).toBe(
      undefined,
    )
    await node?.start()
    const pid = (await readDescription(sandbox.description.dir))?.cassandra?.nodes[0]?.pid
    expect(pid).toBe(node?.pid)
    expect(pid).not.toBe(firstPid)
    expect(sandbox.description.cassandra?.port).toBe(cassandra.port)
    const again = await connectClient(sandbox.description.cassandra)
    const { rows } = await again.execute(`SELECT v FROM ${name}.t WHERE id = 1`)
    await again.shutdown()
    expect(rows.map(row => row.get('v'))).toEqual(['kept'])
  })

  it('hangs and goes on by pause and resume', async () => {
    const client = await connectClient(sandbox.description.cassandra)
    const [node] = sandbox.nodes
    node?.pause()
    const query = 'SELECT release_version FROM system.local'
    await expect(client.execute(query, [], { readTimeout: 500 })).rejects.toThrow(/./)
    node?.resume()
    const { rows } = await client.execute(query)
    await client.shutdown()
    expect(rows[0]?.get('release_version')).toBe('5.0.6')
  })

  it('keeps topics over a kill of the broker', async () => {
    const kafka = sandbox.description.kafka!
    await using topic = await testTopic(3, kafka)
    await sandbox.kafka?.kill()
    await sandbox.kafka?.start()
    expect(sandbox.description.kafka?.bootstrapServers).toBe(kafka.bootstrapServers)
    const settled = join(sandbox.description.dir, 'kafka/data', `${topic.name}-2`)
    expect(existsSync(settled)).toBe(true)
  })

  it('removes a temporary folder when it stops', async () => {
    const { description } = sandbox
    await sandbox.stop()
    expect(pidsOf(description).some(isAlive)).toBe(false)
    expect(existsSync(description.dir)).toBe(false)
  })
})

describe('failures of the start', () => {
  it('shows the end of the log when a server ends early, and leaves nothing', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sandbox-it-'))
    const started = startSandbox({ dir, kafka: false, yaml: { no_such_setting: true } })
    await expect(started).rejects.toMatchObject({
      code: 'SCM_SANDBOX_SERVER_EXIT',
      message: expect.stringContaining('no_such_setting'),
    })
    expect(existsSync(join(dir, 'sandbox.json'))).toBe(false)
    await rm(dir, { recursive: true })
  })

  it('stops at once when it is cancelled', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 1_500)
    await expect(startSandbox({ signal: controller.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    })
  })
})

describe.each([
  { line: '4.1', version: '4.1.10', tlsClientAuth: true },
  { line: '4.0', version: '4.0.19', tlsClientAuth: false },
] as const)('Cassandra $line', ({ line, version, tlsClientAuth }) => {
  it('serves with login and TLS, and refuses what is wrong', async () => {
    const options = { cassandra: line, auth: true, tls: true, tlsClientAuth } as const
    const sandbox = await startSandbox({ ...options, kafka: false, heapMb: 512 })
    try {
      const cassandra = sandbox.description.cassandra!
      const client = await connectClient(cassandra)
      const { rows } = await client.execute('SELECT release_version FROM system.local')
      await client.shutdown()
      expect(rows[0]?.get('release_version')).toBe(version)
      const { tls: _tls, ...plain } = cassandra
      const impatient = { socketOptions: { connectTimeout: 2_000, readTimeout: 2_000 } }
      await expect(connectClient(plain, impatient)).rejects.toThrow(/./)
      const wrong = { ...cassandra, password: 'wrong' }
      await expect(connectClient(wrong, impatient)).rejects.toThrow(/password|credentials/)
      const configPath = cassandra.nodes[0]?.configPath ?? ''
      expect(await readFile(configPath, 'utf8')).toContain('"PasswordAuthenticator"')
    } finally {
      await sandbox.stop()
    }
  })
})
