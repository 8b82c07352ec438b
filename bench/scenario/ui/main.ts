/**
 * `npm run bench:ui`: what the web page costs a browser: size, first paint, a long list. Starts the
 * server and a headless Chromium; no cluster. See README.md beside this file.
 * One table on standard output: what, measured, budget.
 * Spec: ui 7.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type Start, startServer } from '../../../src/server/index.ts'
import { Logger } from '../../../src/telemetry/index.ts'
import { JOBS_ANSWER, LOAD, type Load, listChange, SCROLL } from './probes.ts'

const USAGE = `Usage: npm run bench:ui -- [options]
  --rows N   jobs of the list (1000)
  --runs N   cold loads, whose median is told (5)
`
const BUILT = fileURLToPath(new URL('../../../dist/ui', import.meta.url))
const id = (name: string) => `[data-testid="${name}"]`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000' },
      runs: { type: 'string', default: '5' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return void process.stdout.write(USAGE)
  const executablePath = findChromium()
  if (!existsSync(join(BUILT, 'index.html'))) throw new Error('build the page: npm run build:ui')
  const folder = await mkdtemp(join(tmpdir(), 'scamander-bench-ui-'))
  const options = { dataFolder: folder, listen: 'http://127.0.0.1:0', logger: Logger.silent() }
  let server: Start | undefined
  let browser: Browser | undefined
  try {
    server = await startServer(options)
    browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox'] })
    const loads = await coldLoads(browser, server.url, Number(values.runs))
    await addJobs(server, Number(values.rows))
    const list = await measureList(browser, server.url, Number(values.rows))
    print([...(await sizeRows(loads)), ...loadRows(loads), ...list])
  } finally {
    await browser?.close()
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

type Row = readonly [what: string, measured: string, budget: string]

/** Cold, then warm in the same context; the warm one is last. */
async function coldLoads(browser: Browser, url: string, runs: number) {
  const cold: Load[] = []
  const warm: Load[] = []
  for (let i = 0; i < runs; i++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    cold.push(await load(page, url))
    warm.push(await load(page, url))
    await context.close()
  }
  return { cold, warm }
}

async function load(page: Page, url: string): Promise<Load> {
  await page.goto(`${url}/ui/`)
  await page.waitForSelector(`${id('page-home')}[data-loading=false]`)
  return await page.evaluate<Load>(LOAD)
}

async function addJobs({ replicator }: Start, rows: number): Promise<void> {
  const properties = { database: 'bench', authScheme: 'None' }
  const draft = { name: 'cluster', connector: 'cassandra', properties } as const
  const { connection } = await replicator.saveConnection(draft, AbortSignal.timeout(10_000))
  const at = connection?.id ?? ''
  for (let i = 0; i < rows; i++) {
    await replicator.addJob({ name: `job ${i} of ${rows}`, source: at, destination: at })
  }
}

async function measureList(browser: Browser, url: string, rows: number): Promise<Row[]> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(`${url}/ui/`)
  await page.waitForSelector(`${id('page-home')}[data-loading=false]`)
  const openMs = await timed(page, () => page.click(id('nav-jobs')), id('job-row'))
  const drawn = await page.locator(id('job-row')).count()
  const answerMs = await page.evaluate<number>(JOBS_ANSWER)
  const frames = await page.evaluate<number[]>(SCROLL)
  const search = () => page.fill(id('search'), 'job 17 of')
  const filterMs = await timed(page, search, id('job-row'), true)
  await context.close()
  const over = frames.filter(one => one > 17.5).length / frames.length
  const [p95, worst] = [frames[Math.floor(frames.length * 0.95)] ?? 0, frames.at(-1) ?? 0]
  return [
    [`jobs, answer for ${rows}`, `${Math.round(answerMs)} ms`, '300 ms'],
    ['click on Jobs to first rows', `${Math.round(openMs)} ms`, '500 ms'],
    ['rows in the document', String(drawn), '80'],
    ['filter, key to frame', `${Math.round(filterMs)} ms`, '100 ms'],
    ['scroll, frames', `${frames.length}, ${Math.round(over * 100)} % later than 17.5 ms`, ''],
    ['scroll, 95 % of frames', `${p95.toFixed(1)} ms`, '16.7 ms'],
    ['scroll, longest frame', `${worst.toFixed(1)} ms`, '50 ms'],
  ]
}

/** From before the act to the first frame in which the list is there, or is shorter. */
async function timed(page: Page, act: () => Promise<void>, row: string, isShorter = false) {
  const seen = page.evaluate<number>(listChange(row, isShorter))
  const startedMs = performance.timeOrigin + performance.now()
  await act()
  return (await seen) - startedMs
}

async function sizeRows({ cold }: { readonly cold: readonly Load[] }): Promise<Row[]> {
  const names = (await readdir(join(BUILT, 'assets'))).filter(one => /\.(js|css)$/.test(one))
  const sizes = await Promise.all(
    names.map(async one => gzipSync(await readFile(join(BUILT, 'assets', one))).length),
  )
  const all = sizes.reduce((sum, one) => sum + one, 0) / 1000
  const { kb, requests } = cold[0]!
  return [
    ['first load, JS', `${kb.js.toFixed(0)} kB`, '220 kB'],
    ['first load, CSS', `${kb.css.toFixed(0)} kB`, '30 kB'],
    ['first load, HTML', `${kb.html.toFixed(1)} kB`, '4 kB'],
    ['first load, requests', String(requests), '12'],
    ['all files, gzip', `${all.toFixed(0)} kB`, '700 kB'],
  ]
}

function loadRows(loads: {
  readonly cold: readonly Load[]
  readonly warm: readonly Load[]
}): Row[] {
  const ms = (all: readonly Load[], key: 'paintMs' | 'homeMs') =>
    `${Math.round(median(all.map(one => one[key])))} ms`
  return [
    ['cold, first paint', ms(loads.cold, 'paintMs'), '800 ms'],
    ['cold, Home usable', ms(loads.cold, 'homeMs'), '1,500 ms'],
    ['warm, first paint', ms(loads.warm, 'paintMs'), '600 ms'],
  ]
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function findChromium(): string {
  const named = process.env['SCAMANDER_CHROMIUM']
  const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  const found = named ?? places.find(place => existsSync(place))
  if (found === undefined) throw new Error('install chromium, or set SCAMANDER_CHROMIUM')
  return found
}

function print(rows: readonly Row[]): void {
  const lines = rows.map(([what, measured, budget]) => `| ${what} | ${measured} | ${budget} |`)
  process.stdout.write(['| what | measured | budget |', '|---|---|---|', ...lines, ''].join('\n'))
}

await main()
