/**
 * The first part of the benchmark: sizes of the built page, and how long a browser without a cache, and one
 * with it, takes to show Home. No cluster is needed.
 * Spec: ui 7 (first load, later chunks, cold cache).
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Row } from './frames.ts'
import { LOAD, type Load } from './probes.ts'

const HOME = '[data-testid="page-home"][data-loading=false]'

export interface Loads {
  readonly cold: readonly Load[]
  readonly warm: readonly Load[]
}

/** Of a browser that has seen the welcome, which an empty server opens otherwise. */
export async function openWindow(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await context.addInitScript("try { localStorage.setItem('scamander-welcomed', 'true') } catch {}")
  return context
}

/** Each cold load is followed by a warm one in the same context. */
export async function measureLoads(browser: Browser, url: string, runs: number): Promise<Loads> {
  const cold: Load[] = []
  const warm: Load[] = []
  for (let i = 0; i < runs; i++) {
    const context = await openWindow(browser)
    const page = await context.newPage()
    cold.push(await openHome(page, url))
    warm.push(await openHome(page, url))
    await context.close()
  }
  return { cold, warm }
}

export async function openHome(page: Page, url: string): Promise<Load> {
  await page.goto(`${url}/ui/`)
  await page.waitForSelector(HOME)
  return await page.evaluate<Load>(LOAD)
}

export async function sizeRows(built: string, { cold }: Loads): Promise<Row[]> {
  const assets = join(built, 'assets')
  const names = (await readdir(assets)).filter(one => /\.(js|css)$/.test(one))
  const sizes = await Promise.all(
    names.map(async one => gzipSync(await readFile(join(assets, one))).length),
  )
  const all = sizes.reduce((sum, one) => sum + one, 0) / 1000
  const { kb, requests } = cold[0]!
  return [
    ['first load, JS', `${kb.js.toFixed(0)} kB`, '', '220 kB'],
    ['first load, CSS', `${kb.css.toFixed(0)} kB`, '', '30 kB'],
    ['first load, HTML', `${kb.html.toFixed(1)} kB`, '', '4 kB'],
    ['first load, requests', String(requests), '', '12'],
    ['all files, gzip', `${all.toFixed(0)} kB`, '', '700 kB'],
  ]
}

export function loadRows({ cold, warm }: Loads): Row[] {
  const ms = (all: readonly Load[], key: 'paintMs' | 'homeMs') =>
    `${Math.round(median(all.map(one => one[key])))} ms`
  return [
    ['cold, first paint', ms(cold, 'paintMs'), '', '800 ms'],
    ['cold, Home usable', ms(cold, 'homeMs'), '', '1,500 ms'],
    ['warm, first paint', ms(warm, 'paintMs'), '', '600 ms'],
  ]
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
