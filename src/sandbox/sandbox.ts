/**
 * Starts real Cassandra and Kafka servers on this machine as child processes, and stops them.
 * Called by the command line, the demo, tests and benchmarks.
 * Invariant: when `startSandbox` rejects, nothing it started runs; when this process ends in any way,
 * the servers end too (server-process.ts). Ports and data stay the same over restarts.
 * Spec: sandbox; design, decision 3.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ScamanderError } from '../base/scamander-error.ts'
import { CassandraCluster } from './cassandra-cluster.ts'
import {
  isHeld,
  type KafkaDescription,
  readDescription,
  removeDescription,
  type SandboxDescription,
  writeDescription,
  writePrivateJson,
} from './description.ts'
import { sandboxErrors } from './errors.ts'
import { type Progress, releaseJars } from './jar-cache.ts'
import { findJava } from './java.ts'
import { KAFKA_ADDRESS, kafkaLogPath, prepareBroker } from './kafka-broker.ts'
import {
  resolveSettings,
  type SandboxOptions,
  type SandboxSettings,
  settingsPath,
} from './options.ts'
import { KAFKA_RELEASE } from './release.ts'
import { ServerProcess } from './server-process.ts'

/** One server of a running sandbox; faults for tests. After each call sandbox.json is up to date. */
export interface SandboxServer {
  readonly title: string
  readonly pid: number | undefined
  /** Starts it again with the same ports and data; resolves when it answers. */
  start(): Promise<void>
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGSTOP: it hangs but keeps its connections. */
  pause(): void
  resume(): void
}

export interface Sandbox {
  readonly description: SandboxDescription
  /** Cassandra nodes, in order; empty without Cassandra. */
  readonly nodes: readonly SandboxServer[]
  readonly kafka: SandboxServer | undefined
  /** Stops every server; removes the folder unless it is kept. May be called again. */
  stop(): Promise<void>
}

const KAFKA_HEAP_MB = 512

/** Starts what the options ask for; resolves when all of it answers. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  if (process.platform === 'win32') {
    throw new ScamanderError(sandboxErrors.PLATFORM, 'expected Linux or macOS, found Windows')
  }
  const keep = options.keep ?? options.dir !== undefined
  const dir =
    options.dir === undefined
      ? await mkdtemp(join(tmpdir(), 'scamander-sandbox-'))
      : resolve(options.dir)
  try {
    await refuseRunning(dir)
    const settings = await resolveSettings(dir, options)
    await mkdir(dir, { recursive: true })
    await writePrivateJson(settingsPath(dir), settings)
    const running = new RunningSandbox({ dir, keep, settings, options })
    await running.start()
    return running
  } catch (error) {
    if (!keep) await rm(dir, { recursive: true, force: true })
    throw error
  }
}

async function refuseRunning(dir: string): Promise<void> {
  const known = await readDescription(dir)
  if (known === undefined || !isHeld(known)) return
  throw new ScamanderError(
    sandboxErrors.RUNNING,
    `a sandbox already runs in ${dir} (process ${known.holder.pid}, since ${known.startedAt})`,
    { context: { dir, pid: known.holder.pid } },
  )
}

interface RunningInput {
  readonly dir: string
  readonly keep: boolean
  readonly settings: SandboxSettings
  readonly options: SandboxOptions
}

class RunningSandbox implements Sandbox {
  readonly #input: RunningInput
  readonly #startedAt = new Date().toISOString()
  readonly #progress: Progress
  #cluster: CassandraCluster | undefined
  #broker: ServerProcess | undefined
  #nodes: readonly SandboxServer[] = []
  #kafka: SandboxServer | undefined
  #stopping: Promise<void> | undefined

  constructor(input: RunningInput) {
    this.#input = input
    this.#progress = input.options.progress ?? (() => undefined)
  }

  get nodes(): readonly SandboxServer[] {
    return this.#nodes
  }

  get kafka(): SandboxServer | undefined {
    return this.#kafka
  }

  get description(): SandboxDescription {
    const { dir, options } = this.#input
    const cassandra = this.#cluster?.describe()
    const kafka = this.#describeKafka()
    return {
      dir,
      startedAt: this.#startedAt,
      holder: { pid: process.pid, kind: options.holder ?? 'library' },
      ...(cassandra && { cassandra }),
      ...(kafka && { kafka }),
    }
  }

  /** Both servers at once: on two cores the slower one decides. */
  async start(): Promise<void> {
    const results = await Promise.allSettled([this.#startCassandra(), this.#startKafka()])
    const failed = results.find(result => result.status === 'rejected')
    if (failed !== undefined) {
      await this.#stopServers('kill')
      throw failed.reason
    }
    this.#nodes = (this.#cluster?.servers ?? []).map(server => this.#expose(server))
    this.#kafka = this.#broker && this.#expose(this.#broker)
    await writeDescription(this.description)
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    const { dir, keep } = this.#input
    await this.#stopServers(keep ? 'drain' : 'kill')
    await removeDescription(dir)
    if (!keep) await rm(dir, { recursive: true, force: true })
  }

  /** Data that nobody will read again need not be flushed. */
  async #stopServers(how: 'drain' | 'kill'): Promise<void> {
    const servers = [...(this.#cluster?.servers ?? []), this.#broker]
    await Promise.all(servers.map(one => (how === 'kill' ? one?.kill() : one?.stop())))
  }

  async #startCassandra(): Promise<void> {
    const { dir, settings, options } = this.#input
    if (settings.cassandra === false) return
    const progress = this.#progress
    const { signal, yaml = {} } = options
    this.#cluster = await CassandraCluster.prepare(
      { dir, line: settings.cassandra, settings, yaml },
      { progress, ...(signal && { signal }) },
    )
    await this.#cluster.start()
  }

  async #startKafka(): Promise<void> {
    const { dir, settings, options } = this.#input
    if (!settings.kafka) return
    const java = await findJava(KAFKA_RELEASE)
    const jars = await releaseJars(KAFKA_RELEASE, this.#progress, options.signal)
    const startMs = performance.now()
    const command = await prepareBroker(
      {
        folder: join(dir, 'kafka'),
        port: settings.ports.kafka,
        controllerPort: settings.ports.controller,
        heapMb: KAFKA_HEAP_MB,
        properties: options.kafkaProperties ?? {},
      },
      { java, jars },
    )
    this.#broker = new ServerProcess(command)
    await this.#broker.start(options.signal)
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
    this.#progress(`${command.title}: ready after ${seconds} s`)
  }

  #describeKafka(): KafkaDescription | undefined {
    const { dir, settings } = this.#input
    if (this.#broker === undefined) return undefined
    const { pid } = this.#broker
    return {
      version: KAFKA_RELEASE.version,
      bootstrapServers: `${KAFKA_ADDRESS}:${settings.ports.kafka}`,
      ...(pid !== undefined && { pid }),
      logPath: kafkaLogPath(join(dir, 'kafka')),
    }
  }

  #expose(server: ServerProcess): SandboxServer {
    const afterwards = async (work: Promise<void>) => {
      await work
      if (this.#stopping === undefined) await writeDescription(this.description)
    }
    return {
      title: server.command.title,
      get pid() {
        return server.pid
      },
      start: () => afterwards(server.start()),
      stop: () => afterwards(server.stop()),
      kill: () => afterwards(server.kill()),
      pause: () => server.pause(),
      resume: () => server.resume(),
    }
  }
}
