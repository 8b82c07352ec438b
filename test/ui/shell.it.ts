/**
 * What stands around every screen, in a real browser on a real worker: navigation, titles, keys, palette, the
 * tray of long acts, messages and the bell; and named secrets, which nobody reads again.
 * Spec: ui 2, 4.3, 4.6 to 4.10, 5.7, 8 (flows 0 and 15).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readProperties } from '../../src/config/index.ts'
import { type BacklogStandIn, startBacklogStandIn } from '../../src/demo/index.ts'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'
import { type TestTopic, testKafka, testTopic } from '../support/topic.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const PATIENCE_MS = 60_000
/** The root of a dialog has no size of its own. */
const ATTACHED = { state: 'attached' } as const
const PLANTED = 'planted-in-the-page-81c4'
const SECTIONS = [
  ...['home', 'connections', 'jobs', 'connectors', 'capture', 'migrations', 'data'],
  ...['monitoring', 'settings'],
]

let browser: Browser
let server: Start
let standIn: BacklogStandIn
let keyspace: TestKeyspace
let topic: TestTopic
let open: TestPage
let page: Page
let jobId = ''
const answers: string[] = []
const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-shell-'))

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  keyspace = await testKeyspace()
  topic = await testTopic(1)
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.t (k text PRIMARY KEY, v text)`)
  const limits = { read: 1_000_000, search: 1_000_000 }
  standIn = await startBacklogStandIn({ projects: 2, issues: 120, comments: 1, limits })
  const { bootstrapServers } = testKafka()
  const worker = readProperties(`
bootstrap.servers=${bootstrapServers}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename=${join(dataFolder, 'offsets')}
listeners=http://127.0.0.1:0
scamander.metrics.listeners=
`)
  const { contactPoints, port } = testCassandra()
  const sandbox = {
    ...{ cassandra: `${contactPoints[0]}:${port}`, kafka: bootstrapServers },
    folder: dataFolder,
  }
  const logger = Logger.silent()
  const listen = 'http://127.0.0.1:0'
  server = await startServer({ dataFolder, listen, logger, worker, sandbox })
  await makeJob()
  browser = await startBrowser(chromium)
  open = await openPage(browser, server.url)
  page = open.page
  page.setDefaultTimeout(PATIENCE_MS)
  page.on('response', async answer => {
    const type = answer.headers()['content-type'] ?? ''
    if (/json/.test(type)) answers.push(await answer.text().catch(() => ''))
  })
})
afterAll(async () => {
  await open?.close()
  await browser?.close()
  await server?.close()
  await standIn?.close()
  await topic?.drop()
  await keyspace?.drop()
  rmSync(dataFolder, { recursive: true, force: true })
})

const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`
const text = async (selector: string) => (await page.textContent(selector)) ?? ''
const ready = (name: string) => page.waitForSelector(`${id(`page-${name}`)}[data-loading=false]`)
const press = async (...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key)
}
const gone = (selector: string) => page.waitForSelector(selector, { state: 'detached' })

async function post<T>(path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await answer.json()) as T
}

async function makeJob(): Promise<void> {
  const { contactPoints, port } = testCassandra()
  const place = { server: contactPoints[0], port, database: keyspace.name, consistencyLevel: 'ONE' }
  const made = await Promise.all([
    post<{ connection: { id: string } }>('/connections', {
      ...{ name: 'acme', connector: 'backlog' },
      properties: { url: standIn.url, apiKey: standIn.apiKey, allowPlainHttp: true },
    }),
    post<{ connection: { id: string } }>('/connections', {
      ...{ name: 'ops', connector: 'cassandra', properties: { ...place, authScheme: 'None' } },
    }),
  ])
  const [source, destination] = made.map(one => one.connection.id)
  jobId = (await post<{ id: string }>('/jobs', { name: 'nightly', source, destination })).id
  await post(`/jobs/${jobId}/tasks`, { items: [{ table: 'Issues' }] })
}

