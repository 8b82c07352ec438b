/**
 * `npm run bench:source`: a table of small rows into a topic by token ranges, with one task and with
 * two, beside `dsbulk unload` where its jars are at hand. See README.md beside this file.
 * One table on standard output, progress on standard error.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { SandboxDescription } from '../../../src/sandbox/index.ts'
import { type MeasuredRun, measure, renderRuns } from '../../support/measure.ts'
import { openServers } from '../../support/servers.ts'
import { fillTable } from '../copy/fill-table.ts'
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
  const servers = await openServers(values.sandbox, say)
  const folder = await mkdtemp(join(tmpdir(), 'scamander-bench-source-'))
  try {
    say(`filling the table with ${rows} rows`)
    await fillTable(servers.description.cassandra!, rows)
    const runs = await runAll(servers.description, { rows, folder, peer: values.peer })
    const json = `${JSON.stringify({ rows, runs }, undefined, 2)}\n`
    process.stdout.write(values.json === true ? json : renderRuns(rows, runs))
  } finally {
    await rm(folder, { recursive: true, force: true })
    await servers.stop()
  }
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

await main()
