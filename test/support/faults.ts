/**
 * What a fault test holds in its hands: the servers that it may kill, a table set with a topic, and
 * workers of the real product as processes of their own, so that kill -9 is what it says.
 * Used by test/fault only. The tables of one topic:
 *   state    one row per id, the last content wins, deletes delete;
 *   journal  one row per record, so that every single record can be looked for;
 *   hits     one counter per record, so that a repetition can be seen.
 * Invariant: everything that was started is ended by `close`, and stopped servers run again.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Admin } from '@platformatic/kafka'
import { inject } from 'vitest'
import type {
  CassandraDescription,
  KafkaDescription,
  SandboxDescription,
} from '../../src/sandbox/index.ts'
import type { Order } from './fault-servers.ts'
import { freePort } from './free-port.ts'
import { type TestKeyspace, testKeyspace } from './keyspace.ts'
import {
  callRest,
  type RestAnswer,
  type Settings,
  STRING,
  toProperties,
  until,
} from './standalone.ts'
import { type TestTopic, testTopic } from './topic.ts'

const SCAMANDER = fileURLToPath(new URL('../../scamander', import.meta.url))

async function call(path: string): Promise<SandboxDescription> {
  const answer = await fetch(`${inject('faultServersUrl')}/${path}`)
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  return (await answer.json()) as SandboxDescription
}

/** Kills, stops, starts, pauses or resumes a server; resolves when that is done. */
export async function order(target: 'cassandra' | 'kafka', what: Order): Promise<void> {
  await call(`${target}/${what}`)
}

export interface FaultWorker {
  readonly url: string
  /** Log lines so far. */
  logs(): string
  call(method: string, path: string): Promise<RestAnswer>
  /** Resolves when it is gone. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
}

export class FaultScene {
  readonly name = `fault-${randomBytes(4).toString('hex')}`
  readonly group = `connect-${this.name}`
  readonly folder = mkdtempSync(join(tmpdir(), 'scamander-fault-'))
  readonly cassandra: CassandraDescription
  readonly kafka: KafkaDescription
  readonly keyspace: TestKeyspace
  readonly topic: TestTopic
  readonly #workers: FaultWorker[] = []
  #admin: Admin | undefined

  private constructor(parts: {
    cassandra: CassandraDescription
    kafka: KafkaDescription
    keyspace: TestKeyspace
    topic: TestTopic
  }) {
    this.cassandra = parts.cassandra
    this.kafka = parts.kafka
    this.keyspace = parts.keyspace
    this.topic = parts.topic
  }

  static async open(partitions: number): Promise<FaultScene> {
    const { cassandra, kafka } = await call('description')
    if (cassandra === undefined || kafka === undefined) throw new Error('no fault servers')
    const keyspace = await testKeyspace(cassandra)
    const topic = await testTopic(partitions, kafka)
    const scene = new FaultScene({ cassandra, kafka, keyspace, topic })
    await scene.createTables()
    const isReady = () =>
      scene.committed().then(
        () => true,
        () => false,
      )
    await until('the coordinator of groups', isReady)
    return scene
  }

  async createTables(): Promise<void> {
    const { client, name } = this.keyspace
    for (const table of [
      'state (id text PRIMARY KEY, seq int, body text)',
      'journal (part int, seq int, body text, PRIMARY KEY (part, seq))',
      'hits (part int, seq int, n counter, PRIMARY KEY (part, seq))',
    ]) {
      await client.execute(`CREATE TABLE IF NOT EXISTS ${name}.${table}`)
    }
  }

  /** Of a sink; `hits` counts repetitions and costs a read per record. */
  sink(tables: readonly ('state' | 'journal' | 'hits')[], more: Settings = {}): Settings {
    const { contactPoints, port, localDatacenter } = this.cassandra
    const of = (table: string) => `topic.${this.topic.name}.${this.keyspace.name}.${table}`
    const mappings = {
      state: { [`${of('state')}.mapping`]: 'id=key.id, seq=value.seq, body=value.body' },
      journal: {
        [`${of('journal')}.mapping`]: 'part=key.part, seq=key.seq, body=value.body',
        [`${of('journal')}.deletesEnabled`]: 'false',
      },
      hits: {
        [`${of('hits')}.mapping`]: 'part=key.part, seq=key.seq, n=key.one',
        [`${of('hits')}.deletesEnabled`]: 'false',
      },
    }
    return {
      name: this.name,
      'connector.class': 'com.datastax.oss.kafka.sink.CassandraSinkConnector',
      topics: this.topic.name,
      contactPoints: contactPoints.join(','),
      port: String(port),
      'loadBalancing.localDc': localDatacenter,
      ...Object.assign({}, ...tables.map(table => mappings[table])),
      ...more,
    }
  }

