/**
 * Traces of real work at a collector that decodes what it is sent: a sink and a source whose tasks
 * run in threads, calls of the REST API, switched on by the environment or by the worker's keys; and
 * a collector that is away.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts'
import { rangeSource, sourceWorker } from '../support/source.ts'
import {
  callRest,
  killScamanders,
  send,
  sinkSettings,
  startScamander,
  startWorker,
  type TestWorker,
  temporaryFile,
  toProperties,
  until,
  workerSettings,
} from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'
import { admin, closeAll, Reader } from '../support/topic-reader.ts'

vi.setConfig({ testTimeout: 240_000 })

let keyspace: TestKeyspace
let topic: TestTopic
let collector: OtlpReceiver
let worker: TestWorker | undefined
const name = `traced-${randomBytes(4).toString('hex')}`

beforeAll(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic(1)
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kv (k text PRIMARY KEY, v int)`)
})
beforeEach(async () => {
  collector = await new OtlpReceiver().open()
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  await collector.close()
  killScamanders()
})
afterAll(async () => {
  await admin().deleteTopics([`${name}-kv`])
  await closeAll()
  await topic?.drop()
  await keyspace?.drop()
})

const hex = (bytes: number) => randomBytes(bytes).toString('hex')
const context = (flags: '00' | '01') => ({ traceId: hex(16), spanId: hex(8), flags })
const traceparent = ({ traceId, spanId, flags }: ReturnType<typeof context>) =>
  `00-${traceId}-${spanId}-${flags}`

function sink() {
  return sinkSettings(name, topic.name, {
    [`topic.${topic.name}.${keyspace.name}.kv.mapping`]: 'k=key, v=value',
    'errors.tolerance': 'all',
    ignoreErrors: 'All',
  })
}

const sum = (spans: readonly ReceivedSpan[], attribute: string) =>
  spans.reduce((total, { attributes }) => total + Number(attributes[attribute] ?? 0), 0)

it('follows deliveries and records into Cassandra, switched on by the environment alone', async () => {
  const [followed, failing, unsampled] = [context('01'), context('01'), context('00')]
  await send(topic.name, [
    { key: 'a', value: '1', headers: { traceparent: traceparent(followed) } },
    { key: 'b', value: 'no number', headers: { traceparent: traceparent(failing) } },
    { key: 'c', value: '3', headers: { traceparent: traceparent(unsampled) } },
    { key: 'd', value: '4', headers: { traceparent: 'no context' } },
  ])
  const files = [
    temporaryFile('worker.properties', toProperties(workerSettings())),
    temporaryFile('sink.json', JSON.stringify(sink())),
  ]
  const running = startScamander(['connect-standalone', ...files], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'orders-sink',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
  })
  const process = `process ${topic.name}`
  // A delivery of one record goes on in the record's own trace, and is its root here.
  const roots = () =>
    collector.spans.filter(one => one.attributes['messaging.batch.message_count'] !== undefined)
  const hasAll = () => {
    const isCommitted = collector.spans.some(one => one.name === 'commit')
    return isCommitted && sum(roots(), 'messaging.batch.message_count') >= 4
  }
  try {
    // The program may have to be bundled first.
    await until('all records in traces, and a commit', hasAll, 150_000)
  } catch (error) {
    const told = running.output.stderr.slice(-2_000)
    throw new Error(`${String(error)}: ${JSON.stringify(collector.problems)} ${told}`)
  }
  running.kill('SIGTERM')
  expect((await running.ended).code).toBe(0)

  expect(collector.problems).toEqual([])
  expect(collector.requests.every(one => one.type === 'application/x-protobuf')).toBe(true)
  const { service, resource } = collector.spans[0]!
  expect(service).toBe('orders-sink')
  expect(resource).toMatchObject({ 'deployment.environment': 'test', 'service.version': '0.1.0' })
  expect(sum(roots(), 'scamander.records.read')).toBe(4)
  expect(sum(roots(), 'scamander.records.failed')).toBe(1)
  for (const root of roots()) {
    expect(root).toMatchObject({ name: process, kind: 5 })
    expect(root.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.destination.name': topic.name,
      'scamander.connector': name,
    })
    const steps = collector.childrenOf(root).map(one => one.name)
    expect(steps).toEqual(expect.arrayContaining(['receive', 'convert', 'write', 'settle']))
  }
  const inTrace = (traceId: string) =>
    collector.spans.filter(one => one.traceId === traceId && one.name === process)
  expect(inTrace(followed.traceId)).toMatchObject([{ parentId: followed.spanId, status: 0 }])
  expect(inTrace(failing.traceId)).toMatchObject([{ parentId: failing.spanId }])
  // Of a delivery of one record, the failure of the record is a count.
  const isAlone = roots().some(one => one.traceId === failing.traceId)
  if (!isAlone) expect(inTrace(failing.traceId)[0]!.status).toBe(2)
  expect(collector.spans.some(one => one.traceId === unsampled.traceId)).toBe(false)
  const text = JSON.stringify(collector.spans)
  expect(text).not.toContain('no number')
})

it('follows batches of a source into the topic, and calls of the REST API', async () => {
  const { client } = keyspace
  for (const id of [1, 2, 3]) {
    await client.execute(`INSERT INTO ${keyspace.name}.kv (k, v) VALUES ('s${id}', ${id})`)
  }
  const source = rangeSource(`${name}-source`, {
    keyspace: keyspace.name,
    'table.name.format': 'kv',
    'topic.prefix': `${name}-`,
    mode: 'once',
  })
  worker = await startWorker([source], {
    ...sourceWorker(),
    'scamander.tracing.endpoint': collector.url,
    'scamander.tracing.protocol': 'http/json',
    'scamander.tracing.headers': 'authorization=Bearer%20of-the-test',
    'scamander.tracing.propagate': 'true',
  })
  const published = () => collector.spans.filter(one => one.name === `publish ${name}-kv`)
  await until('rows in traces', () => sum(published(), 'scamander.records.written') >= 3)
  await until('a commit', () => collector.spans.some(one => one.name === 'commit'))
  const caller = context('01')
  const headers = { traceparent: traceparent(caller) }
  await callRest(
    worker.url,
    'GET',
    `/connectors/${name}-source/status?secret=1`,
    undefined,
    headers,
  )
  await callRest(worker.url, 'GET', '/health')
  const call = await until('the call', () =>
    collector.spans.find(one => one.traceId === caller.traceId),
  )
  expect(call).toMatchObject({ parentId: caller.spanId, kind: 2, service: 'scamander' })
  expect(call.attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.route': '/connectors/:name/status',
    'http.response.status_code': 200,
    'url.path': `/connectors/${name}-source/status`,
  })
  for (const root of published()) {
    expect(root.kind).toBe(4)
    const steps = collector.childrenOf(root).map(one => one.name)
    expect(steps).toEqual(expect.arrayContaining(['receive', 'convert', 'send']))
  }
  const reader = await new Reader({ topics: [`${name}-kv`] }).open()
  const carried: string[] = []
  await until('the records', async () => {
    for (const { headers } of await reader.readOnce()) {
      carried.push(String(headers.find(one => one.name === 'traceparent')?.value))
    }
    return carried.length >= 3
  })
  const known = new Set(published().map(one => `00-${one.traceId}-${one.spanId}-01`))
  expect(carried.filter(one => !known.has(one))).toEqual([])
  expect(collector.problems).toEqual([])
  expect(collector.requests[0]).toMatchObject({
    type: 'application/json',
    headers: { authorization: 'Bearer of-the-test' },
  })
  expect(JSON.stringify([worker.logs, collector.spans])).not.toMatch(/of-the-test|secret/)
})

it('works on while the collector is away, tells it once, and goes on when it is back', async () => {
  const port = await freePort()
  const waitBefore = process.env['OTEL_EXPORTER_OTLP_TIMEOUT']
  process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '300'
  const later = new OtlpReceiver()
  try {
    worker = await startWorker([sink()], {
      'scamander.tracing.endpoint': `http://127.0.0.1:${port}`,
      'scamander.metrics.listeners': 'http://127.0.0.1:0',
    })
    const { metricsUrl, logs, url } = worker
    const dropped = async () => {
      const { text } = await callRest(metricsUrl!, 'GET', '/metrics')
      const lines = text.matchAll(/^scamander_telemetry_spans_dropped_total\{.*\} (\d+)$/gm)
      return [...lines].reduce((total, [, count]) => total + Number(count), 0)
    }
    const told = (text: string) => logs.filter(line => line.includes(text)).length
    let calls = 0
    await until('dropped spans', async () => {
      await callRest(url, 'GET', '/connectors')
      calls++
      return (await dropped()) > 0
    })
    await send(topic.name, [{ key: `away-${port}`, value: '7' }])
    await until('the row', async () => {
      const query = `SELECT v FROM ${keyspace.name}.kv WHERE k = 'away-${port}'`
      return (await keyspace.client.execute(query)).rowLength === 1
    })
    const before = await dropped()
    await until('more dropped spans', async () => {
      await callRest(url, 'GET', '/connectors')
      return (await dropped()) > before
    })
    expect(calls).toBeGreaterThan(0)
    expect(told('traces are not delivered')).toBe(1)
    await later.open(port)
    await until('spans', async () => {
      await callRest(url, 'GET', '/connectors')
      return later.spans.length > 0
    })
    await until('the news', () => told('traces are delivered again') === 1)
    expect(told('traces are not delivered')).toBe(1)
  } finally {
    if (waitBefore === undefined) delete process.env['OTEL_EXPORTER_OTLP_TIMEOUT']
    else process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = waitBefore
    await worker?.stop()
    worker = undefined
    await later.close()
  }
})
