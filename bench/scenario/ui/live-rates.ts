/**
 * Home with as many flows as sinks, each with a rate that changes: what it costs the browser and the line
 * while nobody touches it.
 * Spec: ui 7 (live).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { openHome, openWindow } from './first-load.ts'
import { percentile, type Row, stillFrames } from './frames.ts'
import type { Scene } from './scene.ts'

const LOOK_MS = 10_000
const SETTLE_MS = 3_000
/** What Home listens to. */
const TOPICS = ['flows', 'connectors', 'jobs', 'capture']
const MOVING = '[data-testid="flow-rate"]:not([data-rate=""]):not([data-rate="0"])'

export async function measureRates(browser: Browser, scene: Scene, sinks: number): Promise<Row[]> {
  const ending = new AbortController()
  const fed = scene.feed(ending.signal)
  try {
    const context = await openWindow(browser)
    const page = await context.newPage()
    await openHome(page, scene.url)
    await page.waitForSelector(`${MOVING} >> nth=${sinks - 1}`, { timeout: 60_000 })
    await sleep(SETTLE_MS)
    const [look, bytes] = await Promise.all([stillFrames(page, LOOK_MS), streamBytes(scene.url)])
    await context.close()
    const share = (look.busyMs / 10 / look.seconds).toFixed(1)
    const late = look.frames.filter(one => one > 50).length
    return [
      [`${sinks} live rates: main thread`, `${share} % of a core`, '', '15 %'],
      [`${sinks} live rates: stream`, `${(bytes / LOOK_MS).toFixed(1)} kB/s`, '', '20 kB/s'],
      [`${sinks} live rates: 95 % of frames`, `${percentile(look, 0.95)} ms`, '', ''],
      [`${sinks} live rates: longest frame`, `${percentile(look, 1)} ms`, '', ''],
      [`${sinks} live rates: frames over 50 ms in 10 s`, String(late), '', ''],
    ]
  } finally {
    ending.abort()
    await fed
  }
}

/** Of a second listener to the same topics: the page's own is held by a worker of the browser. */
async function streamBytes(url: string): Promise<number> {
  const startedMs = performance.now()
  const stop = AbortSignal.timeout(SETTLE_MS + LOOK_MS)
  const query = new URLSearchParams(TOPICS.map((one): [string, string] => ['topics', one]))
  const answer = await fetch(`${url}/api/v1/stream?${query}`, { signal: stop })
  let bytes = 0
  try {
    for await (const chunk of answer.body ?? []) {
      // The snapshots at the beginning are no rate.
      if (performance.now() - startedMs > SETTLE_MS) bytes += chunk.length
    }
  } catch (error) {
    if (!stop.aborted) throw error
  }
  if (bytes === 0) throw new Error('the stream told nothing')
  return bytes
}
