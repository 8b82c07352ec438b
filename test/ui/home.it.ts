/**
 * Home in a real browser, on a standalone worker with a real Kafka and Cassandra: the first steps of whoever
 * is new, nothing configured, records that flow with their rate, what failed, and the codes of errors.
 * Spec: ui 5.1, 5.2, 8 (flows 0 and 15).
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { send, sinkSettings, startWorker, type TestWorker } from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const PAUSE_MS = 100
let browser: Browser
let worker: TestWorker
let open: TestPage
let keyspace: TestKeyspace
let topic: TestTopic

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  keyspace = await testKeyspace()
  topic = await testTopic(1)
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.t (k text PRIMARY KEY, v text)`)
  browser = await startBrowser(chromium)
})
afterAll(async () => {
  await browser?.close()
  await topic?.drop()
  await keyspace?.drop()
})
afterEach(async () => {
  await open?.close()
  await worker?.stop()
})

const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`

async function start(connectors: Record<string, string>[] = [], first: RegExp = /\/ui\/$/) {
  worker = await startWorker(connectors)
  open = await openPage(browser, worker.url, { isNew: true })
  await open.page.goto(`${worker.url}/`)
  await open.page.waitForURL(first)
  return open.page
}

const home = () => open.page.waitForSelector(`${id('page-home')}[data-loading=false]`)

describe.skipIf(chromium === undefined)('home', () => {
  it('is where the address of the server leads, and offers the ways in', async () => {
    const page = await start([], /\/ui\/welcome$/)
    await page.click(id('welcome-skip'))
    await home()
    await page.reload()
    await home()
    expect(await page.textContent(id('empty'))).toContain('Nothing moves yet')
    expect(await page.textContent(id('home-health'))).toContain('MB')
    expect(await page.title()).toBe('Home · Scamander')
    await page.waitForSelector(`${id('live-dot')}[data-state=live]`)
    await open.picture('20-home-empty')
    await page.click(id('home-add-connector'))
    await page.waitForURL(/\/ui\/connectors\/new$/)
    await page.click(id('nav-home'))
    await page.waitForSelector(id('page-home'))
    expect(open.complaints).toEqual([])
  })

  it('leads whoever is new to rows of an own sink, step by step', async () => {
    const name = `first-${randomBytes(3).toString('hex')}`
    const page = await start([], /\/ui\/welcome$/)
    await page.waitForSelector(`${id('page-welcome')}[data-loading=false]`)
    expect(await page.title()).toBe('Welcome · Scamander')
    expect(await page.isDisabled(id('welcome-choice', 'backlog'))).toBe(true)
    expect(await page.textContent(id('welcome-try'))).toContain('scamander demo')
    await page.check(id('welcome-choice', 'stream'))
    await page.waitForSelector(`${id('guide-step', 'connector')}[data-state=current]`)
    await open.picture('23-welcome')
    await page.setViewportSize({ width: 390, height: 844 })
    await open.picture('24-welcome-narrow')
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.click(id('welcome-next'))
    await page.waitForURL(/\/ui\/connectors\/new$/)
    await page.waitForSelector(`${id('guide', 'stream')} ${id('guide-step', 'connector')}`)
    await using records = await testTopic(1)
    const mapping = { [`topic.${records.name}.${keyspace.name}.t.mapping`]: 'k=key,v=value' }
    const { name: _name, ...config } = sinkSettings(name, records.name, mapping)
    await worker.call('POST', '/connectors', { name, config })
    await page.waitForSelector(`${id('guide-step', 'records')}[data-state=current]`)
    expect(await page.textContent(id('guide-text'))).toContain('Wait for a record')
    await open.picture('25-first-steps')
    await send(records.name, [{ key: name, value: 'v' }])
    await page.waitForSelector(`${id('guide', 'stream')}[data-state=done]`)
    expect(await page.textContent(id('guide-next'))).toContain('See the connector')
    await page.click(id('guide-end'))
    await page.waitForSelector(id('guide'), { state: 'detached' })
    await page.click(id('help'))
    await page.click(id('help-welcome'))
    await page.waitForSelector(id('page-welcome'))
    expect(open.complaints).toEqual([])
  })

  it('has a page for every code of an error', async () => {
    const page = await start([], /\/ui\/welcome$/)
    await page.click(id('help'))
    await page.click(id('help-errors'))
    await page.waitForSelector(id('error-row', 'SCM_CASSANDRA_CREDENTIALS'))
    expect(await page.locator(id('error-row')).count()).toBeGreaterThan(150)
    await open.picture('26-errors')
    await page.fill(id('search'), 'bootstrapping')
    await page.waitForURL(/q=bootstrapping/)
    await page.click(`${id('error-row', 'SCM_CASSANDRA_BOOTSTRAPPING')} a`)
    await page.waitForURL(/\/help\/errors\/SCM_CASSANDRA_BOOTSTRAPPING$/)
    expect(await page.textContent(id('error-advice'))).toContain('Wait')
    expect(await page.title()).toBe('SCM_CASSANDRA_BOOTSTRAPPING · Errors · Scamander')
    await open.picture('27-error')
    await page.goto(`${worker.url}/ui/help/errors/SCM_NO_SUCH`)
    expect(await page.textContent(id('empty'))).toContain('SCM_NO_SUCH')
    expect(open.complaints).toEqual([])
  })

  it('shows whoever opens a demo around, and tells where its servers are', async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-'))
    const backlog = { url: 'http://127.0.0.1:4010', apiKey: 'key-of-the-space' }
    const servers = { cassandra: '127.0.0.1:9042', kafka: '127.0.0.1:9092', backlog }
    const sandbox = { ...servers, folder: dataFolder }
    const own = { dataFolder, listen: 'http://127.0.0.1:0', logger: Logger.silent(), sandbox }
    const server = await startServer(own)
    try {
      open = await openPage(browser, server.url, { isNew: true })
      const { page } = open
      await page.goto(`${server.url}/ui/`)
      await home()
      await page.click(id('sandbox-pill'))
      for (const place of ['127.0.0.1:9042', backlog.url, backlog.apiKey])
        await page.waitForSelector(`${id('sandbox-places')}:has-text("${place}")`)
      await open.picture('29-sandbox')
      await page.keyboard.press('Escape')
      await page.click(id('tour-start'))
      await page.waitForSelector(id('tour-offer'), { state: 'detached' })
      for (const step of ['connectors', 'capture', 'rows']) {
        await page.click(id('guide-next'))
        await page.waitForSelector(`${id('guide-step', step)}[data-state=current]`)
      }
      await page.waitForSelector(id('page-data-cassandra'))
      expect(await page.textContent(id('guide-text'))).toContain('Did it arrive?')
      await page.click(id('guide-end'))
      await page.waitForSelector(id('guide'), { state: 'detached' })
      expect(open.complaints).toEqual([])
    } finally {
      await open?.close()
      await server.close()
      rmSync(dataFolder, { recursive: true })
    }
  })

  it('shows what moves and how fast, and what failed', async () => {
    const name = `flow-${randomBytes(3).toString('hex')}`
    const mapping = { [`topic.${topic.name}.${keyspace.name}.t.mapping`]: 'k=key,v=value' }
    const page = await start([sinkSettings(name, topic.name, mapping)])
    await home()
    const node = id('flow-node', name)
    await page.waitForSelector(`${node}[data-state=RUNNING]`)
    expect(await page.textContent(node)).toContain(`${keyspace.name}.t`)
    expect(await page.textContent(node)).toContain(topic.name)
    await page.waitForSelector(`${node} ${id('flow-rate')}[data-rate="0"]`)
    let isFlowing = true
    const flowing = (async () => {
      for (let i = 0; isFlowing; i++) {
        await send(topic.name, [{ key: `k${i}`, value: 'v' }])
        await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
      }
    })()
    try {
      await page.waitForSelector(`${node} ${id('flow-rate')}:not([data-rate="0"])`)
      const rate = await page.getAttribute(`${node} ${id('flow-rate')}`, 'data-rate')
      expect(Number(rate)).toBeGreaterThan(0)
      await page.waitForSelector(`${id('home-figure', 'Out')} path`)
      await page.waitForSelector(id('all-quiet'))
      await open.picture('21-home')
      await page.click(id('home-range'))
      await page.click(id('menu-item', '1h'))
      await page.waitForURL(/range=1h/)
      await page.click(id('flow-open', name))
      await page.waitForURL(/flow=/)
      await page.waitForSelector(`${id('flow-drawer', name)} ${id('flow-trend')}`)
      await open.picture('20-home-drawer')
      await page.click(id('flow-pause'))
      await page.waitForSelector(`${id('drawer-state')}[data-state=PAUSED]`)
      await page.click(id('flow-resume'))
      await page.waitForSelector(`${id('drawer-state')}[data-state=RUNNING]`)
      await page.goBack()
      await page.waitForSelector(id('flow-drawer'), { state: 'detached' })
      await page.waitForSelector(`${id('home-change', name)}:has-text("paused")`)
      await page.click(id('flow-view-list'))
      await page.waitForURL(/view=list/)
      await page.waitForSelector(`${id('flow-row', name)} ${id('flow-rate')}:not([data-rate="0"])`)
      await open.picture('28-home-list')
      await page.click(id('flow-view-map'))
    } finally {
      isFlowing = false
      await flowing
    }
    await keyspace.client.execute(`DROP TABLE ${keyspace.name}.t`)
    await worker.call('POST', `/connectors/${name}/restart?includeTasks=true`)
    await page.waitForSelector(`${id('attention-item', name)}[data-role=error]`)
    const told = `${id('attention-item', name)}[data-kind=failed]`
    expect(await page.textContent(`${told} ${id('attention-since')}`)).toMatch(/^For \d/)
    expect(await page.textContent(`${told} ${id('attention-cause')}`)).toContain('Likely cause')
    await page.setViewportSize({ width: 390, height: 844 })
    await open.picture('22-home-narrow')
    await page.click(`${id('attention-item', name)} a`)
    await page.waitForURL(/\/tasks$/)
    expect(open.complaints).toEqual([])
  })
})
