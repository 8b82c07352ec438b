/**
 * `npm run bench:capture`: how long a change takes from the answer of Cassandra to the consumer of the
 * topic, at a steady rate of writes, with the worker as a process of its own; then what decoding
 * costs, beside Cassandra's own reader. One JSON document on standard output, progress on standard
 * error. Options: --rate N writes/s (1000), --seconds N (30), --warmup N (10), --sandbox FILE (own
 * servers), --policy NAME of reading (markers), --no-latency, --no-decode.
 * Spec: cdc-replication 7.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Consumer } from '@platformatic/kafka'
import { Client } from 'cassandra-driver'
import {
  readDescription,
  type SandboxDescription,
  startSandbox,
} from '../../../src/sandbox/index.ts'
import { readCpuSeconds, readMemoryMb } from '../../support/process-usage.ts'
import { measureDecoding } from './decode.ts'

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
/** Whose reader is the peer when no server is started. */
const RELEASE = '5.0.6'
const TICK_MS = 10
const VALUE = 'x'.repeat(180)

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '30' },
    warmup: { type: 'string', default: '10' },
    sandbox: { type: 'string' },
    policy: { type: 'string', default: 'markers' },
    'no-latency': { type: 'boolean', default: false },
    'no-decode': { type: 'boolean', default: false },
  },
})
const rate = Number(values.rate)
const warmup = Number(values.warmup) * rate
const total = warmup + Number(values.seconds) * rate
const say = (line: string) => process.stderr.write(`${line}\n`)

async function servers(): Promise<{ description: SandboxDescription; stop: () => Promise<void> }> {
  if (values.sandbox === undefined) {
    const sandbox = await startSandbox({ heapMb: 1024, progress: say })
    return { description: sandbox.description, stop: () => sandbox.stop() }
  }
  const description = await readDescription(dirname(resolve(values.sandbox)))
  if (description === undefined) throw new Error(`no sandbox at ${values.sandbox}`)
  return { description, stop: () => Promise.resolve() }
}

