/**
 * `npm run bench:proxy`: pipelined prepared inserts, sequential inserts and a mix, direct to one
 * cluster, through the proxy to two, and through a peer. See README.md beside this file.
 * Invariant: servers that it starts and the proxies are stopped at the end, after a failure too.
 */
import type { ChildProcess } from 'node:child_process'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import type { ProtocolVersion } from '../../../src/cql/index.ts'
import { readDescription, type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { readCpuSeconds } from '../../support/process-usage.ts'
import { type LoadOptions, PipelinedClient } from './pipelined-client.ts'
import { type Ports, withPeer, withProxy } from './subjects.ts'
import { type Figure, summarize } from './summary.ts'

const KEYSPACE = 'bench_proxy'
const WARM_UP = 20_000

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

interface Options {
  readonly list: readonly Scenario[]
  readonly rounds: number
  readonly peer: string | undefined
  /** Further arguments of our proxy. */
  readonly more: readonly string[]
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      source: { type: 'string' },
      target: { type: 'string' },
      count: { type: 'string', default: '50000' },
      rounds: { type: 'string', default: '2' },
      version: { type: 'string', multiple: true, default: ['4', '5'] },
      peer: { type: 'string' },
      arguments: { type: 'string', default: '' },
    },
  })
  const started: Sandbox[] = []
  const portOf = async (path: string | undefined) => {
    if (path !== undefined) return (await readDescription(dirname(path)))!.cassandra!.port
    const sandbox = await startSandbox({ kafka: false, heapMb: 768 })
    started.push(sandbox)
    return sandbox.description.cassandra!.port
  }
  const options: Options = {
    list: scenarios(Number(values.count)),
    rounds: Number(values.rounds),
    peer: values.peer,
    more: values.arguments.split(' ').filter(part => part !== ''),
  }
  try {
    const ports = { source: await portOf(values.source), target: await portOf(values.target) }
    await createTables([ports.source, ports.target])
    const figures: Figure[] = []
    for (const version of values.version) {
      figures.push(...(await compare(ports, Number(version) as ProtocolVersion, options)))
    }
    process.stdout.write(summarize(figures))
  } finally {
    for (const sandbox of started) await sandbox.stop()
  }
}

interface Subject {
  readonly who: Figure['who']
  readonly port: number
  readonly child?: ChildProcess
}

/** All run at once and take turns, so that what else the machine does hits all alike. */
async function compare(
  ports: Ports,
  version: ProtocolVersion,
  options: Options,
): Promise<Figure[]> {
  const figures: Figure[] = []
  const run = async (subjects: readonly Subject[]) => {
    for (let round = 1; round <= options.rounds; round++) {
      const order = round % 2 === 1 ? subjects : [...subjects].reverse()
      for (const scenario of options.list) {
        for (const subject of order) figures.push(await measure(subject, { scenario, version }))
      }
    }
  }
  await withProxy(ports, options.more, async (port, child) => {
    const own: Subject[] = [
      { who: 'direct', port: ports.source },
      { who: 'proxy', port, child },
    ]
    if (options.peer === undefined) await run(own)
    else
      await withPeer(options.peer, ports, (at, peer) =>
        run([...own, { who: 'peer', port: at, child: peer }]),
      )
  })
  return figures
}

interface Measured {
  readonly scenario: Scenario
  readonly version: ProtocolVersion
}

async function measure(
  { who, port, child }: Subject,
  { scenario, version }: Measured,
): Promise<Figure> {
  const client = await PipelinedClient.open(port, version)
  const insert = await client.prepare(`INSERT INTO ${KEYSPACE}.t (k, v) VALUES (?, ?)`)
  const read = await client.prepare(`SELECT v FROM ${KEYSPACE}.t WHERE k = ?`)
  await client.run(insert, read, { ...scenario, count: Math.min(WARM_UP, scenario.count) })
  const before = child?.pid === undefined ? 0 : await readCpuSeconds(child.pid)
  const { seconds, medianMs } = await client.run(insert, read, scenario)
  const cpu = child?.pid === undefined ? 0 : (await readCpuSeconds(child.pid)) - before
  client.close()
  const perSecond = scenario.count / seconds
  const cpuMicros = (cpu / scenario.count) * 1e6
  const micros = child === undefined ? '' : `, CPU ${cpuMicros.toFixed(1)} µs/request`
  process.stdout.write(
    `v${version} ${who.padEnd(8)} ${scenario.name.padEnd(26)} ${seconds.toFixed(2)} s, ${Math.round(perSecond)}/s, median ${medianMs.toFixed(3)} ms${micros}\n`,
  )
  return { who, version, scenario: scenario.name, perSecond, medianMs, cpuMicros }
}

async function createTables(ports: readonly number[]): Promise<void> {
  const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
  const parameters = { consistency: 1 } as const
  for (const port of ports) {
    const client = await PipelinedClient.open(port, 4)
    const run = (query: string) => client.ask({ kind: 'QUERY', query, parameters })
    await run(`CREATE KEYSPACE IF NOT EXISTS ${KEYSPACE} WITH replication = ${replication}`)
    await run(`CREATE TABLE IF NOT EXISTS ${KEYSPACE}.t (k int PRIMARY KEY, v text)`)
    client.close()
  }
}

await main()