describe.skipIf(chromium === undefined)('around every screen', () => {
  it('stand the sections, the state of what is live, and who is here', async () => {
    await page.goto(`${server.url}/ui/`)
    await ready('home')
    await page.waitForSelector(`${id('live-dot')}[data-state=live]`)
    for (const one of SECTIONS) await page.waitForSelector(id(`nav-${one}`))
    const around = ['sandbox-pill', 'palette-open', 'activity', 'bell', 'help', 'theme-toggle']
    for (const one of [...around, 'user-menu']) await page.waitForSelector(id(one))
    expect(await page.title()).toBe('Home · Scamander (sandbox)')
    expect(await page.getAttribute(id('activity'), 'data-state')).toBe('idle')
    await page.click(id('sandbox-pill'))
    expect(await text(id('sandbox-places'))).toContain(dataFolder)
    await press('Escape')
    await open.picture('90-shell')
  })

  it('are walked with the keys alone, and the heading has the focus', async () => {
    await page.reload()
    await ready('home')
    const heading = () => page.evaluate('document.activeElement?.tagName')
    expect(await heading()).toBe('H1')
    await press('g', 'j')
    await ready('jobs')
    expect([await heading(), await page.title()]).toEqual(['H1', 'Jobs · Scamander (sandbox)'])
    await press('n')
    await page.waitForSelector(id('dialog-job'), ATTACHED)
    await press('Escape')
    await gone(id('dialog-job'))
    await press('g', 's')
    await ready('settings')
    await press('2')
    await page.waitForURL(/\/settings\/tokens$/)
    expect(await page.title()).toBe('Tokens · Settings · Scamander (sandbox)')
    await press('?')
    await page.waitForSelector('text=Local time or UTC')
    await open.picture('91-shell-keys')
    await press('Escape')
    await gone('text=Local time or UTC')
  })

  it('have no single keys when they are switched off', async () => {
    await page.click(id('tab-preferences'))
    await page.click(id('field-keys'))
    await press('g', 'j')
    await press('1')
    expect(new URL(page.url()).pathname).toBe('/ui/settings/preferences')
    await page.click(id('field-keys'))
    await page.locator('h1').focus()
    await press('g', 'h')
    await ready('home')
  })
})

describe.skipIf(chromium === undefined)('the palette', () => {
  it('finds objects, acts of the page and, with #, topics and tables', async () => {
    await press('Control+k')
    await page.waitForSelector(id('palette-item', 'job nightly'))
    await page.waitForSelector(id('palette-item', 'connection acme'))
    await open.picture('92-palette')
    await page.keyboard.type(`#${topic.name}`)
    await page.waitForSelector(id('palette-item', `topic ${topic.name}`))
    await page.fill(id('palette-input'), `#${keyspace.name}.t`)
    await page.waitForSelector(id('palette-item', `table ops ${keyspace.name}.t`))
    await page.fill(id('palette-input'), 'nightl')
    await page.waitForSelector(id('palette-item', 'job nightly'))
    await press('ArrowDown', 'Enter')
    await page.waitForURL(/\/ui\/jobs\/[^/]+\/overview$/)
    await ready('job')
    await press('Control+k')
    await page.fill(id('palette-input'), '> run')
    await page.waitForSelector(id('palette-item', 'act job-run'))
    expect(await page.locator(id('palette-item', 'job nightly')).count()).toBe(0)
    await page.fill(id('palette-input'), '')
    await page.waitForSelector(id('palette-item', 'job nightly'))
    expect(await page.locator(id('palette-item')).count()).toBe(1)
  })

  it('opens a place in a new tab', async () => {
    await press('ArrowDown')
    const [tab] = await Promise.all([page.context().waitForEvent('page'), press('Control+Enter')])
    await tab.waitForURL(/\/ui\/jobs\/[^/]+\/overview$/)
    await tab.close()
    await press('Escape')
    await gone(id('palette-input'))
  })
})

describe.skipIf(chromium === undefined)('a long act', () => {
  it('stands in the tray wherever one goes, and is stopped there', async () => {
    standIn.faults.push({ path: /^issues$/, action: 'delay', delayMs: 5_000, times: 20 })
    await page.click(id('job-run'))
    await page.waitForSelector(`${id('activity')}[data-state=working]`)
    expect(await text(id('activity-count'))).toBe('1')
    await press('g', 'h')
    await ready('home')
    await page.click(id('activity'))
    const row = `${id('activity-item')}[data-kind=run]`
    await page.waitForSelector(row)
    expect(await text(row)).toContain('nightly')
    await open.picture('93-activity')
    await page.click(`${row} ${id('activity-stop')}`)
    expect(await text(id('confirm-text'))).toContain('keeps its progress')
    await page.click(id('confirm-yes'))
    await gone(row)
    await page.waitForSelector(`${id('activity')}[data-state=idle]`)
    standIn.faults.length = 0
    await press('Escape')
  })

  it('ends with a message that leads to it, and a notice in the bell', async () => {
    await post(`/jobs/${jobId}/runs`, {})
    const toast = `${id('toast')}[data-kind=run]`
    await page.waitForSelector(toast)
    expect(await text(toast)).toContain('nightly')
    await press('F8')
    const inToast = () =>
      page.evaluate("document.activeElement?.closest('[data-testid=toast]') !== null")
    expect(await inToast()).toBe(true)
    await page
      .locator(`${toast} ${id('toast-link')}`)
      .last()
      .click()
    await ready('run')
    await page.waitForSelector(id('bell-count'), { state: 'attached' })
    await page.click(id('bell'))
    await page.waitForSelector(id('notice'))
    await open.picture('94-bell')
    await page.click(id('bell-read'))
    await page.waitForSelector(id('bell-count'), { state: 'detached' })
    await press('Escape')
  })

  it('that failed is a number in the title and at its section', async () => {
    standIn.faults.push({ path: /./, action: 'status', status: 401, backlogCode: 11, times: 99 })
    await post(`/jobs/${jobId}/runs`, {})
    await page.waitForSelector(id('nav-jobs-count'))
    const [home] = [await (await fetch(`${server.url}/api/v1/attention`)).json()]
    const count = (home as { items: unknown[] }).items.length
    await page.waitForFunction(`document.title.startsWith('(${count}) ')`)
    standIn.faults.length = 0
  })
})

