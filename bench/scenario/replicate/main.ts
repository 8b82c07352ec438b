/**
 * `npm run bench:replicate`: what a replication job moves when its source does not limit it. First a
 * table of three columns into another, then a Backlog stand-in without limits; each twice, so that
 * the second run shows what unchanged rows cost. See README.md beside this file.
 * One table on standard output, progress on standard error. Every run is a process of its own.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { startBacklogStandIn } from '../../../src/demo/index.ts'
import { openServers } from '../../support/servers.ts'
import { benchKills } from './kills.ts'
import { dropTables, fillTable, KEYSPACE, makeKeyspace } from './small-table.ts'

const RUN = fileURLToPath(new URL('run-job.ts', import.meta.url))
const USAGE = `Usage: npm run bench:replicate -- [options]
  --rows N        rows of the table (200000); 0 leaves this part out
  --issues N      issues of the space (20000); 0 leaves this part out
  --comments N    comments of an issue on average (0): above 0 each issue costs a request
  --limit N       requests a minute that the space allows, reads and searches each; prints the time
                  that the limit demands beside the time that was taken. Without comments none; with
                  comments 20,000 issues a minute, so that the run fills whole minutes; 0: none
  --kills N       instead of measuring: kills the first load of the space N times at random points while
                  the space changes, lets it end, and compares every row
  --sandbox FILE  servers that run already (sandbox.json); else some are started
  --cpu-prof DIR  writes a CPU profile of each run into the folder
`
const NO_LIMIT = 100_000_000
const ISSUES_A_MINUTE = 20_000
/** The product leaves a tenth of a limit to others. */
const USABLE = 0.9
/** As the launcher starts the product. */
const AS_STARTED = ['--max-semi-space-size=16', '--heap-growing-percent=50']

interface Result {
  readonly state: string
  readonly rows: number
  readonly written: number
  readonly requests: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly rssPeakMb: number
  readonly waitedSeconds: number
}

/** What a run owes to the limit of its source. */
interface Bound {
  readonly name: string
  readonly reads: number
  readonly searches: number
  readonly answeredSeconds: number
  readonly result: Result
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...{ rows: { type: 'string' }, issues: { type: 'string' }, comments: { type: 'string' } },
      ...{ sandbox: { type: 'string' }, 'cpu-prof': { type: 'string' }, help: { type: 'boolean' } },
      ...{ limit: { type: 'string' }, kills: { type: 'string' } },
    },
  })
  if (values.help === true) return void process.stdout.write(USAGE)
  const servers = await openServers(values.sandbox, say)
  const folder = await mkdtemp(join(tmpdir(), 'scamander-bench-replicate-'))
  const flags = values['cpu-prof'] === undefined ? [] : profile(resolve(values['cpu-prof']))
  const lines: string[] = []
  const bounds: Bound[] = []
  const twice: Twice = async (name, job, after) => {
    for (const which of ['first', 'second']) {
      say(`${name}, ${which} run`)
      const cassandra = servers.description.cassandra!
      const result = await runOnce(flags, { folder: join(folder, name), cassandra, ...job })
      lines.push(line(`${name}, ${which} run`, result))
      after?.(`${name}, ${which} run`, result)
    }
  }
  try {
    await makeKeyspace(servers.description.cassandra!)
    if (values.kills !== undefined) {
      const cassandra = servers.description.cassandra!
      const told = await benchKills({
        ...{ cassandra, folder: join(folder, 'kills'), say },
        ...{ kills: Number(values.kills), issues: Number(values.issues ?? 20_000) },
        ...{ comments: Number(values.comments ?? 1), limit: Number(values.limit) || NO_LIMIT },
        argsOf: job => argsOf(flags, job),
        runOnce: job => runOnce(flags, job),
      })
      process.stdout.write(told)
      return
    }
    const rows = Number(values.rows ?? 200_000)
    if (rows > 0) {
      say(`filling a table with ${rows} rows`)
      await fillTable(servers.description.cassandra!, rows)
      await twice('table', { keyspace: KEYSPACE, tables: ['items'] })
    }
    const issues = Number(values.issues ?? 20_000)
    const comments = Number(values.comments ?? 0)
    const limit = limitOf(values.limit, { issues, comments })
    if (issues > 0) bounds.push(...(await benchSpace({ issues, comments, limit }, twice)))
    process.stdout.write(`${HEAD}${lines.join('\n')}\n`)
    if (limit === NO_LIMIT) return
    process.stdout.write(
      `\n${boundsHead(limit)}${bounds.map(one => boundLine(one, limit)).join('')}`,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
    await dropTables(servers.description.cassandra!)
    await servers.stop()
  }
}

