/**
 * Connectors that are made and changed on the page, in a real browser on real servers: the form with keys of
 * variable parts, the review with a sample, the configuration as form, pastes of several and as files,
 * positions and dead letters that are chosen, and lists on wide and narrow screens.
 * Spec: ui 4.1, 5.4, 8 (flows 8 to 11).
 */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { testKeyspace } from '../support/keyspace.ts'
import { send, sinkSettings, startWorker, type TestWorker, until } from '../support/standalone.ts'
import { testTopic } from '../support/topic.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const SINK = 'com.datastax.oss.kafka.sink.CassandraSinkConnector'
const JSON_VALUES = {
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
}

let browser: Browser
let worker: TestWorker
let open: TestPage
let keyspace: Awaited<ReturnType<typeof testKeyspace>>
let topic: Awaited<ReturnType<typeof testTopic>>

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  keyspace = await testKeyspace()
  topic = await testTopic(1)
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.t (k text PRIMARY KEY, v text)`)
  await send(topic.name, [{ key: 'a', value: '{"v":"one"}' }])
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

const mapping = (table = 't') => `topic.${topic.name}.${keyspace.name}.${table}.mapping`
const good = (name: string, more: Record<string, string> = {}) =>
  sinkSettings(name, topic.name, { ...JSON_VALUES, [mapping()]: 'k=key,v=value.v', ...more })
const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`
const configOf = async (name: string) =>
  (await worker.call('GET', `/connectors/${name}/config`)).json as Record<string, string>

async function start(path: string, connectors: Record<string, string>[] = []) {
  worker = await startWorker(connectors)
  open = await openPage(browser, worker.url)
  await open.page.goto(`${worker.url}${path}`)
  await open.page.waitForSelector('html[data-app-ready]')
  return open.page
}

