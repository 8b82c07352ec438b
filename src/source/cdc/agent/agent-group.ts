/**
 * The agents that capture for one worker: those of nodes on this machine, which it starts and stops,
 * and those in other processes, which report to it.
 * Used by Capture. Invariant: one agent per node; tables count as captured only when every live
 * agent of the data centre goes by them.
 * Spec: cdc-replication 1.2, 1.5, 2.5.
 */
import { Backoff } from '../../../base/backoff.ts'
import { systemClock } from '../../../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import type { Logger, MetricRegistry } from '../../../telemetry/index.ts'
import type { CaptureSettings } from '../capture-config.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { SourceCluster } from '../source-cluster.ts'
import type { NodeRecord } from '../state/records.ts'
import type { AgentLedger } from './agent-ledger.ts'
import { type AgentStatus, NodeAgent } from './node-agent.ts'
import type { ClusterNode } from './node-facts.ts'
import type { AgentReport } from './remote-ledger.ts'

export interface AgentGroupParts {
  readonly settings: CaptureSettings
  readonly logger: Logger
  readonly metrics: MetricRegistry
  readonly cluster: SourceCluster
  ledgerOf(node: NodeRecord): AgentLedger
  onStarted(node: NodeRecord): void
  /** One of the owner's turns, which never overlap. */
  exclusive(work: () => Promise<void>): Promise<void>
  wantedTables(dataCenter: string): readonly string[]
}

/** An agent elsewhere that is silent for so long is taken for stopped. */
const SILENT_MS = 10_000
const APPLY_MS_MAX = 10_000
const APPLY_POLL_MS = 50
const ENDED: ReadonlySet<string> = new Set(['FAILED', 'STOPPED'])
const RESTART = { baseMs: 1000, maxMs: 30_000 }

export class AgentGroup {
  /** Of the data centre: with several, a write is logged more than once. */
  nodeCount = 1
  /** Why agents do not run although they should. */
  error: string | undefined
  readonly #parts: AgentGroupParts
  readonly #logger: Logger
  readonly #here = new Map<string, NodeAgent>()
  readonly #elsewhere = new Map<string, { readonly report: AgentReport; readonly atMs: number }>()
  readonly #closing = new AbortController()
  #missing: Promise<void> | undefined
  /**
   * Grows whenever other tables are captured. Begins with the time: an agent that goes by a number of
   * the worker before must never take it for one of this worker.
   */
  #tablesVersion = Date.now()

  constructor(parts: AgentGroupParts) {
    this.#parts = parts
    this.#logger = parts.logger.child({ room: 'cdc' })
  }

