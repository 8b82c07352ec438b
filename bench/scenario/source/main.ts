/**
 * `npm run bench:source`: a table of small rows into a topic by token ranges, with one task and with
 * two, beside `dsbulk unload` where its jars are at hand. See README.md beside this file.
 * One table on standard output, progress on standard error.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  readDescription,
  type SandboxDescription,
  startSandbox,
} from '../../../src/sandbox/index.ts'
import { fillTable } from '../copy/fill-table.ts'
import { type MeasuredRun, measure } from '../copy/measure.ts'
import { peerCommands } from '../copy/peer.ts'
import { runSource } from './run-source.ts'

const USAGE = `Usage: npm run bench:source -- [options]
  --rows N        rows of the table (1000000)
  --sandbox FILE  servers that run already (sandbox.json); else some are started
  --peer DIR      folder with the jars of dsbulk, to run its unload beside
  --json          the figures as JSON
`

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...{ rows: { type: 'string' }, peer: { type: 'string' }, sandbox: { type: 'string' } },
      ...{ json: { type: 'boolean' }, help: { type: 'boolean' } },
    },
  })
  if (values.help === true) return void process.stdout.write(USAGE)
  if (process.platform !== 'linux') throw new Error('expected Linux: CPU is read from /proc')
  const rows = Number(values.rows ?? 1_000_000)
  const servers = await openServers(values.sandbox)
  const folder = await mkdtemp(join(tmpdir(), 'scamander-bench-source-'))
  try {
    say(`filling the table with ${rows} rows`)
    await fillTable(servers.description.cassandra!, rows)
    const runs = await runAll(servers.description, { rows, folder, peer: values.peer })
    const text =
      values.json === true ? JSON.stringify({ rows, runs }, undefined, 2) : render(rows, runs)
    process.stdout.write(`${text}\n`)
  } finally {
    await rm(folder, { recursive: true, force: true })
    await servers.stop()
  }
}

interface Servers {
  readonly description: SandboxDescription
  stop(): Promise<void>
}

async function openServers(path: string | undefined): Promise<Servers> {
  if (path === undefined) {
    const sandbox = await startSandbox({ heapMb: 1024, progress: say })
    return { description: sandbox.description, stop: () => sandbox.stop() }
  }
  const description = await readDescription(dirname(resolve(path)))
  if (description === undefined) throw new Error(`no sandbox at ${path}`)
  return { description, stop: () => Promise.resolve() }
}

async function runAll(
  description: SandboxDescription,
  options: { readonly rows: number; readonly folder: string; readonly peer: string | undefined },
): Promise<MeasuredRun[]> {
  const { rows, folder, peer } = options
  const cassandra = description.cassandra!
  const pids = [...cassandra.nodes.map(node => node.pid!), description.kafka!.pid!]
  const runs: MeasuredRun[] = []
  for (const [name, tasks] of [
    ['source, 1 task, servers just filled', 1],
    ['source, 1 task', 1],
    ['source, 2 tasks', 2],
  ] as const) {
    say(name)
    runs.push(await runSource(name, { description, rows, tasks, folder }))
  }
  if (peer !== undefined) {
    say('dsbulk unload')
    const where = { jars: peer, folder, source: cassandra, target: cassandra }
    runs.push(await measure('dsbulk unload to files', peerCommands(where, false).slice(0, 1), pids))
  }
  return runs
}

function render(rows: number, runs: readonly MeasuredRun[]): string {
  const head =
    '| run | seconds | rows/s | client CPU s | peak RSS MB | servers CPU s |\n|---|---|---|---|---|---|\n'
  const lines = runs.map(one => {
    const perSecond = Math.round(rows / one.seconds).toLocaleString('en-US')
    const numbers = [one.seconds.toFixed(1), perSecond, one.cpuSeconds.toFixed(1)]
    return `| ${one.name} | ${[...numbers, one.rssPeakMb.toFixed(0), one.serverCpuSeconds.toFixed(1)].join(' | ')} |`
  })
  return head + lines.join('\n')
}

await main()