describe.skipIf(chromium === undefined)('the form of a connector', () => {
  it('takes keys of variable parts, and its review tries the last record', async () => {
    const page = await start('/ui/connectors/new')
    await page.click(`${id('plugin-card', SINK)} ${id('plugin-connect')}`)
    await page.fill(id('field-name'), 'formed')
    await page.fill(id('field-topics'), topic.name)
    await page.keyboard.press('Enter')
    const given = sinkSettings('formed', topic.name, {})
    await page.fill(id('field-contactPoints'), given['contactPoints'] ?? '')
    await page.keyboard.press('Enter')
    await page.fill(id('field-port'), given['port'] ?? '')
    await page.fill(id('field-loadBalancing.localDc'), given['loadBalancing.localDc'] ?? '')
    expect(await page.locator(id('form-section')).count()).toBeGreaterThan(3)
    const more = page.locator(`${id('form-more')} summary`).first()
    await more.scrollIntoViewIfNeeded()
    await more.click()
    await page.fill(id('pattern-topic'), topic.name)
    await page.fill(id('pattern-keyspace'), keyspace.name)
    await page.fill(id('pattern-table'), 'no.table')
    expect(await page.isDisabled(id('mapping-add'))).toBe(true)
    await page.fill(id('pattern-table'), 't')
    expect(await page.textContent(id('pattern-key'))).toBe(mapping())
    await page.click(id('mapping-add'))
    await page.fill(id(`field-${mapping()}`), 'k=key,none=value.v')
    await page.waitForSelector(id(`field-${mapping()}-error`))
    expect(await page.textContent(id('form-errors'))).toContain('none')
    await open.picture('20-form-mapping')
    await page.fill(id(`field-${mapping()}`), 'k=key,v=value.none')
    await page.waitForSelector(id('form-errors'), { state: 'detached' })
    await page.click(id('form-mode-json'))
    await page.waitForSelector(`${id('config-editor')} .cm-line:has-text("}")`)
    const text = await page.locator(`${id('config-editor')} .cm-line`).allTextContents()
    const draft = { ...JSON.parse(text.join('\n')), ...JSON_VALUES }
    await page.fill(id('config-editor'), JSON.stringify(draft))
    await page.click(id('form-mode-form'))
    await page.click(`${id('connector-continue')}:enabled`)
    await page.waitForSelector(`${id('review-sample', topic.name)}[data-state=failed]`)
    expect(await page.textContent(id('review-sample-problem'))).toContain('value.none')
    await page.click(id('connector-back'))
    await page.fill(id(`field-${mapping()}`), 'k=key,v=value.v')
    await page.click(`${id('connector-continue')}:enabled`)
    await page.waitForSelector(`${id('review-sample', topic.name)}[data-state=passed]`)
    expect(await page.textContent(id('review-sample'))).toContain('INSERT INTO')
    expect(await page.textContent(id('review-keys'))).toContain('Only what differs')
    expect(await page.locator(id('review-key', 'errors.tolerance')).count()).toBe(0)
    await page.click(id('review-show-all'))
    await page.waitForSelector(id('review-key', 'errors.tolerance'))
    await open.picture('21-review')
    await page.click(id('connector-launch'))
    await page.waitForSelector(`${id('page-connector')} ${id('status')}[data-state=RUNNING]`)
    await page.click(id('tab-topics'))
    await page.waitForSelector(`${id('topic-row', topic.name)} [data-column=table]:has-text(".t")`)
    await page.click(id('tab-tasks'))
    await page.waitForSelector(`${id('task-row', '0')}[data-state=RUNNING]`)
    expect(open.complaints).toEqual([])
  })

  it('shows a configuration that is there, and adds what keeps bad records', async () => {
    const secret = 'never-on-the-page'
    const settings = good('kept', { 'auth.username': 'u', 'auth.password': secret })
    const page = await start('/ui/connectors/kept/config', [settings])
    await page.click(id('form-mode-form'))
    await page.waitForSelector(id('field-auth.password'))
    expect(await page.inputValue(id('field-auth.password'))).toBe('•••• set')
    expect(await page.isDisabled(id('field-tasks.max'))).toBe(true)
    await page.click(id('config-edit'))
    await page.fill(id('field-tasks.max'), '2')
    await page.waitForSelector(`${id('config-diff')} ${id('config-change', 'tasks.max')}`)
    await page.click(id('form-mode-properties'))
    await page.waitForSelector(`${id('config-editor')} .cm-line:has-text("tasks.max=2")`)
    const lines = await page.locator(`${id('config-editor')} .cm-line`).allTextContents()
    await page.fill(id('config-editor'), `${lines.join('\n')}\nerrors.tolerance=all`)
    await page.waitForSelector(id('config-hint', 'dead-letters'))
    await open.picture('22-config-hint')
    await page.click(id('dead-letters-add'))
    await page.waitForSelector(id('config-hint'), { state: 'detached' })
    expect(await page.textContent(id('config-means'))).toContain('1 task restarts')
    await page.click(id('save-changes'))
    await page.waitForSelector(id('config-edit'))
    const config = await configOf('kept')
    expect(config).toMatchObject({
      ...{ 'tasks.max': '2', 'errors.tolerance': 'all', 'auth.password': '[hidden]' },
      'errors.deadletterqueue.topic.name': 'kept-dead-letters',
    })
    // Its topic of dead letters was made: a task that cannot make it fails.
    await until('two running tasks', async () => {
      const { tasks } = (await worker.call('GET', '/connectors/kept/status')).json
      return tasks.length === 2 && tasks.every((one: { state: string }) => one.state === 'RUNNING')
    })
    await page.click(id('tab-dead-letters'))
    await page.waitForSelector(id('empty'))
    expect(await page.content()).not.toContain(secret)
    expect(open.complaints).toEqual([])
  })
})

