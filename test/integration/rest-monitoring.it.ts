/**
 * The dashboard and the alert rules of examples/monitoring on a worker with a sink that writes and
 * fails: every name is in the exposition, and a real Prometheus, where there is one, understands
 * every query and has data for those of the sink.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import {
  alertQueries,
  baseName,
  dashboardQueries,
  MONITORING,
  type Query,
  usedBy,
} from '../support/monitoring.ts'
import {
  callRest,
  send,
  sinkSettings,
  startWorker,
  type TestWorker,
  until,
} from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'

const run = promisify(execFile)
/** A folder with `prometheus` and `promtool`; else they are looked for on the path. */
const FOLDER = process.env['SCAMANDER_TEST_PROMETHEUS']
const program = (name: string) => (FOLDER === undefined ? name : join(FOLDER, name))
const QUERIES = [...dashboardQueries(), ...alertQueries()]

let keyspace: TestKeyspace
let topic: TestTopic
let worker: TestWorker
let exposition = ''
let hasPrometheus = false

const readMetrics = async () => (await callRest(worker.metricsUrl!, 'GET', '/metrics')).text

beforeAll(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic(1)
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kv (k text PRIMARY KEY, v int)`)
  const config = sinkSettings('monitored', topic.name, {
    [`topic.${topic.name}.${keyspace.name}.kv.mapping`]: 'k=key, v=value',
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': `${topic.name}-dlq`,
    'errors.deadletterqueue.topic.replication.factor': '1',
  })
  worker = await startWorker([config], { 'scamander.metrics.listeners': 'http://127.0.0.1:0' })
  await send(topic.name, [
    { key: 'a', value: '1' },
    { key: 'b', value: 'no number' },
  ])
  exposition = await until('the dead letter', async () => {
    const text = await readMetrics()
    return /total_records_skipped\{.*\} 1$/m.test(text) ? text : undefined
  })
  hasPrometheus = await run(program('promtool'), ['--version']).then(
    () => true,
    () => false,
  )
})
afterAll(async () => {
  await worker?.stop()
  await topic.drop()
  await keyspace.drop()
})

const isOfSources = (metric: string) => metric.includes('_source_')

describe('every name of a query', () => {
  it('is in the exposition', () => {
    const exposed = new Set([...exposition.matchAll(/^(\w+)[{ ]/gm)].map(one => one[1]!))
    const asked = new Set(QUERIES.flatMap(({ expr }) => usedBy(expr).metrics))
    const missing = [...asked].filter(
      name => !isOfSources(name) && !exposed.has(name) && !exposed.has(baseName(name)),
    )
    expect(missing).toEqual([])
  })

  it('has the numbers of the task', () => {
    const value = (name: string) => {
      const line = new RegExp(`^${name}\\{[^}]*connector="monitored"[^}]*\\} (\\S+)$`, 'm')
      return Number(line.exec(exposition)?.[1])
    }
    expect(value('kafka_connect_sink_task_sink_record_read_total')).toBe(2)
    expect(value('kafka_connect_task_error_total_record_failures')).toBe(1)
    expect(value('kafka_connect_task_error_total_records_skipped')).toBe(1)
    expect(value('kafka_connect_connector_task_running_ratio')).toBe(1)
    expect(value('kafka_connect_connector_task_batch_size_max')).toBeGreaterThan(0)
    expect(value('kafka_consumer_incoming_byte_total')).toBeGreaterThan(0)
    expect(value('kafka_producer_outgoing_byte_total')).toBeGreaterThan(0)
    expect(value('kafka_consumer_connection_count')).toBeGreaterThan(0)
  })
})

describe('a real Prometheus', () => {
  it('accepts the configuration and the rules', async ctx => {
    if (!hasPrometheus) ctx.skip('needs promtool on the path, or SCAMANDER_TEST_PROMETHEUS')
    const { stdout } = await run(program('promtool'), [
      'check',
      'config',
      `${MONITORING}prometheus.yml`,
    ])
    expect(stdout).toMatch(/9 rules found/)
  })

  it('answers every query, with data where the worker has some', async ctx => {
    if (!hasPrometheus) ctx.skip('needs prometheus on the path, or SCAMANDER_TEST_PROMETHEUS')
    const prometheus = await startPrometheus(new URL(worker.metricsUrl!).host)
    try {
      await until('two scrapes', async () => {
        const counted = await prometheus.query('count_over_time(up[1m])')
        return Number(counted?.[0]?.value[1] ?? 0) >= 3
      })
      const empty: string[] = []
      for (const { of, expr } of dashboardQueries()) {
        const result = await prometheus.query(expr)
        if (result === undefined) throw new Error(`${of}: Prometheus refuses ${expr}`)
        const isExpected = usedBy(expr).metrics.every(name => !isOfSources(name))
        if (isExpected && result.length === 0) empty.push(`${of}: ${expr}`)
      }
      expect(empty).toEqual([])
      const refused: Query[] = []
      for (const one of alertQueries()) {
        if ((await prometheus.query(one.expr)) === undefined) refused.push(one)
      }
      expect(refused).toEqual([])
      const givenUp = alertQueries().find(one => one.of === 'ScamanderWorkerDown')
      expect(await prometheus.query(givenUp!.expr)).toEqual([])
    } finally {
      await prometheus.stop()
    }
  })
})

interface Sample {
  readonly value: readonly [number, string]
}

interface Prometheus {
  /** Undefined when the query is refused. */
  query(expr: string): Promise<readonly Sample[] | undefined>
  stop(): Promise<void>
}

async function startPrometheus(target: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'scamander-prometheus-'))
  const file = join(folder, 'prometheus.yml')
  const jobs = `scrape_configs: [{job_name: scamander, static_configs: [{targets: ['${target}']}]}]`
  writeFileSync(file, `global: {scrape_interval: 1s}\n${jobs}\n`)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(
    program('prometheus'),
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  await until('Prometheus', () => fetch(`${url}/-/ready`).then(one => one.ok, isAway(child)))
  return {
    query: async expr => {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`)
      const { status, data } = (await response.json()) as {
        status: string
        data?: { result: Sample[] }
      }
      return status === 'success' ? data?.result : undefined
    },
    stop: async () => {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
  }
}

function isAway(child: ChildProcess): () => false {
  return () => {
    if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`)
    return false
  }
}
