/**
 * What a configuration makes of the last record of its topic, asked of a worker before a launch, on a
 * real Kafka and Cassandra: the statement with its values, each kind of refusal, and nothing left.
 * Spec: ui 5.4 (review: sample).
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { classicSettings } from '../support/kcql-sink.ts'
import { testKeyspace } from '../support/keyspace.ts'
import { send, sinkSettings, startWorker, type TestWorker } from '../support/standalone.ts'
import { testTopic } from '../support/topic.ts'

const SAMPLE = '/api/v1/connector-sample'
const JSON_VALUES = {
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
}

let worker: TestWorker
let keyspace: Awaited<ReturnType<typeof testKeyspace>>
let topic: Awaited<ReturnType<typeof testTopic>>

beforeAll(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic(2)
  await keyspace.client.execute(
    `CREATE TABLE ${keyspace.name}.t (k text PRIMARY KEY, n bigint, d date, l list<int>)`,
  )
  worker = await startWorker([])
})
afterAll(async () => {
  await worker?.stop()
  await topic?.drop()
  await keyspace?.drop()
})
afterEach(async () => {
  const { rows } = await keyspace.client.execute(`SELECT k FROM ${keyspace.name}.t`)
  expect(rows).toEqual([])
})

const mapping = (text: string) => ({ [`topic.${topic.name}.${keyspace.name}.t.mapping`]: text })
const config = (text: string, more: Record<string, string> = JSON_VALUES) =>
  sinkSettings('sampled', topic.name, { ...mapping(text), ...more })
const sampleOf = async (settings: Record<string, string>) =>
  await worker.call('POST', SAMPLE, { config: settings })

describe('a sample', () => {
  it('is empty while the topic holds nothing', async () => {
    const { status, json } = await sampleOf(config('k=key,n=value.n'))
    expect(status).toBe(200)
    expect(json.items).toEqual([
      { topic: topic.name, state: 'empty', record: null, statements: [], problems: [] },
    ])
  })

  it('is the newest record of all partitions as the statement that would be sent', async () => {
    await send(topic.name, [
      { key: 'old', value: '{"n":1}', partition: 1, timestampMs: 1_000 },
      {
        ...{ key: 'new', partition: 0, timestampMs: 2_000 },
        value: '{"k":"new","n":9223372036854775807,"d":"2026-11-21","l":[1,2]}',
      },
    ])
    const { json } = await sampleOf(config('k=key,n=value.n,d=value.d,l=value.l'))
    const [item] = json.items
    expect(item).toMatchObject({ state: 'passed', record: `${topic.name}-0@0`, problems: [] })
    expect(item.statements).toHaveLength(1)
    expect(item.statements[0].cql).toContain(`INSERT INTO ${keyspace.name}.t`)
    const values = Object.fromEntries(
      item.statements[0].values.map((one: { name: string; value: string }) => [
        one.name,
        one.value,
      ]),
    )
    expect(values).toMatchObject({
      ...{ k: 'new', n: '9223372036854775807', d: '2026-11-21', l: '[1, 2]' },
    })
    expect((await worker.call('GET', '/connectors')).json).toEqual([])
  })

  it('of a KCQL sink is the same record', async () => {
    const kcql = 'INSERT INTO t SELECT k, n FROM TOPIC'
    const settings = classicSettings({ name: 'sampled', keyspace, topic }, kcql, JSON_VALUES)
    const { json } = await sampleOf(settings)
    expect(json.items[0]).toMatchObject({ state: 'passed', record: `${topic.name}-0@0` })
    expect(json.items[0].statements[0].cql).toContain('INSERT INTO')
  })

  it.each([
    ['a field that is missing', 'k=key,n=value.none', JSON_VALUES, 'TASK_PUT', 'value.none'],
    ['a type that does not fit', 'k=key,n=value.l', JSON_VALUES, 'TASK_PUT', 'n=value.l'],
    [
      'a converter that refuses it',
      'k=key,n=value.n',
      { ...JSON_VALUES, 'value.converter': 'org.apache.kafka.connect.converters.LongConverter' },
      ...(['VALUE_CONVERTER', ''] as const),
    ],
    [
      'a transform that refuses it',
      'k=key,n=value.n',
      {
        ...{ ...JSON_VALUES, transforms: 'c' },
        ...{ 'transforms.c.type': 'org.apache.kafka.connect.transforms.Cast$Value' },
        'transforms.c.spec': 'd:int32',
      },
      ...(['TRANSFORMATION', ''] as const),
    ],
  ])('names %s', async (_what, text, more, stage, part) => {
    const settings = config(text, more as Record<string, string>)
    if (stage === 'VALUE_CONVERTER') delete settings['value.converter.schemas.enable']
    const { status, json } = await sampleOf(settings)
    expect(status, JSON.stringify(json)).toBe(200)
    const [item] = json.items
    expect(item.state).toBe('failed')
    expect(item.problems[0].stage).toBe(stage)
    expect(item.problems[0].message).toContain(part)
  })

  it('names a record that a transform drops', async () => {
    const { json } = await sampleOf(
      config('k=key,n=value.n', {
        ...{ ...JSON_VALUES, transforms: 'f' },
        'transforms.f.type': 'org.apache.kafka.connect.transforms.Filter',
      }),
    )
    expect(json.items[0]).toMatchObject({ state: 'dropped', record: `${topic.name}-0@0` })
  })

  it('is refused with a wrong configuration, without one, and when no server answers', async () => {
    const wrong = await sampleOf(config('k=key', { 'tasks.max': 'many' }))
    expect([wrong.status, wrong.json.code]).toEqual([422, 'SCM_CONFIG_INVALID'])
    const none = await worker.call('POST', SAMPLE, { config: {} })
    expect(none.status).toBe(400)
    const lost = await sampleOf({ ...config('k=key,n=value.n'), port: '1' })
    expect(lost.status).toBe(503)
  })

  it('goes with what is said of the configuration itself, warnings too', async () => {
    const settings = { ...config('k=key,n=value.n'), 'errors.tolerence': 'all' }
    const { status, json } = await worker.call('POST', '/api/v1/config/lint', { config: settings })
    expect(status).toBe(200)
    expect(json.items).toContainEqual(
      expect.objectContaining({ key: 'errors.tolerence', severity: 'warning' }),
    )
    const bad = { ...settings, 'tasks.max': 'many' }
    const worse = await worker.call('POST', '/api/v1/config/lint', { config: bad })
    expect(worse.json.items).toContainEqual(
      expect.objectContaining({ key: 'tasks.max', severity: 'error' }),
    )
  })

  it('comes after a form that knows which keys have variable parts', async () => {
    const of = (plugin: string) => worker.call('GET', `/api/v1/config/patterns/${plugin}`)
    const { json } = await of('com.datastax.oss.kafka.sink.CassandraSinkConnector')
    const patterns = json.items.map((one: { pattern: string }) => one.pattern)
    expect(patterns).toContain('topic.<topic>.<keyspace>.<table>.mapping')
    expect(patterns).not.toContain('topic.<rest*>')
    expect((await of('no.such.Class')).status).toBe(404)
  })
})
