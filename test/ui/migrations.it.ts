/**
 * A migration led through its phases in a real browser: planned with the wizard, tables made, copied,
 * validated with differences, repaired row by row, reads switched, cut over by typing its name; with a
 * real proxy between two real clusters. And what a viewer sees of it.
 * Spec: ui 5.6, 8 (flow 13); live-migration 5.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'cassandra-driver'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type ProxyPair, proxyPair, type TestProxy, testProxy } from '../support/proxy.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const WAIT = { timeout: 60_000 }
const ROWS = 60

let browser: Browser
let pair: ProxyPair
let proxy: TestProxy
let server: Start
let open: TestPage
let page: Page
let folder: string
let client: Client

const id = (name: string, key?: string | number) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`
const at = (side: 'source' | 'target') => `${pair[side].contactPoints[0]}:${pair[side].port}`

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  pair = await proxyPair()
  await pair.onSource.execute(
    `CREATE TABLE ${pair.keyspace}.orders (id int PRIMARY KEY, total double, status text)`,
  )
  await pair.onSource.execute(`CREATE TABLE ${pair.keyspace}.carts (id int PRIMARY KEY, n int)`)
  proxy = await testProxy(pair)
  folder = mkdtempSync(join(tmpdir(), 'scamander-ui-migration-'))
  const logger = Logger.silent()
  server = await startServer({ dataFolder: folder, listen: 'http://127.0.0.1:0', logger })
  browser = await startBrowser(chromium)
  open = await openPage(browser, server.url)
  page = open.page
}, 240_000)

afterAll(async () => {
  await open?.close()
  await browser?.close()
  await server?.close()
  await proxy?.[Symbol.asyncDispose]()
  await pair?.[Symbol.asyncDispose]()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail' || open === undefined) return
  await page.screenshot({ path: 'test/artefacts/failed-migration.png' })
  process.stderr.write(`${open.complaints.join('\n')}\n`)
})

/** The phase that the server is in, as the head of the page says. */
const inPhase = (phase: number) => page.waitForSelector(id('migration-phase', phase), WAIT)
const check = (key: string, state: string) =>
  page.waitForSelector(`${id('check-row', key)}[data-state=${state}]`, WAIT)
const endOf = (kind: string, state: string) =>
  page.waitForSelector(`${id('act', kind)}[data-state=${state}]`, WAIT)

async function accept(key: string, reason: string): Promise<void> {
  await page.click(`${id('check-row', key)} ${id('check-accept')}`)
  await page.fill(id('field-reason'), reason)
  await page.click(id('confirm-yes'))
  await check(key, 'accepted')
}

async function next(phase: number): Promise<void> {
  await page.click(`${id('phase-next')}:enabled`)
  await inPhase(phase)
}

