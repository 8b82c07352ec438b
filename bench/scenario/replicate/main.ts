/**
 * `npm run bench:replicate`: what a replication job moves when its source does not limit it. First a
 * table of three columns into another, then a Backlog stand-in without limits; each twice, so that
 * the second run shows what unchanged rows cost. See README.md beside this file.
 * One table on standard output, progress on standard error. Every run is a process of its own.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { startBacklogStandIn } from '../../../src/demo/index.ts'
import {
  readDescription,
  type SandboxDescription,
  startSandbox,
} from '../../../src/sandbox/index.ts'
import { dropTables, fillTable, KEYSPACE } from './small-table.ts'

const RUN = fileURLToPath(new URL('run-job.ts', import.meta.url))
const USAGE = `Usage: npm run bench:replicate -- [options]
  --rows N        rows of the table (200000); 0 leaves this part out
  --issues N      issues of the space (20000); 0 leaves this part out
  --comments N    comments of an issue on average (0): above 0 each issue costs a request
  --sandbox FILE  servers that run already (sandbox.json); else some are started
  --cpu-prof DIR  writes a CPU profile of each run into the folder
`
const NO_LIMIT = 100_000_000

interface Result {
  readonly state: string
  readonly rows: number
  readonly written: number
  readonly requests: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly rssPeakMb: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...{ rows: { type: 'string' }, issues: { type: 'string' }, comments: { type: 'string' } },
      ...{ sandbox: { type: 'string' }, 'cpu-prof': { type: 'string' }, help: { type: 'boolean' } },
    },
  })
  if (values.help === true) return void process.stdout.write(USAGE)
  const servers = await openServers(values.sandbox)
  const folder = await mkdtemp(join(tmpdir(), 'scamander-bench-replicate-'))
  const flags = values['cpu-prof'] === undefined ? [] : profile(resolve(values['cpu-prof']))
  const lines: string[] = []
  const twice = async (name: string, job: object) => {
    for (const which of ['first', 'second']) {
      say(`${name}, ${which} run`)
      const cassandra = servers.description.cassandra!
      const result = await runOnce(flags, { folder: join(folder, name), cassandra, ...job })
      lines.push(line(`${name}, ${which} run`, result))
    }
  }
  try {
    const rows = Number(values.rows ?? 200_000)
    if (rows > 0) {
      say(`filling a table with ${rows} rows`)
      await fillTable(servers.description.cassandra!, rows)
      await twice('table', { keyspace: KEYSPACE, tables: ['items'] })
    }
    const issues = Number(values.issues ?? 20_000)
    const comments = Number(values.comments ?? 0)
    if (issues > 0) await benchSpace({ issues, comments }, twice)
    process.stdout.write(`${HEAD}${lines.join('\n')}\n`)
  } finally {
    await rm(folder, { recursive: true, force: true })
    await dropTables(servers.description.cassandra!)
    await servers.stop()
  }
}

async function benchSpace(
  of: { readonly issues: number; readonly comments: number },
  twice: (name: string, job: object) => Promise<void>,
): Promise<void> {
  const standIn = await startBacklogStandIn({ ...of, limits: { read: NO_LIMIT, search: NO_LIMIT } })
  const { url, apiKey } = standIn
  const tables = of.comments > 0 ? ['Issues', 'IssueComments'] : ['Issues']
  try {
    await twice('backlog', { keyspace: KEYSPACE, tables, space: { url, apiKey } })
  } finally {
    await standIn.close()
  }
}

async function runOnce(flags: readonly string[], job: object): Promise<Result> {
  const args = [...flags, RUN, JSON.stringify(job)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1024 * 1024 })
  const result = JSON.parse(stdout) as Result
  if (result.state !== 'SUCCESS') throw new Error(`the run ended as ${result.state}: ${stdout}`)
  return result
}

function profile(folder: string): string[] {
  return ['--cpu-prof', '--cpu-prof-dir', folder]
}

const HEAD =
  '| run | rows read | rows written | requests | seconds | rows/s | CPU s | peak RSS MB |\n|---|---|---|---|---|---|---|---|\n'

function line(name: string, one: Result): string {
  const number = (value: number) => Math.round(value).toLocaleString('en-US')
  const { rows, written, requests, seconds, cpuSeconds, rssPeakMb } = one
  const counts = [rows, written, requests].map(number)
  const times = [seconds.toFixed(1), number(rows / seconds), cpuSeconds.toFixed(1)]
  return `| ${[name, ...counts, ...times, number(rssPeakMb)].join(' | ')} |`
}

async function openServers(path: string | undefined): Promise<{
  readonly description: SandboxDescription
  stop(): Promise<void>
}> {
  if (path === undefined) {
    const sandbox = await startSandbox({ heapMb: 1024, progress: say })
    return { description: sandbox.description, stop: () => sandbox.stop() }
  }
  const description = await readDescription(dirname(resolve(path)))
  if (description === undefined) throw new Error(`no sandbox at ${path}`)
  return { description, stop: () => Promise.resolve() }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

await main()
