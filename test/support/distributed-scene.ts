/**
 * The scene of the fault tests of distributed mode: servers that may be killed, three workers, 20
 * connectors of three tasks each with records flowing, and what the tests ask of them.
 * Invariant: after a test every process is ended and the servers run again.
 */
import { expect } from 'vitest'
import { ClusterLedger } from './cluster-ledger.ts'
import { type ClusterWorker, type UnitState, WorkerCluster } from './cluster-workers.ts'
import { FaultScene } from './faults.ts'
import { type Settings, until } from './standalone.ts'
import { overlaps, type Silence } from './unit-intervals.ts'

export const CONNECTORS = 20
/** Of each connector. */
const TASKS = 3
export const SESSION_MS = 3_000
/** Rounds of the group, starting of tasks and their own consumer groups, on a busy machine. */
const WORK_MS = 120_000
/**
 * After a frozen process wakes: one turn of its event loop, and closing the clients; seconds on a busy
 * machine. What is not fenced runs on to the end.
 */
const TWICE_MS_MAX = 5_000

interface TaskState extends UnitState {
  readonly id: number
}

interface StatusText {
  readonly connector: UnitState
  readonly tasks: readonly TaskState[]
}

/** A change of the target state; while the workers agree on a leader they answer 409. */
export async function untilTaken(worker: ClusterWorker, path: string): Promise<void> {
  await until(path, async () => (await worker.call('PUT', path)).status === 202, WORK_MS)
}

/** Of a log, in the message of a failure. */
const ROUNDS_MAX = 8
const ROUND = /led by|lets go of all|leading did not|not in the log yet|not written/

/** What a worker told last of its membership. */
function membershipOf(worker: ClusterWorker): string {
  const lines = worker
    .logs()
    .split('\n')
    .filter(line => ROUND.test(line))
  return `${worker.workerId}:\n${lines.slice(-ROUNDS_MAX).join('\n')}`
}

export class DistributedScene {
  readonly cluster: WorkerCluster
  readonly ledger: ClusterLedger
  running: readonly ClusterWorker[] = []
  /** Times in which workers did not run. */
  readonly #silences: Silence[] = []
  readonly #servers: FaultScene

  private constructor(servers: FaultScene, cluster: WorkerCluster, ledger: ClusterLedger) {
    this.#servers = servers
    this.cluster = cluster
    this.ledger = ledger
  }

  static async open(more: Settings = {}): Promise<DistributedScene> {
    const servers = await FaultScene.open(1)
    const { kafka, cassandra, keyspace } = servers
    const cluster = new WorkerCluster(
      kafka.bootstrapServers,
      {
        'session.timeout.ms': String(SESSION_MS),
        'heartbeat.interval.ms': '500',
        'rebalance.timeout.ms': '10000',
        'consumer.session.timeout.ms': '3000',
        'consumer.metadata.max.age.ms': '2000',
        ...more,
      },
      'debug',
    )
    const ledger = new ClusterLedger(
      cluster.name,
      { topics: CONNECTORS, partitions: TASKS },
      { kafka, cassandra, keyspace },
    )
    await ledger.open()
    return new DistributedScene(servers, cluster, ledger)
  }

  /** The first to join leads; every connector runs, and records flow. */
  async startThree(first: Promise<ClusterWorker> = this.cluster.start()): Promise<void> {
    const leader = await first
    this.running = [leader, ...(await this.cluster.startAll(2))]
    await this.ledger.create(leader)
    this.ledger.flow()
    await this.untilRuns(leader, this.running)
  }

  /** Every connector and task runs, on one of these workers, as the asked one tells. */
  async runs(asked: ClusterWorker, on: readonly ClusterWorker[]): Promise<boolean> {
    const answer = await asked.call('GET', '/connectors?expand=status').catch(() => undefined)
    if (answer?.status !== 200) return false
    const ids = new Set(on.map(worker => worker.workerId))
    const isOn = (unit: UnitState) => unit.state === 'RUNNING' && ids.has(unit.worker_id)
    return this.ledger.names.every(name => {
      const status = answer.json[name]?.status
      if (status === undefined || !isOn(status.connector)) return false
      return status.tasks.length === TASKS && status.tasks.every(isOn)
    })
  }

