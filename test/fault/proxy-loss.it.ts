/**
 * The proxy when something dies: the target, the source, the proxy itself. Between a source with a
 * login and a target with a login of its own and TLS, clients by TLS from a JKS key store.
 * A ledger of acknowledged writes decides: in `log` mode clients notice nothing and the journal closes
 * the gap; in `fail` mode they hear of every write that is not on both; after kill -9 of the proxy
 * every acknowledged write is on both clusters, with `--wait false` after a replay of what was kept.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Client, policies } from 'cassandra-driver'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from '../../src/cli/index.ts'
import { type CassandraDescription, type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { connectClient } from '../support/keyspace.ts'
import { tableDifferences, testProxy } from '../support/proxy.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const KEYSPACE = 'loss'
const INSERT = `INSERT INTO ${KEYSPACE}.t (k, v) VALUES (?, ?)`

let source: Sandbox
let target: Sandbox
let folder: string
let onSource: Client
let onTarget: Client

beforeAll(async () => {
  const shared = { kafka: false, heapMb: 640, commitlogSync: 'batch' as const, auth: true }
  const started = await Promise.all([startSandbox(shared), startSandbox({ ...shared, tls: true })])
  source = started[0]
  target = started[1]
  folder = await mkdtemp(join(tmpdir(), 'scamander-proxy-loss-'))
  onSource = await connectClient(cassandraOf(source))
  onTarget = await connectClient(cassandraOf(target))
  for (const client of [onSource, onTarget]) {
    await client.execute(
      `CREATE KEYSPACE ${KEYSPACE} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
    )
    await client.execute(`CREATE TABLE ${KEYSPACE}.t (k int PRIMARY KEY, v text)`)
  }
  // The target's login is another one than the clients'.
  await onTarget.execute(
    "CREATE ROLE proxy WITH PASSWORD = 'secret' AND LOGIN = true AND SUPERUSER = true",
  )
})

afterAll(async () => {
  await Promise.all([onSource?.shutdown(), onTarget?.shutdown()])
  await Promise.all([source?.stop(), target?.stop()])
  await rm(folder, { recursive: true, force: true })
})

it('the target is killed under load: log notices nothing and its journal closes the gap, fail says so', async () => {
  const journal = join(folder, 'journal')
  await using logging = await testProxy(pair(), ...tlsArguments(), '--journal', journal)
  await using failing = await testProxy(pair(), ...tlsArguments(), '--target-failure', 'fail')
  const [served, told] = await Promise.all([proxyClient(logging.port), proxyClient(failing.port)])
  const load = new Load(served, 1)
  const strict = new Load(told, 100_000)
  await Promise.all([load.until(300), strict.until(200)])
  await target.nodes[0]!.kill()
  await load.until(load.acknowledged.size + 500)
  await untilTrue(() => Promise.resolve(strict.errors.length > 20))
  const before = strict.acknowledged.size
  await target.nodes[0]!.start()
  await untilTrue(async () => (await logging.metric('scamander_proxy_target_connections')) > 0)
  await Promise.all([load.until(load.acknowledged.size + 10), strict.until(before + 200)])
  await Promise.all([load.stop(), strict.stop()])
  await Promise.all([served.shutdown(), told.shutdown()])
  expect(load.errors).toEqual([])
  const missed = await logging.metric('scamander_proxy_journal_entries')
  expect(missed).toBeGreaterThan(400)
  await logging.proxy.close()
  await replayJournal(journal, missed)
  await load.verify(onSource)
  await load.verify(onTarget)
  // Every write that `fail` acknowledged is on both; the others may be on the source alone.
  await strict.verify(onSource)
  await strict.verify(onTarget)
  expect(await tableDifferences(comparison(), 't', key => Number(key) < 100_000)).toEqual([])
}, 240_000)

it('one proxy of two is killed and started again: no error for idempotent writes, both clusters equal', async () => {
  const ring = ['127.0.0.1', '127.0.0.2']
  const own = (index: number) => {
    const place = ['--topology', ring.join(','), '--topology-index', String(index)]
    return ['--proxy-host', ring[index]!, ...place]
  }
  const first = await startChild('0', ...own(0))
  const port = String(first.port)
  const second = await startChild(port, ...own(1))
  const client = await proxyClient(first.port)
  expect(client.hosts.keys().sort()).toEqual(ring.map(address => `${address}:${port}`))
  const load = new Load(client, 200_000)
  await load.until(500)
  first.child.kill('SIGKILL')
  await load.until(load.acknowledged.size + 300)
  const again = await startChild(port, ...own(0))
  await untilTrue(() => Promise.resolve(client.hosts.get(`${ring[0]}:${port}`)?.isUp() === true))
  await load.until(load.acknowledged.size + 300)
  second.child.kill('SIGKILL')
  await load.until(load.acknowledged.size + 300)
  await load.stop()
  await client.shutdown()
  await endChild(again.child)
  expect(load.errors).toEqual([])
  await load.verify(onSource)
  await load.verify(onTarget)
}, 180_000)

it('the proxy is killed with writes in its queue: write-ahead brings every acknowledged one', async () => {
  const journal = join(folder, 'ahead')
  const unwaited = ['--wait', 'false', '--write-ahead', 'true', '--journal', journal]
  const { child, port } = await startChild('0', ...unwaited, '--max-stream-ids', '8')
  const client = await proxyClient(port)
  const load = new Load(client, 300_000)
  await load.until(300)
  // Stopped, the target owes what it was sent and the queue grows.
  target.nodes[0]!.pause()
  await load.until(load.acknowledged.size + 400)
  child.kill('SIGKILL')
  await load.stop()
  await client.shutdown()
  target.nodes[0]!.resume()
  await replayJournal(journal)
  await load.verify(onSource)
  await load.verify(onTarget)
}, 180_000)

it('the source is killed: clients hear of it, and are served when it is back', async () => {
  await using proxy = await testProxy(pair(), ...tlsArguments())
  const client = await proxyClient(proxy.port)
  const load = new Load(client, 400_000)
  await load.until(200)
  await source.nodes[0]!.kill()
  await untilTrue(() => Promise.resolve(load.errors.length > 0))
  await source.nodes[0]!.start()
  await load.until(load.acknowledged.size + 200)
  await load.stop()
  await client.shutdown()
  await load.verify(onSource)
  await load.verify(onTarget)
}, 180_000)

/** Writes one after another in eight lanes and remembers what was acknowledged. */
class Load {
  readonly acknowledged = new Map<number, string>()
  readonly errors: string[] = []
  readonly #lanes: Promise<void>[]
  #isRunning = true

