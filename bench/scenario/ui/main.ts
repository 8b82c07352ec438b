/**
 * `npm run bench:ui`: what the web page costs a browser: size, first paint, long lists, live rates. Starts the
 * server and a headless Chromium; the parts `table` and `live` need a Cassandra and a Kafka as well. See
 * README.md beside this file.
 * One table on standard output: what, measured, a plain list beside it, budget.
 * Spec: ui 7.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { startServer } from '../../../src/server/index.ts'
import { Logger } from '../../../src/telemetry/index.ts'
import { openServers } from '../../support/servers.ts'
import { measureTable } from './data-table.ts'
import { loadRows, measureLoads, sizeRows } from './first-load.ts'
import type { Row } from './frames.ts'
import { measureHeaps } from './heap.ts'
import { addJobs, measureJobs } from './job-list.ts'
import { measureRates } from './live-rates.ts'
import { openScene, type Scene } from './scene.ts'

const USAGE = `Usage: npm run bench:ui -- [options]
  --parts LIST     of load,jobs,table,live,heap, with commas (all but heap)
  --rows N         jobs of the list (1000)
  --table-rows N   rows of the table in Data (10000)
  --rates N        flows with a rate on Home (50)
  --runs N         cold loads, whose median is told (5)
  --minutes N      how long heaps are watched (60)
  --sandbox FILE   a sandbox.json: its servers instead of new ones
`
const BUILT = fileURLToPath(new URL('../../../dist/ui', import.meta.url))
const say = (line: string) => void process.stderr.write(`${line}\n`)

interface Options {
  readonly parts: ReadonlySet<string>
  readonly rows: number
  readonly tableRows: number
  readonly rates: number
  readonly runs: number
  readonly minutes: number
  readonly sandbox: string | undefined
}

async function main(): Promise<void> {
  const options = readOptions()
  if (options === undefined) return void process.stdout.write(USAGE)
  const executablePath = findChromium()
  if (!existsSync(join(BUILT, 'index.html'))) throw new Error('build the page: npm run build:ui')
  const folder = await mkdtemp(join(tmpdir(), 'scamander-bench-ui-'))
  const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox'] })
  try {
    const { parts } = options
    const rows: Row[] = []
    if (parts.has('load') || parts.has('jobs')) {
      rows.push(...(await withoutServers(browser, options, join(folder, 'jobs'))))
    }
    if (['table', 'live', 'heap'].some(one => parts.has(one))) {
      rows.push(...(await withServers(browser, options, folder)))
    }
    print(rows)
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      parts: { type: 'string', default: 'load,jobs,table,live' },
      rows: { type: 'string', default: '1000' },
      'table-rows': { type: 'string', default: '10000' },
      rates: { type: 'string', default: '50' },
      runs: { type: 'string', default: '5' },
      minutes: { type: 'string', default: '60' },
      sandbox: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    ...{ parts: new Set(values.parts.split(',')), sandbox: values.sandbox },
    ...{ rows: Number(values.rows), tableRows: Number(values['table-rows']) },
    ...{ rates: Number(values.rates), runs: Number(values.runs) },
    minutes: Number(values.minutes),
  }
}

async function withoutServers(
  browser: Browser,
  { parts, runs, rows }: Options,
  dataFolder: string,
): Promise<Row[]> {
  const options = { dataFolder, listen: 'http://127.0.0.1:0', logger: Logger.silent() }
  const server = await startServer(options)
  try {
    const told: Row[] = []
    if (parts.has('load')) {
      say(`${runs} cold loads`)
      const loads = await measureLoads(browser, server.url, runs)
      told.push(...(await sizeRows(BUILT, loads)), ...loadRows(loads))
    }
    if (parts.has('jobs')) {
      say(`${rows} jobs`)
      await addJobs(server, rows)
      told.push(...(await measureJobs(browser, server.url, rows)))
    }
    return told
  } finally {
    await server.close()
  }
}

/** Each part has a scene of its own, so that idle sinks cost nothing while the table is looked at. */
async function withServers(
  browser: Browser,
  { parts, sandbox, tableRows, rates, minutes }: Options,
  folder: string,
): Promise<Row[]> {
  const servers = await openServers(sandbox, say)
  const told: Row[] = []
  const within = async (name: string, size: { rows: number; sinks: number }, look: Look) => {
    const dataFolder = join(folder, name)
    await mkdir(dataFolder, { recursive: true })
    const scene = await openScene({ servers: servers.description, dataFolder, ...size })
    try {
      told.push(...(await look(scene)))
    } finally {
      await scene.close()
    }
  }
  try {
    if (parts.has('table')) {
      say(`a table of ${tableRows} rows`)
      const size = { rows: tableRows, sinks: 0 }
      await within('table', size, scene => measureTable(browser, scene, tableRows))
    }
    if (parts.has('live')) {
      say(`${rates} live rates`)
      const size = { rows: 0, sinks: rates }
      await within('live', size, scene => measureRates(browser, scene, rates))
    }
    if (parts.has('heap')) {
      say(`${minutes} minutes of ${rates} live rates and a tail`)
      const size = { rows: 0, sinks: rates }
      await within('heap', size, scene => measureHeaps(browser, scene, minutes))
    }
    return told
  } finally {
    await servers.stop()
  }
}

type Look = (scene: Scene) => Promise<Row[]>

function findChromium(): string {
  const named = process.env['SCAMANDER_CHROMIUM']
  const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  const found = named ?? places.find(place => existsSync(place))
  if (found === undefined) throw new Error('install chromium, or set SCAMANDER_CHROMIUM')
  return found
}

function print(rows: readonly Row[]): void {
  const lines = rows.map(row => `| ${row.join(' | ')} |`)
  const head = ['| what | measured | plain list | budget |', '|---|---|---|---|']
  process.stdout.write([...head, ...lines, ''].join('\n'))
}

await main()
