/**
 * Replication by point and click in a real browser, on a real Cassandra and the stand-in of Backlog: from an
 * empty state to rows that are compared one by one with the source, and mistakes that are told at the
 * field and save nothing.
 * Spec: ui 5.2, 5.3, 8 (flows 1 to 7); backlog-replication 2.
 */
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BacklogStandIn, startBacklogStandIn } from '../../src/demo/index.ts'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'
import { startReceiver } from '../support/webhook-receiver.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const ISSUES = 230
const PATIENCE_MS = 60_000
const SECRET = 'signs-every-body'

let browser: Browser
let keyspace: TestKeyspace
let standIn: BacklogStandIn
let server: Start
let receiver: Awaited<ReturnType<typeof startReceiver>>
let open: TestPage
let page: Page
const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-jobs-'))

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  keyspace = await testKeyspace()
  const limits = { read: 1_000_000, search: 1_000_000 }
  standIn = await startBacklogStandIn({ projects: 2, issues: ISSUES, comments: 1, limits })
  server = await startServer({ dataFolder, listen: 'http://127.0.0.1:0', logger: Logger.silent() })
  receiver = await startReceiver()
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
  receiver?.close()
  await keyspace?.drop()
  rmSync(dataFolder, { recursive: true, force: true })
})

const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`
const text = async (selector: string) => (await page.textContent(selector)) ?? ''
const choose = async (field: string, value: string) => {
  await page.click(id(field))
  await page.click(`${id('option')}[data-value="${value}"]:visible`)
}
const api = async (path: string) => {
  const answer = await fetch(`${server.url}/api/v1${path}`)
  return (await answer.json()) as { items: { name: string; enabled?: boolean }[] }
}
const post = async (path: string, body: unknown) => {
  const headers = { 'content-type': 'application/json' }
  const given = { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await fetch(`${server.url}/api/v1${path}`, given)
  return (await answer.json()) as { id: string }
}
const ready = (name: string) => page.waitForSelector(`${id(`page-${name}`)}[data-loading=false]`)
/** In the row of a column of the grid. */
const column = (name: string, part: string) => `${id('column-row', name)} ${id(part)}`
const title = (summary: string) => summary.toUpperCase()

describe.skipIf(chromium === undefined)('replication in the page', () => {
  it('begins with two empty lists', async () => {
    await page.goto(`${server.url}/ui/jobs`)
    await ready('jobs')
    expect(await text(id('empty'))).toContain('A job copies tables')
    await page.waitForSelector(`${id('live-dot')}[data-state=live]`)
    expect(await page.locator(id('nav-connectors')).count()).toBe(0)
    await page.click(id('nav-connections'))
    await ready('connections')
    expect(await text(id('empty'))).toContain('Connect a source and a destination')
    await open.picture('40-connections-empty')
  })

  it('tells mistakes in the destination at the field, and saves nothing', async () => {
    await page.click(id('connections-add'))
    await page.click(id('connector-tab-destinations'))
    await page.waitForSelector(id('connector-configure', 'cassandra'))
    await open.picture('41-select-connector')
    await page.click(id('connector-configure', 'cassandra'))
    await ready('connection-new')
    await page.click(id('connection-submit'))
    expect(await text(id('form-errors'))).toContain('4 fields need attention')
    expect(await text(id('field-connection-name-error'))).toContain('missing')
    const { contactPoints, port } = testCassandra()
    await page.fill(id('field-connection-name'), 'ops cassandra')
    await page.fill(id('field-server'), contactPoints[0] ?? '')
    await page.fill(id('field-port'), 'many')
    await page.fill(id('field-database'), 'no_such_keyspace')
    await choose('field-auth-scheme', 'None')
    await choose('field-consistency-level', 'ONE')
    await page.click(id('connection-submit'))
    expect(await text(id('field-port-error'))).toContain('1 to 65535')
    await page.fill(id('field-port'), '1')
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('test-step', 'tcp')}[data-state=failed]`)
    expect(await text(id('field-port-error'))).toContain('ECONNREFUSED')
    await page.fill(id('field-port'), String(port))
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('test-step', 'keyspace')}[data-state=failed]`)
    expect(await text(id('field-database-error'))).toContain('no_such_keyspace')
    expect(await text(id('test-result'))).toContain('Nothing was saved')
    await open.picture('42-connection-refused')
    expect((await api('/connections')).items).toEqual([])
  })

  it('creates and tests the destination', async () => {
    await page.fill(id('field-database'), keyspace.name)
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('test-result')}[data-state=passed]`)
    await page.waitForSelector(`${id('test-step', 'write')}[data-state=passed]`)
    expect(await text(`${id('test-step', 'authenticate')} ${id('test-step-took')}`)).toMatch(
      /ms|s$/,
    )
    await open.picture('43-connection-tested')
    await page.click(id('connection-done'))
    const row = id('connection-row', 'ops cassandra')
    await page.waitForSelector(`${row}[data-state=SUCCESSFUL]`)
    expect(await text(`${row} ${id('connection-tested')}`)).toMatch(/just now|ago/)
  })

  it('tells a wrong URL and a wrong key of Backlog, then creates and tests it', async () => {
    await page.click(id('connections-add'))
    await page.click(id('connector-tab-sources'))
    await page.click(id('connector-configure', 'backlog'))
    await ready('connection-new')
    await page.fill(id('field-connection-name'), 'acme backlog')
    await page.fill(id('field-url'), 'https://no-such-space.invalid')
    await page.fill(id('field-api-key'), 'wrong-key')
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('test-step', 'resolve')}[data-state=failed]`)
    expect(await text(id('field-url-error'))).toContain('no-such-space.invalid')
    await page.fill(id('field-url'), standIn.url)
    await page.click(id('backlog-connect'))
    await page.waitForSelector(`${id('test-step', 'space')}[data-state=failed]`)
    expect(await text(id('field-api-key-error'))).toContain('Authentication failure')
    await page.fill(id('field-api-key'), standIn.apiKey)
    await page.click(id('backlog-connect'))
    expect(await text(id('backlog-identity'))).toContain('Connected to Acme KK')
    expect((await api('/connections')).items.length).toBe(1)
    await page.click(id('connection-submit'))
    await page.waitForSelector(id('connection-done'))
    await open.picture('44-backlog-tested')
    await page.click(id('connection-done'))
    await page.waitForSelector(`${id('connection-row', 'acme backlog')}[data-state=SUCCESSFUL]`)
    await open.picture('45-connections')
  })

  it('shows a saved secret only by its end, and asks for it again for another address', async () => {
    await page.click(`${id('connection-row', 'acme backlog')} ${id('connection-open')}`)
    await ready('connection')
    await page.waitForSelector(id('field-api-key'))
    expect(await page.inputValue(id('field-api-key'))).toContain('ends in 89')
    expect(await page.content()).not.toContain(standIn.apiKey)
    await page.fill(id('field-url'), 'https://no-such-space.invalid')
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('field-api-key-error')}:has-text("the address changed")`)
    await page.fill(id('field-url'), standIn.url)
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('test-result')}[data-state=passed]`)
  })

  it('signs in to Backlog in a window of its own', async () => {
    await page.click(id('nav-connections'))
    await page.click(id('connections-add'))
    await page.click(id('connector-tab-sources'))
    await page.click(id('connector-configure', 'backlog'))
    await ready('connection-new')
    await page.fill(id('field-connection-name'), 'acme by sign-in')
    await choose('field-auth-scheme', 'OAuth')
    await page.fill(id('field-url'), standIn.url)
    await page.fill(id('field-oauth-client-id'), standIn.oauth.clientId)
    await page.fill(id('field-oauth-client-secret'), standIn.oauth.clientSecret)
    await page.click(id('connection-submit'))
    expect(await text(id('field-oauth-client-id-error'))).toContain('Connect to Backlog first')
    standIn.oauth.redirectUri = await page.inputValue(id('field-callback-url'))
    const opened = page.waitForEvent('popup')
    await page.click(id('backlog-connect'))
    await (await opened).click('#allow')
    await page.waitForSelector(`${id('backlog-identity')}:has-text("Connected to Acme KK")`)
    await open.picture('46-signed-in')
    await page.click(id('connection-submit'))
    await page.click(id('connection-done'))
    await page.waitForSelector(`${id('connection-row', 'acme by sign-in')}[data-state=SUCCESSFUL]`)
    expect(await page.content()).not.toContain(standIn.oauth.refreshToken)
    // The token was renewed by the test; the one that was saved works.
    await page.click(`${id('connection-row', 'acme by sign-in')} ${id('connection-open')}`)
    await ready('connection')
    await page.click(id('connection-submit'))
    await page.waitForSelector(`${id('test-result')}[data-state=passed]`)
  })

  it('adds a job and three tasks', async () => {
    await page.click(id('nav-jobs'))
    await ready('jobs')
    await page.click(id('jobs-add'))
    await page.click(id('job-create'))
    expect(await text(id('field-name-error'))).toContain('missing')
    await page.fill(id('field-name'), 'Backlog nightly')
    await choose('field-source', 'acme backlog')
    await choose('field-destination', 'ops cassandra')
    await open.picture('46-add-job')
    await page.click(id('job-create'))
    await ready('job')
    await page.click(id('tasks-add'))
    for (const table of ['Issues', 'Projects', 'IssueComments']) {
      await page.fill(id('tasks-search'), table)
      await page.click(id('task-option', table))
    }
    await page.fill(id('tasks-search'), '')
    expect(await text(id('tasks-estimate'))).toContain('3 tables')
    await open.picture('47-add-tasks')
    await page.click(id('tasks-add-confirm'))
    await page.waitForSelector(id('task-row', 'IssueComments'))
    expect(await page.locator(id('task-row')).count()).toBe(3)
  })

  it('renames and drops columns, computes one, and refuses what cannot be', async () => {
    await page.click(`${id('task-row', 'Issues')} ${id('task-open')}`)
    await page.click(column('Description', 'column-on'))
    await page.fill(column('Summary', 'column-name'), 'title')
    await page.fill(column('Summary', 'column-expression'), 'no_such_function(Summary)')
    await page.click(id('columns-preview'))
    expect(await text(column('Summary', 'column-error'))).toContain('no_such_function')
    await page.fill(column('Summary', 'column-expression'), 'upper(Summary)')
    await page.selectOption(column('IssueKey', 'column-type'), 'int')
    await page.click(id('save-changes'))
    await page.waitForSelector(column('IssueKey', 'column-error'))
    expect(await text(column('IssueKey', 'column-error'))).toContain('does not fit')
    await page.selectOption(column('IssueKey', 'column-type'), 'text')
    await page.click(id('column-add'))
    await page.fill(column('computed_1', 'column-expression'), 'CAST(Updated AS DATE)')
    await page.selectOption(column('computed_1', 'column-type'), 'date')
    await page.fill(column('computed_1', 'column-name'), 'day')
    await page.selectOption(column('Id', 'column-key'), 'none')
    await page.click(id('save-changes'))
    expect(await text(id('form-errors'))).toContain('Id of Issues is not in the key')
    await page.selectOption(column('Id', 'column-key'), 'partition')
    await page.click(id('columns-preview'))
    await page.waitForSelector(`${id('preview-problems')}[data-state=passed]`)
    const [first] = [...standIn.space.issues.values()]
    expect(await text(id('preview-before'))).toContain(first?.summary)
    expect(await text(id('preview-after'))).toContain(title(first?.summary ?? ''))
    await open.picture('48-columns')
    await page.click(id('save-changes'))
    await page.waitForSelector(`${id('toast')}:has-text("The task was saved")`)
  })

  it('writes a query with filter, group and sort, and refuses files and missing keys', async () => {
    await page.click(id('task-back'))
    await page.click(id('tasks-add-query'))
    const head = 'REPLICATE open_by_user (n bigint, PRIMARY KEY ((user_id)))\n'
    const write = async (query: string) => {
      await page.fill(id('query-editor'), query)
      // Completion opens as for somebody who types.
      await page.keyboard.press('Escape')
    }
    await write(`${head}SELECT * FROM read_csv('/etc/passwd')`)
    await page.click(id('save-changes'))
    expect(await text(id('query-problem'))).toContain('read_csv is not allowed')
    const select = 'SELECT coalesce(AssigneeId, 0) AS user_id, count(*) AS n\nFROM Issues\n'
    await write(`${head}SELECT count(*) AS n FROM Issues`)
    await page.click(id('save-changes'))
    await page.waitForSelector(`${id('query-problem')}:has-text("PRIMARY KEY names user_id")`)
    await open.picture('49-query-refused')
    await write(`${head}${select}WHERE StatusId < 4\nGROUP BY 1\nORDER BY n DESC`)
    await page.click(id('query-preview'))
    await page.waitForSelector(id('preview-grid'))
    expect(
      await page.locator(`${id('preview-grid')} ${id('preview-row')}`).count(),
    ).toBeGreaterThan(1)
    expect(await page.getAttribute(id('query-kind'), 'data-state')).toBe('full')
    await open.picture('50-query')
    await page.click(id('save-changes'))
    await page.waitForURL(url => !url.pathname.includes('/task/new/'))
    await page.click(id('task-back'))
    await page.waitForSelector(id('task-row', 'open_by_user'))
    await open.picture('51-tasks')
  })

  it('has a schedule', async () => {
    await page.click(id('tab-overview'))
    await page.click(id('schedule-configure'))
    await page.fill(id('field-time'), '25:00')
    await page.waitForSelector(id('field-time-error'))
    await page.fill(id('field-time'), '02:30')
    await page.waitForSelector(`${id('schedule-next')} >> nth=4`)
    await open.picture('52-schedule')
    await page.click(id('schedule-save'))
    await page.waitForSelector(`${id('schedule-text')}:has-text("Daily 02:30")`)
  })

  it('runs, tells when it is done, and keeps the run in its history', async () => {
    await page.click(`${id('job-run')}:enabled`)
    await ready('run')
    const toast = `${id('toast')}[data-kind=run]`
    await page.waitForSelector(`${toast}[data-state=SUCCESS]`)
    const facts = await page.$eval(toast, one => ({
      ...(one as unknown as { dataset: Record<string, string> }).dataset,
    }))
    const comments = [...standIn.space.issues.values()].flatMap(one =>
      standIn.space.commentsOf(one),
    )
    const rows = ISSUES + 2 + comments.length + countsByUser().size
    expect([facts['rows'], Number(facts['elapsedMs']) > 0]).toEqual([String(rows), true])
    const said = await text(`${toast} ${id('toast-text')}`)
    expect(said).toMatch(/^Backlog nightly: done in .+ s\. 4 tables, [\d,]+ rows replicated/)
    await page.click(`${toast} ${id('toast-link')}`)
    await page.waitForSelector(`${id('run-task', 'Issues')}[data-state=SUCCESS]`)
    expect(await text(id('run-rows'))).toContain(`${rows.toLocaleString('en-US')} new`)
    await page.waitForSelector(`${id('run-log-line')}:has-text("CREATE TABLE")`)
    await open.picture('53-run')
    await page.click(id('run-back'))
    const row = id('run-row', facts['runId'])
    await page.waitForSelector(`${row}[data-state=SUCCESS]`)
    expect(await text(`${row} ${id('run-rows')}`)).toBe(rows.toLocaleString('en-US'))
    expect(await text(`${row} ${id('run-took')}`)).toMatch(/s$/)
    await open.picture('54-history')
    await page.click(id('bell'))
    await page.waitForSelector(`${id('notice')}[data-state=SUCCESS]`)
    await page.keyboard.press('Escape')
  })

  it('left in Cassandra what the space has, row by row', async () => {
    const issues = await select('SELECT id, title, day, issue_key FROM issues')
    const wanted = [...standIn.space.issues.values()].map(one => {
      const day = new Date(one.updatedMs).toISOString().slice(0, 10)
      const { issueKey } = JSON.parse(JSON.stringify(standIn.space.render(one)))
      return `${one.id} ${title(one.summary)} ${day} ${issueKey}`
    })
    expect(issues).toEqual(wanted.sort())
    const comments = await select('SELECT issue_id, id, content FROM issue_comments')
    const all = [...standIn.space.issues.values()].flatMap(issue =>
      standIn.space.commentsOf(issue).map(one => `${issue.id} ${one['id']} ${one['content']}`),
    )
    expect(comments).toEqual(all.sort())
    const projects = await select('SELECT id, project_key, name FROM projects')
    expect(projects).toEqual(standIn.space.projects.map(one => `${one.id} ${one.key} ${one.name}`))
    const counts = await select('SELECT user_id, n FROM open_by_user')
    expect(counts).toEqual([...countsByUser()].map(([user, n]) => `${user} ${n}`).sort())
    const { columns } = await keyspace.client.metadata
      .getTable(keyspace.name, 'issues')
      .then(found => found ?? { columns: [] })
    const names = columns.map(one => one.name)
    expect([names.includes('description'), names.includes('summary')]).toEqual([false, false])
  })

  it('tells a webhook what a rule found, and runs a statement after the run', async () => {
    const log = `${keyspace.name}.ended`
    await keyspace.client.execute(`CREATE TABLE ${log} (id int PRIMARY KEY)`)
    await page.goto(`${server.url}/ui/jobs`)
    await page.click(`${id('job-row', 'Backlog nightly')} ${id('job-open')}`)
    await page.click(id('tab-events'))
    await page.click(id('event-add'))
    await page.click(id('save-changes'))
    await page.waitForSelector(id('field-target-error'))
    await page.fill(id('field-target'), `INSERT INTO ${log} (id) VALUES (7)`)
    await page.click(id('save-changes'))
    await page.waitForSelector(
      `${id('toast')}:has-text("The events of Backlog nightly were saved")`,
    )
    await open.picture('58-events')
    await page.click(id('tab-alerts'))
    await page.click(id('channel-add'))
    await page.fill(id('field-name'), 'ops')
    await page.fill(id('field-url'), 'ops.example')
    await page.click(id('channel-save'))
    await page.waitForSelector(id('field-url-error'))
    await page.fill(id('field-url'), `${receiver.url}/hook`)
    await page.fill(id('field-secret'), SECRET)
    await open.picture('59-channel')
    await page.click(id('channel-save'))
    await page.click(`${id('channel-row', 'ops')} ${id('channel-test')}`)
    await page.waitForSelector(`${id('toast')}:has-text("answered 200")`)
    await page.click(`${id('option')}[data-value=own]`)
    await page.check(`${id('alert-rule', 'completed')} ${id('rule-on')}`)
    await page.check(id('rule-channel', 'ops'))
    await page.click(id('save-changes'))
    await page.waitForSelector(
      `${id('toast')}:has-text("The alerts of Backlog nightly were saved")`,
    )
    await page.click(`${id('job-run')}:enabled`)
    await page.waitForSelector(
      `${id('run-log-line')}:has-text("event after run, cql: the statement ran")`,
    )
    await page.click(id('run-back'))
    await page.click(id('tab-alerts'))
    await page.waitForSelector(`${id('delivery-row')}[data-state=sent]`)
    const { headers, body } = receiver.bodies.at(-1) ?? { headers: {}, body: '' }
    const time = headers['x-scamander-timestamp']
    const digest = createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex')
    expect(headers['x-scamander-signature']).toBe(`sha256=${digest}`)
    expect(JSON.parse(body)).toMatchObject({ event: 'alert.completed', job: 'Backlog nightly' })
    await page.click(`${id('alert-row', 'completed')} ${id('alert-ack')}`)
    await page.waitForSelector(`${id('alert-row', 'completed')}:has-text("Local admin")`)
    await open.picture('60-alerts')
    await page.setViewportSize({ width: 390, height: 844 })
    await open.picture('61-alerts-narrow')
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.click(id('tab-events'))
    await page.waitForSelector(`${id('event-last')}[data-state=passed]`)
    expect(await select('SELECT id FROM ended')).toEqual(['7'])
  })

  it('names another job that writes a table, and tries rejected rows again', async () => {
    const { items } = (await api('/connections')) as { items: { id: string; name: string }[] }
    const idOf = (name: string) => items.find(one => one.name === name)?.id
    const [first] = [...standIn.space.issues.keys()]
    const n = `CASE WHEN Id = ${first} THEN 'x' ELSE '1' END`
    const columns = [
      { on: true, source: 'Id', name: 'id', type: 'bigint', key: 'partition' },
      { on: true, expression: n, name: 'n', type: 'int', key: 'none', onError: 'fail_row' },
    ]
    const job = await post('/jobs', {
      ...{ name: 'Second look', source: idOf('acme backlog') },
      ...{ destination: idOf('ops cassandra'), settings: { rejectedMax: 5 } },
    })
    await post(`/jobs/${job.id}/tasks`, {
      items: [{ table: 'Issues', destination: 'few', columns }, { table: 'Projects' }],
    })
    await page.goto(`${server.url}/ui/jobs/${job.id}/task`)
    await ready('job')
    await page.waitForSelector(
      `${id('task-row', 'Projects')} ${id('task-warning')}:has-text("job Backlog nightly")`,
    )
    expect(await page.locator(id('task-warning')).count()).toBe(1)
    await page.click(`${id('job-run')}:enabled`)
    await ready('run')
    await page.waitForSelector(`${id('run-task', 'Issues')}[data-state=WARNING]`)
    await page.waitForSelector(`${id('rejected-row')}[data-state=waiting]:has-text("${first}")`)
    await open.picture('62-rejected-rows')
    const run = page.url()
    await page.click(`${id('rejected-retry')}:enabled`)
    await page.waitForURL(url => url.href !== run)
    await page.waitForSelector(`${id('rejected-row')}[data-state=waiting]:has-text("${first}")`)
    await page.goto(run)
    await page.waitForSelector(`${id('rejected-row')}[data-state=retried]`)
    await page.waitForSelector(`${id('rejected-retry')}:disabled`)
  })

  it('shows the jobs with their last run, on a phone too', async () => {
    await page.click(id('nav-jobs'))
    await page.waitForSelector(`${id('job-row', 'Backlog nightly')}[data-state=SUCCESS]`)
    const isOn = `${id('job-row', 'Backlog nightly')} ${id('job-enabled')}`
    const stored = async () =>
      (await api('/jobs')).items.find(one => one.name === 'Backlog nightly')?.enabled
    await page.uncheck(isOn)
    await expect.poll(stored, { timeout: PATIENCE_MS }).toBe(false)
    await page.check(isOn)
    await expect.poll(stored, { timeout: PATIENCE_MS }).toBe(true)
    await open.picture('55-jobs')
    await page.setViewportSize({ width: 390, height: 844 })
    await open.picture('56-jobs-narrow')
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.click(`${id('job-row', 'Backlog nightly')} ${id('job-open')}`)
    await page.waitForSelector(id('run-bar'))
    await open.picture('57-job')
    expect(await page.content()).not.toContain(standIn.apiKey)
    // Refusals are answers of the API that the browser notes in its console.
    expect(open.complaints.filter(one => !one.includes('status of 422'))).toEqual([])
  })
})

function countsByUser(): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { statusId, assigneeId } of standIn.space.issues.values()) {
    const user = assigneeId ?? 0
    if (statusId < 4) counts.set(user, (counts.get(user) ?? 0) + 1)
  }
  return counts
}

/** Rows as text, sorted. */
async function select(cql: string): Promise<string[]> {
  const at = cql.replace(/FROM (\w+)/, `FROM ${keyspace.name}.$1`)
  const { rows } = await keyspace.client.execute(at, [], { fetchSize: 5_000 })
  return rows.map(row => row.values().map(String).join(' ')).sort()
}
