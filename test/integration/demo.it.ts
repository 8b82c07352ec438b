import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

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

  it('runs beside another program on port 8083, answers over HTTP, stops on Ctrl-C', async () => {
    const other = await occupy(8083)
    let stoppedAtMs = 0
    let status: Promise<unknown> | undefined
    const { code, output } = await demo([], (text, interrupt) => {
      const url = /REST API: (\S+)/.exec(text)?.[1]
      if (status !== undefined || url === undefined || !text.includes('rows/s')) return
      status = fetch(`${url}/connectors/stocks-sink/status`)
        .then(answer => answer.json())
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
    expect(output).toMatch(/stocks: sent [\d,]+, consumed [\d,]+, lag [\d,]+, [\d,]+ rows\/s/)
    expect(stopMs).toBeLessThan(15_000)
  })

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
