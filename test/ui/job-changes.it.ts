/**
 * Changes of a job in a real browser, on a real Cassandra: a mode that loses rows wants the name of the
 * table, a key that changes shows the ways to go, a new column of the source is approved or ignored, and two
 * people who change the same are asked whose change stays.
 * Spec: ui 4.4, 4.5, 5.3, 8 (flow 4); backlog-replication 2.5, 2.8, 2.11.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobInfo, RunInfo } from '../../src/api-v1.ts'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-job-changes-'))

let browser: Browser
let keyspace: TestKeyspace
let server: Start
let open: TestPage
let page: Page
let job: JobInfo

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  keyspace = await testKeyspace()
  await execute('CREATE TABLE $.origin (id int PRIMARY KEY, a text)')
  await execute("INSERT INTO $.origin (id, a) VALUES (1, 'x')")
  server = await startServer({ dataFolder, listen: 'http://127.0.0.1:0', logger: Logger.silent() })
  job = await makeJob()
  browser = await startBrowser(chromium)
  open = await openPage(browser, server.url)
  page = open.page
  page.setDefaultTimeout(60_000)
})
afterAll(async () => {
  await open?.close()
  await browser?.close()
  await server?.close()
  await keyspace?.drop()
  rmSync(dataFolder, { recursive: true, force: true })
})

async function execute(cql: string) {
  return await keyspace.client.execute(cql.replaceAll('$', keyspace.name))
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const given = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(`${server.url}/api/v1${path}`, { method, headers, ...given })
  expect(answer.status).toBeLessThan(300)
  return (await answer.json()) as T
}

async function makeJob(): Promise<JobInfo> {
  const { contactPoints, port } = testCassandra()
  const saved = await call<{ connection: { id: string } }>('POST', '/connections', {
    ...{ name: 'ops', connector: 'cassandra' },
    properties: {
      ...{ server: contactPoints[0], port, database: keyspace.name },
      ...{ authScheme: 'None', consistencyLevel: 'ONE' },
    },
  })
  const { id } = saved.connection
  const made = await call<JobInfo>('POST', '/jobs', { name: 'copy', source: id, destination: id })
  const task = { table: 'origin', destination: 'copy' }
  return await call<JobInfo>('POST', `/jobs/${made.id}/tasks`, task)
}

async function run(drop: readonly string[] = []): Promise<RunInfo> {
  const started = await call<RunInfo>('POST', `/jobs/${job.id}/runs`, { drop })
  const find = async () => await call<RunInfo>('GET', `/runs/${started.id}`)
  await expect.poll(async () => (await find()).finishedAt, { timeout: 60_000 }).not.toBeNull()
  return await find()
}

const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`
const text = async (selector: string) => (await page.textContent(selector)) ?? ''
const taskNow = async () => (await call<JobInfo>('GET', `/jobs/${job.id}`)).tasks[0]!

async function choose(field: string, option: string): Promise<void> {
  await page.click(id(field))
  await page.getByRole('option', { name: option }).click()
}

/** What somebody else saves meanwhile. */
const others = async (rejectedMax: number) =>
  await call<JobInfo>('PATCH', `/jobs/${job.id}`, { settings: { rejectedMax } })
const settingsNow = async () => (await call<JobInfo>('GET', `/jobs/${job.id}`)).settings
const rejectedMax = id('field-rejectedMax')

async function openSettings(): Promise<void> {
  await page.goto(`${server.url}/ui/jobs/${job.id}/settings`)
  await page.waitForSelector(`${id('page-job')}[data-loading=false]`)
}

async function openTask(tab: string): Promise<void> {
  const path = `/ui/jobs/${job.id}/task/${job.tasks[0]!.id}/${tab}`
  await page.goto(`${server.url}${path}`)
  await page.waitForSelector(`${id('page-task')}[data-loading=false]`)
}

