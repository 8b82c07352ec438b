/**
 * Tasks in threads: one that hangs and one whose memory grows without end are ended without harm to
 * the others, lose nothing, and run again when their configuration is mended.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import {
  callRest,
  type Settings,
  send,
  sinkSettings,
  startWorker,
  type TestWorker,
  until,
} from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'

const PATIENCE_MS = 120_000

let keyspace: TestKeyspace
let topics: TestTopic[]
let worker: TestWorker | undefined
const run = randomBytes(4).toString('hex')

beforeEach(async () => {
  keyspace = await testKeyspace()
  topics = []
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  for (const topic of topics) await topic.drop()
  await keyspace.drop()
})

async function newTopic(): Promise<string> {
  const topic = await testTopic()
  topics.push(topic)
  return topic.name
}

/** A sink into a table of its own. */
async function newSink(id: string, topic: string, more: Settings = {}): Promise<Settings> {
  await keyspace.client.execute(
    `CREATE TABLE ${keyspace.name}.${id} (id bigint PRIMARY KEY, name text)`,
  )
  return sinkSettings(`threads-${run}-${id}`, topic, {
    [`topic.${topic}.${keyspace.name}.${id}.mapping`]: 'id=key, name=value.name',
    ...more,
  })
}

async function count(id: string): Promise<number> {
  const { rows } = await keyspace.client.execute(`SELECT id FROM ${keyspace.name}.${id}`)
  return rows.length
}

const hasRows = (id: string, rows: number) =>
  until(`${rows} rows in ${id}`, async () => (await count(id)) === rows, PATIENCE_MS)

async function statusOf(id: string) {
  return (await worker!.call('GET', `/connectors/threads-${run}-${id}/status`)).json
}

const isIn = (id: string, state: string) =>
  until(
    `${id} ${state}`,
    async () => {
      const status = await statusOf(id)
      return status?.tasks[0]?.state === state && status
    },
    PATIENCE_MS,
  )

const record = (key: number) => ({ key: String(key), value: `{"name":"n${key}"}` })

/** A regular expression that tries every way to divide the name's end, and matches in none. */
const SPINNING: Settings = {
  transforms: 'route',
  'transforms.route.type': 'org.apache.kafka.connect.transforms.RegexRouter',
  'transforms.route.regex': '((((((([a-z0-9._-]+)+)+)+)+)+)+)+!',
  'transforms.route.replacement': 'x',
}

const QUICK: Settings = {
  'scamander.task.threads': '2',
  'scamander.task.restart.pause.ms': '600000',
  'scamander.metrics.listeners': 'http://127.0.0.1:0',
}

describe('a task that hangs', () => {
  it('fails with the reason, while the others go on and lose nothing', async () => {
    const [bad, other, near] = [await newTopic(), await newTopic(), await newTopic()]
    // Two threads: the third sink shares the one of the first.
    const sinks = [
      await newSink('bad', bad, SPINNING),
      await newSink('other', other),
      await newSink('near', near),
    ]
    worker = await startWorker(sinks, QUICK)
    await send(near, [record(1)])
    await send(other, [record(1)])
    await hasRows('near', 1)
    await hasRows('other', 1)
    await send(bad, [record(1)])
    // The thread of `bad` does not return from here on.
    await send(other, [record(2)])
    await send(near, [record(2)])
    await hasRows('other', 2)
    const failed = await isIn('bad', 'FAILED')
    expect(failed.tasks[0].trace).toMatch(/SCM_CONNECT_TASK_HANGS.*threads-.*-bad-0/)
    expect(failed.tasks[0].trace).toContain('Restarts by itself at')
    await hasRows('near', 2)
    for (const id of ['near', 'other']) await isIn(id, 'RUNNING')
    // Counted over both threads, the one that ended included.
    const { text } = await callRest(worker.metricsUrl!, 'GET', '/metrics')
    for (const id of ['near', 'other']) {
      const name = `scamander_pipeline_records_written_total{connector="threads-${run}-${id}",task="0"}`
      const written = text.split('\n').find(line => line.startsWith(name))
      expect(Number(written?.split(' ').at(-1))).toBeGreaterThanOrEqual(2)
    }
    const { offsets } = (await worker.call('GET', `/connectors/threads-${run}-bad/offsets`)).json
    expect(offsets).toEqual([])
    // Mended, it reads what it never wrote.
    const mended = { ...sinks[0], transforms: '' }
    const path = `/connectors/threads-${run}-bad/config`
    expect((await worker.call('PUT', path, mended)).status).toBe(200)
    await hasRows('bad', 1)
  }, 300_000)

  it('can be deleted while it hangs', async () => {
    const bad = await newTopic()
    worker = await startWorker([await newSink('bad', bad, SPINNING)], {
      ...QUICK,
      'scamander.task.hang.timeout.ms': '600000',
      'task.shutdown.graceful.timeout.ms': '500',
    })
    await send(bad, [record(1)])
    const id = `threads-${run}-bad`
    // Told when it was read, just before its transform is asked.
    await until('the record to be read', async () => {
      const { json } = await worker!.call('GET', `/connectors/${id}/topics`)
      return json[id].topics.includes(bad)
    })
    expect((await worker.call('DELETE', `/connectors/${id}`)).status).toBe(204)
    const told = worker.logs.filter(line => line.includes('the thread was ended'))
    expect(told).toHaveLength(1)
  }, 300_000)
})

describe('a task whose memory grows', () => {
  it('is ended at the limit of its thread, and the process lives', async () => {
    const [big, other] = [await newTopic(), await newTopic()]
    // A transform that looks into the value makes objects of it: some 60 bytes or more for each "{}".
    const looking: Settings = {
      transforms: 'mark',
      'transforms.mark.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
      'transforms.mark.static.field': 'mark',
      'transforms.mark.static.value': 'x',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
      // Many records at once.
      'consumer.override.fetch.min.bytes': '8000000',
      'consumer.override.fetch.max.wait.ms': '5000',
      'consumer.override.max.partition.fetch.bytes': '50000000',
    }
    worker = await startWorker(
      [await newSink('big', big, looking), await newSink('other', other)],
      {
        ...QUICK,
        'scamander.task.hang.timeout.ms': '60000',
        'scamander.task.thread.memory.mb': '64',
      },
    )
    const value = `{"name":"n","more":[${'{},'.repeat(250_000)}{}]}`
    const records = Array.from({ length: 20 }, (_, key) => ({ key: String(key), value }))
    await send(big, records)
    await send(other, [record(1)])
    const failed = await isIn('big', 'FAILED')
    expect(failed.tasks[0].trace).toMatch(/SCM_CONNECT_TASK_MEMORY.*64 MB/)
    await hasRows('other', 1)
    await send(other, [record(2)])
    await hasRows('other', 2)
    expect((await statusOf('other')).tasks[0].state).toBe('RUNNING')
  }, 300_000)
})
