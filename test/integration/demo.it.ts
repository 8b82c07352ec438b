import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { buildPage, findChromium, openPage, startBrowser } from '../ui/browser.ts'

const KINDS = ['job', 'sink', 'source', 'channel'] as const
const PATIENCE_MS = 60_000
const LAUNCHER = fileURLToPath(new URL('../../scamander', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs `./scamander demo …`; `onOutput` sees everything printed so far. */
async function demo(
  args: readonly string[],
  onOutput: (output: string, interrupt: () => void) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(LAUNCHER, ['demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const take = (chunk: Buffer) => {
    output += chunk.toString()
    onOutput(output, () => child.kill('SIGINT'))
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, output }
}

/** Command lines of processes that work in a folder of a demo. */
function demoServers(): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return '' // It ended meanwhile.
      }
    })
    .filter(line => line.includes('scamander-demo-') && line.includes('java'))
}

async function occupy(port: number): Promise<Server | undefined> {
  const server = createServer()
  return await new Promise(resolve => {
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

/** The kinds of flows that Home shows with a rate above zero, in the order of `KINDS`. */
async function movingKinds(url: string, executablePath: string): Promise<readonly string[]> {
  buildPage()
  const browser = await startBrowser(executablePath)
  try {
    const { page, complaints } = await openPage(browser, url)
    await page.goto(`${url}/ui/`)
    await page.waitForSelector('[data-testid="page-home"][data-loading=false]')
    const seen: string[] = []
    for (const kind of KINDS) {
      const node = `[data-testid="flow-node"][data-kind=${kind}]`
      await page.waitForSelector(node, { timeout: PATIENCE_MS })
      // A job has a rate while it runs, which it does once a minute by itself.
      if (kind === 'job') await runJob(url)
      const rate = `${node} [data-testid="flow-rate"]:not([data-rate=""]):not([data-rate="0"])`
      await page.waitForSelector(rate, { timeout: PATIENCE_MS })
      seen.push(kind)
    }
    expect(complaints).toEqual([])
    return seen
  } finally {
    await browser.close()
  }
}

async function runJob(url: string): Promise<void> {
  const { items } = (await (await fetch(`${url}/api/v1/jobs`)).json()) as {
    items: [{ id: string }]
  }
  const headers = { 'content-type': 'application/json' }
  const given = { method: 'POST', headers, body: JSON.stringify({ mode: 'full' }) }
  const { status } = await fetch(`${url}/api/v1/jobs/${items[0].id}/runs`, given)
  // It may be on its way already.
  expect([202, 409]).toContain(status)
}

describe('scamander demo', () => {
  it('proves with --once that every record arrived, and ends with 0', async () => {
    const before = demoServers()
    const { code, output } = await demo(['--once'])
    expect(code, output).toBe(0)
    expect(output).toMatch(/first row after \d+\.\d s: /)
    const rows: [string, number, number, number][] = [
      ['market.prices_by_symbol', 15_680, 15_680, 62_720],
      ['aviation.flights_by_origin', 20_000, 19_998, 119_988],
      ['aviation.arrivals_by_destination', 20_000, 19_998, 79_992],
      ['geo.quakes_by_day', 5_205, 5_037, 50_370],
    ]
    for (const [table, sent, expected, fields] of rows) {
      const line = output.split('\n').find(one => one.trimStart().startsWith(`${table} `))
      const numbers = [sent, expected, expected, fields, 0].map(n => n.toLocaleString('en-US'))
      expect(line?.trim().split(/\s+/)).toEqual([table, ...numbers])
    }
    expect(output).toContain('PROVED: 60,713 rows, 313,070 fields')
    expect(output).toMatch(
      /captured: 20 changes of market.watchlist by CQL, on topic watchlist-changes/,
    )
    expect(output).toMatch(/CAPTURED: 200 changes .* market.watchers_by_symbol has its \d+ rows/)
    expect(output).toMatch(/REPLICATED: \d+ issues and \d+ comments, [\d,]+ fields, all equal/)
    expect(demoServers().filter(line => !before.includes(line))).toEqual([])
  })

  it('runs beside another program on port 8083, moves all flows of Home, stops on Ctrl-C', async () => {
    const other = await occupy(8083)
    const chromium = findChromium()
    let stoppedAtMs = 0
    let moving: readonly string[] = []
    let status: Promise<unknown> | undefined
    const { code, output } = await demo([], (text, interrupt) => {
      const url = /REST API: (\S+)/.exec(text)?.[1]
      if (status !== undefined || url === undefined || !text.includes('rows/s')) return
      status = fetch(`${url}/connectors/stocks-sink/status`)
        .then(async answer => {
          if (chromium !== undefined) moving = await movingKinds(url, chromium)
          return await answer.json()
        })
        .finally(() => {
          stoppedAtMs = performance.now()
          interrupt()
        })
    })
    const stopMs = performance.now() - stoppedAtMs
    other?.close()
    expect(code, output).toBe(0)
    expect(output).toMatch(/port 8083 is taken: using port \d+/)
    expect(await status).toMatchObject({ name: 'stocks-sink', connector: { state: 'RUNNING' } })
    if (chromium !== undefined) expect(moving).toEqual(KINDS)
    expect(output).toMatch(/stocks: sent [\d,]+, consumed [\d,]+, lag [\d,]+, [\d,]+ rows\/s/)
    expect(stopMs).toBeLessThan(15_000)
  }, 300_000)

  it('refuses a port that is taken when it was asked for', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    const { code, output } = await demo(['--port', port])
    other.close()
    expect(code).toBe(2)
    expect(output).toContain(`--port: expected a free port, found ${port} in use`)
  })
})