  constructor(client: Client, firstKey: number) {
    let next = firstKey
    const lane = async () => {
      while (this.#isRunning) {
        const key = next++
        const value = `value ${key}`
        try {
          await client.execute(INSERT, [key, value], { prepare: true, isIdempotent: true })
          this.acknowledged.set(key, value)
        } catch (error) {
          this.errors.push(String(error))
          await new Promise(resolve => setTimeout(resolve, 20))
        }
      }
    }
    this.#lanes = Array.from({ length: 8 }, lane)
  }

  async until(count: number): Promise<void> {
    await untilTrue(() => Promise.resolve(this.acknowledged.size >= count))
  }

  async stop(): Promise<void> {
    this.#isRunning = false
    await Promise.all(this.#lanes)
  }

  async verify(client: Client): Promise<void> {
    const result = await client.execute(`SELECT k, v FROM ${KEYSPACE}.t`, [], { fetchSize: 5000 })
    const stored = new Map<number, string>()
    for await (const row of result) stored.set(row['k'] as number, row['v'] as string)
    const missing = [...this.acknowledged].filter(([key, value]) => stored.get(key) !== value)
    expect(missing).toEqual([])
  }
}

function cassandraOf(sandbox: Sandbox): CassandraDescription {
  return sandbox.description.cassandra!
}

/** As `clusterArguments` takes them; TLS to the target is set by `tlsArguments`. */
function pair() {
  return { source: cassandraOf(source), target: cassandraOf(target) }
}

function comparison() {
  const both = () => Promise.reject(new Error('not used'))
  const dispose = { [Symbol.asyncDispose]: () => Promise.resolve() }
  return { ...pair(), keyspace: KEYSPACE, onSource, onTarget, both, ...dispose }
}

function caOf(sandbox: Sandbox): string {
  return cassandraOf(sandbox).tls!.caPath
}

function targetAddress(): string[] {
  return ['127.0.0.1', '--target-port', String(cassandraOf(target).port)]
}

/** TLS to the target with its authority, the target's own login, TLS for clients from a key store. */
function tlsArguments(): string[] {
  const { keystoreJksPath, storePassword } = cassandraOf(target).tls!
  const store = ['--proxy-jks-file', keystoreJksPath, '--proxy-jks-password', storePassword]
  const toTarget = ['--disable-target-tls', 'false', '--target-ca', caOf(target)]
  const login = ['--target-username', 'proxy', '--target-password', 'secret']
  return [...toTarget, ...login, ...store]
}

async function proxyClient(port: number): Promise<Client> {
  return await connectClient(
    { ...cassandraOf(source), port },
    {
      sslOptions: { ca: [readFileSync(caOf(target), 'utf8')], rejectUnauthorized: false },
      policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(200) },
      socketOptions: { readTimeout: 15_000 },
    },
  )
}

/** Writes what the target missed, as `scamander proxy-replay` does; `count` of it, when given. */
async function replayJournal(journal: string, count?: number): Promise<void> {
  const out: string[] = []
  const streams = { out: (text: string) => void out.push(text), err: () => undefined }
  const login = ['--target-username', 'proxy', '--target-password', 'secret']
  const args = [...targetAddress(), ...login, '--journal', journal, '--target-ca', caOf(target)]
  expect(await runCli(['proxy-replay', ...args], streams)).toBe(0)
  expect(out.join('')).toMatch(/Failed: 0\nBroken: 0\n/)
  const replayed = Number(/Replayed: (\d+)/.exec(out.join(''))?.[1])
  if (count === undefined) expect(replayed).toBeGreaterThan(0)
  else expect(replayed).toBe(count)
}

async function endChild(child: ChildProcess): Promise<void> {
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

async function startChild(
  port: string,
  ...more: readonly string[]
): Promise<{ child: ChildProcess; port: number }> {
  const address = ['127.0.0.1', '--source-port', String(cassandraOf(source).port)]
  const own = ['--disable-source-tls', 'true', '--metrics', 'false', '--proxy-port', port]
  const args = ['proxy', ...address, ...targetAddress(), ...own, ...tlsArguments(), ...more]
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  for await (const line of createInterface({ input: child.stderr! })) {
    const found = /ready for clients at port (\d+)/.exec(line)?.[1]
    if (found === undefined) continue
    child.stderr!.resume()
    return { child, port: Number(found) }
  }
  throw new Error('the proxy ended before it was ready')
}

async function untilTrue(condition: () => Promise<boolean>, withinMs = 90_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in time')
    await new Promise(resolve => setTimeout(resolve, 25))
  }
}