/** The worker as users start it; resolves with its address. */
async function startWorker({ cassandra, kafka }: SandboxDescription, folder: string) {
  const file = join(folder, 'worker.properties')
  writeFileSync(
    file,
    [
      `bootstrap.servers=${kafka!.bootstrapServers}`,
      'key.converter=org.apache.kafka.connect.json.JsonConverter',
      'value.converter=org.apache.kafka.connect.json.JsonConverter',
      'key.converter.schemas.enable=false',
      'value.converter.schemas.enable=false',
      `offset.storage.file.filename=${join(folder, 'offsets')}`,
      'offset.flush.interval.ms=1000',
      'listeners=http://127.0.0.1:0',
      'scamander.metrics.listeners=http://127.0.0.1:0',
      `cdc.read.policy=${values.policy}`,
      `cdc.contact.points=${cassandra!.contactPoints[0]}`,
      `cdc.port=${cassandra!.port}`,
    ].join('\n'),
  )
  const child = spawn(process.execPath, [MAIN, 'connect-standalone', file, '--log-format', 'json'])
  const url = Promise.withResolvers<string>()
  let log = ''
  child.stderr.on('data', chunk => {
    log += chunk
    const found = /REST API at (http:\S+?)["\s,]/.exec(log)
    if (found !== null) url.resolve(found[1]!)
  })
  child.once('exit', code => url.reject(new Error(`the worker ended with ${code}`)))
  const address = await url.promise
  const metrics = () => /[Mm]etrics at (http:\S+?)["\s,]/.exec(log)?.[1]
  return { child, url: address, metrics }
}

async function call(url: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
}

/** Milliseconds from the answer to the receipt, by key; each is set by whoever comes last. */
class Latencies {
  readonly #answered = new Float64Array(total)
  readonly #received = new Float64Array(total)
  received = 0
  repeated = 0

  answer(key: number): void {
    this.#answered[key] = performance.now()
  }

  receive(key: number): void {
    if (this.#received[key] !== 0) this.repeated++
    else {
      this.#received[key] = performance.now()
      this.received++
    }
  }

  percentiles() {
    const all: number[] = []
    for (let key = warmup; key < total; key++) {
      // The record may be here before the client has its answer.
      all.push(Math.max(0, this.#received[key]! - this.#answered[key]!))
    }
    all.sort((a, b) => a - b)
    const at = (share: number) => Math.round(all[Math.floor(share * (all.length - 1))]! * 10) / 10
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
  }
}

async function write(client: Client, table: string, latencies: Latencies): Promise<number> {
  const cql = `INSERT INTO ${table} (k, v) VALUES (?, ?)`
  const startMs = performance.now()
  const pending = new Set<Promise<unknown>>()
  let next = 0
  while (next < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * rate))
    for (; next < due; next++) {
      const key = next
      const sent = client
        .execute(cql, [key, VALUE], { prepare: true })
        .then(() => latencies.answer(key))
        .finally(() => pending.delete(sent))
      pending.add(sent)
    }
    await sleep(TICK_MS)
  }
  await Promise.all(pending)
  return (total / (performance.now() - startMs)) * 1000
}

async function measure(description: SandboxDescription, folder: string) {
  const { cassandra, kafka } = description
  const name = `bench_${Date.now()}`
  const client = new Client({
    contactPoints: [...cassandra!.contactPoints],
    localDataCenter: cassandra!.localDatacenter,
    protocolOptions: { port: cassandra!.port, maxVersion: 4 },
  })
  await client.connect()
  await client.execute(
    `CREATE KEYSPACE ${name} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
  )
  await client.execute(`CREATE TABLE ${name}.t (k int PRIMARY KEY, v text) WITH cdc = true`)
  const { child, url, metrics } = await startWorker(description, folder)
  const consumer = new Consumer({
    clientId: 'bench',
    groupId: name,
    bootstrapBrokers: kafka!.bootstrapServers.split(','),
  })
  const latencies = new Latencies()
  try {
    await call(url, '/api/v1/cdc/destinations', { name })
    const channel = { sourceKeyspace: name, sourceTable: 't', destination: name }
    await call(url, '/api/v1/cdc/channels', channel)
    const config = { 'connector.class': 'DseSourceConnector', topic: name, destination: name }
    await call(url, '/connectors', { name, config })
    await client.execute(`INSERT INTO ${name}.t (k, v) VALUES (-1, 'first')`)
    await sleep(2000)
    const stream = await consumer.consume({ topics: [name], mode: 'earliest', maxWaitTime: 10 })
    stream.on('data', (message: { key: Buffer }) => {
      const { k } = JSON.parse(message.key.toString()) as { k: number }
      if (k >= 0) latencies.receive(k)
    })
    const cpuBefore = await readCpuSeconds(child.pid!)
    const writesPerSecond = await write(client, `${name}.t`, latencies)
    const untilMs = performance.now() + 60_000
    while (latencies.received < total && performance.now() < untilMs) await sleep(20)
    const cpuSeconds = (await readCpuSeconds(child.pid!)) - cpuBefore
    return {
      writes: total,
      writesPerSecond: Math.round(writesPerSecond),
      lost: total - latencies.received,
      repeated: latencies.repeated,
      latencyMs: latencies.percentiles(),
      ageAt: await stages(metrics()),
      workerCpuMicrosPerEvent: Math.round((cpuSeconds / total) * 1e6),
      workerRssMb: Math.round(await readMemoryMb(child.pid!, 'VmHWM')),
    }
  } finally {
    child.kill('SIGTERM')
    await consumer.close(true)
    await client.execute(`DROP KEYSPACE ${name}`)
    await client.shutdown()
  }
}

/** How old changes are when they are read from the log, and when they are handed on: upper bounds. */
async function stages(url: string | undefined): Promise<Record<string, string>> {
  if (url === undefined) return {}
  const text = await (await fetch(url)).text()
  const out: Record<string, string> = {}
  for (const stage of ['read', 'deliver']) {
    const pattern = new RegExp(
      `scamander_cdc_latency_seconds_bucket\\{[^}]*stage="${stage}"[^}]*le="([^"]+)"[^}]*\\} (\\d+)|scamander_cdc_latency_seconds_bucket\\{[^}]*le="([^"]+)"[^}]*stage="${stage}"[^}]*\\} (\\d+)`,
      'g',
    )
    const buckets = [...text.matchAll(pattern)].map(found => ({
      le: found[1] ?? found[3]!,
      count: Number(found[2] ?? found[4]),
    }))
    const all = buckets.at(-1)?.count ?? 0
    for (const share of [0.5, 0.99]) {
      const le = buckets.find(one => one.count >= all * share)?.le ?? '?'
      out[`${stage} p${share * 100}`] = `<= ${le} s`
    }
  }
  return out
}

async function latency(folder: string) {
  const { description, stop } = await servers()
  try {
    say(`${rate} writes/s for ${total / rate} s, policy ${values.policy}`)
    const capture = await measure(description, folder)
    say(JSON.stringify(capture))
    return { capture, cassandra: description.cassandra!.version }
  } finally {
    await stop()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'scamander-bench-'))
try {
  const measured = values['no-latency'] ? undefined : await latency(folder)
  const release = measured?.cassandra ?? RELEASE
  const decoding = values['no-decode'] ? [] : measureDecoding(folder, release, say)
  const environment = { cores: cpus().length, node: process.version, cassandra: release }
  const { capture } = measured ?? {}
  process.stdout.write(
    `${JSON.stringify({ environment, rate, policy: values.policy, capture, decoding }, undefined, 2)}\n`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
