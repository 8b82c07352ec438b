/**
 * Looks at the cluster again and again: does every captured table still exist, is it still logged for
 * capture, does every node still have capture on, and an agent. What is wrong is told once, shown
 * with every channel concerned, and recorded as a gap while changes are made that nobody logs.
 * Made by Capture. Invariant: a cluster that does not answer changes nothing that is known.
 * Spec: cdc-replication 6.4, 9.3, 9.4.
 */
import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/scamander-error.ts'
import type { LinkRow, NodeLink } from '../../cassandra/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { AgentGroup } from './agent/agent-group.ts'
import { nameOfChannel } from './channel-requests.ts'
import { CDC_ERRORS } from './errors.ts'
import type { GapBook } from './gap-book.ts'
import { GapHealer } from './gap-healer.ts'
import { NodeCover } from './node-cover.ts'
import type { SourceCluster } from './source-cluster.ts'
import type { Channel, NodePosition, NodeRecord } from './state/records.ts'

export interface HealthParts {
  readonly cluster: SourceCluster
  readonly gaps: GapBook
  readonly logger: Logger
  readonly checkMs: number
  channels(): readonly Channel[]
  readonly agents: Pick<AgentGroup, 'nodes' | 'statuses' | 'startMissing'>
  positionOf(hostId: string): NodePosition | undefined
}

export interface Trouble {
  readonly message: string
  readonly advice: string
}

interface State {
  trouble: Trouble | undefined
  /** When it was last well. */
  okMs: number
  gap: number | undefined
}

export class ChannelHealth {
  readonly #parts: HealthParts
  readonly #states = new Map<string, State>()
  readonly #cover: NodeCover
  readonly #healer: GapHealer
  /** By host id. */
  readonly #up = new Map<string, boolean>()
  readonly #loggedMs = new Map<string, number>()
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #checking: Promise<void> = Promise.resolve()

