/**
 * `npm run bench:proxy`: pipelined prepared inserts, sequential inserts and a mix, direct to one
 * cluster and through the proxy to two. See README.md beside this file.
 * Invariant: servers that it starts and the proxies are stopped at the end, after a failure too.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { ProtocolVersion } from '../../../src/cql/index.ts'
import { readDescription, type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { readCpuSeconds } from '../sink/process-usage.ts'
import { type LoadOptions, PipelinedClient } from './pipelined-client.ts'

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
const KEYSPACE = 'bench_proxy'

interface Scenario extends LoadOptions {
  readonly name: string
}

function scenarios(count: number): Scenario[] {
  return [
    { name: 'inserts, 512 in flight', count, inFlight: 512, readPercent: 0 },
    { name: 'inserts, one at a time', count: Math.ceil(count / 20), inFlight: 1, readPercent: 0 },
    { name: '80 % reads, 512 in flight', count, inFlight: 512, readPercent: 80 },
  ]
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      source: { type: 'string' },
      target: { type: 'string' },
      count: { type: 'string', default: '50000' },
      rounds: { type: 'string', default: '2' },
      peer: { type: 'string' },
    },
  })
  const started: Sandbox[] = []
  const portOf = async (path: string | undefined) => {
    if (path !== undefined) return (await readDescription(dirname(path)))!.cassandra!.port
    const sandbox = await startSandbox({ kafka: false, heapMb: 768 })
    started.push(sandbox)
    return sandbox.description.cassandra!.port
  }
  try {
    const ports = { source: await portOf(values.source), target: await portOf(values.target) }
    await createTables([ports.source, ports.target])
    for (const version of [4, 5] as const) await compare(ports, version, values)
  } finally {
    for (const sandbox of started) await sandbox.stop()
  }
}

interface Ports {
  readonly source: number
  readonly target: number
}

async function compare(
  ports: Ports,
  version: ProtocolVersion,
  values: { count: string; rounds: string; peer?: string | undefined },
): Promise<void> {
  const list = scenarios(Number(values.count))
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const scenario of list)
      await measure(`v${version} direct`, ports.source, { scenario, version })
    await withProxy(
      process.execPath,
      [MAIN, 'proxy', ...argumentsFor(ports)],
      async (port, child) => {
        for (const scenario of list)
          await measure(`v${version} proxy`, port, { scenario, version, child })
      },
    )
    if (values.peer === undefined) continue
    await withPeer(values.peer, ports, async (port, child) => {
      for (const scenario of list)
        await measure(`v${version} peer`, port, { scenario, version, child })
    })
  }
}

interface Measured {
  readonly scenario: Scenario
  readonly version: ProtocolVersion
  readonly child?: ChildProcess
}

async function measure(
  who: string,
  port: number,
  { scenario, version, child }: Measured,
): Promise<void> {
  const client = await PipelinedClient.open(port, version)
  const insert = await client.prepare(`INSERT INTO ${KEYSPACE}.t (k, v) VALUES (?, ?)`)
  const read = await client.prepare(`SELECT v FROM ${KEYSPACE}.t WHERE k = ?`)
  await client.run(insert, read, { ...scenario, count: Math.min(20_000, scenario.count) })
  const before = child?.pid === undefined ? 0 : await readCpuSeconds(child.pid)
  const { seconds, medianMs } = await client.run(insert, read, scenario)
  const cpu = child?.pid === undefined ? 0 : (await readCpuSeconds(child.pid)) - before
  client.close()
  const rate = Math.round(scenario.count / seconds)
  const micros =
    child === undefined ? '' : `, CPU ${((cpu / scenario.count) * 1e6).toFixed(1)} µs/request`
  process.stdout.write(
    `${who.padEnd(12)} ${scenario.name.padEnd(26)} ${seconds.toFixed(2)} s, ${rate}/s, median ${medianMs.toFixed(2)} ms${micros}\n`,
  )
}

function argumentsFor({ source, target }: Ports): string[] {
  const plain = ['--disable-source-tls', 'true', '--disable-target-tls', 'true']
  const own = ['--proxy-port', '0', '--metrics', 'false']
  return [
    '127.0.0.1',
    '127.0.0.1',
    '--source-port',
    `${source}`,
    '--target-port',
    `${target}`,
    ...plain,
    ...own,
  ]
}

async function withProxy(
  file: string,
  args: readonly string[],
  run: (port: number, child: ChildProcess) => Promise<void>,
): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    const port = await readyPort(child)
    await run(port, child)
  } finally {
    child.kill()
  }
}

/** A proxy with ZDM's environment variables. */
async function withPeer(
  file: string,
  ports: Ports,
  run: (port: number, child: ChildProcess) => Promise<void>,
): Promise<void> {
  const port = 14_002
  const env = {
    ZDM_ORIGIN_CONTACT_POINTS: '127.0.0.1',
    ZDM_ORIGIN_PORT: `${ports.source}`,
    ZDM_TARGET_CONTACT_POINTS: '127.0.0.1',
    ZDM_TARGET_PORT: `${ports.target}`,
    ZDM_PROXY_LISTEN_PORT: `${port}`,
    ZDM_ORIGIN_USERNAME: 'cassandra',
    ZDM_ORIGIN_PASSWORD: 'cassandra',
    ZDM_TARGET_USERNAME: 'cassandra',
    ZDM_TARGET_PASSWORD: 'cassandra',
  }
  const child = spawn(file, { env: { ...process.env, ...env }, stdio: 'ignore' })
  try {
    await new Promise(resolve => setTimeout(resolve, 5_000))
    await run(port, child)
  } finally {
    child.kill()
  }
}

async function readyPort(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stderr! })) {
    const port = /ready for clients at port (\d+)/.exec(line)?.[1]
    if (port !== undefined) {
      child.stderr!.resume()
      return Number(port)
    }
  }
  throw new Error('the proxy ended before it was ready')
}

async function createTables(ports: readonly number[]): Promise<void> {
  const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
  const parameters = { consistency: 1 }
  for (const port of ports) {
    const client = await PipelinedClient.open(port, 4)
    const run = (query: string) => client.ask({ kind: 'QUERY', query, parameters })
    await run(`CREATE KEYSPACE IF NOT EXISTS ${KEYSPACE} WITH replication = ${replication}`)
    await run(`CREATE TABLE IF NOT EXISTS ${KEYSPACE}.t (k int PRIMARY KEY, v text)`)
    client.close()
  }
}

await main()
