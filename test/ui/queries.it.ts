/**
 * The tab Query in a real browser: what kind a query is and why before it is saved, what its plan is, its
 * order taken into the key, mistakes with their line, and the name of a table that would lose its rows.
 * Spec: ui 5.3, 8 (flow 5); backlog-replication 2.6.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BacklogStandIn, startBacklogStandIn } from '../../src/demo/index.ts'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const PATIENCE_MS = 60_000
const ROW_WISE = `REPLICATE open_issues (PRIMARY KEY ((project), id))
SELECT ProjectId AS project, Id AS id, upper(Summary) AS title
FROM Issues WHERE StatusId < 4 AND Summary LIKE '%certificate%' ORDER BY id DESC`

let browser: Browser
let keyspace: TestKeyspace
let standIn: BacklogStandIn
let server: Start
let open: TestPage
let page: Page
let job: string
const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-queries-'))

const id = (name: string) => `[data-testid="${name}"]`
const text = async (name: string) => (await page.textContent(id(name))) ?? ''
const call = async <T>(path: string, body?: unknown): Promise<T> => {
  const headers = { 'content-type': 'application/json' }
  const given = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) }
  return (await (await fetch(`${server.url}/api/v1${path}`, given)).json()) as T
}
const connect = async (connector: string, properties: object) =>
  (
    await call<{ connection: { id: string } }>('/connections', {
      ...{ name: connector, connector, properties },
    })
  ).connection.id

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  keyspace = await testKeyspace()
  const limits = { read: 1_000_000, search: 1_000_000 }
  standIn = await startBacklogStandIn({ projects: 2, issues: 60, limits })
  server = await startServer({ dataFolder, listen: 'http://127.0.0.1:0', logger: Logger.silent() })
  const { contactPoints, port } = testCassandra()
  const { url, apiKey } = standIn
  const source = await connect('backlog', { url, apiKey })
  const destination = await connect('cassandra', {
    ...{ server: contactPoints[0]!, port, database: keyspace.name },
    ...{ authScheme: 'None', consistencyLevel: 'ONE' },
  })
  job = (await call<{ id: string }>('/jobs', { name: 'queries', source, destination })).id
  browser = await startBrowser(chromium)
  open = await openPage(browser, server.url)
  page = open.page
  page.setDefaultTimeout(PATIENCE_MS)
})
afterAll(async () => {
  await open?.close()
  await browser?.close()
  await server?.close()
  await standIn?.close()
  await keyspace?.drop()
  rmSync(dataFolder, { recursive: true, force: true })
})

async function preview(query: string): Promise<void> {
  await page.fill(id('query-editor'), query)
  await page.click(id('query-preview'))
}

describe.skipIf(chromium === undefined)('the tab Query', () => {
  it('says that a query is incremental, why, and what its source is asked', async () => {
    await page.goto(`${server.url}/ui/jobs/${job}/task/new/query`)
    await preview(ROW_WISE)
    await page.waitForSelector(`${id('query-kind')}[data-state=incremental]`)
    expect(await text('query-kind')).toBe('Incremental: each row comes from one source row.')
    await page.click(id('query-why'))
    expect(await text('query-reason')).toContain('A run reads what changed since the one before.')
    expect(await text('query-plan')).toMatch(
      /^Plan: about \d+ requests for all rows\. Asked of the source: StatusId\. Done here: upper, choice by Summary, order\.$/,
    )
    expect(await text('preview-stats')).toMatch(/^A sample of \d+ rows?, .+ \d+ requests?$/)
    expect(await page.locator(id('preview-row')).count()).toBeGreaterThan(0)
    await open.picture('56-query-plan')
  })

  it('takes the order of the query into the key', async () => {
    expect(await text('query-order')).toBe('Make id DESC the clustering order')
    await page.click(id('query-order'))
    await page.waitForSelector(`${id('query-editor')}:has-text("((project), id DESC)")`)
  })

  it('names the line of a mistake, in options as in the statement', async () => {
    await preview(`REPLICATE t\nWITH mood = 1\nSELECT Id FROM Issues`)
    await page.waitForSelector(`${id('query-problem')}[data-line="2"]`)
    expect(await text('query-problem')).toContain('there is no option mood; expected one of mode')
    await preview('REPLICATE t\nSELECT Id\nFROM Issues WHERE Nmae = 1')
    await page.waitForSelector(`${id('query-problem')}[data-line="3"]`)
    expect(await text('query-problem')).toContain('Nmae')
  })

  it('says that a query is full and why', async () => {
    await preview(
      'REPLICATE n (PRIMARY KEY ((id))) SELECT StatusId AS id, count(*) AS n FROM Issues GROUP BY 1',
    )
    await page.waitForSelector(`${id('query-kind')}[data-state=full]`)
    await page.click(id('query-why'))
    expect(await text('query-reason')).toContain('The query groups rows')
    await open.picture('57-query-full')
  })

  it('wants the name of a table whose rows each run would lose', async () => {
    await page.fill(id('query-editor'), 'REPLICATE Issues WITH truncate = true')
    await page.click(id('save-changes'))
    await page.fill(id('confirm-type'), 'issues')
    await page.click(id('confirm-yes'))
    await page.waitForURL(/task\/(?!new)/)
    await page.waitForSelector(`${id('query-kind')}[data-state=incremental]`)
    const { tasks } = await call<{ tasks: { mode: string; query: string }[] }>(`/jobs/${job}`)
    expect(tasks).toMatchObject([
      { mode: 'truncate', query: 'REPLICATE Issues WITH truncate = true' },
    ])
  })

  it('is a tab beside how the task writes', async () => {
    await page.click(id('tab-advanced'))
    await page.waitForSelector(id('field-destination-table'))
    await page.click(id('tab-query'))
    await page.waitForURL(/query$/)
    await page.waitForSelector(`${id('query-editor')}:has-text("REPLICATE Issues WITH truncate")`)
  })
})
