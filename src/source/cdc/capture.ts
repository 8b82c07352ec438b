/**
 * Capture in one worker: destinations and channels, the agents of the nodes on this machine, and the
 * queues that connectors read. Opened by the server, called by REST routes and by CdcSource.
 * Invariants: changes of configuration run one after the other and are on disk before they are
 * answered; a channel is created only when its table is being captured.
 * Spec: cdc-replication 1, 2, 6.
 */
import { systemClock } from '../../base/clock.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { TableSchema } from '../../commitlog/index.ts'
import type { Logger, MetricRegistry } from '../../telemetry/index.ts'
import { AgentGroup } from './agent/agent-group.ts'
import type { AgentLedger } from './agent/agent-ledger.ts'
import type { AgentStatus } from './agent/node-agent.ts'
import type { AgentOrders, AgentReport } from './agent/remote-ledger.ts'
import type { CaptureSettings } from './capture-config.ts'
import {
  type ChannelOptions,
  type ChannelRequest,
  type ChannelSelector,
  type CreatedChannel,
  type DestinationChanges,
  isSelected,
  nameOfChannel,
  type Switch,
} from './channel-requests.ts'
import { CDC_ERRORS } from './errors.ts'
import type { Frame } from './frame.ts'
import { CDC_METRICS } from './metrics.ts'
import { SourceCluster } from './source-cluster.ts'
import { CaptureStore, type QueueCount, type QueuedFrame } from './state/capture-store.ts'
import type {
  Channel,
  ChannelKey,
  Destination,
  Gap,
  NodePosition,
  NodeRecord,
} from './state/records.ts'
import { parseDefinition } from './state/table-definition.ts'

export interface CaptureOptions {
  readonly settings: CaptureSettings
  readonly logger: Logger
  readonly metrics: MetricRegistry
}

export interface KnownDefinition {
  readonly table: TableSchema
  /** Which of the table's definitions, from 1. */
  readonly number: number
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/

export class Capture {
  readonly cluster: SourceCluster
  readonly #options: CaptureOptions
  readonly #store: CaptureStore
  readonly #agents: AgentGroup
  readonly #channels = new Map<string, Channel>()
  readonly #destinations = new Map<string, Destination>()
  readonly #definitions = new Map<string, KnownDefinition>()
  readonly #waiting = new Set<() => void>()
  /** Of each node, as it is stored. */
  readonly #positions = new Map<string, NodePosition>()
  #last: Promise<unknown> = Promise.resolve()
  #uncollect: () => void = () => undefined

