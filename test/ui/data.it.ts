/**
 * The Data screens in a real browser, on a real Cassandra and Kafka: from the navigation to a row by its
 * key, the next page, statements that are refused and one that is confirmed, records decoded, searched
 * and arriving live.
 * Spec: ui 4.5, 5.7, 8 (flow 14).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readProperties } from '../../src/config/index.ts'
import { type Start, startServer } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { type TestKeyspace, testCassandra, testKeyspace } from '../support/keyspace.ts'
import { SchemaRegistryServer } from '../support/schema-registry.ts'
import { send, toProperties, workerSettings } from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'
import { buildPage, findChromium, openPage, startBrowser, type TestPage } from './browser.ts'

const chromium = findChromium()
const PATIENCE_MS = 60_000
const ROWS = 130
const BIG = '9223372036854775807'
const HUGE = '123456789012345678901234567890'
const HOSTILE = '<script>alert(1)</script>\u202e'
const dataFolder = mkdtempSync(join(tmpdir(), 'scamander-ui-data-'))
const registry = new SchemaRegistryServer()

let browser: Browser
let keyspace: TestKeyspace
let topic: TestTopic
let server: Start
let open: TestPage
let page: Page

beforeAll(async () => {
  if (chromium === undefined) return
  buildPage()
  keyspace = await testKeyspace()
  topic = await testTopic(2)
  await registry.start()
  await fillTable()
  await fillTopic()
  const worker = workerSettings({
    'value.converter.schema.registry.url': registry.url,
    'offset.storage.file.filename': join(dataFolder, 'offsets'),
  })
  server = await startServer({
    ...{ dataFolder, listen: 'http://127.0.0.1:0', logger: Logger.silent() },
    worker: readProperties(toProperties(worker)),
  })
  await addConnection()
  browser = await startBrowser(chromium)
  open = await openPage(browser, server.url)
  page = open.page
  page.setDefaultTimeout(PATIENCE_MS)
})
afterAll(async () => {
  await open?.close()
  await browser?.close()
  await server?.close()
  await registry[Symbol.asyncDispose]()
  await topic?.drop()
  await keyspace?.drop()
  rmSync(dataFolder, { recursive: true, force: true })
})

async function fillTable(): Promise<void> {
  const { client, name } = keyspace
  await client.execute(
    `CREATE TABLE ${name}.trades (symbol text, at timestamp, n bigint, huge varint, price decimal, note text, tags set<text>, PRIMARY KEY ((symbol), at)) WITH CLUSTERING ORDER BY (at DESC)`,
  )
  const insert = (symbol: string, n: string, note: string) =>
    client.execute(
      `INSERT INTO ${name}.trades (symbol, at, n, huge, price, note, tags) VALUES (?, '2026-03-01 10:00:00.123Z', ${n}, ${HUGE}, 223.020, ?, {'a', 'it''s'})`,
      [symbol, note],
      { prepare: true },
    )
  await insert('AAPL', BIG, HOSTILE)
  await insert('LONG', '1', 'x'.repeat(5_000))
  for (let i = 2; i < ROWS; i++) await insert(`S${i}`, String(i), 'n')
}

async function fillTopic(): Promise<void> {
  const schema = { type: 'record', name: 'Quote', fields: [{ name: 'price', type: 'double' }] }
  const registered = await fetch(`${registry.url}/subjects/${topic.name}-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema: JSON.stringify(schema) }),
  })
  const { id } = (await registered.json()) as { id: number }
  const avro = Buffer.alloc(13)
  avro.writeInt32BE(id, 1)
  avro.writeDoubleLE(223.5, 5)
  const json = (n: number) => ({ key: `k${n}`, value: `{"n":${n},"big":${BIG}}`, partition: n % 2 })
  await send(topic.name, [
    ...Array.from({ length: 120 }, (_, n) => json(n)),
    { key: 'bytes', value: Buffer.from([0xff, 0x00, 0xfe]) },
    { key: 'avro', value: avro, headers: { origin: 'test' } },
    { key: 'gone', value: null },
  ])
}

async function addConnection(): Promise<void> {
  const { contactPoints, port } = testCassandra()
  const properties = {
    ...{ server: contactPoints.join(','), port, database: keyspace.name },
    ...{ authScheme: 'None', consistencyLevel: 'ONE' },
  }
  const draft = { name: 'ops cassandra', connector: 'cassandra', properties } as const
  await server.replicator.saveConnection(draft, AbortSignal.timeout(PATIENCE_MS))
}

const id = (name: string, key?: string) =>
  `[data-testid="${name}"]${key === undefined ? '' : `[data-key="${key}"]`}`
const text = async (selector: string) => (await page.textContent(selector)) ?? ''
const ready = (name: string) => page.waitForSelector(`${id(`page-${name}`)}[data-loading=false]`)
const cell = (row: string, column: string) =>
  text(`${id('data-row', row)} [data-column="${column}"]`)
const typeCql = async (cql: string) => {
  await page.fill(id('cql-editor'), cql)
  await page.click(id('cql-run'))
}

describe.skipIf(chromium === undefined)('tables', () => {
  it('are reached from the navigation, and their rows come page by page', async () => {
    await page.goto(`${server.url}/ui/`)
    await page.waitForSelector('html[data-app-ready]')
    await page.click(id('nav-data'))
    await ready('data-cassandra')
    await page.fill(id('data-tree-search'), keyspace.name)
    await open.picture('60-data-tables')
    await page.click(id('data-tree-item', `${keyspace.name}.trades`))
    await page.waitForSelector(id('data-row'))
    expect(await text(id('table-facts'))).toContain('PRIMARY KEY ((symbol), at DESC)')
    await page.waitForSelector('[data-rows="100"]')
    await page.click(id('data-next'))
    await page.waitForURL(/page=/)
    await page.waitForSelector(`[data-rows="${ROWS - 100}"]`)
    expect(await page.isDisabled(id('data-next'))).toBe(true)
    await page.goBack()
    await page.waitForSelector('[data-rows="100"]')
    await open.picture('61-data-rows')
    expect(open.complaints).toEqual([])
  })

  it('show the row of a key with every digit, and nothing of it is markup', async () => {
    await page.click(id('data-find'))
    expect(await text(id('find-problem'))).toContain('symbol')
    await page.fill(id('find-symbol'), 'AAPL')
    await page.click(id('data-find'))
    await page.waitForURL(/key=/)
    await page.waitForSelector('[data-rows="1"]')
    const row = 'AAPL, 2026-03-01 10:00:00.123Z'
    expect([await cell(row, 'n'), await cell(row, 'huge')]).toEqual([BIG, HUGE])
    expect([await cell(row, 'price'), await cell(row, 'tags')]).toEqual([
      '223.020',
      "{'a', 'it''s'}",
    ])
    expect(await cell(row, 'note')).toBe('<script>alert(1)</script>⟨202E⟩')
    await page.focus('[role=grid]')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForSelector(id('row-value', 'n'))
    expect(await text(id('row-value', 'n'))).toContain(BIG)
    await open.picture('62-data-row')
    await page.click(id('dialog-close'))
    await page.fill(id('find-symbol'), 'LONG')
    await page.click(id('data-find'))
    await page.click(id('data-row', 'LONG, 2026-03-01 10:00:00.123Z'))
    await page.waitForSelector(`${id('row-value', 'note')}:has-text("${'x'.repeat(5_000)}")`)
    await page.click(id('dialog-close'))
    await page.click(id('tab-schema'))
    await page.waitForSelector(id('schema-row', 'huge'))
    expect(await text(id('schema-ddl'))).toContain('CREATE TABLE')
    await open.picture('63-data-schema')
    expect(open.complaints).toEqual([])
  })

  it('take statements: reads at once, changes with leave, deletes with the name typed', async () => {
    const table = `${keyspace.name}.trades`
    await page.click(id('tab-cql'))
    await page.waitForSelector(id('cql-editor'))
    await typeCql(`SELECT symbol, n FROM ${table} WHERE symbol = 'AAPL'`)
    await page.waitForSelector(id('cql-row'))
    expect(await text(`${id('cql-row')} [data-column="n"]`)).toBe(BIG)
    await typeCql('SELECT nothing FROM nowhere.at_all')
    await page.waitForSelector(id('cql-problem'))
    await typeCql(`UPDATE ${table} SET n = 1 WHERE symbol = 'AAPL' AND at = '2026-03-01'`)
    await page.waitForSelector(`${id('cql-problem')}:has-text("Allow writes is off")`)
    await open.picture('64-data-cql-refused')
    await page.check(id('cql-write'))
    await typeCql(`DELETE FROM ${table} WHERE symbol = 'S7'`)
    await page.waitForSelector(id('confirm-yes'))
    expect(await page.isDisabled(id('confirm-yes'))).toBe(true)
    await open.picture('65-data-cql-delete')
    await page.fill(id('confirm-type'), table)
    await page.click(id('confirm-yes'))
    await page.waitForSelector(id('cql-done'))
    const left = await keyspace.client.execute(`SELECT n FROM ${table} WHERE symbol = 'S7'`)
    expect(left.rows).toEqual([])
    const [newest] = server.replicator.auditTrail()
    expect(newest).toMatchObject({ action: 'statement run', object: `ops cassandra: ${table}` })
    expect(JSON.stringify(newest)).not.toContain('S7')
    expect(open.complaints.filter(one => !/4\d\d/.test(one))).toEqual([])
    open.complaints.length = 0
  })
})

describe.skipIf(chromium === undefined)('topics', () => {
  const record = (key: string) =>
    `${id('record-row')}:has([data-column="key"] bdi:text-is("${key}"))`
  const value = (key: string) => text(`${record(key)} [data-column="value"]`)

  it('show records decoded, from wherever they are asked for', async () => {
    await page.click(id('data-kafka'))
    await ready('data-kafka')
    await page.fill(id('search'), topic.name)
    await page.waitForSelector(id('topic-row', topic.name))
    await open.picture('66-data-topics')
    await page.click(`${id('topic-row', topic.name)} ${id('topic-open')}`)
    await page.waitForSelector(record('avro'))
    expect([await value('avro'), await value('gone')]).toEqual(['{"price":223.5}Avro', 'NULL'])
    expect([await value('bytes'), await value('k119')]).toEqual([
      'ff00fehex',
      `{"n":119,"big":${BIG}}`,
    ])
    await open.picture('67-data-records')
    await page.click(record('avro'))
    await page.waitForSelector(id('record-detail'))
    expect(await text(id('record-value'))).toContain('223.5')
    expect(await text(id('record-header', 'origin'))).toBe('test')
    await open.picture('68-data-record')
    await page.click(id('dialog-close'))
    await page.click(id('records-older'))
    await page.waitForSelector('[data-rows="23"]')
    await page.fill(id('search'), 'k11')
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=k11/)
    await page.waitForSelector('[data-rows="11"]')
    await page.fill(id('search'), '')
    await page.keyboard.press('Enter')
    await page.waitForSelector(record('avro'))
    expect(open.complaints).toEqual([])
  })

  it('show what arrives, and hold it back while somebody reads', async () => {
    await page.focus(id('records-live'))
    await page.keyboard.press('Space')
    await page.waitForSelector(`${id('records-live-line')}[data-state=live]`)
    await send(topic.name, [{ key: 'fresh', value: '{"hello":1}' }])
    await page.waitForSelector(record('fresh'))
    await open.picture('69-data-live')
    await page.click(id('records-pause'))
    await send(topic.name, [{ key: 'later', value: 'x' }])
    await page.waitForSelector(`${id('records-live-line')}:has-text("1 new")`)
    expect(await page.locator(record('later')).count()).toBe(0)
    await page.click(id('records-resume'))
    await page.waitForSelector(record('later'))
    expect(open.complaints).toEqual([])
  })

  it('tell their partitions, settings and readers, take a record, and fit a narrow screen', async () => {
    await page.click(id('tab-partitions'))
    await page.waitForSelector(id('partition-row', '1'))
    await page.click(id('tab-config'))
    await page.locator(id('config-all')).check()
    await page.waitForSelector(id('setting-row', 'retention.ms'))
    await page.click(id('tab-consumers'))
    await page.waitForSelector(id('empty'))
    await page.click(id('tab-records'))
    await page.click(id('record-produce'))
    await page.fill(id('field-key'), 'by-hand')
    await page.fill(id('field-value'), '{"by":"hand"}')
    await page.click(id('record-send'))
    await page.waitForSelector(record('by-hand'))
    await page.setViewportSize({ width: 390, height: 844 })
    await open.picture('70-data-records-narrow')
    await page.goto(`${server.url}/ui/data/cassandra`)
    await ready('data-cassandra')
    await page.fill(id('data-tree-search'), keyspace.name)
    await page.click(id('data-tree-item', `${keyspace.name}.trades`))
    await page.waitForSelector(id('data-row'))
    await open.picture('71-data-rows-narrow')
    expect(open.complaints).toEqual([])
  })

  it('are made with a name and a number of partitions', async () => {
    const name = `${topic.name}-new`
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(`${server.url}/ui/data/kafka/topics`)
    await page.click(id('topic-add'))
    await page.fill(id('field-topic-name'), 'no topic')
    await page.click(id('topic-create'))
    await page.waitForSelector(`${id('dialog-topic')} :text("1 to 249 letters")`)
    await page.fill(id('field-topic-name'), name)
    await page.fill(id('field-partitions'), '3')
    await page.click(id('topic-create'))
    await page.waitForURL(new RegExp(`/topics/${name}/records`))
    await page.click(id('tab-partitions'))
    await page.waitForSelector(id('partition-row', '2'))
    // The first name was refused by the server.
    expect(open.complaints.filter(one => !/status of 4\d\d/.test(one))).toEqual([])
  })
})
