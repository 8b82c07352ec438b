/**
 * The token-range source through a standalone worker on real servers: every row once, keys and
 * values, restarts in the middle, passes, positions through the REST API.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { countRecords, rangeSource, sourceWorker, TopicLog } from '../support/source.ts'
import { type Settings, startWorker, type TestWorker, until } from '../support/standalone.ts'
import { admin, closeAll } from '../support/topic-reader.ts'

let keyspace: TestKeyspace
let worker: TestWorker | undefined
let name: string
let topic: string

beforeEach(async () => {
  keyspace = await testKeyspace()
  name = `scan-${randomBytes(4).toString('hex')}`
  topic = `${name}-items`
  await keyspace.client.execute(
    `CREATE TABLE ${keyspace.name}.items (id int, part int, name text, PRIMARY KEY (id, part))`,
  )
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await admin().deleteTopics([topic])
  await closeAll()
  await keyspace.drop()
})

async function fill(from: number, to: number): Promise<void> {
  const insert = `INSERT INTO ${keyspace.name}.items (id, part, name) VALUES (?, ?, ?)`
  const ids = Array.from({ length: to - from }, (_, i) => from + i)
  for (let at = 0; at < ids.length; at += 100) {
    await Promise.all(
      ids
        .slice(at, at + 100)
        .map(id => keyspace.client.execute(insert, [id, id % 3, `n${id}`], { prepare: true })),
    )
  }
}

function source(more: Settings = {}): Record<string, string> {
  return rangeSource(name, {
    keyspace: keyspace.name,
    'table.name.format': 'items',
    'topic.prefix': `${name}-`,
    mode: 'once',
    ...more,
  })
}

interface StoredOffset {
  readonly partition: { readonly table: string; readonly start: string; readonly end: string }
  readonly offset: { readonly pass: number; readonly done: boolean }
}

async function offsets(): Promise<StoredOffset[]> {
  const answer = await worker!.call('GET', `/connectors/${name}/offsets`)
  return answer.json.offsets
}

/** Every token lies in a range that was read to its end. */
const allDone = () =>
  until('every range read', async () => {
    const all = await offsets()
    const widths = all.map(({ partition }) => BigInt(partition.end) - BigInt(partition.start))
    const isWhole = widths.reduce((sum, one) => sum + one, 0n) === 2n ** 64n - 1n
    return isWhole && all.every(one => one.offset.done) ? all : undefined
  })

describe('one pass', () => {
  it('gives every row once, with key and value, in ranges that cover the ring', async () => {
    await fill(0, 500)
    worker = await startWorker([source({ 'tasks.max': '2' })], sourceWorker())
    const stored = await allDone()
    const log = await TopicLog.open(topic)
    const records = await log.readTo(500)
    expect(await countRecords(topic)).toBe(500)
    const values = records.map(one => JSON.parse(one.value!) as { id: number })
    expect(values.map(one => one.id).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    )
    for (const { key, value } of records) {
      const { id, part, name: text } = JSON.parse(value!)
      expect({ part, text }).toEqual({ part: id % 3, text: `n${id}` })
      expect(JSON.parse(key!)).toEqual({ id, part })
    }
    const ranges = stored
      .map(({ partition }) => [BigInt(partition.start), BigInt(partition.end)] as const)
      .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    expect(ranges[0]![0]).toBe(-(2n ** 63n))
    expect(ranges.at(-1)![1]).toBe(2n ** 63n - 1n)
    for (let i = 1; i < ranges.length; i++) expect(ranges[i]![0]).toBe(ranges[i - 1]![1])
    const status = await worker.call('GET', `/connectors/${name}/status`)
    expect(status.json).toMatchObject({
      connector: { state: 'RUNNING' },
      tasks: [
        { id: 0, state: 'RUNNING' },
        { id: 1, state: 'RUNNING' },
      ],
      type: 'source',
    })
  })

  it('goes on with other ranges, as after a change of the ring: hardly any row twice', async () => {
    await fill(0, 2000)
    const settings = sourceWorker()
    const slow = { 'page.size': '5', 'producer.override.linger.ms': '0' }
    worker = await startWorker([source({ ...slow, splits: '50' })], settings)
    await until('some rows', async () => (await countRecords(topic)) > 400)
    await worker.stop()
    expect(await countRecords(topic)).toBeLessThan(2000)
    worker = await startWorker([source({ 'tasks.max': '2' })], settings)
    const log = await TopicLog.open(topic)
    const isComplete = async () => {
      await log.readOnce()
      return new Set(log.records.map(one => one.key)).size === 2000
    }
    await until('all rows', isComplete, 60_000)
    // Of the ranges under way at the stop, one partition each.
    expect(await countRecords(topic)).toBeLessThanOrEqual(2003)
  })

  it('goes on after a restart in the middle: no row missing, none twice', async () => {
    await fill(0, 3000)
    const settings = sourceWorker()
    const slow = { 'page.size': '5', 'producer.override.linger.ms': '0' }
    // What the clean stop stores is all there is.
    const rarely = { 'offset.flush.interval.ms': '60000' }
    worker = await startWorker([source(slow)], { ...settings, ...rarely })
    await until('some rows', async () => (await countRecords(topic)) > 200)
    await worker.stop()
    const before = await countRecords(topic)
    expect(before).toBeLessThan(3000)
    worker = await startWorker([source(slow)], settings)
    await allDone()
    const log = await TopicLog.open(topic)
    const records = await log.readTo(3000)
    expect(new Set(records.map(one => one.key)).size).toBe(3000)
    expect(await countRecords(topic)).toBe(3000)
    await worker.stop()
    // Everything is done: a further start reads nothing again.
    worker = await startWorker([source(slow)], settings)
    await allDone()
    expect(await countRecords(topic)).toBe(3000)
  })
})

