/**
 * Home in a real browser, on a standalone worker with a real Kafka and Cassandra: nothing configured,
 * records that flow with their rate, and what failed.
 * Spec: ui 5.1, 8 (flow 0).
 */
import { randomBytes } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
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

async function start(connectors: Record<string, string>[] = []) {
  worker = await startWorker(connectors)
  open = await openPage(browser, worker.url)
  await open.page.goto(`${worker.url}/`)
  await open.page.waitForURL(/\/ui\/$/)
  await open.page.waitForSelector(`${id('page-home')}[data-loading=false]`)
  return open.page
}

describe.skipIf(chromium === undefined)('home', () => {
  it('is where the address of the server leads, and offers the ways in', async () => {
    const page = await start()
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

  it('shows what moves and how fast, and what failed', async () => {
    const name = `flow-${randomBytes(3).toString('hex')}`
    const mapping = { [`topic.${topic.name}.${keyspace.name}.t.mapping`]: 'k=key,v=value' }
    const page = await start([sinkSettings(name, topic.name, mapping)])
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
      await open.picture('21-home')
    } finally {
      isFlowing = false
      await flowing
    }
    await keyspace.client.execute(`DROP TABLE ${keyspace.name}.t`)
    await worker.call('POST', `/connectors/${name}/restart?includeTasks=true`)
    await page.waitForSelector(`${id('attention-item', name)}[data-role=error]`)
    await page.setViewportSize({ width: 390, height: 844 })
    await open.picture('22-home-narrow')
    await page.click(`${id('attention-item', name)} a`)
    await page.waitForURL(/\/tasks$/)
    expect(open.complaints).toEqual([])
  })
})
