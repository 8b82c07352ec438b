/**
 * Connections in a real browser, on a real Cassandra: a test that fails with its advice, saved all the same,
 * corrected, duplicated, labelled, filtered, copied without its secret, a keyspace made, and a job begun
 * with one.
 * Spec: ui 4.4 (Copy as), 5.2, 8 (flow 1).
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { connectClient, testCassandra } from '../support/keyspace.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const PATIENCE_MS = 60_000
const SECRET = 'planted-password'
const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-connections-'))
const keyspace = `made_${randomBytes(4).toString('hex')}`
let browser: Browser
let server: Start
let open: TestPage
let page: Page

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  server = await startServer({ dataFolder, listen: 'http://127.0.0.1:0', logger: Logger.silent() })
  browser = await startBrowser(chromium)
  open = await openPage(browser, server.url)
  page = open.page
  page.setDefaultTimeout(PATIENCE_MS)
})
afterAll(async () => {
  await open?.close()
  await browser?.close()
  await server?.close()
  rmSync(dataFolder, { recursive: true, force: true })
  if (chromium === undefined) return
  const client = await connectClient()
  await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`)
  await client.shutdown()
})

const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`
const text = async (selector: string) => (await page.textContent(selector)) ?? ''
const choose = async (field: string, value: string) => {
  await page.click(id(field))
  await page.click(`${id('option')}[data-value="${value}"]:visible`)
}
const ready = (name: string) => page.waitForSelector(`${id(`page-${name}`)}[data-loading=false]`)
const row = (name: string) => id('connection-row', name)
const menu = async (name: string, act: string) => {
  await page.click(`${row(name)} ${id('row-menu')}`)
  await page.click(id('menu-item', act))
}
const saved = async () => {
  const answer = await fetch(`${server.url}/api/v1/connections`)
  const { items } = (await answer.json()) as { items: { name: string; labels: string[] }[] }
  return items
}

describe.skipIf(chromium === undefined)('connections in the page', () => {
  it('tells what to do about a step that failed, and saves anyway when asked', async () => {
    await page.goto(`${server.url}/ui/connections`)
    await ready('connections')
    await page.click(id('connections-add'))
    await page.click(id('connector-tab-destinations'))
    await page.click(id('connector-configure', 'cassandra'))
    await ready('connection-new')
    await page.fill(id('field-connection-name'), 'lab')
    await page.fill(id('field-server'), testCassandra().contactPoints[0] ?? '')
    await page.fill(id('field-port'), '1')
    await page.fill(id('field-database'), keyspace)
    await page.fill(id('field-user'), 'somebody')
    await page.fill(id('field-password'), SECRET)
    await page.check(id('field-use-ssl'))
    await page.uncheck(id('field-use-ssl'))
    await page.click(id('connection-submit'))
    const step = `${id('test-step', 'tcp')}[data-state=failed]`
    await page.waitForSelector(step)
    expect((await text(`${step} ${id('test-step-advice')}`)).length).toBeGreaterThan(10)
    expect(await saved()).toEqual([])
    await open.picture('46-connection-advice')
    await page.click(id('connection-save-anyway'))
    await ready('connections')
    await page.waitForSelector(`${row('lab')}:not([data-state=SUCCESSFUL])`)
  })

  it('is corrected, and copied without its secret', async () => {
    await page.click(`${row('lab')} ${id('connection-open')}`)
    await ready('connection')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.click(id('copy-as'))
    await page.click(id('menu-item', 'yaml'))
    await page.waitForSelector(`${id('toast')}:has-text("Secrets are not in it")`)
    const copied = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(copied).toContain('name: "lab"')
    expect(copied).toContain(`password: "\${secret:lab-password}"`)
    expect(copied).not.toContain(SECRET)
    await page.fill(id('field-port'), String(testCassandra().port))
    await choose('field-auth-scheme', 'None')
    await choose('field-consistency-level', 'ONE')
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('test-step', 'keyspace')}[data-state=failed]`)
    expect(await text(id('test-result'))).toContain('The change was saved')
  })

  it('makes a keyspace, and takes it as its own', async () => {
    await page.click(id('keyspace-create'))
    await page.fill(id('field-keyspace'), 'no-such-name')
    expect(await text(id('field-replicas-error'))).toContain('letters, digits')
    await page.fill(id('field-keyspace'), keyspace)
    await page.fill(id('field-data-center'), '')
    await page.fill(id('field-replicas'), '1')
    expect(await text(id('keyspace-cql'))).toContain(`CREATE KEYSPACE IF NOT EXISTS ${keyspace} `)
    await open.picture('47-keyspace')
    await page.click(id('confirm-yes'))
    await page.waitForSelector(id('dialog-keyspace'), { state: 'detached' })
    expect(await page.inputValue(id('field-database'))).toBe(keyspace)
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('test-step', 'keyspace')}[data-state=passed]`)
    await page.click(id('nav-connections'))
    await page.waitForSelector(`${row('lab')}[data-state=SUCCESSFUL]`)
  })

  it('is duplicated, labelled and found by its label', async () => {
    await menu('lab', 'duplicate')
    await ready('connection-new')
    expect(await page.inputValue(id('field-connection-name'))).toBe('lab copy')
    expect(await page.inputValue(id('field-database'))).toBe(keyspace)
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('test-result')}[data-state=passed]`)
    await page.click(id('connection-done'))
    await ready('connections')
    await menu('lab copy', 'label')
    await page.fill(id('field-label'), 'prod')
    await page.keyboard.press('Enter')
    await open.picture('48-labels')
    await page.click(id('save-changes'))
    await page.waitForSelector(`${row('lab copy')} ${id('label', 'prod')}`)
    expect((await saved()).find(one => one.name === 'lab copy')?.labels).toEqual(['prod'])
    await choose('filter-label', 'prod')
    await page.waitForURL(/label=prod/)
    await page.waitForSelector(row('lab'), { state: 'detached' })
    await page.waitForSelector(row('lab copy'))
    await open.picture('49-connections-label')
  })

  it('stands on Home with the version of its cluster', async () => {
    await page.click(id('nav-home'))
    await page.waitForSelector(`${id('home-component', 'cassandra lab')}[data-state=UP]`)
    expect(await text(id('home-component', 'cassandra lab'))).toMatch(/Cassandra \d.*1 node/)
    await page.waitForSelector(id('all-quiet'))
  })

  it('begins a job', async () => {
    await page.goto(`${server.url}/ui/connections/new/cassandra`)
    await ready('connection-new')
    await page.fill(id('field-connection-name'), 'for a job')
    await page.fill(id('field-server'), testCassandra().contactPoints[0] ?? '')
    await page.fill(id('field-port'), String(testCassandra().port))
    await page.fill(id('field-database'), keyspace)
    await choose('field-auth-scheme', 'None')
    await choose('field-consistency-level', 'ONE')
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('test-step', 'authenticate')} ${id('test-step-took')}`)
    await page.click(id('connection-create-job'))
    await page.waitForURL(/\/jobs\?add=/)
    await page.waitForSelector(id('job-create'))
    const chosen = await Promise.all(
      ['field-source', 'field-destination'].map(one => page.inputValue(id(one))),
    )
    expect(chosen).toContain('for a job')
    // The tests that did not pass are told as 422.
    expect(open.complaints.filter(one => !one.includes('422'))).toEqual([])
  })
})