  constructor(parts: HealthParts) {
    this.#parts = parts
    this.#cover = new NodeCover(parts)
    this.#healer = new GapHealer({
      ...{ ...parts, statuses: () => parts.agents.statuses },
      loggedMs: hostId => this.#loggedMs.get(hostId),
    })
  }

  start(): void {
    this.#running = this.#run()
    this.#healer.start()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#healer.stop()
    await this.#running
    await this.#checking
  }

  /** What is wrong with the table or a node of a channel. */
  of(channel: Channel): Trouble | undefined {
    const table = this.#states.get(tableKey(channel))?.trouble
    if (table !== undefined) return table
    for (const node of this.#parts.agents.nodes) {
      if (node.dataCenter !== channel.dataCenter) continue
      const trouble = this.#states.get(nodeKey(node))?.trouble
      if (trouble !== undefined) return trouble
    }
    return this.#cover.of(channel)
  }

  /** Nodes of its data centre; undefined: nobody has looked yet. */
  nodesOf(channel: Channel): number | undefined {
    return this.#cover.nodesOf(channel)
  }

  /** Whether a node answers; undefined: nobody has asked it yet. */
  isUp(hostId: string): boolean | undefined {
    return this.#up.get(hostId)
  }

  /** Looks now. */
  check(): Promise<void> {
    this.#checking = this.#checking.then(() => this.#checkAll())
    return this.#checking
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await systemClock.sleep(this.#parts.checkMs, signal)
      if (!signal.aborted && this.#parts.channels().length > 0) await this.check()
    }
  }

  async #checkAll(): Promise<void> {
    try {
      await this.#checkTables()
      for (const node of this.#parts.agents.nodes) await this.#checkNode(node)
      await this.#cover.check()
    } catch (error) {
      this.#parts.logger.warnLimited(
        'health',
        `captured tables were not checked: ${messageOf(error)}`,
      )
    }
  }

  async #checkTables(): Promise<void> {
    const channels = this.#parts.channels()
    if (channels.length === 0) return
    const keyspaces = new Set(channels.map(one => one.keyspace))
    const flags = await this.#parts.cluster.withLink(async link => {
      const found = new Map<string, boolean>()
      for (const keyspace of keyspaces) {
        for (const row of await tablesOf(link, keyspace)) {
          found.set(`${keyspace}.${String(row['table_name'])}`, row['cdc'] === true)
        }
      }
      return found
    })
    for (const channel of channels) {
      this.#see(tableKey(channel), troubleOf(channel, flags), 'table', channel.keyspace)
    }
  }

  /** A node that does not answer is told by its agent. */
  async #checkNode(node: NodeRecord): Promise<void> {
    const point = { host: node.address, port: node.port }
    const askedMs = Date.now()
    let isEnabled: boolean
    try {
      isEnabled = (await this.#parts.cluster.node(point)).isCdcEnabled
      this.#up.set(node.hostId, true)
    } catch {
      this.#up.set(node.hostId, false)
      return
    }
    if (isEnabled) this.#loggedMs.set(node.hostId, askedMs)
    const place = `${node.address}:${node.port}`
    const trouble = isEnabled
      ? undefined
      : {
          message: `cdc_enabled is false on node ${place}: changes that it logs are not captured`,
          advice: 'set cdc_enabled: true in its cassandra.yaml and restart it',
        }
    this.#see(nodeKey(node), trouble, 'node', node.dataCenter, node.hostId)
  }

  #see(
    key: string,
    trouble: (Trouble & { readonly isSilent?: boolean }) | undefined,
    kind: 'table' | 'node',
    scope: string,
    node = '',
  ): void {
    const nowMs = Date.now()
    const state = this.#states.get(key) ?? { trouble: undefined, okMs: nowMs, gap: undefined }
    this.#states.set(key, state)
    const before = state.trouble
    state.trouble = trouble
    const { logger, gaps } = this.#parts
    // Also one that was found before a restart.
    state.gap ??= gaps.list().find(one => one.subject === key && one.toTime === null)?.id
    if (trouble === undefined) {
      if (before !== undefined) logger.info(`well again: ${key}`)
      if (state.gap !== undefined) gaps.extend(state.gap, nowMs)
      state.gap = undefined
      state.okMs = nowMs
      return
    }
    if (before?.message === trouble.message) return
    logger.warn(`${trouble.message}; ${trouble.advice}`, { code: CDC_ERRORS.NOT_LOGGED.code })
    if (trouble.isSilent === true || state.gap !== undefined) return
    const channels = this.#parts
      .channels()
      .filter(one => one.collectionEnabled)
      .filter(one => (kind === 'table' ? tableKey(one) === key : one.dataCenter === scope))
      .map(one => nameOfChannel(one))
    if (channels.length === 0) return
    const { message: reason } = trouble
    const bounds = { fromMs: state.okMs, toMs: undefined }
    state.gap = gaps.open({ kind, node, subject: key, ...bounds, channels, reason }).id
  }
}

function tablesOf(link: NodeLink, keyspace: string): Promise<LinkRow[]> {
  const name = `'${keyspace.replaceAll("'", "''")}'`
  return link.rows(`SELECT table_name, cdc FROM system_schema.tables WHERE keyspace_name = ${name}`)
}

/** A table that is gone has no changes: nothing is missed. */
function troubleOf(
  { keyspace, table, destination, dataCenter }: Channel,
  flags: ReadonlyMap<string, boolean>,
): (Trouble & { readonly isSilent: boolean }) | undefined {
  const name = `${keyspace}.${table}`
  const isLogged = flags.get(name)
  if (isLogged === true) return undefined
  if (isLogged === false) {
    return {
      message: `${name} has cdc = false: its changes are not captured`,
      advice: `run ALTER TABLE ${name} WITH cdc = true`,
      isSilent: false,
    }
  }
  return {
    message: `${name} does not exist any more; what is queued is still delivered`,
    advice: `create it again WITH cdc = true, or run scamander advrep channel delete --source-keyspace ${keyspace} --source-table ${table} --destination ${destination} --data-center-id ${dataCenter}`,
    isSilent: true,
  }
}

function tableKey({ keyspace, table }: Pick<Channel, 'keyspace' | 'table'>): string {
  return `table ${keyspace}.${table}`
}

function nodeKey({ hostId }: NodeRecord): string {
  return `node ${hostId}`
}