describe.skipIf(chromium === undefined)('changes of a job in the page', () => {
  it('a new column of the source waits on Overview, with its statement, and is approved', async () => {
    expect((await run()).state).toBe('SUCCESS')
    await execute('ALTER TABLE $.origin ADD b text')
    await execute('ALTER TABLE $.origin ADD c text')
    expect((await run()).state).toBe('WARNING')
    await page.goto(`${server.url}/ui/jobs/${job.id}/overview`)
    await page.waitForSelector(id('schema-change', 'b'))
    expect(await text(id('schema-change', 'b'))).toContain(
      `ALTER TABLE ${keyspace.name}.copy ADD b`,
    )
    await open.picture('60-schema-changes')
    await page.click(`${id('schema-change', 'c')} ${id('schema-ignore')}`)
    await page.waitForSelector(`${id('schema-change', 'c')} >> text=left out`)
    await page.click(`${id('schema-change', 'b')} ${id('schema-approve', 'add')}`)
    await page.waitForSelector(`${id('schema-change', 'b')} >> text=approved`)
    await run()
    const { columns } = await execute('SELECT * FROM $.copy')
    const names = columns.map(one => one.name).filter(one => !one.startsWith('_sc_'))
    expect(names).toEqual(['id', 'a', 'b'])
  })

  it('columns are moved up and down, and saved in their order', async () => {
    await openTask('advanced')
    await page.click(id('tab-columns'))
    await page.waitForURL(/columns$/)
    const order = async () =>
      await page.locator(id('column-row')).evaluateAll(rows => rows.map(row => row.dataset['key']))
    const at = (key: string, act: string) => `${id('column-row', key)} ${id(act)}`
    await page.waitForSelector(at('b', 'column-up'))
    const [first, second, third] = await order()
    expect([first, second, third]).toEqual(['id', 'a', 'b'])
    await page.click(at('b', 'column-up'))
    expect((await order()).slice(0, 3)).toEqual(['id', 'b', 'a'])
    await page.click(at('b', 'column-down'))
    expect((await order()).slice(0, 3)).toEqual(['id', 'a', 'b'])
    await page.click(at('a', 'column-down'))
    await page.click(id('save-changes'))
    const names = async () => (await taskNow()).columns.map(one => one.name).slice(0, 3)
    await expect.poll(names, { timeout: 60_000 }).toEqual(['id', 'b', 'a'])
  })

  it('a mode that loses rows is saved with the name of the table alone', async () => {
    await openTask('advanced')
    await choose('field-mode', 'Truncate and load')
    await page.click(id('save-changes'))
    await page.waitForSelector(id('confirm-type'))
    expect(await page.isDisabled(id('confirm-yes'))).toBe(true)
    await open.picture('61-mode-confirm')
    await page.click(id('confirm-no'))
    expect((await taskNow()).mode).toBe('incremental')
    await page.click(id('save-changes'))
    await page.fill(id('confirm-type'), 'copy')
    await page.click(id('confirm-yes'))
    await expect.poll(async () => (await taskNow()).mode, { timeout: 60_000 }).toBe('truncate')
    await openTask('advanced')
    await choose('field-mode', 'Incremental')
    await page.fill(id('field-ttlSeconds'), '5000')
    await page.click(id('save-changes'))
    await expect
      .poll(async () => (await taskNow()).options, { timeout: 60_000 })
      .toEqual({ ttlSeconds: 5000 })
  })

  it('a history needs another table: the plan shows the ways, their statements and rows', async () => {
    await openTask('advanced')
    await choose('field-mode', 'Append')
    await page.click(id('save-changes'))
    await page.waitForSelector(`${id('plan-dialog')} ${id('plan-option')}`)
    expect(await page.locator(id('plan-option')).count()).toBe(2)
    expect(await text(id('plan-option', 'reload'))).toContain('DROP TABLE IF EXISTS')
    expect(await text(id('plan-option', 'rename'))).toContain('1 row to load')
    await open.picture('62-plan-dialog')
    await page.click(id('plan-apply', 'rename'))
    await expect
      .poll(async () => (await taskNow()).destination, { timeout: 60_000 })
      .toBe('copy_v2')
    expect((await run()).state).toBe('SUCCESS')
    const { rows } = await execute('SELECT id, "_sc_run_id" FROM $.copy_v2')
    expect(rows.length).toBe(1)
  })

  it('what somebody else saved meanwhile is shown, and overwritten only when that is wanted', async () => {
    await openSettings()
    await page.fill(rejectedMax, '7')
    await others(3)
    await page.click(id('save-changes'))
    await page.waitForSelector(id('dialog-conflict'))
    expect(await text(id('conflict-text'))).toMatch(/^Changed .+ by Local admin\./)
    await page.click(id('conflict-differences'))
    expect(await text(id('config-change', 'Rejected rows'))).toBe('Rejected rows37')
    expect(await page.locator(id('config-change')).count()).toBe(1)
    await open.picture('63-changed-meanwhile')
    await page.click(id('dialog-close'))
    await page.waitForSelector(id('dialog-conflict'), { state: 'detached' })
    expect((await settingsNow()).rejectedMax).toBe(3)
    expect(await page.inputValue(rejectedMax)).toBe('7')
    await page.click(id('save-changes'))
    await page.click(id('conflict-overwrite'))
    await expect.poll(async () => (await settingsNow()).rejectedMax, { timeout: 60_000 }).toBe(7)
    // The form knows the version that it saved.
    await page.waitForSelector(`${id('save-changes')}:disabled`)
    await page.fill(rejectedMax, '8')
    await page.click(id('save-changes'))
    await expect.poll(async () => (await settingsNow()).rejectedMax, { timeout: 60_000 }).toBe(8)
    expect(await page.locator(id('dialog-conflict')).count()).toBe(0)
  })

  it('what was typed is discarded for what somebody else saved', async () => {
    await openSettings()
    await page.fill(rejectedMax, '9')
    await others(4)
    await page.click(id('save-changes'))
    await page.click(id('conflict-discard'))
    await page.waitForSelector(id('dialog-conflict'), { state: 'detached' })
    await expect.poll(() => page.inputValue(rejectedMax), { timeout: 60_000 }).toBe('4')
    expect(await page.isDisabled(id('save-changes'))).toBe(true)
    expect((await settingsNow()).rejectedMax).toBe(4)
  })

  it('nothing is asked where a run or another part of the job changed, or nothing was typed', async () => {
    await openSettings()
    await page.fill(rejectedMax, '11')
    const daily = { on: false, interval: 'daily', time: '02:00', timeZone: 'UTC' }
    const { version } = await call<JobInfo>('PUT', `/jobs/${job.id}/schedule`, daily)
    expect((await run()).state).toBe('SUCCESS')
    expect((await call<JobInfo>('GET', `/jobs/${job.id}`)).version).toBe(version)
    await page.click(id('save-changes'))
    await expect.poll(async () => (await settingsNow()).rejectedMax, { timeout: 60_000 }).toBe(11)
    expect(await page.locator(id('dialog-conflict')).count()).toBe(0)
    await others(12)
    await expect.poll(() => page.inputValue(rejectedMax), { timeout: 60_000 }).toBe('12')
  })

  it('a task that somebody else changed meanwhile is asked about as well', async () => {
    await openTask('advanced')
    await page.fill(id('field-ttlSeconds'), '6000')
    const options = { ...(await taskNow()).options, ttlSeconds: 7000 }
    await call('PATCH', `/jobs/${job.id}/tasks/${job.tasks[0]!.id}`, { options })
    await page.click(id('save-changes'))
    await page.click(id('conflict-differences'))
    expect(await text(id('config-change', 'Time to live, s'))).toContain('70006000')
    await page.click(id('conflict-overwrite'))
    await expect
      .poll(async () => (await taskNow()).options, { timeout: 60_000 })
      .toMatchObject({ ttlSeconds: 6000 })
  })
})
