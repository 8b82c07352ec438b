/**
 * Workers of one cluster as processes of the real product, on free ports, with a group and internal
 * topics of their own; and what their tests ask again and again.
 * Used by the integration and fault tests of distributed mode.
 * Invariant: every process that was started is ended by `close`, a stopped one as well.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Admin } from '@platformatic/kafka'
import { freePort } from './free-port.ts'
import {
  callRest,
  type RestAnswer,
  type Settings,
  STRING,
  toProperties,
  until,
} from './standalone.ts'

/** On a busy machine loading the program takes longest. */
const START_TIMEOUT_MS = 120_000
/** Of a log in the message of a failure. */
const LOG_LENGTH_MAX = 2_000
const SCAMANDER = fileURLToPath(new URL('../../scamander', import.meta.url))

export interface ClusterWorker {
  readonly url: string
  /** `host:port` as in statuses. */
  readonly workerId: string
  readonly pid: number
  logs(): string
  call(method: string, path: string, body?: unknown, headers?: Settings): Promise<RestAnswer>
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Resolves when it is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
}

/** One unit in a status answer. */
export interface UnitState {
  readonly state: string
  readonly worker_id: string
  readonly trace?: string
}

export class WorkerCluster {
  readonly name = `dist-${randomBytes(4).toString('hex')}`
  readonly workers: ClusterWorker[] = []
  readonly #bootstrapServers: string
  readonly #more: Settings
  readonly #logLevel: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'scamander-dist-'))

  constructor(bootstrapServers: string, more: Settings = {}, logLevel = 'info') {
    this.#bootstrapServers = bootstrapServers
    this.#more = more
    this.#logLevel = logLevel
  }

  get configTopic(): string {
    return `${this.name}-config`
  }

  settings(port: number, more: Settings = {}): Record<string, string> {
    return {
      'bootstrap.servers': this.#bootstrapServers,
      'group.id': this.name,
      'key.converter': STRING,
      'value.converter': STRING,
      'config.storage.topic': this.configTopic,
      'config.storage.replication.factor': '1',
      'offset.storage.topic': `${this.name}-offset`,
      'offset.storage.replication.factor': '1',
      'offset.storage.partitions': '3',
      'status.storage.topic': `${this.name}-status`,
      'status.storage.replication.factor': '1',
      'session.timeout.ms': '6000',
      'heartbeat.interval.ms': '500',
      'scheduled.rebalance.max.delay.ms': '0',
      'offset.flush.interval.ms': '200',
      'consumer.session.timeout.ms': '6000',
      'consumer.heartbeat.interval.ms': '500',
      listeners: `http://127.0.0.1:${port}`,
      'scamander.metrics.listeners': '',
      ...this.#more,
      ...more,
    }
  }

  /** Starts the command line; resolves when the worker is a member. */
  async start(more: Settings = {}, atPort?: number, env: Settings = {}): Promise<ClusterWorker> {
    const port = atPort ?? (await freePort())
    const folder = mkdtempSync(join(this.#folder, 'worker-'))
    mkdirSync(folder, { recursive: true })
    const file = join(folder, 'worker.properties')
    writeFileSync(file, toProperties(this.settings(port, more)))
    const args = ['connect-distributed', file, '--log-level', this.#logLevel]
    const child = spawn(SCAMANDER, args, { cwd: folder, env: { ...process.env, ...env } })
    const worker = toWorker(child, port)
    this.workers.push(worker)
    const isHealthy = async () => {
      const answer = await worker.call('GET', '/health').catch(() => undefined)
      return answer?.status === 200
    }
    try {
      await until(`worker ${port}`, isHealthy, START_TIMEOUT_MS)
    } catch (error) {
      throw new Error(`${String(error)}\n${this.workers.map(tailOf).join('\n')}`)
    }
    return worker
  }

  async startAll(count: number, more: Settings = {}): Promise<ClusterWorker[]> {
    return await Promise.all(Array.from({ length: count }, () => this.start(more)))
  }

  /** Any worker that answers. */
  get any(): ClusterWorker {
    return this.workers[0]!
  }

  async close(): Promise<void> {
    for (const worker of this.workers) worker.signal('SIGCONT')
    await Promise.all(this.workers.map(worker => worker.kill('SIGKILL')))
    rmSync(this.#folder, { recursive: true, force: true })
    const admin = new Admin({
      clientId: 'scamander-test',
      bootstrapBrokers: this.#bootstrapServers.split(','),
    })
    const topics = ['config', 'offset', 'status'].map(kind => `${this.name}-${kind}`)
    await admin.deleteTopics({ topics }).catch(() => undefined)
    await admin.close()
  }
}

/** Waits until connector and tasks are in that state, as one worker tells; answers the status. */
export async function untilState(
  worker: ClusterWorker,
  connector: string,
  want: { readonly state: string; readonly tasks: number },
  timeoutMs = 60_000,
) {
  let last: unknown
  try {
    return await until(
      `${connector} ${want.state}`,
      async () => {
        const { status, json } = await worker.call('GET', `/connectors/${connector}/status`)
        last = json
        if (status !== 200 || json.connector.state !== want.state) return undefined
        const tasks = json.tasks as UnitState[]
        const isAll = tasks.length === want.tasks && tasks.every(one => one.state === want.state)
        return isAll ? (json as { connector: UnitState; tasks: UnitState[] }) : undefined
      },
      timeoutMs,
    )
  } catch (error) {
    throw new Error(`${String(error)}, last ${JSON.stringify(last)}`)
  }
}

/** The end of a worker's log, without the requests. */
function tailOf(worker: ClusterWorker): string {
  const lines = worker
    .logs()
    .split('\n')
    .filter(line => !line.includes('"request"'))
  return `${worker.workerId}:\n${lines.join('\n').slice(-LOG_LENGTH_MAX)}`
}

function toWorker(child: ChildProcess, port: number): ClusterWorker {
  let text = ''
  const keep = (chunk: Buffer) => {
    text += chunk
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const ended = Promise.withResolvers<number | null>()
  child.once('exit', code => ended.resolve(code))
  child.once('error', error => ended.reject(error))
  const isGone = () => child.exitCode !== null || child.signalCode !== null
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    workerId: `127.0.0.1:${port}`,
    pid: child.pid!,
    logs: () => text,
    call: (...args) => callRest(url, ...args),
    signal: signal => void (isGone() || child.kill(signal)),
    kill: async signal => {
      if (!isGone()) child.kill(signal)
      return await ended.promise
    },
  }
}