describe('passes', () => {
  it('reads the table again after the pause, new rows included', async () => {
    await fill(0, 20)
    const settings = { mode: 'repeat', 'poll.interval.ms': '300' }
    worker = await startWorker([source(settings)], sourceWorker())
    await until('one pass', async () => (await countRecords(topic)) >= 20)
    await fill(20, 21)
    const log = await TopicLog.open(topic)
    await until('the new row', async () => {
      await log.readOnce()
      return log.records.some(one => one.key === '{"id":20,"part":2}')
    })
    await until('a later pass', async () => (await offsets()).some(one => one.offset.pass > 2))
  })
})

describe('offsets through the REST API', () => {
  it('a reset makes a source read everything again', async () => {
    await fill(0, 30)
    worker = await startWorker([source()], sourceWorker())
    await allDone()
    const refused = await worker.call('DELETE', `/connectors/${name}/offsets`)
    expect(refused.status).toBe(400)
    await worker.call('PUT', `/connectors/${name}/stop`)
    const reset = await worker.call('DELETE', `/connectors/${name}/offsets`)
    expect(reset.status).toBe(200)
    expect(await offsets()).toEqual([])
    await worker.call('PUT', `/connectors/${name}/resume`)
    await until('all rows again', async () => (await countRecords(topic)) === 60)
  })
})

describe('a position whose paging state the cluster refuses', () => {
  it('is read again from its token on', async () => {
    await fill(0, 60)
    worker = await startWorker([source({ splits: '16' })], sourceWorker())
    const [first] = await allDone()
    await worker.call('PUT', `/connectors/${name}/stop`)
    const { partition } = first!
    const offset = { pass: 1, token: partition.start, done: false, paging: 'bm8gc3VjaCBzdGF0ZQ==' }
    const changed = await worker.call('PATCH', `/connectors/${name}/offsets`, {
      offsets: [{ partition, offset }],
    })
    expect(changed.status).toBe(200)
    await worker.call('PUT', `/connectors/${name}/resume`)
    await allDone()
    const query = `SELECT id FROM ${keyspace.name}.items WHERE token(id) > ${partition.start} AND token(id) <= ${partition.end}`
    const { rowLength } = await keyspace.client.execute(query)
    await until('that range again', async () => (await countRecords(topic)) === 60 + rowLength)
    expect(worker.logs.join('\n')).toContain('the cluster refuses a stored paging state')
  })
})

describe('a table that is altered', () => {
  it('is read on with its new column', async () => {
    await fill(0, 10)
    const settings = { mode: 'repeat', 'poll.interval.ms': '200' }
    worker = await startWorker([source(settings)], sourceWorker())
    await until('a pass', async () => (await countRecords(topic)) >= 10)
    await keyspace.client.execute(`ALTER TABLE ${keyspace.name}.items ADD extra int`)
    const log = await TopicLog.open(topic)
    await until('the new column', async () => {
      await log.readOnce()
      return log.records.some(one => one.value?.includes('"extra":null'))
    })
    const { json } = await worker.call('GET', `/connectors/${name}/status`)
    expect(json.tasks[0].state).toBe('RUNNING')
  })
})

describe('wrong settings', () => {
  it('answers 400 with the key for a query that binds no two tokens', async () => {
    worker = await startWorker([], sourceWorker())
    const query = `SELECT * FROM ${keyspace.name}.items`
    const answer = await worker.call('POST', '/connectors', { name, config: source({ query }) })
    expect(answer.status).toBe(400)
    expect(answer.json.message).toContain('query: expected exactly one token(…) > ?')
  })

  it('refuses exactly-once delivery, which it does not have', async () => {
    worker = await startWorker([], sourceWorker())
    const config = source({ 'exactly.once.support': 'required' })
    const answer = await worker.call('POST', '/connectors', { name, config })
    expect(answer.status).toBe(400)
    expect(answer.json.message).toContain(
      'This worker does not have exactly-once source support enabled.',
    )
  })

  it('answers 400 with the key for what only the cluster knows', async () => {
    worker = await startWorker([], sourceWorker())
    const select = (columns: string, table: string, key: string) =>
      `SELECT ${columns} FROM ${table} WHERE token(${key}) > ? AND token(${key}) <= ?`
    const items = `${keyspace.name}.items`
    for (const [more, message] of [
      [{ query: select('id', items, 'id, part') }, 'query: expected token(id), the partition key'],
      [{ query: select('nix', items, 'id') }, 'query: Undefined column name nix'],
      [{ query: select('id', `${keyspace.name}.item`, 'id') }, 'query: expected table "item"'],
      [{ query: select('id', 'nowhere.items', 'id') }, 'query: expected keyspace "nowhere"'],
      [{ 'table.name.format': 'item' }, 'table.name.format: expected table "item"'],
      [{ keyspace: 'nowhere' }, 'keyspace: expected keyspace "nowhere"'],
    ] as const) {
      const config = source(more)
      const { status, json } = await worker.call('POST', '/connectors', { name, config })
      expect([status, json.message]).toEqual([400, expect.stringContaining(message)])
    }
  })
})
