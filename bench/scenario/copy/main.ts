/**
 * `npm run bench:copy`: one table of a million rows from one cluster to another, with and without
 * write times, then validated; beside dsbulk where its jars are at hand. See README.md beside this file.
 * Invariant: servers and clients that were started here are stopped at the end and on Ctrl-C.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type CassandraDescription, startSandbox } from '../../../src/sandbox/index.ts'
import { type MeasuredRun, measure, renderRuns } from '../../support/measure.ts'
import { fillTable, KEYSPACE, TABLE } from './fill-table.ts'
import { peerCommands } from './peer.ts'

/** As users start it: with the cache of compiled modules. */
const SCAMANDER = fileURLToPath(new URL('../../../scamander', import.meta.url))
const USAGE = `Usage: npm run bench:copy -- [options]
  --rows N        rows of the table (default 1000000)
  --validations N equal tables are compared this often: servers get faster (default 6)
  --peer DIR      folder with the jars of dsbulk, to run it beside
  --source FILE   sandbox.json of the source, instead of starting one
  --target FILE   sandbox.json of the target, instead of starting one
  --json          print the result as JSON
`

interface RunOptions {
  readonly rows: number
  readonly folder: string
  readonly peer: string | undefined
  readonly validations: number
}

interface Clusters {
  readonly source: CassandraDescription
  readonly target: CassandraDescription
  stop(): Promise<void>
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...{ rows: { type: 'string' }, peer: { type: 'string' }, source: { type: 'string' } },
      ...{
        target: { type: 'string' },
        validations: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    },
  })
  if (values.help === true) return void process.stdout.write(USAGE)
  if (process.platform !== 'linux') throw new Error('expected Linux: CPU is read from /proc')
  const rows = Number(values.rows ?? 1_000_000)
  const clusters = await openClusters(values.source, values.target)
  const validations = Number(values.validations ?? 6)
  const folder = await mkdtemp(join(tmpdir(), 'scamander-bench-copy-'))
  try {
    say(`filling the source with ${rows} rows`)
    await measure('warm-up', [{ command: SCAMANDER, args: ['help', 'migrate'] }], [])
    await fillTable(clusters.source, rows)
    const runs = await runAll(clusters, { rows, folder, validations, peer: values.peer })
    if (values.json === true)
      process.stdout.write(`${JSON.stringify({ rows, runs }, undefined, 2)}\n`)
    else process.stdout.write(renderRuns(rows, runs))
  } finally {
    await rm(folder, { recursive: true, force: true })
    await clusters.stop()
  }
}

async function openClusters(source?: string, target?: string): Promise<Clusters> {
  const started: { stop(): Promise<void> }[] = []
  const open = async (path: string | undefined): Promise<CassandraDescription> => {
    if (path !== undefined) return JSON.parse(await readFile(path, 'utf8')).cassandra
    const sandbox = await startSandbox({ kafka: false, progress: say })
    started.push(sandbox)
    return sandbox.description.cassandra!
  }
  const stop = async () => void (await Promise.all(started.map(one => one.stop())))
  return { source: await open(source), target: await open(target), stop }
}

async function runAll({ source, target }: Clusters, options: RunOptions): Promise<MeasuredRun[]> {
  const { folder, rows, peer, validations } = options
  const runs: MeasuredRun[] = []
  const at = ({ contactPoints, port }: CassandraDescription) => `${contactPoints[0]}:${port}`
  const ours = (command: string, ...more: readonly string[]) => ({
    command: SCAMANDER,
    args: [
      ...[command, '--source', at(source), '--target', at(target), '--keyspace', KEYSPACE],
      ...['--state', join(folder, 'state.sqlite'), '--restart', '--log-level', 'error', ...more],
    ],
  })
  const run = async (name: string, steps: readonly { command: string; args: string[] }[]) => {
    say(name)
    const servers = [source, target].flatMap(one => one.nodes.map(node => node.pid!))
    runs.push(await measure(name, steps, servers))
  }
  await fillTable(target, 0)
  await run('migrate, no write times', [
    ours('migrate', '--writetime', 'backdate', '--ttl', 'false'),
  ])
  if (peer !== undefined) {
    await fillTable(target, 0)
    await run('dsbulk, no write times', peerCommands({ jars: peer, folder, source, target }, false))
  }
  await fillTable(target, 0)
  await run('migrate, write times and TTLs', [ours('migrate')])
  // The first ones warm the servers up: each is told.
  for (let at = 1; at <= validations; at++) await run(`validate, equal, ${at}`, [ours('validate')])
  await run('validate, equal, with times', [ours('validate', '--compare-timestamps')])
  if (peer !== undefined) {
    await fillTable(target, 0)
    await run('dsbulk, write times', peerCommands({ jars: peer, folder, source, target }, true))
    await run('validate what dsbulk wrote', [ours('validate', '--compare-timestamps')])
  }
  say(`${rows} rows of ${KEYSPACE}.${TABLE}`)
  return runs
}

await main()
