/**
 * A real browser for the tests of the web page: one Chromium per file, one context per test.
 * Used by test/ui/*.it.ts. Without Chromium the tests are skipped, and the reason is printed.
 * Invariants: the browser loads nothing from another host; what the console or the network
 * complains about is kept and checked after each test; screenshots go to test/artefacts.
 * Spec: ui 8.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

const ARTEFACTS = fileURLToPath(new URL('../artefacts', import.meta.url))
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const AXE_SOURCE = readFileSync(AXE, 'utf8')
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/**
 * Colours that still change are neither seen nor measured; a blinking cursor never ends, and one
 * that was cancelled in the meantime never tells: hence the limit.
 */
const SETTLED = `Promise.race([
  Promise.allSettled(
    document.getAnimations()
      .filter(one => Number.isFinite(one.effect?.getComputedTiming().endTime))
      .map(one => one.finished),
  ),
  new Promise(resolve => setTimeout(resolve, 5_000)),
]).then(() => undefined)`
const VIEWPORT = { width: 1440, height: 900 }
/** As a browser that has seen the welcome; empty pages have no storage. */
const WELCOMED = "try { localStorage.setItem('scamander-welcomed', 'true') } catch {}"
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']

export interface TestPage {
  readonly page: Page
  /** What went wrong in the console and on the network. */
  readonly complaints: string[]
  /** One picture in each theme, checked for accessibility as well. */
  picture(name: string): Promise<void>
  close(): Promise<void>
}

/** The path of Chromium, or undefined. */
export function findChromium(): string | undefined {
  const named = process.env['SCAMANDER_CHROMIUM']
  if (named !== undefined) return named
  const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  const find = () => places.find(place => existsSync(place))
  const found = find() ?? (install() ? find() : undefined)
  if (found === undefined) {
    process.stderr.write(
      'skipped: no Chromium: install the package chromium or set SCAMANDER_CHROMIUM\n',
    )
  }
  return found
}

/** On Debian and its kin, and only for the superuser: nothing asks for a password. */
function install(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  const packages = ['chromium', 'fonts-liberation']
  try {
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: 'ignore',
      timeout: 240_000,
    })
    return true
  } catch {
    return false
  }
}

/** The page is built by the same script that users run. */
export function buildPage(): void {
  const script = fileURLToPath(new URL('../../scripts/build/ui.ts', import.meta.url))
  if (existsSync(fileURLToPath(new URL('../../dist/ui/index.html', import.meta.url)))) return
  execFileSync(process.execPath, [script], { stdio: 'inherit' })
}

export async function startBrowser(executablePath: string): Promise<Browser> {
  return await chromium.launch({ executablePath, args: FLAGS })
}

/** `isNew`: nobody was here before, so that the welcome opens by itself while nothing is configured. */
export async function openPage(
  browser: Browser,
  url: string,
  { isNew = false }: { readonly isNew?: boolean } = {},
): Promise<TestPage> {
  const context = await browser.newContext({ viewport: VIEWPORT, colorScheme: 'light' })
  if (!isNew) await context.addInitScript(WELCOMED)
  const page = await context.newPage()
  page.setDefaultTimeout(45_000)
  const complaints: string[] = []
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', error => complaints.push(`error: ${error.message}`))
  page.on('request', request => {
    const isOwn = request.url().startsWith(url) || request.url().startsWith('data:')
    if (!isOwn) complaints.push(`another host: ${request.url()}`)
  })
  const picture = async (name: string) => {
    mkdirSync(ARTEFACTS, { recursive: true })
    for (const scheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await page.waitForSelector(`html[data-mantine-color-scheme=${scheme}]`)
      await page.evaluate(SETTLED)
      await page.screenshot({ path: join(ARTEFACTS, `${name}.${scheme}.png`) })
      expect(await violations(page), `${name}, ${scheme}`).toEqual([])
    }
  }
  return { page, complaints, picture, close: () => context.close() }
}

async function violations(page: Page): Promise<string[]> {
  // Evaluated, not loaded, so that the page's policy stays as it is.
  await page.evaluate(AXE_SOURCE)
  return await page.evaluate(async tags => {
    const { axe } = globalThis as unknown as { axe: AxeLike }
    const result = await axe.run({ runOnly: { type: 'tag', values: tags } })
    return result.violations.map(
      one => `${one.impact} ${one.id}: ${one.nodes.map(node => node.target.join(' ')).join(', ')}`,
    )
  }, AXE_TAGS)
}

interface AxeLike {
  run(options: object): Promise<{
    violations: {
      id: string
      impact: string
      nodes: { target: string[] }[]
    }[]
  }>
}
