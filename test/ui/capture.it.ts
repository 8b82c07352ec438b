/**
 * Capture in a real browser, on servers of its own whose commit log may be consumed: from nothing to a
 * destination, a channel and a row in the tail; pause, resume, truncate, delete; agents; not set up.
 * Spec: ui 5.5, 8 (flow 12).
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'cassandra-driver'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readProperties } from '../../src/config/index.ts'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type CaptureServers, captureServers, removeFolder } from '../support/capture-servers.ts'
import { connectClient } from '../support/keyspace.ts'
import { callRest, startWorker, until } from '../support/standalone.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const RUN = Date.now()
const KEYSPACE = `page_${RUN}`
const TABLE = `${KEYSPACE}.notes`
const DESTINATION = `page-${RUN}`
const TOPIC = `${KEYSPACE}.notes`
const PATIENCE = { timeout: 90_000 }

let servers: CaptureServers
let client: Client
let browser: Browser
let server: Start
let folder: string
let open: TestPage

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  servers = await captureServers()
  client = await connectClient(servers.description.cassandra!)
  const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
  await client.execute(`CREATE KEYSPACE ${KEYSPACE} WITH replication = ${replication}`)
  await client.execute(`CREATE TABLE ${TABLE} (id text PRIMARY KEY, body text, tags set<text>)`)
  folder = mkdtempSync(join(tmpdir(), 'scamander-page-capture-'))
  server = await startServer({
    dataFolder: folder,
    listen: 'http://127.0.0.1:0',
    worker: readProperties(workerProperties()),
    logger: Logger.silent(),
  })
  browser = await startBrowser(chromium)
}, 300_000)
afterEach(async () => {
  await open?.close()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await client?.execute(`DROP KEYSPACE IF EXISTS ${KEYSPACE}`)
  await client?.shutdown()
  removeFolder(folder)
  await servers?.stop()
}, 120_000)

function workerProperties(): string {
  const { cassandra, kafka } = servers.description
  const properties = {
    'bootstrap.servers': kafka!.bootstrapServers,
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'offset.storage.file.filename': join(folder, 'offsets.json'),
    'offset.flush.interval.ms': '200',
    listeners: 'http://127.0.0.1:0',
    'scamander.metrics.listeners': '',
    'cdc.contact.points': cassandra!.contactPoints[0]!,
    'cdc.port': String(cassandra!.port),
  }
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')
}

const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`

async function visit(path: string) {
  open = await openPage(browser, server.url)
  await open.page.goto(`${server.url}${path}`)
  await open.page.waitForSelector('html[data-app-ready]')
  return open.page
}

async function choose(field: string, value: string): Promise<void> {
  await open.page.click(id(field))
  await open.page.locator(`${id('option')}[data-value="${value}"]:visible`).click()
}

const api = async (path: string) => (await callRest(server.url, 'GET', `/api/v1/cdc${path}`)).json

describe.skipIf(chromium === undefined)('capture', () => {
  it('goes from nothing to an own destination and channel, and shows a change in the tail', async () => {
    const page = await visit('/ui/')
    await page.click(id('nav-capture'))
    await page.waitForSelector(`${id('page-capture')}[data-loading=false]`)
    expect(await page.textContent(id('empty'))).toContain('turns each change in a table')
    expect(await page.title()).toBe('Capture · Scamander')
    await open.picture('40-capture-empty')
    await page.click(id('tab-destinations'))
    await page.click(id('destination-create'))
    await page.click(id('destination-submit'))
    await page.waitForSelector(id('field-name-error'))
    await page.fill(id('field-name'), DESTINATION)
    await page.click(`${id('field-kind')} [data-value=Cassandra]`)
    await page.waitForSelector(id('field-addresses'))
    await page.click(`${id('field-kind')} [data-value=Kafka]`)
    await page.uncheck(id('field-transmission-enabled'))
    await page.check(id('field-transmission-enabled'))
    await open.picture('41-capture-destination')
    await page.click(id('destination-submit'))
    await page.waitForSelector(id('destination-row', DESTINATION), PATIENCE)
    await page.click(id('tab-channels'))
    await page.click(id('channel-create'))
    await expect.poll(() => page.inputValue(id('field-data-center-id')), PATIENCE).not.toBe('')
    await choose('field-source-keyspace', KEYSPACE)
    await choose('field-source-table', 'notes')
    await page.waitForSelector(id('cdc-enable'), PATIENCE)
    await page.click(id('channel-submit'))
    await page.waitForSelector(id('cdc-enable-error'))
    expect(await page.inputValue(id('field-topic'))).toBe(TOPIC)
    await page.waitForSelector(id('topic-missing'), PATIENCE)
    await open.picture('42-capture-channel')
    await page.click(id('topic-add'))
    await page.waitForSelector(id('topic-missing'), { state: 'detached', ...PATIENCE })
    await page.click(id('cdc-enable'))
    await page.waitForSelector(`${id('check-row', 'table')}[data-state=passed]`, PATIENCE)
    await page.click(id('channel-submit'))
    await page.waitForSelector(`${id('channel-row', TABLE)}[data-state=READY]`, PATIENCE)
    await page.click(id('tab-tail'))
    expect(await page.textContent(id('empty'))).toContain('Waiting for the first change')
    await client.execute(`INSERT INTO ${TABLE} (id, body, tags) VALUES ('a', 'one', {'x'})`)
    const row = `${id('tail-row')}[data-op=INSERT][data-table="${TABLE}"]`
    await page.waitForSelector(row, PATIENCE)
    expect(await page.textContent(`${row} [data-column=key]`)).toBe("id = 'a'")
    expect(await page.textContent(`${row} [data-column=change]`)).toContain("body = 'one'")
    await page.click(id('tail-pause'))
    await client.execute(`UPDATE ${TABLE} SET body = 'two' WHERE id = 'a'`)
    await client.execute(`DELETE FROM ${TABLE} WHERE id = 'a'`)
    await page.waitForSelector(`${id('tail-state')}:has-text("2 new")`, PATIENCE)
    expect(await page.locator(id('tail-row')).count()).toBe(1)
    await page.click(id('tail-resume'))
    await page.waitForSelector(`${id('tail-row')}[data-op=DELETE]`, PATIENCE)
    const ops = await page
      .locator(id('tail-row'))
      .evaluateAll(all => all.map(one => one.getAttribute('data-op')))
    expect(ops).toEqual(['DELETE', 'UPDATE', 'INSERT'])
    await open.picture('43-capture-tail')
    await page.locator(`${row} ${id('tail-open')}`).click()
    expect(await page.textContent(id('tail-detail'))).toContain(TOPIC)
    await open.picture('44-capture-change')
    await page.click(id('dialog-close'))
    await choose('tail-op', 'UPDATE')
    await page.waitForURL(/op=UPDATE/)
    expect(await page.locator(id('tail-row')).count()).toBe(1)
    await until('the three changes on their topic', async () => {
      const [channel] = await api('/channels')
      return channel.stats.delivered >= 3 && channel.stats.queued === 0
    })
    await client.execute(`INSERT INTO ${TABLE} (id, body) VALUES ('c', 'is measured')`)
    await until('a latency', async () => (await api('/overview')).figures.p50Seconds > 0)
    expect(open.complaints).toEqual([])
  })

  it('is paused, resumed, emptied and deleted, each with its consequence', async () => {
    const page = await visit('/ui/capture/channels')
    const row = id('channel-row', TABLE)
    await page.waitForSelector(`${row}[data-state=DELIVERING]`, PATIENCE)
    await page.click(`${row} ${id('channel-pause')}`)
    await page.waitForSelector(`${row}[data-state=PAUSED]`, PATIENCE)
    await client.execute(`INSERT INTO ${TABLE} (id, body) VALUES ('b', 'waits')`)
    await page.waitForSelector(`${row} ${id('channel-queue')}:has-text("1")`, PATIENCE)
    await page.click(id('tab-overview'))
    await page.waitForSelector(id('capture-figures'))
    await open.picture('45-capture-overview')
    await page.setViewportSize({ width: 390, height: 844 })
    await open.picture('46-capture-narrow')
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.click(id('tab-channels'))
    await page.click(`${row} ${id('row-menu')}`)
    await page.waitForSelector(id('menu-item', 'truncate'))
    const offered = await page
      .locator(id('menu-item'))
      .evaluateAll(all => all.map(one => one.getAttribute('data-key')))
    expect(offered).toEqual([
      ...['tail', 'resume', 'pause-collection', 'snapshot', 'truncate', 'delete'],
    ])
    await page.click(id('menu-item', 'truncate'))
    expect(await page.textContent(id('confirm-text'))).toContain('1 queued change is dropped')
    expect(await page.isDisabled(id('confirm-yes'))).toBe(true)
    await page.fill(id('confirm-type'), TABLE)
    await open.picture('47-capture-truncate')
    await page.click(id('confirm-yes'))
    await page.waitForSelector(`${row} ${id('channel-queue')}:text-is("0")`, PATIENCE)
    await page.click(`${row} ${id('channel-resume')}`)
    await page.waitForSelector(`${row}[data-state=DELIVERING]`, PATIENCE)
    await page.click(id('tab-destinations'))
    await page.click(`${id('destination-row', DESTINATION)} ${id('row-menu')}`)
    await page.click(id('menu-item', 'delete'))
    expect(await page.textContent(id('confirm-text'))).toContain(`Used by 1 channel: ${TABLE}`)
    expect(await page.locator(id('confirm-yes')).count()).toBe(0)
    await open.picture('48-capture-destination-in-use')
    await page.click(id('confirm-no'))
    await page.click(id('tab-agents'))
    await page.waitForSelector(`${id('agent-row')}[data-state=RUNNING]`, PATIENCE)
    await open.picture('49-capture-agents')
    await page.click(id('nav-home'))
    await page.waitForSelector(`${id('flow-node', `${TABLE} → ${DESTINATION}`)}`, PATIENCE)
    await page.waitForSelector(
      `${id('home-component')}[data-key^="kafka "][data-state=UP]`,
      PATIENCE,
    )
    await page.goto(`${server.url}/ui/capture/channels`)
    await page.click(`${row} ${id('row-menu')}`)
    await page.click(id('menu-item', 'delete'))
    expect(await page.textContent(id('confirm-text'))).toContain('cdc = true')
    await page.click(id('confirm-yes'))
    await page.waitForSelector(id('empty'), PATIENCE)
    expect(await api('/channels')).toEqual([])
    await page.click(id('tab-destinations'))
    await page.click(`${id('destination-row', DESTINATION)} ${id('row-menu')}`)
    await page.click(id('menu-item', 'delete'))
    await page.click(id('confirm-yes'))
    await page.waitForSelector(id('empty'), PATIENCE)
    expect(await api('/destinations')).toEqual([])
    expect(open.complaints).toEqual([])
  })

  it('says what is missing where a worker captures nothing', async () => {
    const worker = await startWorker([])
    try {
      open = await openPage(browser, worker.url)
      await open.page.goto(`${worker.url}/ui/capture/overview`)
      expect(await open.page.textContent(id('empty'))).toContain('captures no changes')
    } finally {
      await worker.stop()
    }
  })
})
