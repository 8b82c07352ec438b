/**
 * The scene of the fault tests of distributed mode: servers that may be killed, three workers, 20
 * connectors with records flowing, and what the tests ask of them.
 * Invariant: after a test every process is ended and the servers run again.
 */
import { expect } from 'vitest'
import { ClusterLedger } from './cluster-ledger.ts'
import { type ClusterWorker, type UnitState, WorkerCluster } from './cluster-workers.ts'
import { FaultScene } from './faults.ts'
import { until } from './standalone.ts'
import { overlaps, type Silence } from './unit-intervals.ts'

export const CONNECTORS = 20
export const SESSION_MS = 3_000
/** Rounds of the group, starting of tasks and their own consumer groups, on a busy machine. */
export const WORK_MS = 12_000
/** After a frozen process wakes: one turn of its event loop, and closing the clients. */
const TWICE_MS_MAX = 1_000

export class DistributedScene {
  readonly cluster: WorkerCluster
  readonly ledger: ClusterLedger
  readonly #servers: FaultScene

  private constructor(servers: FaultScene, cluster: WorkerCluster, ledger: ClusterLedger) {
    this.#servers = servers
    this.cluster = cluster
    this.ledger = ledger
  }

  static async open(): Promise<DistributedScene> {
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
      },
      'debug',
    )
    const ledger = new ClusterLedger(cluster.name, CONNECTORS, { kafka, cassandra, keyspace })
    await ledger.open()
    return new DistributedScene(servers, cluster, ledger)
  }

  /** The first to join leads. */
  async startThree(): Promise<[ClusterWorker, ClusterWorker, ClusterWorker]> {
    const first = await this.cluster.start()
    const [second, third] = await this.cluster.startAll(2)
    await this.ledger.create(first)
    this.ledger.flow()
    await this.untilRuns(first, this.cluster.workers)
    return [first, second!, third!]
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
      return status.tasks.length === 1 && isOn(status.tasks[0])
    })
  }

  async untilRuns(asked: ClusterWorker, on: readonly ClusterWorker[]): Promise<void> {
    await until('all work runs', () => this.runs(asked, on))
  }

  /** Everything runs, a fair part of it on that worker. */
  async untilShared(
    asked: ClusterWorker,
    on: readonly ClusterWorker[],
    worker: ClusterWorker,
  ): Promise<void> {
    await until(`a share for ${worker.workerId}`, async () => {
      const { json } = await asked.call('GET', '/connectors?expand=status')
      const all = Object.values(json as Record<string, { status?: { tasks: UnitState[] } }>)
      const share = all.filter(one => one.status?.tasks[0]?.worker_id === worker.workerId)
      const isFair = share.length >= Math.floor(CONNECTORS / on.length)
      return isFair && (await this.runs(asked, on))
    })
  }

  /** Milliseconds until all work runs on these workers and every connector makes progress. */
  async recovery(asked: ClusterWorker, on: readonly ClusterWorker[]): Promise<number> {
    const startedMs = performance.now()
    const limitMs = SESSION_MS + WORK_MS
    await until('all work runs', () => this.runs(asked, on), limitMs)
    await this.ledger.untilProgress()
    return Math.round(performance.now() - startedMs)
  }

  /** Ends the flow; no record is missing, and no task ran twice for long. */
  async verify(what: string, silences: readonly Silence[], figures: object = {}): Promise<void> {
    const records = await this.ledger.stop()
    await this.ledger.verify()
    const twice = overlaps(this.cluster.workers, silences)
    console.info(what, { records, ...figures, twiceMs: twice[0]?.ms ?? 0 })
    expect(twice.filter(one => one.ms > TWICE_MS_MAX)).toEqual([])
  }

  async close(): Promise<void> {
    await this.cluster.close()
    await this.ledger.close()
    await this.#servers.close()
  }
}