describe.skipIf(chromium === undefined)('named secrets', () => {
  it('are added with the keys, and say how they are written', async () => {
    await page.goto(`${server.url}/ui/settings/secrets`)
    await ready('settings')
    expect(await text(id('empty'))).toContain('nobody reads it again')
    expect(await text(id('provider-row', 'file'))).toContain('properties file')
    await press('n')
    await page.waitForSelector(id('dialog-secret'), ATTACHED)
    await page.fill(id('field-name'), 'not a name')
    await page.fill(id('field-value'), PLANTED)
    await press('Enter')
    expect(await text(id('field-name-error'))).toContain('expected 1 to 64 letters')
    await open.picture('95-secret-add')
    // The browser tells of the refusal that was wanted, and of nothing else.
    expect(open.complaints).toEqual([expect.stringContaining('422')])
    open.complaints.length = 0
    await page.fill(id('field-name'), 'db-password')
    await press('Control+s')
    await page.waitForSelector(id('secret-row', 'db-password'))
    await gone(id('dialog-secret'))
  })

  it('stay while a connection or a connector refers to them', async () => {
    const { contactPoints, port } = testCassandra()
    const properties = {
      ...{ server: contactPoints[0], port, database: keyspace.name, authScheme: 'Basic' },
      ...{ user: 'ops', password: `\${secret:db-password}`, consistencyLevel: 'ONE' },
    }
    const draft = { name: 'by reference', connector: 'cassandra', properties }
    const { connection } = await post<{ connection: { id: string } }>('/connections', draft)
    const config = {
      'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
      ...{ name: 'by-secret', topics: topic.name, contactPoints: contactPoints[0] ?? '' },
      ...{ port: String(port), 'loadBalancing.localDc': testCassandra().localDatacenter },
      ...{ 'auth.username': 'ops', 'auth.password': `\${secret:db-password}` },
      [`topic.${topic.name}.${keyspace.name}.t.mapping`]: 'k=key, v=value',
    }
    const answer = await fetch(`${server.url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'by-secret', config }),
    })
    expect([answer.status, await answer.text()]).toEqual([201, expect.any(String)])
    await page.reload()
    const used = `${id('secret-row', 'db-password')} ${id('secret-used-by')}`
    await page.waitForSelector(used)
    expect(await text(used)).toBe('by reference, by-secret')
    await page.click(`${id('secret-row', 'db-password')} ${id('secret-delete')}`)
    expect(await text(id('confirm-text'))).toContain('used by by reference, by-secret')
    expect(await page.locator(id('confirm-yes')).count()).toBe(0)
    await open.picture('96-secret-in-use')
    await page.click(id('confirm-no'))
    await page.goto(`${server.url}/ui/connections/${connection.id}`)
    await ready('connection')
    expect(await page.inputValue(id('field-password'))).toBe(`\${secret:db-password}`)
  })

  it('are told where there is none of the name', async () => {
    const config = {
      'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
      ...{ name: 'no-secret', topics: 'a', 'auth.password': `\${secret:nothing}` },
    }
    const path = `${server.url}/connector-plugins/CassandraSinkConnector/config/validate`
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(path, { method: 'PUT', headers, body: JSON.stringify(config) })
    expect(await answer.text()).toContain('the server has no secret nothing')
  })

  it('are in nothing that the page got or keeps', async () => {
    await page.goto(`${server.url}/ui/settings/secrets`)
    await page.waitForSelector(id('secret-row', 'db-password'))
    const kept: string = await page.evaluate(
      'document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage })',
    )
    expect([kept, ...answers].filter(one => one.includes(PLANTED))).toEqual([])
    expect(answers.length).toBeGreaterThan(10)
  })
})

describe.skipIf(chromium === undefined)('times', () => {
  it('are those of UTC once that is chosen', async () => {
    await page.goto(`${server.url}/ui/jobs/${jobId}/history`)
    await ready('job')
    await page.click(id('user-menu'))
    await Promise.all([page.waitForEvent('load'), page.click(id('menu-item', 'zone-utc'))])
    await ready('job')
    await page.waitForSelector('text=Started (UTC)')
    expect(await page.evaluate("localStorage.getItem('scamander-zone')")).toBe('utc')
    expect(open.complaints).toEqual([])
  })
})
