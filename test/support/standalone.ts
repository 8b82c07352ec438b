/**
 * A standalone worker for a test, in this process on free ports, with its logs kept; the command
 * line as a child process; and records sent to Kafka as an outside producer would.
 * Used by integration and fault tests.
 * Invariant: what is started here ends with `stop`, or with the process it is.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Producer } from '@platformatic/kafka'
import { readProperties, sourceOf } from '../../src/config/index.ts'
import { startStandalone } from '../../src/server/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { testCassandra } from './keyspace.ts'
import { testKafka } from './topic.ts'

export type Settings = Readonly<Record<string, string>>

export const STRING = 'org.apache.kafka.connect.storage.StringConverter'

/** Properties of a worker on free ports. */
export function workerSettings(more: Settings = {}): Record<string, string> {
  return {
    'bootstrap.servers': testKafka().bootstrapServers,
    'key.converter': STRING,
    'value.converter': STRING,
    'offset.storage.file.filename': join(tmpdir(), 'scamander-test-offsets'),
    'offset.flush.interval.ms': '200',
    listeners: 'http://127.0.0.1:0',
    'scamander.metrics.listeners': '',
    ...more,
  }
}

export function toProperties(settings: Settings): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('')
}

/** A sink of one topic; `more` holds the mapping. */
export function sinkSettings(name: string, topic: string, more: Settings): Record<string, string> {
  const { contactPoints, port, localDatacenter } = testCassandra()
  return {
    name,
    'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
    topics: topic,
    contactPoints: contactPoints.join(','),
    port: String(port),
    'loadBalancing.localDc': localDatacenter,
    ...more,
  }
}

export interface RestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Parsed when it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared with literals
  readonly json: any
}

export interface TestWorker {
  readonly url: string
  readonly metricsUrl: string | undefined
  /** Log lines as text. */
  readonly logs: string[]
  call(method: string, path: string, body?: unknown, headers?: Settings): Promise<RestAnswer>
  stop(): Promise<void>
}

export async function startWorker(
  connectors: readonly Settings[],
  more: Settings = {},
): Promise<TestWorker> {
  const logs: string[] = []
  const logger = Logger.create({ sink: line => logs.push(JSON.stringify(line)) })
  const running = await startStandalone({
    worker: readProperties(toProperties(workerSettings(more))),
    connectors: connectors.map(one => sourceOf(one)),
    logger,
  })
  const { url, metricsUrl } = running
  const call: TestWorker['call'] = (...args) => callRest(url, ...args)
  return { url, metricsUrl, logs, call, stop: () => running.close() }
}

export async function callRest(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Settings = {},
): Promise<RestAnswer> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(url + path, {
    method,
    headers: { ...type, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /^[[{"]/.test(text)
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  }
}

export interface SentRecord {
  readonly key?: string | Buffer | null
  readonly value?: string | Buffer | null
  readonly timestampMs?: number
  readonly partition?: number
  readonly headers?: Settings
}

export async function send(topic: string, records: readonly SentRecord[]): Promise<void> {
  const bootstrapBrokers = testKafka().bootstrapServers.split(',')
  const producer = new Producer({ clientId: 'scamander-test', bootstrapBrokers })
  try {
    for (const one of records) {
      await producer.send({
        messages: [
          {
            topic,
            partition: one.partition ?? 0,
            ...(one.key == null ? {} : { key: toBytes(one.key) }),
            ...(one.value == null ? {} : { value: toBytes(one.value) }),
            ...(one.timestampMs === undefined ? {} : { timestamp: BigInt(one.timestampMs) }),
            headers: new Map(
              Object.entries(one.headers ?? {}).map(([k, v]) => [Buffer.from(k), Buffer.from(v)]),
            ),
          },
        ],
      })
    }
  } finally {
    await producer.close()
  }
}

function toBytes(data: string | Buffer): Buffer {
  return typeof data === 'string' ? Buffer.from(data) : data
}

/** Asks until the answer is something. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  timeoutMs = 60_000,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const found = await ask()
    if (found !== undefined && found !== null && found !== false) return found
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`)
    await sleep(50)
  }
}

const SCAMANDER = fileURLToPath(new URL('../../scamander', import.meta.url))

export interface CliRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Writes a file into a fresh folder and answers its path. */
export function temporaryFile(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'scamander-it-')), name)
  writeFileSync(path, text)
  return path
}

/** The command line to its end. */
export async function scamander(args: readonly string[], env: Settings = {}): Promise<CliRun> {
  return await startScamander(args, env).ended
}

export interface RunningCli {
  readonly ended: Promise<CliRun>
  readonly output: { stdout: string; stderr: string }
  kill(signal: NodeJS.Signals): void
}

const running = new Set<ChildProcess>()

/** Ends what a failed test left. */
export function killScamanders(): void {
  for (const child of running) child.kill('SIGKILL')
}

export function startScamander(args: readonly string[], env: Settings = {}): RunningCli {
  const child = spawn(SCAMANDER, [...args], { cwd: tmpdir(), env: { ...process.env, ...env } })
  running.add(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    output.stdout += chunk
  })
  child.stderr.on('data', chunk => {
    output.stderr += chunk
  })
  const ended = Promise.withResolvers<CliRun>()
  child.once('close', code => {
    running.delete(child)
    ended.resolve({ code, ...output })
  })
  return { ended: ended.promise, output, kill: signal => child.kill(signal) }
}
