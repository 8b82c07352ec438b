/**
 * Schedules and runs in a real browser, on a real Cassandra and the stand-in of Backlog: every kind of
 * schedule with its next times, a chain of two jobs, pause of all, a run that is stopped, bars, history with
 * filters, and how long it is kept.
 * Spec: ui 5.3, 5.7, 8 (flows 6 and 7); backlog-replication 2.10, 2.12, 2.13.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobInfo } from '../../src/api-v1.ts'
import { type BacklogStandIn, startBacklogStandIn } from '../../src/demo/index.ts'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const PATIENCE_MS = 60_000

let browser: Browser
let keyspace: TestKeyspace
let standIn: BacklogStandIn
let server: Start
let open: TestPage
let page: Page
const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-schedules-'))
const jobs: Record<string, string> = {}

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  keyspace = await testKeyspace()
  const limits = { read: 1_000_000, search: 1_000_000 }
  standIn = await startBacklogStandIn({ projects: 2, issues: 120, limits })
  server = await startServer({ dataFolder, listen: 'http://127.0.0.1:0', logger: Logger.silent() })
  await makeJobs()
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

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const given = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(`${server.url}/api/v1${path}`, { method, headers, ...given })
  return (await answer.json()) as T
}

async function makeJobs(): Promise<void> {
  const { contactPoints, port } = testCassandra()
  const save = async (connector: string, properties: object) => {
    const draft = { name: connector, connector, properties }
    const saved = await call<{ connection: { id: string } }>('POST', '/connections', draft)
    return saved.connection.id
  }
  const source = await save('backlog', { url: standIn.url, apiKey: standIn.apiKey })
  const destination = await save('cassandra', {
    ...{ server: contactPoints[0], port, database: keyspace.name },
    ...{ authScheme: 'None', consistencyLevel: 'ONE' },
  })
  for (const [name, tables] of [
    ['first', ['Issues', 'Projects']],
    ['second', ['Users']],
  ] as const) {
    const { id } = await call<{ id: string }>('POST', '/jobs', { name, source, destination })
    jobs[name] = id
    const items = [
      ...tables.map(table => ({ table })),
      {
        query: `REPLICATE ${name}_q (PRIMARY KEY ((id))) SELECT Id AS id, Name AS n FROM Projects`,
      },
    ]
    await call('POST', `/jobs/${id}/tasks`, { items })
  }
}

const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`
const text = async (selector: string) => (await page.textContent(selector)) ?? ''
const choose = async (field: string, value: string) => {
  await page.click(id(field))
  await page.click(`${id('option')}[data-value="${value}"]:visible`)
}
const ready = (name: string) => page.waitForSelector(`${id(`page-${name}`)}[data-loading=false]`)
const openJob = async (name: string, tab = 'overview') => {
  await page.goto(`${server.url}/ui/jobs/${jobs[name]}/${tab}`)
  await ready('job')
}
const words = (part: string) => page.waitForSelector(`${id('schedule-words')}:has-text("${part}")`)
const fifth = () => page.waitForSelector(`${id('schedule-next')} >> nth=4`)

describe.skipIf(chromium === undefined)('schedules and runs in the page', () => {
  it('has the fields of each kind, its words and the next five times', async () => {
    await openJob('first')
    await page.click(id('schedule-configure'))
    await choose('field-interval', 'minute')
    await choose('field-every', '20')
    await words('Every 20 min')
    await page.check(id('schedule-advanced'))
    await choose('field-every', '1')
    await words('Every minute')
    await fifth()
    await page.fill(id('field-start-spread'), '60')
    await page.waitForSelector(id('field-start-spread-error'))
    await page.fill(id('field-start-spread'), '30')
    await choose('field-interval', 'hourly')
    await page.fill(id('field-minute'), '60')
    await page.waitForSelector(id('field-minute-error'))
    await page.fill(id('field-minute'), '7')
    await words('Hourly at minute 7')
    await choose('field-interval', 'weekly')
    await page.click(id('field-days'))
    await page.click(`${id('option')}[data-value="5"]:visible`)
    await page.keyboard.press('Escape')
    await words('Monday, Friday')
    await choose('field-interval', 'monthly')
    await page.fill(id('field-day'), 'last')
    await words('the last day')
    await open.picture('63-schedule-monthly')
    await choose('field-interval', 'custom')
    await page.fill(id('field-cron'), '0 2 * *')
    await page.waitForSelector(`${id('field-cron-error')}:has-text("five fields")`)
    await page.fill(id('field-cron'), '30 6 * * MON#2')
    await words('At 06:30, the second Monday of the month')
    await page.fill(id('field-time-zone'), 'Asia/Tokyo')
    await page.click(`${id('option')}[data-value="Asia/Tokyo"]:visible`)
    await words('Asia/Tokyo')
    await fifth()
    expect(await page.isChecked(id('schedule-catch-up'))).toBe(true)
    expect(await page.isChecked(id('schedule-on'))).toBe(true)
    await page.uncheck(id('schedule-catch-up'))
    await open.picture('64-schedule-cron')
    await page.click(id('schedule-save'))
    await page.waitForSelector(
      `${id('schedule-text')}:has-text("At 06:30, the second Monday of the month, Asia/Tokyo")`,
    )
    const { schedule } = await call<{ schedule: object }>('GET', `/jobs/${jobs['first']}`)
    expect(schedule).toMatchObject({ catchUp: false, spreadSeconds: 30, cron: '30 6 * * MON#2' })
  })

  it('asks whose schedule stays when two were saved', async () => {
    await openJob('first')
    await page.click(id('schedule-configure'))
    await page.fill(id('field-cron'), '45 7 * * *')
    await call('PUT', `/jobs/${jobs['first']}/schedule`, {
      ...{ on: true, interval: 'daily', time: '03:15', timeZone: 'Asia/Tokyo' },
    })
    await page.click(id('schedule-save'))
    await page.waitForSelector(`${id('conflict-text')}:has-text("by Local admin")`)
    await page.click(id('conflict-differences'))
    await page.waitForSelector(`${id('config-change', 'Time')}:has-text("03:15")`)
    await page.keyboard.press('Escape')
    await page.waitForSelector(id('dialog-conflict'), { state: 'detached' })
    expect(await page.inputValue(id('field-cron'))).toBe('45 7 * * *')
    await page.click(id('schedule-save'))
    await page.click(id('conflict-overwrite'))
    await page.waitForSelector(`${id('schedule-text')}:has-text("07:45")`)
    await page.waitForSelector(id('dialog-schedule'), { state: 'detached' })
  })

  it('starts a job after another one, and refuses a circle with the names', async () => {
    await openJob('second')
    await page.click(id('schedule-configure'))
    await choose('field-interval', 'after_job')
    await page.click(id('schedule-save'))
    await page.waitForSelector(id('field-after-job-error'))
    await choose('field-after-job', 'first')
    await choose('field-runs', 'always')
    await words('After first, always')
    await page.click(id('schedule-save'))
    await page.waitForSelector(`${id('schedule-text')}:has-text("After first, always")`)
    await openJob('first')
    await page.click(id('schedule-configure'))
    await choose('field-interval', 'after_job')
    await choose('field-after-job', 'second')
    await page.click(id('schedule-save'))
    await page.waitForSelector(`${id('field-after-job-error')}:has-text("first → second → first")`)
    await open.picture('65-schedule-circle')
    await page.click(id('dialog-close'))
  })

  it('runs in another way from the menu, shows bars, queries and levels of the log', async () => {
    await call('PATCH', `/jobs/${jobs['first']}`, { settings: { logLevel: 'transfer' } })
    await openJob('first')
    await page.click(`${id('job-run-more')}:enabled`)
    await page.click(id('menu-item', 'full'))
    await ready('run')
    await page.waitForSelector(`${id('run-progress')}[data-state=SUCCESS]`)
    expect(await text(id('run-trigger'))).toContain('user, full')
    await page.waitForSelector(`${id('toast')}[data-kind=run]`)
    expect(await page.locator(id('run-gantt-row')).count()).toBe(3)
    const bar = await text(`${id('run-gantt')} tr:has-text("Issues") ${id('run-gantt-bar')}`)
    expect(bar).toMatch(/^Success, \d\d:\d\d:\d\d to \d\d:\d\d:\d\d, 120 rows$/)
    expect(await text(id('run-queries'))).toContain('REPLICATE first_q')
    expect(await text(id('run-used'))).toMatch(/^Scamander .+, change \d+ of the job$/)
    await page.waitForSelector(`${id('run-log-line')}:has-text("TRANSFER")`)
    expect(await page.content()).not.toContain(standIn.apiKey)
    await choose('log-level', 'info')
    await expect
      .poll(() => page.locator(`${id('run-log-line')}:has-text("TRANSFER")`).count())
      .toBe(0)
    await open.picture('66-run-bars')
  })

  it('links a chained run to the one before, and keeps both in the history', async () => {
    await openJob('second', 'history')
    const row = `${id('run-row')}[data-state=SUCCESS]`
    await page.waitForSelector(row)
    expect(await text(`${row} ${id('run-trigger')}`)).toContain('chained after first')
    await page.click(`${row} ${id('run-after')}`)
    await page.waitForSelector(`${id('run-task', 'Issues')}[data-state=SUCCESS]`)
    await openJob('first', 'history')
    await page.waitForSelector(row)
    await choose('history-state', 'FAILED')
    await expect.poll(() => page.locator(id('run-row')).count()).toBe(0)
    await choose('history-state', 'SUCCESS')
    await page.waitForSelector(row)
    await page.fill(id('history-until'), '2020-01-01')
    await expect.poll(() => page.locator(id('run-row')).count()).toBe(0)
    await page.fill(id('history-until'), '')
    await choose('history-task', 'Projects')
    await page.waitForSelector(row)
    const csv = decodeURIComponent((await page.getAttribute(id('history-csv'), 'href')) ?? '')
    expect(csv).toContain('id,started,trigger,after_run,mode,state')
    await open.picture('67-history-filters')
  })

  it('shows days, freshness and the last runs, each of which opens', async () => {
    await openJob('first')
    await page.waitForSelector(`${id('day-bar')} >> nth=13`)
    const today = await text(`${id('day-bar')} >> nth=13`)
    expect(today).toMatch(/: 124 rows in 1 run$/)
    expect(await text(`${id('task-fresh')} >> nth=0`)).toMatch(/old$/)
    await open.picture('68-overview')
    await page.click(id('run-bar'))
    await ready('run')
  })

  it('starts several jobs at once, and stops a run', async () => {
    standIn.faults.push({ path: /./, action: 'delay', delayMs: 400, times: 1_000_000 })
    await page.goto(`${server.url}/ui/jobs`)
    await ready('jobs')
    await page.check(`${id('job-row', 'first')} ${id('job-select')}`)
    await page.click(`${id('bulk-bar')} ${id('bulk-run')}`)
    await openJob('first')
    await page.click(id('job-show-run'))
    await page.click(id('run-stop'))
    await page.click(id('confirm-yes'))
    await page.waitForSelector(`${id('run-state')}[data-state=CANCELLED]`)
    standIn.faults.length = 0
    const { items } = await call<{ items: unknown[] }>('GET', `/runs?job=${jobs['second']}`)
    expect(items.length).toBe(1)
  })

  it('runs one task from its row, and leads from the history to that run', async () => {
    await openJob('first')
    await page.click(id('tab-task'))
    const row = id('task-row', 'Issues')
    await page.check(`${row} ${id('task-select')}`)
    expect(await text(id('bulk-bar'))).toContain('1 selected')
    await page.uncheck(`${row} ${id('task-select')}`)
    await page.waitForSelector(id('bulk-bar'), { state: 'detached' })
    await page.click(`${row} ${id('task-run')}:enabled`)
    await ready('run')
    await page.waitForSelector(`${id('run-task', 'Issues')}[data-state=SUCCESS]`)
    expect(await page.locator(id('run-task')).count()).toBe(1)
    const run = page.url()
    await openJob('first')
    await page.click(id('tab-history'))
    await page.waitForURL(/history$/)
    await page.click(`${id('run-row')} >> nth=0 >> ${id('run-started')}`)
    await ready('run')
    expect(page.url()).toBe(run)
  })

  it('makes a job of all tables of a source', async () => {
    await page.goto(`${server.url}/ui/jobs`)
    await ready('jobs')
    await page.click(id('jobs-add'))
    await page.fill(id('field-name'), 'everything')
    await choose('field-source', 'backlog')
    await choose('field-destination', 'cassandra')
    await page.click(`${id('field-type')} ${id('option')}[data-value=sync-all]`)
    await page.click(id('job-create'))
    await page.waitForSelector(id('task-row', 'Issues'))
    const { items } = await call<{ items: readonly JobInfo[] }>('GET', '/jobs')
    const made = items.find(one => one.name === 'everything')
    expect(made?.type).toBe('sync_all')
    // Away from its page, which would ask for it again.
    await page.goto(`${server.url}/ui/jobs`)
    await ready('jobs')
    await fetch(`${server.url}/api/v1/jobs/${made?.id}`, { method: 'DELETE' })
  })

  it('pauses all schedules, says so, and resumes them', async () => {
    await page.goto(`${server.url}/ui/jobs`)
    await ready('jobs')
    await page.click(id('schedules-pause'))
    await page.click(id('confirm-yes'))
    await page.waitForSelector(`${id('schedules-paused')}:has-text("Local admin")`)
    await open.picture('69-paused')
    await openJob('second')
    await page.click(id('schedules-resume'))
    await page.waitForSelector(id('schedules-paused'), { state: 'detached' })
    expect(await call('GET', '/schedule/pause')).toMatchObject({ paused: false })
  })

  it('shows the runs of a day in Monitoring, and sets how long they are kept', async () => {
    await page.goto(`${server.url}/ui/monitoring/runs`)
    await ready('monitoring')
    await page.waitForSelector(id('day-gantt-row', 'first'))
    await page.waitForSelector(`${id('day-gantt-bar')}[data-state=CANCELLED]`)
    await open.picture('70-runs-day')
    await page.click(id('runs-day-before'))
    await page.waitForSelector(`text=No job ran on this day`)
    await page.goto(`${server.url}/ui/settings/history`)
    await ready('settings')
    await page.fill(id('field-days'), '0')
    await page.click(id('save-changes'))
    await page.waitForSelector(id('field-days-error'))
    await page.fill(id('field-days'), '30')
    await page.fill(id('field-archive'), join(dataFolder, 'archive'))
    await open.picture('71-retention')
    await page.click(id('save-changes'))
    await page.waitForSelector(`${id('toast')}:has-text("retention of the history was saved")`)
    expect(await call('GET', '/history/retention')).toMatchObject({ days: 30, gigabytes: 1 })
    await page.goto(`${server.url}/ui/jobs/${jobs['first']}/settings`)
    await ready('job')
    await page.fill(id('field-parallelTasks'), '3')
    await choose('field-logging', 'verbose')
    await page.waitForSelector(`${id('verbose-warning')}:has-text("24 hours")`)
    await page.click(id('save-changes'))
    await page.waitForSelector(`${id('toast')}:has-text("first was saved")`)
    expect(await call('GET', `/jobs/${jobs['first']}`)).toMatchObject({
      settings: { parallelTasks: 3, logLevel: 'verbose' },
    })
    // Refusals are answers of the API that the browser notes in its console.
    expect(open.complaints.filter(one => !/status of (412|422)/.test(one))).toEqual([])
  })
})