describe.skipIf(chromium === undefined)('a paste', () => {
  it('of several is read, judged and launched one by one', async () => {
    const page = await start('/ui/connectors/paste')
    const strimzi = (name: string, config: Record<string, string>) => {
      const { name: _name, 'connector.class': plugin, ...rest } = config
      const lines = Object.entries(rest).map(
        ([key, value]) => `    ${key}: ${JSON.stringify(value)}`,
      )
      return [
        ...['apiVersion: kafka.strimzi.io/v1beta2', 'kind: KafkaConnector'],
        ...['metadata:', `  name: ${name}`, 'spec:', `  class: ${plugin}`, '  config:', ...lines],
      ].join('\n')
    }
    const { [mapping()]: _mapping, ...rest } = good('c')
    const lost = { ...rest, [mapping('gone')]: 'k=key,v=value.v', 'x.custom': '1' }
    const all = [strimzi('one', good('a')), strimzi('two', good('b')), strimzi('lost', lost)]
    await page.fill(id('paste-editor'), all.join('\n---\n'))
    await page.click(id('paste-convert'))
    await page.waitForSelector(`${id('paste-item', 'lost')}[data-state=failed]`)
    expect(await page.textContent(id('paste-format'))).toContain('Strimzi. 3 connectors')
    expect(await page.textContent(id('paste-problem'))).toContain('expected table "gone"')
    expect(await page.textContent(`${id('paste-item', 'lost')} ${id('paste-keys')}`)).toContain(
      '1 key not known, kept',
    )
    await page.click(id('paste-create-table'))
    expect(await page.textContent(id('paste-create-table-text'))).toContain('PRIMARY KEY (k)')
    await open.picture('23-paste-several')
    expect(await page.textContent(id('paste-launch'))).toBe('Launch 2 connectors')
    await page.click(`${id('paste-item', 'two')} ${id('paste-select')}`)
    expect(await page.textContent(id('paste-launch'))).toBe('Launch 1 connector')
    await page.click(id('paste-launch'))
    await page.waitForSelector(id('connector-row', 'one'))
    expect((await worker.call('GET', '/connectors')).json).toEqual(['one'])
    expect(open.complaints).toEqual([])
  })

  it('comes as a file that is dropped on the list, and opens in the form', async () => {
    const page = await start('/ui/connectors')
    await page.click(id('connectors-paste'))
    await page.waitForSelector(id('page-connectors-paste'))
    await page.goBack()
    await page.waitForSelector(id('connectors-add'))
    const text = JSON.stringify(good('dropped'))
    await page.evaluate(`(() => {
      const data = new DataTransfer()
      data.items.add(new File([${JSON.stringify(text)}], 'sink.json'))
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }))
    })()`)
    await page.waitForSelector(id('page-connectors-paste'))
    await page.click(`${id('paste-convert')}:enabled`)
    await page.click(id('paste-open-form'))
    await page.waitForSelector(id('field-name'))
    expect(await page.inputValue(id('field-name'))).toBe('dropped')
    expect(await page.inputValue(id(`field-${mapping()}`))).toBe('k=key,v=value.v')
    expect(open.complaints).toEqual([])
  })

  it('takes back what Copy as wrote as YAML', async () => {
    const page = await start('/ui/connectors/copied/config', [good('copied')])
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.click(id('copy-as'))
    await page.click(id('menu-item', 'yaml'))
    await page.waitForSelector(`${id('toast')}:has-text("YAML")`)
    const copied = await page.evaluate<string>('navigator.clipboard.readText()')
    await page.goto(`${worker.url}/ui/connectors/paste`)
    await page.fill(id('paste-editor'), copied.replace('"copied"', '"again"'))
    await page.click(id('paste-convert'))
    await page.click(`${id('paste-launch')}:enabled`)
    await page.waitForSelector(`${id('page-connector')} ${id('status')}[data-state=RUNNING]`)
    const { name: _one, ...before } = await configOf('copied')
    const { name: _other, ...after } = await configOf('again')
    expect(after).toEqual(before)
    expect(open.complaints).toEqual([])
  })
})

describe.skipIf(chromium === undefined)('a connector in trouble', () => {
  it('tells the record that is tried again, and a topic that is not there', async () => {
    const bad = await testTopic(1)
    try {
      await send(bad.name, [{ key: 'a', value: '{"w":1}' }])
      const settings = (name: string, of: string) =>
        sinkSettings(name, of, {
          ...{ ...JSON_VALUES, name },
          [`topic.${of}.${keyspace.name}.t.mapping`]: 'k=key,v=value.v',
        })
      const page = await start('/ui/connectors', [settings('stuck', bad.name)])
      const chip = `${id('connector-row', 'stuck')} ${id('status')}`
      await page.waitForSelector(`${chip}[data-role=warn][data-state=RUNNING]`)
      expect(await page.textContent(chip)).toMatch(/^Retrying: 1 record since \d\d:\d\d$/)
      await page.click(`${id('connector-row', 'stuck')} ${id('connector-open')}`)
      const banner = id('held-record', `${bad.name}-0@0`)
      await page.waitForSelector(banner)
      expect(await page.textContent(banner)).toContain('value.v')
      const figure = (key: string) => page.textContent(id('connector-figure', key))
      await until('the figures', async () => (await figure('lag')) === '1')
      await until('the rate', async () => (await figure('written')) === 'waiting')
      expect(Number(await figure('failures'))).toBeGreaterThan(0)
      await page.click(id('tab-tasks'))
      await page.waitForSelector(banner)
      await page.goto(`${worker.url}/ui/`)
      await page.waitForSelector(`${id('attention-item', 'stuck')}[data-kind=retrying]`)
      const absent = settings('absent', `${bad.name}-absent`)
      await page.goto(`${worker.url}/ui/connectors/paste`)
      await page.fill(id('paste-editor'), JSON.stringify({ name: 'absent', config: absent }))
      await page.click(id('paste-convert'))
      await page.waitForSelector(id('paste-topic-missing', `${bad.name}-absent`))
    } finally {
      await bad.drop()
    }
  })
})