describe.skipIf(chromium === undefined)('a migration', () => {
  it('is planned with the wizard', async () => {
    await page.goto(`${server.url}/ui/migrations`)
    await page.waitForSelector(`${id('page-migrations')}[data-loading=false]`)
    expect(await page.textContent(id('empty'))).toContain('six checked phases')
    await open.picture('60-migrations-empty')
    await page.click(id('migration-new'))
    await page.click(id('wizard-next'))
    expect(await page.textContent(id('form-errors'))).toContain('3 fields need attention')
    await page.fill(id('field-name'), 'shop')
    await page.fill(id('field-source'), at('source'))
    await page.fill(id('field-target'), at('target'))
    await page.click(id('wizard-next'))
    await page.click(id('field-keyspace'), WAIT)
    await page.fill(id('field-keyspace'), pair.keyspace)
    await page.click(`${id('option')}[data-value="${pair.keyspace}"]`)
    await page.uncheck(id('table-option', `${pair.keyspace}.carts`))
    await open.picture('61-migration-tables')
    await page.click(id('wizard-next'))
    await page.waitForSelector(`${id('scan-row', 'orders')}[data-state=red]`, WAIT)
    await page.click(id('wizard-next'))
    expect(await page.textContent(id('proxy-command'))).toContain('scamander proxy')
    await page.fill(id('field-proxies'), `http://127.0.0.1:${proxy.proxy.metricsPort}`)
    await open.picture('62-migration-plan')
    await page.click(id('migration-start'))
    await page.waitForSelector(`${id('page-migration')}[data-loading=false]`, WAIT)
    await inPhase(0)
    expect(await page.title()).toBe('shop · Migrations · Scamander')
    expect(open.complaints).toEqual([])
  }, 120_000)

  it('makes the tables and goes on when the checks are passed', async () => {
    await check('tables', 'failed')
    expect(await page.isDisabled(id('phase-next'))).toBe(true)
    await page.click(id('migration-schema'))
    await page.waitForSelector(`${id('scan-row', 'orders')}[data-state=green]`, WAIT)
    await open.picture('63-migration-phase-0')
    await next(1)
    client = await proxy.connect()
    const insert = `INSERT INTO ${pair.keyspace}.orders (id, total, status) VALUES (?, ?, ?)`
    for (let row = 0; row < ROWS; row++) {
      const on = row < ROWS / 2 ? pair.onSource : client
      await on.execute(insert, [row, row / 10, 'open'], { prepare: true })
    }
    await page.click(id('check-run'))
    await check('clients', 'passed')
    await page.waitForSelector(`${id('chart', 'writes')} canvas`, WAIT)
    await accept('all-writers', 'rolled out <b>today</b>')
    await open.picture('64-migration-phase-1')
    await next(2)
    expect(open.complaints).toEqual([])
  }, 120_000)

  it('copies, shows the ranges, finds differences and repairs the chosen rows', async () => {
    await page.click(id('phase-back'))
    expect(await page.textContent(id('confirm-text'))).toContain('changes nothing on the clusters')
    await page.click(id('confirm-yes'))
    await inPhase(1)
    await accept('all-writers', 'still so')
    await next(2)
    await page.click(id('act-copy'))
    await endOf('copy', 'passed')
    await page.waitForSelector(`${id('copy-row', 'orders')}[data-state=passed]`, WAIT)
    await page.waitForSelector(`${id('range-map', 'orders')}[data-state^=d]`, WAIT)
    await page.focus(`${id('range-map', 'orders')} canvas`)
    await page.keyboard.press('ArrowRight')
    expect(await page.textContent(id('range-cell'))).toMatch(/^range 1 of [\d,]+, done$/)
    const table = `${pair.keyspace}.orders`
    await pair.onTarget.execute(`DELETE FROM ${table} USING TIMESTAMP 1 WHERE id = 1`)
    await pair.onTarget.execute(`DELETE FROM ${table} WHERE id = 2`)
    await pair.onTarget.execute(`UPDATE ${table} SET status = 'lost' WHERE id = 3`)
    await pair.onTarget.execute(`INSERT INTO ${table} (id, total) VALUES (1000, 1)`)
    await page.click(id('act-validate'))
    await endOf('validate', 'differs')
    await open.picture('65-migration-phase-2')
    await page.click(id('differences-open'))
    await page.waitForSelector(id('difference-row', 'id=2'), WAIT)
    expect(await page.textContent(id('state-filter', 'extra'))).toBe('extra 1')
    await page.click(`${id('difference-row', 'id=3')} ${id('difference-open')}`)
    expect(await page.textContent(id('difference-cells'))).toContain('lost')
    await open.picture('66-migration-difference')
    await page.click(id('dialog-close'))
    await page.waitForSelector(id('difference-cells'), { state: 'detached' })
    await page.check(`${id('difference-row', 'id=2')} ${id('difference-select')}`)
    await page.check(`${id('difference-row', 'id=3')} ${id('difference-select')}`)
    await open.picture('66-migration-differences')
    await page.click(id('difference-repair'))
    await page.click(id('menu-item', 'now'))
    expect(await page.textContent(id('confirm-text'))).toContain('2 rows of the target')
    await page.click(id('confirm-yes'))
    await page.waitForSelector(`${id('difference-row', 'id=2')}[data-state=repaired]`, WAIT)
    const { rows } = await pair.onTarget.execute(
      `SELECT id, status FROM ${table} WHERE id IN (2, 3, 1000)`,
    )
    const found = rows.map(row => [row['id'], row['status']])
    expect(found.toSorted()).toEqual([
      [1000, null],
      [2, 'open'],
      [3, 'open'],
    ])
    await pair.onTarget.execute(`DELETE FROM ${table} WHERE id = 1000`)
    expect(open.complaints).toEqual([])
  }, 120_000)

  it('switches the reads and cuts over when its name is typed', async () => {
    await page.goto(`${server.url}/ui/migrations/shop`)
    await page.click(id('act-validate'), WAIT)
    await endOf('validate', 'passed')
    await page.click(id('check-run'))
    await check('validated', 'passed')
    await next(3)
    await accept('rehearsed', 'agreed figures')
    await next(4)
    await page.click(id('proxy-to-target'))
    await page.waitForSelector(id('proxy-to-source'), WAIT)
    await page.click(id('check-run'))
    await check('primary-target', 'passed')
    await accept('stable', 'a quiet night')
    await open.picture('67-migration-phase-4')
    await page.click(`${id('phase-next')}:enabled`)
    expect(await page.textContent(id('confirm-text'))).toContain('no clean way back')
    expect(await page.isDisabled(id('confirm-yes'))).toBe(true)
    await page.fill(id('confirm-type'), 'shop')
    await open.picture('68-migration-cut-over')
    await page.click(`${id('confirm-yes')}:enabled`)
    await inPhase(5)
    await client.shutdown()
    await accept('on-target', 'all are there')
    await expect
      .poll(
        async () => {
          await page.click(id('check-run'))
          return await page.getAttribute(id('check-row', 'no-clients'), 'data-state')
        },
        { ...WAIT, interval: 1_000 },
      )
      .toBe('passed')
    await page.click(`${id('phase-next')}:enabled`)
    await page.waitForSelector(id('migration-done'), WAIT)
    await page.setViewportSize({ width: 390, height: 844 })
    await open.picture('69-migration-narrow')
    await page.goto(`${server.url}/ui/migrations`)
    expect(await page.textContent(id('migration-row', 'shop'))).toContain('6: Done')
    expect(open.complaints).toEqual([])
  }, 120_000)
})
