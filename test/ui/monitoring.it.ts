/**
 * Monitoring in a real browser, on a real worker with a real sink: charts that fill, the worker with its
 * tasks, a log that is followed live and filtered, who called.
 * Spec: ui 5.7, 8 (flow 15).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readProperties } from '../../src/config/index.ts'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { sinkSettings, toProperties, workerSettings } from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const PATIENCE_MS = 60_000
const POLL = { timeout: PATIENCE_MS }
const SINK = 'monitored-sink'

let browser: Browser
let keyspace: TestKeyspace
let topic: TestTopic
let server: Start
let open: TestPage
let page: Page
const logger = Logger.create({ sink: () => undefined })
const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-monitoring-'))

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  keyspace = await testKeyspace()
  topic = await testTopic()
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.t (k text PRIMARY KEY, v text)`)
  const mapping = { [`topic.${topic.name}.${keyspace.name}.t.mapping`]: 'k=key,v=value' }
  const offsets = { 'offset.storage.file.filename': join(dataFolder, 'offsets') }
  server = await startServer({
    ...{ dataFolder, listen: 'http://127.0.0.1:0', logger },
    worker: readProperties(toProperties(workerSettings(offsets))),
    connectors: [readProperties(toProperties(sinkSettings(SINK, topic.name, mapping)))],
  })
  browser = await startBrowser(chromium)
  open = await openPage(browser, server.url)
  page = open.page
  page.setDefaultTimeout(PATIENCE_MS)
})
afterAll(async () => {
  await open?.close()
  await browser?.close()
  await server?.close()
  await topic?.drop()
  await keyspace?.drop()
  rmSync(dataFolder, { recursive: true, force: true })
})

const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`
const ready = (name: string) => page.waitForSelector(`${id(`page-${name}`)}[data-loading=false]`)
const figures = async () => {
  const answer = await fetch(`${server.url}/api/v1/monitor/figures?minutes=5`)
  return (await answer.json()) as { times: number[]; series: { memory: number[] } }
}

describe.skipIf(chromium === undefined)('monitoring in the page', () => {
  it('draws the worker over time, and tells the same as a table', async () => {
    await page.goto(`${server.url}/ui/monitoring`)
    await ready('monitoring')
    for (const chart of ['records', 'lag', 'latency', 'errors', 'memory', 'loop', 'cpu'])
      await page.waitForSelector(id('chart', chart))
    await expect.poll(async () => (await figures()).times.length, POLL).toBeGreaterThan(3)
    expect((await figures()).series.memory.at(-1)).toBeGreaterThan(10)
    await page.click(`${id('chart', 'memory')} ${id('chart-table')}`)
    const rows = () => page.locator(`${id('chart', 'memory')} tbody tr`).count()
    const before = await rows()
    await expect.poll(rows, POLL).toBeGreaterThan(before)
    await page.click(`${id('option')}[data-value="60"]`)
    await page.waitForURL(/range=(%22)?60/)
    await open.picture('90-monitoring')
  })

  it('lists the worker with its tasks', async () => {
    await page.click(id('tab-workers'))
    const row = id('worker-row', new URL(server.url).host)
    await page.waitForSelector(`${row}[data-state=RUNNING]`)
    expect(await page.textContent(row)).toContain(SINK)
    await open.picture('91-workers')
  })

  it('says that nothing ran and that all is quiet', async () => {
    await page.click(id('tab-runs'))
    expect(await page.textContent(id('empty'))).toContain('No runs yet')
    await page.click(id('tab-alerts'))
    expect(await page.textContent(id('empty'))).toBe('All quiet.')
  })

  it('follows the log live, by level and text', async () => {
    await page.click(id('tab-logs'))
    await page.waitForSelector(id('log-follow'))
    logger.child({ room: 'test' }).warn('the level of the river is low')
    const warned = `${id('log-line')}[data-state=warn]`
    await page.waitForSelector(`${warned} >> text=the level of the river is low`)
    logger.child({ room: 'test' }).info('nothing of note')
    await page.waitForSelector(`${id('log-line')} >> text=nothing of note`)
    await page.click(id('field-level'))
    await page.click(`${id('option')}[data-value="warn"]:visible`)
    await page.waitForSelector(`${id('log-line')}[data-state=info]`, { state: 'detached' })
    await page.fill(id('search'), 'river')
    await expect.poll(() => page.locator(id('log-line')).count(), POLL).toBe(1)
    await open.picture('92-log')
  })

  it('shows administrators who called', async () => {
    await page.click(`${id('option')}[data-value="access"]`)
    await page.fill(id('search'), '/api/v1/session')
    const line = page.locator(id('log-line')).first()
    await line.waitFor()
    expect(await line.textContent()).toContain('Local admin')
    await open.picture('93-access')
  })

  it('fits a narrow screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${server.url}/ui/monitoring/overview`)
    await page.waitForSelector(id('chart', 'memory'))
    const width = await page.evaluate('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(390)
    await open.picture('94-monitoring-narrow')
  })

  it('complained about nothing', () => {
    expect(open.complaints).toEqual([])
  })
})