describe.skipIf(chromium === undefined)('inside a connector', () => {
  it('positions are set for all partitions, and chosen dead letters are sent back', async () => {
    await using letters = await testTopic(1)
    await using records = await testTopic(1)
    const settings = sinkSettings('inside', records.name, {
      ...JSON_VALUES,
      [`topic.${records.name}.${keyspace.name}.t.mapping`]: 'k=key,v=value.v',
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': letters.name,
      'errors.deadletterqueue.context.headers.enable': 'true',
    })
    const page = await start('/ui/connectors/inside/overview', [settings])
    const bad = { key: 'bad', value: '{"v":' }
    await send(records.name, [{ key: 'fine', value: '{"v":"x"}' }, bad, bad])
    await page.click(id('tab-dead-letters'))
    await page.waitForSelector(id('dead-letter-row', '0/1'))
    await page.click(`${id('dead-letter-row', '0/0')} ${id('dead-letter-select')}`)
    await page.click(id('dead-letters-replay'))
    await page.click(id('confirm-yes'))
    await page.waitForSelector(`${id('replay-result')}:has-text("1 of 1 sent")`)
    await page.waitForSelector(`${id('dead-letter-row', '0/2')}:has-text("back 1 time")`)
    await page.click(id('tab-offsets'))
    await page.click(id('offsets-stop'))
    await page.click(id('confirm-yes'))
    await page.click(`${id('offsets-set')}:enabled`)
    await page.click(id('offsets-preview'))
    await page.waitForSelector(`${id('offsets-meaning')}:has-text("4 records are read again")`)
    await page.click(id('offsets-apply'))
    await until('the first offset', async () => {
      const { json } = await worker.call('GET', '/connectors/inside/offsets')
      return json.offsets[0]?.offset.kafka_offset === 0
    })
    await page.click(id('offsets-resume'))
    await page.waitForSelector(`.sc-page-head ${id('status')}[data-state=RUNNING]`)
    expect(open.complaints).toEqual([])
  })
})

describe.skipIf(chromium === undefined)('lists', () => {
  it('keep the widths that were drawn or stepped, and fit a narrow screen in two lines', async () => {
    const page = await start('/ui/connectors', [good('wide')])
    await page.waitForSelector(id('connector-row', 'wide'))
    const widthOf = async (column: string) =>
      await page
        .locator(`[role=columnheader][data-column=${column}]`)
        .evaluate(head => Math.round(head.getBoundingClientRect().width))
    const before = await widthOf('name')
    const handle = await page.locator(id('column-handle', 'name')).boundingBox()
    if (handle === null) throw new Error('expected a handle')
    await page.mouse.move(handle.x + 4, handle.y + 4)
    await page.mouse.down()
    await page.mouse.move(handle.x + 64, handle.y + 4, { steps: 4 })
    await page.mouse.up()
    expect(await widthOf('name')).toBe(before + 60)
    const type = await widthOf('type')
    await page.click(id('grid-columns'))
    await page.focus(id('menu-item', 'type'))
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Escape')
    await until('a wider column', async () => (await widthOf('type')) === type + 32)
    await page.reload()
    await page.waitForSelector(id('connector-row', 'wide'))
    expect([await widthOf('name'), await widthOf('type')]).toEqual([before + 60, type + 32])
    const grid = page.locator('[role=grid]')
    expect(await grid.getAttribute('aria-rowcount')).toBe('2')
    await page.setViewportSize({ width: 390, height: 844 })
    await until('two lines', async () => (await page.locator('.sc-dg-narrow').count()) === 1)
    const room = await grid.evaluate(one => [one.scrollWidth, one.clientWidth])
    expect(room[0]).toBe(room[1])
    await open.picture('24-connectors-two-lines')
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.click(id('grid-columns'))
    await page.click(id('menu-item', 'widths'))
    await until('the width of before', async () => (await widthOf('name')) === before)
    expect(open.complaints).toEqual([])
  })
})