  async untilRuns(asked: ClusterWorker, on: readonly ClusterWorker[]): Promise<void> {
    await this.#until('all work runs', asked, () => this.runs(asked, on))
  }

  /** A failure tells what does not run, and how many tasks each worker has. */
  async #until(what: string, asked: ClusterWorker, ask: () => Promise<boolean>): Promise<void> {
    try {
      await until(what, ask, WORK_MS)
    } catch (error) {
      const { json } = await asked.call('GET', '/connectors?expand=status')
      const known = Object.entries(json as Record<string, { status: StatusText }>)
      const idle = known.flatMap(([name, { status }]) =>
        [status.connector, ...status.tasks]
          .filter(({ state }) => state !== 'RUNNING')
          .map(unit => `${name} ${JSON.stringify(unit)}`),
      )
      const places = [...(await this.places(asked)).values()]
      const shares = Map.groupBy(places, workerId => workerId)
      const counts = [...shares].map(([workerId, all]) => `${workerId}: ${all.length}`)
      const rounds = this.running.map(membershipOf)
      const told = [`${String(error)}; ${counts.join(', ')}`, ...idle, ...rounds]
      throw new Error(told.join('\n'))
    }
  }

  /** Everything runs, a fair part of the tasks on that worker. */
  async untilShared(asked: ClusterWorker, worker: ClusterWorker): Promise<void> {
    const on = this.running
    const all = CONNECTORS * TASKS
    await this.#until(`a share for ${worker.workerId}`, asked, async () => {
      const places = await this.places(asked)
      const share = [...places.values()].filter(workerId => workerId === worker.workerId)
      return share.length >= Math.floor(all / on.length) && (await this.runs(asked, on))
    })
  }

  /** Which worker each task runs on, by its name and number. */
  async places(asked: ClusterWorker): Promise<Map<string, string>> {
    const { json } = await asked.call('GET', '/connectors?expand=status')
    const known = Object.entries(json as Record<string, { status: { tasks: TaskState[] } }>)
    return new Map(
      known.flatMap(([name, { status }]) =>
        status.tasks.map(task => [`${name}-${task.id}`, task.worker_id] as const),
      ),
    )
  }

  /** Milliseconds until all work runs on these workers and every connector makes progress. */
  async recovery(on: readonly ClusterWorker[] = this.running): Promise<number> {
    const startedMs = performance.now()
    await this.untilRuns(on[0]!, on)
    await this.ledger.untilProgress()
    return Math.round(performance.now() - startedMs)
  }

  /** kill -9; the others are answered. */
  async kill(worker: ClusterWorker): Promise<ClusterWorker[]> {
    this.silent(worker, Date.now(), Number.POSITIVE_INFINITY)
    await worker.kill('SIGKILL')
    return this.leave(worker)
  }

  /** It was ended: those that still run. */
  leave(worker: ClusterWorker): ClusterWorker[] {
    const others = this.running.filter(one => one !== worker)
    this.running = others
    return others
  }

  async join(env: Settings = {}): Promise<ClusterWorker> {
    const worker = await this.cluster.start({}, undefined, env)
    this.running = [...this.running, worker]
    return worker
  }

  silent(worker: ClusterWorker, fromMs: number, toMs: number): void {
    this.#silences.push({ workerId: worker.workerId, fromMs, toMs })
  }

  /** Ends the flow; no record is missing, and no task ran twice for long. */
  async verify(what: string, figures: object = {}): Promise<void> {
    const records = await this.ledger.stop()
    await this.ledger.verify()
    const twice = overlaps(this.cluster.workers, this.#silences)
    console.info(what, { records, ...figures, twiceMs: twice[0]?.ms ?? 0 })
    expect(twice.filter(one => one.ms > TWICE_MS_MAX)).toEqual([])
  }

  async close(): Promise<void> {
    await this.cluster.close()
    await this.ledger.close()
    await this.#servers.close()
  }
}
