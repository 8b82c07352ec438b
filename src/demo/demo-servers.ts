/**
 * The servers of the demo: one Cassandra and one Kafka, started at the same time. They are two
 * sandboxes, so that records can be sent as soon as Kafka answers, while Cassandra still starts.
 * Used by demo.ts only. Invariant: after `stop`, or when a start failed, none of them runs, and the
 * folder is gone unless it is kept.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type {
  CassandraDescription,
  CassandraLine,
  KafkaDescription,
  Progress,
  Sandbox,
  SandboxOptions,
} from '../sandbox/index.ts'
import { readDescription, startSandbox } from '../sandbox/index.ts'
import { chooseFreePort } from './rest-port.ts'

export interface ServersOptions {
  readonly dir?: string
  readonly keep?: boolean
  readonly cassandra: CassandraLine
  readonly progress: Progress
  readonly signal: AbortSignal
}

export class DemoServers {
  readonly dir: string
  readonly keep: boolean
  /** Known before it answers. */
  readonly cassandraPort: number
  readonly #kafka: Promise<Sandbox>
  readonly #cassandra: Promise<Sandbox>

  private constructor(
    { dir, keep, cassandraPort }: { dir: string; keep: boolean; cassandraPort: number },
    options: ServersOptions,
  ) {
    this.dir = dir
    this.keep = keep
    this.cassandraPort = cassandraPort
    const { progress, signal, cassandra } = options
    const start = (name: string, own: SandboxOptions) =>
      startSandbox({ dir: join(dir, name), keep, progress, signal, ...own })
    this.#kafka = start('kafka', { cassandra: false })
    this.#cassandra = start('cassandra', {
      ...{ cassandra, kafka: false, ports: { cassandra: cassandraPort } },
    })
    // Whoever waits first tells the error; the other one is looked at by `stop`.
    this.#kafka.catch(() => undefined)
    this.#cassandra.catch(() => undefined)
  }

  /** Starts both in the background. */
  static async start(options: ServersOptions): Promise<DemoServers> {
    const { dir, keep = dir !== undefined } = options
    const folder =
      dir === undefined ? await mkdtemp(join(tmpdir(), 'scamander-demo-')) : resolve(dir)
    const earlier = await readDescription(join(folder, 'cassandra'))
    const cassandraPort = earlier?.cassandra?.port ?? (await chooseFreePort())
    return new DemoServers({ dir: folder, keep, cassandraPort }, options)
  }

  /** Resolves when Kafka answers. */
  async kafka(): Promise<KafkaDescription> {
    const sandbox = await this.#kafka
    return sandbox.description.kafka!
  }

  /** Resolves when Cassandra answers. */
  async cassandra(): Promise<CassandraDescription> {
    const sandbox = await this.#cassandra
    return sandbox.description.cassandra!
  }

  async stop(): Promise<void> {
    const started = await Promise.allSettled([this.#kafka, this.#cassandra])
    const running = started.filter(one => one.status === 'fulfilled').map(one => one.value)
    await Promise.all(running.map(sandbox => sandbox.stop()))
    if (!this.keep) await rm(this.dir, { recursive: true, force: true })
  }
}
