/**
 * The screens of connectors in a real browser, on a standalone worker with a real Kafka and
 * Cassandra: empty list, paste, form, states, tasks with traces, configuration, acts, errors.
 * Spec: ui 5.4, 8 (flows 8 to 11).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { testKeyspace } from '../support/keyspace.ts'
import { send, sinkSettings, startWorker, type TestWorker, until } from '../support/standalone.ts'
import { testTopic } from '../support/topic.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const SINK = 'com.datastax.oss.kafka.sink.CassandraSinkConnector'

let browser: Browser
let worker: TestWorker
let open: TestPage
let keyspace: Awaited<ReturnType<typeof testKeyspace>>
let topic: Awaited<ReturnType<typeof testTopic>>

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  keyspace = await testKeyspace()
  topic = await testTopic(2)
  await createTable('t')
  await createTable('gone')
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

const mapping = () => `topic.${topic.name}.${keyspace.name}.t.mapping`
const good = (name: string) =>
  sinkSettings(name, topic.name, { [mapping()]: 'k=key,v=value', 'tasks.max': '2' })
const doomed = (name: string) =>
  sinkSettings(name, topic.name, {
    [`topic.${topic.name}.${keyspace.name}.gone.mapping`]: 'k=key,v=value',
  })
const createTable = (name: string) =>
  keyspace.client.execute(`CREATE TABLE ${keyspace.name}.${name} (k text PRIMARY KEY, v text)`)
const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`

async function start(path: string, connectors: Record<string, string>[] = []) {
  worker = await startWorker(connectors)
  open = await openPage(browser, worker.url)
  await open.page.goto(`${worker.url}${path}`)
  await open.page.waitForSelector('html[data-app-ready]')
  return open.page
}

/** A range by Shift, a row and its menu by the keyboard alone, and a column that is sorted. */
async function selectByRangeAndKeys(page: Page) {
  const box = (name: string) => `${id('connector-row', name)} ${id('connector-select')}`
  await page.click(box('fine'))
  await page.click(box('paused'))
  await page.click(box('bad'))
  await page.click(box('paused'), { modifiers: ['Shift'] })
  expect(await page.textContent(id('bulk-bar'))).toContain('3 selected')
  await page.click(id('select-all'))
  await page.waitForSelector(id('bulk-bar'), { state: 'detached' })
  await page.focus('[role=grid]')
  await page.keyboard.press('Home')
  await page.keyboard.press('x')
  expect(await page.textContent(id('bulk-bar'))).toContain('1 selected')
  await page.keyboard.press('x')
  await page.keyboard.press('.')
  await page.waitForSelector(id('menu-item', 'restart-failed'))
  await page.keyboard.press('Escape')
  await page.waitForSelector(id('menu-item', 'restart-failed'), { state: 'detached' })
  await page.click('[role=columnheader][data-column=name] button')
  await page.click('[role=columnheader][data-column=name] button')
  const names = await page
    .locator(id('connector-row'))
    .evaluateAll(all =>
      all.map(row => [row.getAttribute('aria-rowindex'), row.getAttribute('data-key')]),
    )
  expect(names.sort().map(([, name]) => name)).toEqual(['paused', 'fine', 'bad'])
}