/** The last window holds a fiftieth of the others, so that the least time is told to the point. */
function limitOf(
  given: string | undefined,
  of: { readonly issues: number; readonly comments: number },
): number {
  if (given !== undefined) return Number(given) || NO_LIMIT
  if (of.comments === 0) return NO_LIMIT
  const windows = Math.max(1, Math.round(of.issues / ISSUES_A_MINUTE)) + 0.02
  return Math.ceil(of.issues / windows / USABLE)
}

type Twice = (
  name: string,
  job: object,
  after?: (name: string, result: Result) => void,
) => Promise<void>

async function benchSpace(
  of: { readonly issues: number; readonly comments: number; readonly limit: number },
  twice: Twice,
): Promise<Bound[]> {
  const limits = { read: of.limit, search: of.limit }
  const standIn = await startBacklogStandIn({ ...of, limits })
  const { url, apiKey, journal } = standIn
  const tables = of.comments > 0 ? ['Issues', 'IssueComments'] : ['Issues']
  const bounds: Bound[] = []
  try {
    await twice(
      'backlog',
      { keyspace: KEYSPACE, tables, space: { url, apiKey } },
      (name, result) => {
        const searches = journal.filter(one => /^issues(\/count)?$/.test(one.path)).length
        const answeredSeconds = journal.reduce((sum, one) => sum + one.tookMs, 0) / 1000
        bounds.push({ name, searches, reads: journal.length - searches, answeredSeconds, result })
        journal.length = 0
      },
    )
    return bounds
  } finally {
    await standIn.close()
  }
}

function argsOf(flags: readonly string[], job: object): string[] {
  return [...AS_STARTED, ...flags, RUN, JSON.stringify(job)]
}

async function runOnce(flags: readonly string[], job: object): Promise<Result> {
  const args = argsOf(flags, job)
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

function boundsHead(limit: number): string {
  const head = `Limit: ${limit} reads and ${limit} searches a minute, of which a tenth is left to others.\n\n`
  const names = ['run', 'reads', 'searches', 'seconds', 'least by the limit', 'overhead']
  const more = ['waiting for the limit', 'answered in', 'own seconds', 'own share']
  const columns = [...names, ...more]
  return `${head}| ${columns.join(' | ')} |\n|${'---|'.repeat(columns.length)}\n`
}

/** Least: whole windows of a minute that must pass before the last request may be sent. */
function boundLine(
  { name, reads, searches, answeredSeconds, result }: Bound,
  limit: number,
): string {
  const usable = limit - Math.max(5, Math.floor(limit / 10))
  const least = 60 * Math.floor((Math.max(reads, searches) - 1) / usable)
  const { seconds, waitedSeconds } = result
  // Not overlapped with waiting or answers, so this is the product's at most.
  const own = Math.max(0, seconds - waitedSeconds - answeredSeconds)
  const percent = (part: number, of: number) => `${((part / of) * 100).toFixed(1)} %`
  const overhead = least === 0 ? '-' : percent(seconds - least, least)
  const [took, bound, ...parts] = [seconds, least, waitedSeconds, answeredSeconds, own].map(one =>
    one.toFixed(1),
  )
  const cells = [name, reads, searches, took, bound, overhead, ...parts, percent(own, seconds)]
  return `| ${cells.join(' | ')} |\n`
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

await main()