  private constructor(options: CaptureOptions, store: CaptureStore) {
    this.#options = options
    this.#store = store
    this.cluster = new SourceCluster(options.settings)
    this.#agents = new AgentGroup({
      ...options,
      cluster: this.cluster,
      ledgerOf: node => this.ledgerOf(node),
      exclusive: work => this.#exclusive(work),
      onStarted: node => store.putNode(node.hostId, node),
      wantedTables: dataCenter => this.#wantedTables(dataCenter),
    })
    for (const one of store.readAll<Destination>('destination'))
      this.#destinations.set(one.name, one)
    for (const one of store.readAll<Channel>('channel')) this.#channels.set(keyOf(one), one)
    this.#uncollect = options.metrics.onCollect(() => this.#collect())
  }

  /** Opens the state; agents of nodes that were captured from before start in the background. */
  static open(options: CaptureOptions): Capture {
    const store = CaptureStore.open(options.settings.dataDirectory)
    const capture = new Capture(options, store)
    const isKnown = capture.#channels.size > 0 || store.nodeRecords().length > 0
    if (isKnown) void capture.#agents.startInBackground()
    return capture
  }

  async close(): Promise<void> {
    this.#agents.abort()
    this.#wakeAll()
    await this.#last.catch(() => undefined)
    await this.#agents.stop()
    this.#uncollect()
    this.#store.close()
  }

  get destinations(): Destination[] {
    return [...this.#destinations.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  destination(name: string): Destination {
    const found = this.#destinations.get(name)
    if (found !== undefined) return found
    const message = `expected a destination, found none of the name "${name}"; create it with: scamander advrep destination create --name ${name}`
    throw new ScamanderError(CDC_ERRORS.DESTINATION_UNKNOWN, message)
  }

  createDestination(name: string, changes: DestinationChanges): Promise<Destination> {
    return this.#exclusive(async () => {
      if (!NAME.test(name)) {
        throw invalid('name: expected 1 to 64 letters, digits, "_" or "-"')
      }
      if (this.#destinations.has(name)) {
        const message = `the destination ${name} exists already`
        throw new ScamanderError(CDC_ERRORS.DESTINATION_EXISTS, message)
      }
      return this.#putDestination({ ...NEW_DESTINATION, ...changes, name })
    })
  }

  updateDestination(name: string, changes: DestinationChanges): Promise<Destination> {
    return this.#exclusive(async () =>
      this.#putDestination({ ...this.destination(name), ...changes, name }),
    )
  }

  /** With `force` its channels go as well. */
  deleteDestination(name: string, force: boolean): Promise<void> {
    return this.#exclusive(async () => {
      this.destination(name)
      const users = this.channels({ destinations: [name] })
      if (users.length > 0 && !force) {
        const message = `${users.length} channel(s) use the destination ${name}`
        throw new ScamanderError(CDC_ERRORS.DESTINATION_BUSY, message)
      }
      for (const channel of users) this.#removeChannel(channel)
      this.#destinations.delete(name)
      this.#store.remove('destination', name)
    })
  }

  channels(selector: ChannelSelector = {}): Channel[] {
    const all = [...this.#channels.values()].filter(one => isSelected(one, selector))
    return all.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  }

  channel(key: ChannelKey): Channel {
    const found = this.#channels.get(keyOf(key))
    if (found !== undefined) return found
    const message = `expected a channel, found none with ${nameOfChannel(key)}`
    throw new ScamanderError(CDC_ERRORS.CHANNEL_UNKNOWN, message)
  }

  /** Resolves when writes to the table are being captured. */
  createChannel(request: ChannelRequest): Promise<CreatedChannel> {
    return this.#exclusive(async () => {
      const { keyspace, table, destination } = request
      this.destination(destination)
      const facts = await this.cluster.facts()
      const dataCenter = request.dataCenter ?? facts.dataCenter
      const key = { dataCenter, keyspace, table, destination }
      if (this.#channels.has(keyOf(key))) {
        const message = `there is a channel with ${nameOfChannel(key)} already`
        throw new ScamanderError(CDC_ERRORS.CHANNEL_EXISTS, message)
      }
      const nodes = facts.nodes.filter(node => node.dataCenter === dataCenter)
      if (nodes.length === 0) {
        const known = [...new Set(facts.nodes.map(node => node.dataCenter))].join(', ')
        throw invalid(`data center: expected one of ${known}, found "${dataCenter}"`)
      }
      await this.#agents.start(dataCenter)
      const notes = await this.#prepareTable(request, dataCenter)
      const channel = this.#newChannel(request, { cluster: facts.name, dataCenter })
      this.#store.put('channel', keyOf(channel), channel)
      this.#channels.set(keyOf(channel), channel)
      notes.push(...(await this.#agents.tablesChanged(dataCenter, nodes)))
      return { channel, notes }
    })
  }

  updateChannel(key: ChannelKey, options: ChannelOptions): Promise<Channel> {
    return this.#exclusive(async () => this.#putChannel({ ...this.channel(key), ...options }))
  }

  /** Its queue goes with it. */
  deleteChannel(key: ChannelKey): Promise<void> {
    return this.#exclusive(async () => this.#removeChannel(this.channel(key)))
  }

  /** Collection or transmission on or off; the channels concerned. */
  switchChannels(selector: ChannelSelector, change: Switch): Promise<Channel[]> {
    return this.#exclusive(async () => {
      const { collection, transmission, enabled } = change
      return this.#selected(selector).map(channel =>
        this.#putChannel({
          ...channel,
          ...(collection ? { collectionEnabled: enabled } : {}),
          ...(transmission ? { transmissionEnabled: enabled } : {}),
        }),
      )
    })
  }

  /** Drops what is queued now. */
  truncate(selector: ChannelSelector): Promise<{ channel: Channel; messages: number }[]> {
    return this.#exclusive(async () =>
      this.#selected(selector).map(channel => {
        const messages = this.#store.truncate(channel.id)
        return { channel, messages }
      }),
    )
  }

  count(channel: Channel): QueueCount {
    return this.#store.count(channel.id)
  }

  get agents(): AgentStatus[] {
    return this.#agents.statuses
  }

  /** Why agents do not run although they should; undefined: they do. */
  get error(): string | undefined {
    return this.#agents.error
  }

  /** An agent in another process tells how it is and asks what to do. */
  takeReport(report: AgentReport): AgentOrders {
    const { version, tables } = this.#agents.takeReport(report)
    return { version, tables, position: this.#store.position(report.node.hostId) ?? null }
  }

  /** For an agent that has reported. */
  ledgerOfReported(hostId: string): AgentLedger {
    const node = this.#agents.reportedNode(hostId)
    if (node !== undefined) return this.ledgerOf(node)
    const message = `expected a report of agent ${hostId} first, found none`
    throw new ScamanderError(CDC_ERRORS.AGENT_UNKNOWN, message)
  }

  get gaps(): Gap[] {
    return this.#store.readAll<Gap>('gap').sort((a, b) => a.id - b.id)
  }

  acknowledgeGap(id: number): Gap {
    const gap = this.gaps.find(one => one.id === id)
    if (gap === undefined) throw invalid(`gap: expected one of those listed, found ${id}`)
    const acknowledged: Gap = { ...gap, state: 'acknowledged' }
    this.#store.put('gap', String(id), acknowledged)
    return acknowledged
  }

  /** Where an agent of that node puts what it reads. */
  ledgerOf({ hostId, dataCenter }: Pick<NodeRecord, 'hostId' | 'dataCenter'>): AgentLedger {
    const store = this.#store
    return {
      load: async () => store.position(hostId),
      savePosition: async position => {
        store.putPosition(hostId, position)
        this.#positions.set(hostId, position)
      },
      reportGap: async gap => this.#addGap({ node: hostId, ...gap }),
      settle: async ({ definitions, frames, position }) => {
        const before = this.#positions.get(hostId) ?? store.position(hostId)
        // An agent that got no answer gives a batch again.
        if (before !== undefined && !isAfter(position, before) && frames.length > 0) return 0
        for (const definition of definitions) store.putDefinition(definition)
        const addressed = frames.map(frame => ({
          frame,
          channels: this.#channelsOf(frame.tableId, frame.schemaHash, dataCenter),
        }))
        const isDeduplicated = this.#agents.nodeCount > 1
        const copies = store.settle({ hostId, position, frames: addressed, isDeduplicated })
        this.#positions.set(hostId, position)
        if (frames.length > 0) this.#wakeAll()
        return copies
      },
    }
  }

  /** Channels whose frames a connector may hand on now, most urgent first. */
  transmitting(destination: string): Channel[] {
    if (this.#destinations.get(destination)?.transmissionEnabled !== true) return []
    return this.channels({ destinations: [destination] })
      .filter(channel => channel.transmissionEnabled)
      .sort((a, b) => a.priority - b.priority)
  }

  read(
    channel: Channel,
    options: { after: number; partitions: readonly number[]; limit: number },
  ): QueuedFrame[] {
    return this.#store.read(channel.id, options)
  }

  /** What was delivered is forgotten. */
  delivered(channel: Channel, partition: number, upTo: number): void {
    this.#store.trim(channel.id, partition, upTo)
  }

  /** The definition that a frame was written under. */
  definitionOf(frame: Frame): KnownDefinition {
    return this.#definition(frame.tableId, frame.schemaHash)
  }

  /** Resolves when something was queued or switched, and after `ms` at the latest. */
  async waitForWork(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    const wake = () => woken.abort()
    this.#waiting.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    if (signal.aborted) wake()
    await systemClock.sleep(ms, woken.signal)
    signal.removeEventListener('abort', wake)
    this.#waiting.delete(wake)
  }

  async #prepareTable(request: ChannelRequest, dataCenter: string): Promise<string[]> {
    const { keyspace, table } = request
    const facts = await this.cluster.table(keyspace, table)
    if (/^system(_|$)/.test(keyspace)) throw invalid(`keyspace: ${keyspace} is a system keyspace`)
    const { class: strategy = '' } = facts.replication
    const isHere = facts.replication[dataCenter] !== undefined
    if (strategy.endsWith('NetworkTopologyStrategy') && !isHere) {
      throw invalid(`keyspace: ${keyspace} has no replicas in data center ${dataCenter}`)
    }
    if (facts.isCdc) return []
    if (request.noAlter === true) {
      const message = `expected ${keyspace}.${table} with cdc = true; run: ALTER TABLE ${keyspace}.${table} WITH cdc = true`
      throw new ScamanderError(CDC_ERRORS.NO_CDC, message)
    }
    await this.cluster.enableCdc(keyspace, table)
    return [`table ${keyspace}.${table} was altered: cdc = true`]
  }

  #newChannel(
    request: ChannelRequest,
    { cluster, dataCenter }: { cluster: string; dataCenter: string },
  ): Channel {
    const { keyspace, table, destination } = request
    return {
      id: this.#store.nextChannelId(),
      ...{ cluster, dataCenter, keyspace, table, destination },
      destinationKeyspace: request.destinationKeyspace ?? keyspace,
      destinationTable: request.destinationTable ?? table,
      sourceId: request.sourceId ?? '',
      sourceIdColumn: request.sourceIdColumn ?? '',
      order: request.order ?? 'FIFO',
      priority: request.priority ?? 2,
      collectionEnabled: request.collectionEnabled ?? true,
      transmissionEnabled: request.transmissionEnabled ?? true,
      createdAtMs: Date.now(),
    }
  }

  #putDestination(destination: Destination): Destination {
    this.#store.put('destination', destination.name, destination)
    this.#destinations.set(destination.name, destination)
    this.#wakeAll()
    return destination
  }

  #putChannel(channel: Channel): Channel {
    this.#store.put('channel', keyOf(channel), channel)
    this.#channels.set(keyOf(channel), channel)
    this.#wakeAll()
    return channel
  }

  #removeChannel(channel: Channel): void {
    this.#store.remove('channel', keyOf(channel))
    this.#store.truncate(channel.id)
    this.#channels.delete(keyOf(channel))
    void this.#agents.forgetTables()
  }

  #selected(selector: ChannelSelector): Channel[] {
    const found = this.channels(selector)
    if (found.length > 0) return found
    const { keyspace, table } = selector
    const message = `expected a channel for ${keyspace}.${table} as selected, found none`
    throw new ScamanderError(CDC_ERRORS.CHANNEL_UNKNOWN, message)
  }

  #wantedTables(dataCenter: string): string[] {
    const names = this.channels({ dataCenters: [dataCenter] }).map(
      ({ keyspace, table }) => `${keyspace}.${table}`,
    )
    return [...new Set(names)]
  }

  #channelsOf(tableId: string, hash: bigint, dataCenter: string): number[] {
    const { keyspace, name } = this.#definition(tableId, hash).table
    return this.channels({ keyspace, table: name, dataCenters: [dataCenter] })
      .filter(channel => channel.collectionEnabled)
      .map(channel => channel.id)
  }

  #definition(tableId: string, hash: bigint): KnownDefinition {
    const name = `${tableId}/${hash}`
    let known = this.#definitions.get(name)
    if (known !== undefined) return known
    const text = this.#store.definition(tableId, hash)
    if (text === undefined) {
      const message = `expected the definition ${name} beside the queue, found none`
      throw new ScamanderError(CDC_ERRORS.STATE, message)
    }
    known = { table: parseDefinition(text), number: this.#store.definitionNumber(tableId, hash) }
    this.#definitions.set(name, known)
    return known
  }

  #addGap({ node, from, to, reason }: { node: string; from: string; to: string; reason: string }) {
    const id = (this.gaps.at(-1)?.id ?? 0) + 1
    const seenAt = new Date().toISOString()
    const gap: Gap = { id, node, fromSegment: from, toSegment: to, seenAt, state: 'open', reason }
    this.#store.put('gap', String(id), gap)
  }

  #collect(): void {
    const { metrics } = this.#options
    for (const channel of this.#channels.values()) {
      const { messages } = this.#store.count(channel.id)
      metrics.series(CDC_METRICS.queued, keyOf(channel)).set(messages)
    }
    for (const { hostId } of this.#agents.statuses) {
      const open = this.gaps.filter(gap => gap.node === hostId && gap.state === 'open')
      metrics.series(CDC_METRICS.gaps, hostId).set(open.length)
    }
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake()
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.catch(() => undefined).then(work)
    this.#last = result
    return result
  }
}

const NEW_DESTINATION: Omit<Destination, 'name'> = {
  transmissionEnabled: true,
  addresses: [],
  driver: {},
}

function keyOf({ dataCenter, keyspace, table, destination }: ChannelKey): string {
  return [dataCenter, keyspace, table, destination].join('/')
}

/** Later in the log of one node. */
function isAfter(a: NodePosition, b: NodePosition): boolean {
  const segments = BigInt(a.segmentId) - BigInt(b.segmentId)
  return segments > 0n || (segments === 0n && a.position > b.position)
}

function invalid(message: string): ScamanderError {
  return new ScamanderError(CDC_ERRORS.SETTING, message)
}
