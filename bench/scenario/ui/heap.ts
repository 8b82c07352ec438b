/**
 * The JavaScript heaps of Home with live rates and of the live records of a topic, open side by side for minutes:
 * what is left after a collection, once a minute.
 * Spec: ui 7 (heap ≤ 150 MB and flat after 1 h on Home and in a tail).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { openHome, openWindow } from './first-load.ts'
import type { Row } from './frames.ts'
import type { Scene } from './scene.ts'

const MINUTE_MS = 60_000
/** A tail is full, and everything that is loaded once is loaded. */
const WARM_MINUTES = 5
const TAIL = '[data-testid="record-row"]'

export async function measureHeaps(
  browser: Browser,
  scene: Scene,
  minutes: number,
): Promise<Row[]> {
  const ending = new AbortController()
  const fed = scene.feed(ending.signal)
  const context = await openWindow(browser)
  try {
    const home = await context.newPage()
    await openHome(home, scene.url)
    const pages = { Home: home, tail: await openTail(context, scene) }
    const told = await Promise.all(
      Object.entries(pages).map(async ([name, page]) => toRow(name, await watch(page, minutes))),
    )
    return told
  } finally {
    await context.close()
    ending.abort()
    await fed
  }
}

async function openTail(context: BrowserContext, { url, keyspace }: Scene): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${url}/ui/data/kafka/topics/${keyspace}/records?live=1`)
  await page.waitForSelector(TAIL, { timeout: MINUTE_MS })
  return page
}

/** Megabytes, one for each minute. */
async function watch(page: Page, minutes: number): Promise<number[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  await session.send('HeapProfiler.enable')
  const heaps: number[] = []
  for (let minute = 0; minute < minutes; minute++) {
    await sleep(MINUTE_MS)
    heaps.push(await heapMb(session))
  }
  return heaps
}

async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  const used = metrics.find(one => one.name === 'JSHeapUsedSize')
  if (used === undefined) throw new Error('the browser tells no size of its heap')
  return used.value / 1e6
}

function toRow(name: string, heaps: readonly number[]): Row {
  const at = (index: number) => (heaps.at(index) ?? Number.NaN).toFixed(1)
  const early = Math.min(WARM_MINUTES, heaps.length) - 1
  const most = Math.max(...heaps).toFixed(1)
  const text = `${at(early)} MB in minute ${early + 1}, ${at(-1)} in minute ${heaps.length}, ${most} at most`
  return [`${name}: heap`, text, '', '150 MB, flat']
}
