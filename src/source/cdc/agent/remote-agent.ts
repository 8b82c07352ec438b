/**
 * An agent in a process of its own, on the machine of its node: reads the log there and gives what it
 * finds to a worker elsewhere.
 * Run by `scamander cdc-agent`. Survives restarts of the worker and of the node: it waits.
 * Invariant: one agent per node; the worker refuses the older of two, which then ends.
 * Spec: cdc-replication 1.5, 2.5.
 */
import { Backoff } from '../../../base/backoff.ts'
import { systemClock } from '../../../base/clock.ts'
import { isScamanderError, ScamanderError } from '../../../base/scamander-error.ts'
import type { Logger, MetricRegistry } from '../../../telemetry/index.ts'
import type { CaptureSettings } from '../capture-config.ts'
import { CDC_ERRORS } from '../errors.ts'
import { SourceCluster } from '../source-cluster.ts'
import type { NodeRecord } from '../state/records.ts'
import { showAgent } from './agent-figures.ts'
import { type AgentStatus, NodeAgent } from './node-agent.ts'
import { type AddressOfWorker, type AgentOrders, RemoteLedger } from './remote-ledger.ts'

export interface RemoteAgentOptions {
  /** The only contact point is the node itself. */
  readonly settings: CaptureSettings
  readonly worker: AddressOfWorker
  readonly logger: Logger
  readonly metrics: MetricRegistry
  readonly signal: AbortSignal
  /** Ends when everything that is logged at the start was given. @default false */
  readonly isOnce?: boolean
  /** @default what the node says */
  readonly cdcRawDirectory?: string
  /** Gets how the agent is, as soon as there is one. */
  readonly onMade?: (status: () => AgentStatus) => void
}

const REPORT_MS = 1000

/** Resolves after a stop; rejects when it cannot go on. */
export async function runRemoteAgent(options: RemoteAgentOptions): Promise<void> {
  const { settings, signal, cdcRawDirectory } = options
  const cluster = new SourceCluster(settings)
  const found = await fetchNode(cluster, settings, signal)
  if (found === undefined) return
  const node = cdcRawDirectory === undefined ? found : { ...found, cdcRawDirectory }
  await new RemoteAgent(options, cluster, node).run()
}

/** Waits for the node to answer. */
async function fetchNode(
  cluster: SourceCluster,
  settings: CaptureSettings,
  signal: AbortSignal,
): Promise<NodeRecord | undefined> {
  const point = settings.contactPoints[0]!
  const { record, isCdcEnabled } = await cluster.node(point)
  if (signal.aborted) return undefined
  if (isCdcEnabled) return record
  const message = `expected cdc_enabled: true in cassandra.yaml of ${point.host}:${point.port}, found false`
  throw new ScamanderError(CDC_ERRORS.NO_CDC, message)
}

class RemoteAgent {
  readonly #options: RemoteAgentOptions
  readonly #node: NodeRecord
  readonly #ledger: RemoteLedger
  readonly #agent: NodeAgent
  readonly #epoch = Date.now()
  #orders: AgentOrders = { version: -1, tables: [], position: null }
  #applied = -1

  constructor(options: RemoteAgentOptions, cluster: SourceCluster, node: NodeRecord) {
    const { settings, logger, metrics, worker } = options
    this.#options = options
    this.#node = node
    this.#ledger = new RemoteLedger(worker, node.hostId)
    this.#agent = new NodeAgent({
      ...{ node, logger, metrics, ledger: this.#ledger, keys: settings.keys },
      dataDirectory: settings.dataDirectory,
      policy: settings.readPolicy,
      pollMs: settings.pollIntervalMs,
      from: settings.from,
      alarmPercent: settings.alarmPercent,
      ...{ disk: settings.disk, overflow: settings.overflow },
      wantedTables: () => this.#orders.tables,
      fetchSchema: () => cluster.schema(),
    })
    options.onMade?.(() => this.#status())
    metrics.onCollect(() => showAgent(metrics, this.#status()))
  }

  async run(): Promise<void> {
    const { signal, logger } = this.#options
    // Before the worker hears of it: of two agents the first goes on.
    await this.#lock()
    try {
      await this.#reportUntilAnswered()
      if (signal.aborted) return await this.#agent.stop()
      await this.#agent.start()
    } catch (error) {
      await this.#agent.stop()
      throw error
    }
    const { address, port, hostId } = this.#node
    logger.info(`captures from node ${address}:${port} for ${await this.#workerName()}`, {
      node: hostId,
    })
    try {
      while (!signal.aborted) {
        await this.#apply()
        await systemClock.sleep(REPORT_MS, signal)
        await this.#report()
        const { state, error } = this.#agent.status
        if (state === 'FAILED') throw new ScamanderError(CDC_ERRORS.AGENT_ENDED, error ?? state)
        if (this.#isAtEnd()) return
      }
    } finally {
      await this.#agent.stop()
      await this.#report().catch(() => undefined)
    }
  }

  /** Why it cannot begin is told to the worker as well, unless another agent does the work. */
  async #lock(): Promise<void> {
    try {
      await this.#agent.lock()
    } catch (error) {
      const isDuplicate = isScamanderError(error) && error.code === CDC_ERRORS.AGENT_DUPLICATE.code
      if (isDuplicate) throw new ScamanderError(CDC_ERRORS.AGENT_ENDED, error.message)
      await this.#report().catch(() => undefined)
      throw error
    }
  }

  /** Tables changed: the thread goes by them before the worker is told so. */
  async #apply(): Promise<void> {
    const { version } = this.#orders
    if (version === this.#applied) return
    if (this.#applied >= 0) {
      await this.#agent.refreshSchema()
      await this.#agent.tablesChanged()
    }
    this.#applied = version
    await this.#report()
  }

  /** A worker that is away is waited for; what was read waits in the thread. */
  async #report(): Promise<void> {
    const { logger } = this.#options
    try {
      this.#orders = await this.#ledger.report({
        ...{ node: this.#node, epoch: this.#epoch, appliedVersion: this.#applied },
        status: this.#status(),
      })
    } catch (error) {
      const mayPass = isScamanderError(error, 'disconnected')
      if (!mayPass) throw error
      logger.warnLimited('report', `${error.message}; ${error.advice}`)
    }
  }

  async #reportUntilAnswered(): Promise<void> {
    const { signal } = this.#options
    const backoff = new Backoff({ baseMs: 300, maxMs: 10_000 })
    while (!signal.aborted) {
      await this.#report()
      if (this.#orders.version >= 0) return
      await systemClock.sleep(backoff.next(), signal)
    }
  }

  /** It may have gone since it answered. */
  async #workerName(): Promise<string> {
    try {
      return (await this.#options.worker()).url
    } catch (error) {
      if (!isScamanderError(error, 'disconnected')) throw error
      return 'the worker that captures'
    }
  }

  /** With its tables told by the worker, everything logged before the start was given. */
  #isAtEnd(): boolean {
    const { isOnce = false } = this.#options
    return isOnce && (this.#agent.status.caughtUpMs ?? 0) > this.#epoch
  }

  #status(): AgentStatus {
    return this.#agent.status
  }
}