describe.skipIf(chromium === undefined)('connectors', () => {
  it('are an empty list at first', async () => {
    const page = await start('/ui/connectors')
    await page.waitForSelector(`${id('page-connectors')}[data-loading=false]`)
    expect(await page.textContent(id('empty'))).toContain('stream between Kafka topics')
    expect(await page.title()).toBe('Connectors · Scamander')
    await page.waitForSelector(`${id('live-dot')}[data-state=live]`)
    await open.picture('01-connectors-empty')
    expect(open.complaints).toEqual([])
  })

  it('are launched from a pasted curl command', async () => {
    const page = await start('/ui/connectors/paste')
    const body = JSON.stringify({ name: 'pasted', config: good('pasted') })
    const curl = `curl -X POST -H "Content-Type: application/json" -d '${body}' http://h/connectors`
    await page.fill(id('paste-editor'), curl)
    await page.click(id('paste-convert'))
    await page.waitForSelector(`${id('paste-item', 'pasted')}[data-state=passed]`)
    expect(await page.textContent(id('paste-format'))).toContain('curl command')
    await open.picture('02-paste')
    await page.click(id('paste-launch'))
    await page.waitForSelector(`${id('page-connector')} ${id('status')}[data-state=RUNNING]`)
    expect(await page.title()).toBe('pasted · Connectors · Scamander')
    expect((await worker.call('GET', '/connectors')).json).toEqual(['pasted'])
    expect(open.complaints).toEqual([])
  })

  it('tell what is wrong with a paste before anything is launched', async () => {
    const page = await start('/ui/connectors/paste')
    await page.fill(id('paste-editor'), 'name=a\nword')
    await page.click(id('paste-convert'))
    expect(await page.textContent(id('paste-problem'))).toContain('Line 2')
    await page.fill(id('paste-editor'), `name=a\nconnector.class=${SINK}\ntasks.max=many`)
    await page.click(id('paste-convert'))
    await page.waitForSelector(`${id('paste-item', 'a')}[data-state=failed]`)
    const problems = await page.locator(id('paste-problem')).allTextContents()
    expect(problems.join('\n')).toContain('tasks.max')
    expect(await page.isDisabled(id('paste-launch'))).toBe(true)
    expect(open.complaints).toEqual([])
  })

  it('are made by the form that the worker describes', async () => {
    const page = await start('/ui/connectors')
    await page.click(id('connectors-add'))
    await page.waitForSelector(id('plugin-card', SINK))
    await open.picture('03-plugins')
    await page.click(`${id('plugin-card', SINK)} ${id('plugin-connect')}`)
    await page.fill(id('field-name'), 'formed')
    await page.fill(id('field-tasks.max'), 'many')
    await page.waitForSelector(id('field-tasks.max-error'))
    await page.click(id('connector-continue'))
    await page.waitForSelector(`${id('review-result')}[data-state=failed]`)
    expect(await page.isDisabled(id('connector-launch'))).toBe(true)
    await page.click(id('connector-back'))
    await open.picture('04-form')
    await page.click(id('form-mode-json'))
    await page.fill(id('config-editor'), JSON.stringify({ ...good('formed'), 'x.custom': '1' }))
    await page.click(id('form-mode-form'))
    await page.waitForSelector(id('field-x.custom'))
    expect(await page.inputValue(id(`field-tasks.max`))).toBe('2')
    await page.click(`${id('connector-continue')}:enabled`)
    await page.waitForSelector(`${id('review-result')}[data-state=passed]`)
    await open.picture('05-review')
    await page.click(id('connector-launch'))
    await page.waitForSelector(`${id('page-connector')} ${id('status')}[data-state=RUNNING]`)
    await page.waitForSelector(id('connector-figure', 'read'))
    await open.picture('05-overview')
    const { json } = await worker.call('GET', '/connectors/formed/config')
    expect(json).toMatchObject({ 'x.custom': '1', 'tasks.max': '2' })
    expect(open.complaints).toEqual([])
  })

  it('are paused, resumed, restarted, stopped and deleted', async () => {
    const name = 'a/b c'
    const page = await start('/ui/connectors', [good(name)])
    await page.click(`${id('connector-row', name)} ${id('connector-open')}`)
    const state = (one: string) =>
      page.waitForSelector(`.sc-page-head ${id('status')}[data-state=${one}]`)
    await state('RUNNING')
    await page.click(id('connector-pause'))
    await state('PAUSED')
    await page.click(id('connector-resume'))
    await state('RUNNING')
    await page.click(id('connector-restart'))
    await page.click(id('menu-item', 'restart-all'))
    await page.waitForSelector(`${id('toast')}:has-text("restarting with its tasks")`)
    await state('RUNNING')
    await page.click(id('connector-stop'))
    expect(await page.textContent(id('confirm-text'))).toContain('Offsets stay')
    await open.picture('06-confirm-stop')
    await page.click(id('confirm-yes'))
    await state('STOPPED')
    expect((await worker.call('GET', '/connectors/a%2Fb%20c/status')).json.connector.state).toBe(
      'STOPPED',
    )
    await page.click(id('connector-more'))
    await page.click(id('connector-delete'))
    await page.click(id('confirm-no'))
    await page.click(id('connector-more'))
    await page.click(id('connector-delete'))
    await page.click(id('confirm-yes'))
    await page.waitForSelector(id('empty'))
    expect((await worker.call('GET', '/connectors')).json).toEqual([])
    expect(open.complaints.filter(one => !one.includes('404'))).toEqual([])
  })

  it('ask before a draft is left: stay, discard', async () => {
    const page = await start('/ui/connectors', [good('asked')])
    const change = async () => {
      await page.click(id('config-edit'))
      await page.fill(id('config-editor'), JSON.stringify({ ...good('asked'), 'tasks.max': '3' }))
      await page.waitForSelector(id('config-change', 'tasks.max'))
    }
    await page.click(`${id('connector-row', 'asked')} ${id('connector-open')}`)
    await page.click(id('tab-config'))
    await change()
    await page.click(id('nav-home'))
    await page.waitForSelector(id('unsaved-stay'))
    await open.picture('19-unsaved')
    await page.click(id('unsaved-stay'))
    await page.waitForSelector(id('unsaved-stay'), { state: 'hidden' })
    expect(page.url()).toContain('/connectors/asked/config')
    expect(await page.locator(id('config-change', 'tasks.max')).count()).toBe(1)
    await page.goBack()
    await page.click(id('unsaved-stay'))
    await page.waitForSelector(id('unsaved-stay'), { state: 'hidden' })
    await page.click(id('nav-home'))
    await page.click(id('unsaved-save'))
    await page.waitForSelector(id('page-home'))
    const kept = (await worker.call('GET', '/connectors/asked/config')).json
    expect(kept['tasks.max']).toBe('3')
    await page.goto(`${worker.url}/ui/connectors/asked/config`)
    await page.waitForSelector(id('config-edit'))
    await page.click(id('config-edit'))
    await page.fill(id('config-editor'), '{"half')
    await page.click(id('nav-home'))
    await page.waitForSelector(id('unsaved-stay'))
    expect(await page.locator(id('unsaved-save')).count()).toBe(0)
    await page.click(id('unsaved-discard'))
    await page.waitForSelector(id('page-home'))
    expect((await worker.call('GET', '/connectors/asked/config')).json).toEqual(kept)
    expect(open.complaints).toEqual([])
  })

  it('that failed stand first, with the trace one click away', async () => {
    const page = await start('/ui/connectors', [good('fine'), good('paused'), doomed('bad')])
    await worker.call('PUT', '/connectors/paused/pause')
    await page.waitForSelector(`${id('connector-row', 'bad')}[data-state=RUNNING]`)
    await keyspace.client.execute(`DROP TABLE ${keyspace.name}.gone`)
    await worker.call('POST', '/connectors/bad/restart?includeTasks=true')
    await page.waitForSelector(`${id('connector-row', 'bad')}[data-state=FAILED]`)
    await page.waitForSelector(`${id('connector-row', 'paused')}[data-state=PAUSED]`)
    const rows = await page
      .locator(id('connector-row'))
      .evaluateAll(all => all.map(row => row.getAttribute('data-key')))
    expect(rows[0]).toBe('bad')
    expect(await page.textContent(id('nav-connectors-count'))).toContain('1')
    await page.click(id('state-filter', 'FAILED'))
    await page.waitForURL(/state=FAILED/)
    expect(await page.locator(id('connector-row')).count()).toBe(1)
    await page.click(id('state-filter', 'ALL'))
    await page.click(`${id('connector-row', 'fine')} ${id('connector-select')}`)
    await page.click(`${id('connector-row', 'paused')} ${id('connector-select')}`)
    expect(await page.textContent(id('bulk-bar'))).toContain('2 selected')
    await open.picture('07-connectors')
    await selectByRangeAndKeys(page)
    await page.setViewportSize({ width: 390, height: 844 })
    await open.picture('08-connectors-narrow')
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.fill(id('search'), 'nothing of that name')
    expect(await page.textContent(id('empty'))).toContain('Nothing matches')
    await page.goto(`${worker.url}/ui/connectors/bad/tasks`)
    await page.waitForSelector(`${id('task-row', '0')}[data-state=FAILED]`)
    expect(await page.locator(id('trace-advice')).first().textContent()).toContain('t')
    await page
      .locator(`${id('task-trace')} summary`)
      .first()
      .click()
    await open.picture('09-tasks')
    await createTable('gone')
    await page.locator(id('task-restart')).first().click()
    await page.waitForSelector(`${id('task-row', '0')}[data-state=RUNNING]`)
    expect(open.complaints).toEqual([])
  })

  it('are edited as text, and a hidden secret stays what it is', async () => {
    const secret = 'kept-and-never-shown'
    const settings = { ...good('edited'), 'auth.username': 'u', 'auth.password': secret }
    const page = await start('/ui/connectors/edited/config', [settings])
    await page.waitForSelector(id('config-edit'))
    await page.click(id('config-edit'))
    const lines = await page.locator(`${id('config-editor')} .cm-line`).allTextContents()
    const text = lines.join('\n')
    expect(text).not.toContain(secret)
    await page.fill(id('config-editor'), text.replace('"tasks.max": "2"', '"tasks.max": "1"'))
    await page.waitForSelector(id('config-change', 'tasks.max'))
    expect(await page.locator(id('config-change')).count()).toBe(1)
    await open.picture('10-config')
    await page.click(id('save-changes'))
    await page.waitForSelector(id('config-edit'))
    const { json } = await worker.call('GET', '/connectors/edited/config')
    expect([json['tasks.max'], json['auth.password']]).toEqual(['1', '[hidden]'])
    expect(await page.content()).not.toContain(secret)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.click(id('copy-as'))
    await page.click(id('menu-item', 'curl'))
    await page.waitForSelector(`${id('toast')}:has-text("Secrets are not in it")`)
    const copied = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(copied).toContain(`curl -X PUT '${worker.url}/connectors/edited/config'`)
    expect(copied).toContain(`"auth.password": "\${secret:auth.password}"`)
    await page.click(`${id('config-version', '1')} ${id('config-version-open')}`)
    await page.waitForSelector(`${id('dialog-version')} ${id('config-change', 'tasks.max')}`)
    await open.picture('10-version')
    await page.click(id('config-restore'))
    await until('the version of before', async () => {
      const now = (await worker.call('GET', '/connectors/edited/config')).json
      return now['tasks.max'] === '2' && now['auth.password'] === '[hidden]'
    })
    await page.waitForSelector(id('config-version', '2'))
    expect(open.complaints).toEqual([])
  })

  it('tell where they read and what they refused, and read again what they are told to', async () => {
    await using records = await testTopic(1)
    await using letters = await testTopic(1)
    const settings = sinkSettings('inside', records.name, {
      [`topic.${records.name}.${keyspace.name}.t.mapping`]: 'k=key,v=value.v',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': letters.name,
      'errors.deadletterqueue.context.headers.enable': 'true',
    })
    const page = await start('/ui/connectors/inside/dead-letters', [settings])
    await page.waitForSelector(id('empty'))
    const good = [1, 2, 3].map(one => ({ key: `good ${one}`, value: '{"v":"x"}' }))
    const bad = { key: 'bad', value: '{"v":<b>no' }
    await send(records.name, [...good, bad, bad])
    await page.waitForSelector(id('dead-letter-row', '0/1'))
    await page.click(`${id('dead-letter-row', '0/0')} ${id('dead-letter-open')}`)
    await page.waitForSelector(`${id('dead-letter-detail')}:has-text("<b>no")`)
    await open.picture('14-dead-letters')
    await page.click(id('dead-letter-edit'))
    await page.fill(id('dead-letter-value'), '{"v":"mended"}')
    await page.click(id('dead-letter-send'))
    await page.click(id('confirm-yes'))
    await page.waitForSelector(`${id('replay-result')}:has-text("1 of 1 sent")`)
    await page.waitForSelector(`${id('dead-letter-row', '0/0')}[data-state=replayed]`)
    const cql = `SELECT v FROM ${keyspace.name}.t WHERE k = 'bad'`
    await until('the mended record', async () => {
      const { rows } = await keyspace.client.execute(cql)
      return rows[0]?.['v'] === 'mended'
    })
    await page.click(id('dead-letters-replay-all'))
    expect(await page.textContent(id('confirm-text'))).toContain('1 record ')
    await page.click(id('confirm-yes'))
    await page.waitForSelector(`${id('replay-result')}:has-text("1 of 2 sent")`)
    // It fails again and comes back.
    await page.waitForSelector(`${id('dead-letter-row', '0/2')}:has-text("back 1 time")`)

    await page.click(id('tab-offsets'))
    const row = id('offset-row', `${records.name}-0`)
    await page.waitForSelector(`${row} [data-column=committed]:has-text("7")`)
    await page.click(id('offsets-stop'))
    await page.click(id('confirm-yes'))
    await page.fill(`${row} ${id('offset-new')}`, '2')
    await page.click(id('offsets-preview'))
    await page.waitForSelector(`${id('offsets-meaning')}:has-text("5 records are read again")`)
    await open.picture('15-offsets')
    await page.click(id('offsets-apply'))
    await page.waitForSelector(`${row} [data-column=committed]:has-text("2")`)
    const { json } = await worker.call('GET', '/connectors/inside/offsets')
    expect(json.offsets[0].offset).toEqual({ kafka_offset: 2 })
    await page.click(id('offsets-resume'))
    await page.waitForSelector(`${row} [data-column=committed]:has-text("7")`)

    await page.click(id('tab-metrics'))
    await page.waitForSelector(`${id('chart', 'records')} canvas`)
    await page.click(`${id('chart', 'lag')} ${id('chart-table')}`)
    expect(await page.textContent(`${id('chart', 'lag')} table`)).toContain('lag')
    await open.picture('16-metrics')
    await page.setViewportSize({ width: 390, height: 844 })
    await open.picture('17-metrics-narrow')
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.click(id('tab-activity'))
    await page.waitForSelector(id('activity-row', 'act'))
    const activity = await page.locator(id('activity-row', 'act')).allTextContents()
    expect(activity.join('\n')).toContain('offsets changed')
    await open.picture('18-activity')
    expect(open.complaints).toEqual([])
  })

  it('stay on screen, dated, while the server is away', async () => {
    const page = await start('/ui/connectors', [good('fine')])
    await page.waitForSelector(id('connector-row', 'fine'))
    await worker.stop()
    await page.waitForSelector(id('panel-stale'))
    await page.waitForSelector(`${id('live-dot')}[data-state=reconnecting]`)
    await page.waitForSelector('html[data-stale]')
    expect(await page.textContent(id('live-dot'))).toMatch(/as of \d\d:\d\d:\d\d$/)
    expect(await page.locator(id('connector-row', 'fine')).count()).toBe(1)
    await page.reload().catch(() => undefined)
  })

  it('are told to be missing where the server has no worker', async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-'))
    const logger = Logger.silent()
    const server = await startServer({ dataFolder, listen: 'http://127.0.0.1:0', logger })
    try {
      open = await openPage(browser, server.url)
      await open.page.goto(`${server.url}/ui/connectors`)
      const text = await open.page.textContent(id('empty'))
      expect(text).toContain('runs no connectors')
      await open.page.waitForSelector(`${id('live-dot')}[data-state=live]`)
    } finally {
      await server.close()
      rmSync(dataFolder, { recursive: true })
    }
  })

  it('that do not exist are told with advice', async () => {
    const page = await start('/ui/connectors/none/overview')
    await page.waitForSelector(id('panel-error'))
    expect(await page.textContent(id('panel-error'))).toContain('none')
    await page.goto(`${worker.url}/ui/no/such/page`)
    await page.waitForSelector(id('page-not-found'))
    await open.picture('11-not-found')
  })

  it('are found with the keyboard alone', async () => {
    const page = await start('/ui/connectors', [good('fine'), good('other')])
    await page.waitForSelector(id('connector-row', 'other'))
    await page.keyboard.press('Control+k')
    await page.waitForSelector(id('palette-item', 'connector other'))
    await open.picture('12-palette')
    await page.keyboard.type('othr')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/ui\/connectors\/other\/overview$/)
    await page.waitForSelector(`.sc-page-head ${id('status')}[data-state=RUNNING]`)
    await open.picture('13-overview')
    await page.keyboard.press('g')
    await page.keyboard.press('k')
    await page.waitForURL(/\/ui\/connectors$/)
    expect(open.complaints).toEqual([])
  })
})