  get statuses(): AgentStatus[] {
    const elsewhere = [...this.#elsewhere.values()].map(({ report, atMs }) => {
      const isSilent = Date.now() - atMs > SILENT_MS
      return isSilent ? { ...report.status, state: 'STOPPED' as const } : report.status
    })
    return [...[...this.#here.values()].map(agent => agent.status), ...elsewhere]
  }

  /** That are captured from, here and elsewhere. */
  get nodes(): NodeRecord[] {
    const elsewhere = [...this.#elsewhere.values()].map(({ report }) => report.node)
    return [...[...this.#here.values()].map(agent => agent.node), ...elsewhere]
  }

  /** The node of an agent elsewhere. */
  reportedNode(hostId: string): NodeRecord | undefined {
    return this.#elsewhere.get(hostId)?.report.node
  }

  /** Nothing is started any more. */
  abort(): void {
    this.#closing.abort()
  }

  async stop(): Promise<void> {
    this.abort()
    await Promise.all([...this.#here.values()].map(agent => agent.stop()))
  }

  /** Tells agents of tables that nobody wants any more; they need not be waited for. */
  async forgetTables(): Promise<void> {
    this.#tablesVersion++
    await Promise.all([...this.#here.values()].map(agent => agent.tablesChanged()))
  }

  /** Resolves when agents go by the tables of now; names what is missing. */
  async tablesChanged(dataCenter: string, nodes: readonly ClusterNode[]): Promise<string[]> {
    for (const agent of this.#here.values()) {
      await agent.refreshSchema()
      await agent.tablesChanged()
    }
    return [...(await this.#tellElsewhere(dataCenter)), ...this.#uncovered(nodes)]
  }

  /** An agent in another process tells how it is; what it has to do. */
  takeReport(report: AgentReport): { version: number; tables: readonly string[] } {
    const { node, epoch } = report
    const { hostId, dataCenter } = node
    const known = this.#elsewhere.get(hostId)
    if (this.#here.has(hostId) || (known !== undefined && known.report.epoch > epoch)) {
      const message = `another agent reads the log of ${node.address}:${node.port}`
      throw new ScamanderError(CDC_ERRORS.AGENT_DUPLICATE, message)
    }
    if (known === undefined) {
      this.nodeCount = Math.max(this.nodeCount, this.#elsewhere.size + this.#here.size + 1)
      this.#logger.info(`an agent captures from node ${node.address}:${node.port}`, {
        node: hostId,
      })
    }
    this.#elsewhere.set(hostId, { report, atMs: Date.now() })
    return { version: this.#tablesVersion, tables: this.#parts.wantedTables(dataCenter) }
  }

  /** Tries until every agent that should run does; each try is one of the owner's turns. */
  async startInBackground(): Promise<void> {
    const backoff = new Backoff(RESTART)
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await this.#parts.exclusive(() => this.start(undefined))
        return
      } catch (error) {
        this.error = messageOf(error)
        const advice = isScamanderError(error) ? `; ${error.advice}` : ''
        this.#logger.warnLimited('agents', `capture does not run: ${this.error}${advice}`)
      }
      await systemClock.sleep(backoff.next(), signal)
    }
  }

  /** For nodes that came later; one try at a time, however often it is called. */
  startMissing(): void {
    if (!this.#parts.settings.localAgents) return
    this.#missing ??= this.startInBackground().finally(() => {
      this.#missing = undefined
    })
  }

  /** Starts an agent for every node of the data centre (or of all) on this machine. */
  async start(dataCenter: string | undefined): Promise<void> {
    const { nodes } = await this.#parts.cluster.facts()
    const here = nodes.filter(
      node =>
        this.#parts.settings.localAgents &&
        node.isHere &&
        !this.#elsewhere.has(node.hostId) &&
        (dataCenter === undefined || node.dataCenter === dataCenter),
    )
    this.nodeCount = Math.max(this.nodeCount, nodes.length)
    const off: string[] = []
    for (const { hostId, point } of here) {
      const state = this.#here.get(hostId)?.status.state
      if (state !== undefined && !ENDED.has(state)) continue
      const { record, isCdcEnabled } = await this.#parts.cluster.node(point)
      if (!isCdcEnabled) off.push(`${point.host}:${point.port}`)
      else await this.#startAgent(record)
    }
    if (off.length > 0) {
      const message = `expected cdc_enabled: true in cassandra.yaml, found false on ${off.join(', ')}`
      throw new ScamanderError(CDC_ERRORS.NO_CDC, message)
    }
    this.error = undefined
  }

  async #startAgent(node: NodeRecord): Promise<void> {
    const { settings, logger, metrics, cluster } = this.#parts
    await this.#here.get(node.hostId)?.stop()
    const agent = new NodeAgent({
      ...{ node, logger, metrics, keys: settings.keys },
      ledger: this.#parts.ledgerOf(node),
      dataDirectory: settings.dataDirectory,
      policy: settings.readPolicy,
      pollMs: settings.pollIntervalMs,
      from: settings.from,
      alarmPercent: settings.alarmPercent,
      ...{ disk: settings.disk, overflow: settings.overflow },
      wantedTables: () => this.#parts.wantedTables(node.dataCenter),
      fetchSchema: () => cluster.schema(),
      onFailed: () => void this.startInBackground(),
    })
    this.#here.set(node.hostId, agent)
    try {
      await agent.start()
    } catch (error) {
      this.#here.delete(node.hostId)
      await agent.stop()
      throw error
    }
    this.#parts.onStarted(node)
    this.#logger.info(`captures from node ${node.address}:${node.port}`, { node: node.hostId })
  }

  /** Waits until agents elsewhere go by the tables of now; names those that do not say so. */
  async #tellElsewhere(dataCenter: string): Promise<string[]> {
    this.#tablesVersion++
    const untilMs = Date.now() + APPLY_MS_MAX
    for (;;) {
      const late = [...this.#elsewhere.values()].filter(
        ({ report, atMs }) =>
          report.node.dataCenter === dataCenter &&
          Date.now() - atMs <= SILENT_MS &&
          !ENDED.has(report.status.state) &&
          report.appliedVersion !== this.#tablesVersion,
      )
      if (late.length === 0) return []
      if (Date.now() > untilMs) {
        const names = late.map(({ report }) => report.node.address).join(', ')
        return [`agents that have not confirmed the new table yet: ${names}`]
      }
      await systemClock.sleep(APPLY_POLL_MS, this.#closing.signal)
    }
  }

  /** Nodes without an agent that is alive. */
  #uncovered(nodes: readonly ClusterNode[]): string[] {
    const alive = new Set(this.statuses.filter(one => !ENDED.has(one.state)).map(one => one.hostId))
    const without = nodes.filter(node => !alive.has(node.hostId)).map(node => node.point.host)
    if (without.length === 0) return []
    return [
      `nodes without an agent, so changes that only they log are not seen: ${without.join(', ')}; run scamander cdc-agent there`,
    ]
  }
}