  /** Starts the command line; resolves when its connector runs. */
  async startWorker(sink: Settings, more: Settings = {}): Promise<FaultWorker> {
    const worker = await this.spawnWorker(sink, more)
    await until('the worker', () => this.isRunning(worker), 60_000)
    return worker
  }

  /** Starts the command line and does not wait. */
  async spawnWorker(sink: Settings, more: Settings = {}): Promise<FaultWorker> {
    const port = await freePort()
    const folder = mkdtempSync(join(this.folder, 'worker-'))
    const settings = {
      'bootstrap.servers': this.kafka.bootstrapServers,
      'key.converter': STRING,
      'value.converter': STRING,
      'offset.storage.file.filename': join(folder, 'offsets'),
      'offset.flush.interval.ms': '100',
      'task.shutdown.graceful.timeout.ms': '10000',
      'consumer.session.timeout.ms': '3000',
      'consumer.heartbeat.interval.ms': '500',
      'consumer.metadata.max.age.ms': '2000',
      'consumer.max.poll.records': '500',
      listeners: `http://127.0.0.1:${port}`,
      'scamander.metrics.listeners': '',
      ...more,
    }
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'worker.properties'), toProperties(settings))
    writeFileSync(join(folder, 'sink.json'), JSON.stringify(sink))
    const files = ['worker.properties', 'sink.json'].map(name => join(folder, name))
    const child = spawn(SCAMANDER, ['connect-standalone', ...files], {
      cwd: folder,
    })
    const worker = toWorker(child, `http://127.0.0.1:${port}`)
    this.#workers.push(worker)
    return worker
  }

  async isRunning(worker: FaultWorker): Promise<boolean> {
    try {
      const { json } = await worker.call('GET', `/connectors/${this.name}/status`)
      return json?.tasks?.[0]?.state === 'RUNNING'
    } catch {
      return false // not listening yet
    }
  }

  /** Committed offset per partition, asked by another client than the product's; 0: none. */
  async committed(): Promise<number[]> {
    const [group] = await this.#connected().listConsumerGroupOffsets({ groups: [this.group] })
    const offsets: number[] = []
    for (const topic of group?.topics ?? []) {
      if (topic.name !== this.topic.name) continue
      for (const { partitionIndex, committedOffset } of topic.partitions) {
        offsets[partitionIndex] = Math.max(0, Number(committedOffset))
      }
    }
    return offsets
  }

  /** Members of the worker's group that are in step, each with the count of its partitions. */
  async shares(): Promise<number[]> {
    const groups = await this.#connected().describeGroups({ groups: [this.group] })
    const group = groups.get(this.group)
    if (group?.state.toUpperCase() !== 'STABLE') return []
    return [...group.members.values()].map(({ assignments }) => {
      const ours = assignments?.get(this.topic.name)
      return ours?.partitions.length ?? 0
    })
  }

  #connected(): Admin {
    this.#admin ??= new Admin({
      clientId: 'scamander-fault',
      bootstrapBrokers: this.kafka.bootstrapServers.split(','),
      retries: 0,
      timeout: 3000,
    })
    return this.#admin
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.kill('SIGKILL')))
    await order('cassandra', 'resume')
    await order('cassandra', 'start')
    await order('kafka', 'start')
    await this.#admin?.close()
    await this.topic.drop()
    await this.keyspace.drop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function toWorker(child: ChildProcess, url: string): FaultWorker {
  let text = ''
  child.stdout?.on('data', chunk => {
    text += chunk
  })
  child.stderr?.on('data', chunk => {
    text += chunk
  })
  const ended = Promise.withResolvers<number | null>()
  child.once('exit', code => ended.resolve(code))
  child.once('error', error => ended.reject(error))
  return {
    url,
    logs: () => text,
    call: (method, path) => callRest(url, method, path),
    kill: async signal => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return await ended.promise
    },
  }
}
