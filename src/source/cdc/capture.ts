/**
 * Capture in one worker: destinations and channels, the agents of the nodes on this machine, and the
 * queues that connectors read. Opened by the server, called by REST routes and by CdcSource.
 * Invariants: changes of configuration run one after the other and are on disk before they are
 * answered; a channel is created only when its table is being captured.
 * Spec: cdc-replication 1, 2, 6.
 */
import { join } from 'node:path'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Logger, MetricRegistry } from '../../telemetry/index.ts'
import { AgentGroup } from './agent/agent-group.ts'
import type { AgentLedger } from './agent/agent-ledger.ts'
import type { AgentStatus } from './agent/node-agent.ts'
import type { AgentOrders, AgentReport } from './agent/remote-ledger.ts'
import { AuditLog } from './audit-log.ts'
import { startCollecting } from './capture-collector.ts'
import { CaptureConf } from './capture-conf.ts'
import type { CaptureSettings } from './capture-config.ts'
import { changedDestination } from './cassandra/destination-settings.ts'
import { DestinationWriters } from './cassandra/destination-writers.ts'
import { InvalidLog } from './cassandra/invalid-log.ts'
import { ChannelCounters } from './channel-counters.ts'
import { ChannelHealth, type Trouble } from './channel-health.ts'
import { checkNodes, dataCentersOf, nodesOf, prepareTable } from './channel-preparation.ts'
import {
  type ChannelOptions,
  type ChannelRequest,
  type ChannelSelector,
  type CreatedChannel,
  type DestinationChanges,
  isSelected,
  labelOfChannel as keyOf,
  nameOfChannel,
  type Switch,
} from './channel-requests.ts'
import type { QueuedFrame } from './delivery/delivery-queue.ts'
import { LocalQueue } from './delivery/local-queue.ts'
import type { SentDefinition } from './delivery/remote-queue.ts'
import { EmitRules } from './emit-rules.ts'
import { CDC_ERRORS } from './errors.ts'
import type { Frame } from './frame.ts'
import { GapBook } from './gap-book.ts'
import { checkEmit, NEW_DESTINATION, newChannel, storedChannels } from './new-channel.ts'
import { QueueWriter } from './queue-writer.ts'
import type { OpenedReplica } from './replica/open-replica.ts'
import type { QueueReplica } from './replica/queue-replica.ts'
import { replicatedLedger } from './replica/replicated-ledger.ts'
import { SnapshotDesk } from './snapshot/snapshot-desk.ts'
import { SourceCluster } from './source-cluster.ts'
import { CaptureStore, type QueueCount } from './state/capture-store.ts'
import { DefinitionBook } from './state/definition-book.ts'
import { DestinationBook } from './state/destination-book.ts'
import type { Channel, ChannelKey, Destination, Gap, NodeRecord } from './state/records.ts'
import type { KnownDefinition } from './state/table-definition.ts'
import { ChangeTail } from './tail/change-tail.ts'

export interface CaptureOptions {
  readonly settings: CaptureSettings
  readonly logger: Logger
  readonly metrics: MetricRegistry
  /** State that is kept in topics as well, opened before. @default a file alone */
  readonly opened?: OpenedReplica
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/

export class Capture {
  readonly cluster: SourceCluster
  readonly conf: CaptureConf
  readonly counters = new ChannelCounters()
  readonly health: ChannelHealth
  readonly snapshots: SnapshotDesk
  readonly tail = new ChangeTail(frame => this.definitionOf(frame))
  /** What deliverers read. */
  readonly queue: LocalQueue
  readonly #store: CaptureStore
  readonly #agents: AgentGroup
  readonly #channels = new Map<string, Channel>()
  readonly #destinations = new Map<string, Destination>()
  readonly #book: DestinationBook
  readonly #definitions: DefinitionBook
  readonly #gaps: GapBook
  readonly #audit: AuditLog
  readonly #writer: QueueWriter
  readonly #writers: DestinationWriters
  readonly #replica: QueueReplica | undefined
  readonly #rules: EmitRules
  #last: Promise<unknown> = Promise.resolve()
  #uncollect: () => void = () => undefined

  private constructor(options: CaptureOptions, store: CaptureStore) {
    this.#store = store
    this.#replica = options.opened?.replica
    this.cluster = new SourceCluster(options.settings)
    this.#agents = new AgentGroup({
      ...options,
      cluster: this.cluster,
      ledgerOf: node => this.ledgerOf(node),
      exclusive: work => this.#exclusive(work),
      onStarted: node => store.putNode(node.hostId, node),
      wantedTables: dataCenter => this.#wantedTables(dataCenter),
    })
    this.#definitions = new DefinitionBook(store)
    this.#book = new DestinationBook(store, join(options.settings.dataDirectory, 'master.key'))
    for (const one of this.#book.readAll()) this.#destinations.set(one.name, one)
    const stored = storedChannels(store.readAll('channel'), this.#replica !== undefined)
    for (const one of stored) this.#channels.set(keyOf(one), one)
    const { settings, logger } = options
    this.conf = new CaptureConf(store)
    this.#gaps = new GapBook(store, logger)
    this.#audit = new AuditLog({
      directory: join(settings.dataDirectory, 'advrep', 'auditlog'),
      logger,
      conf: () => this.conf.audit,
      channel: id => this.channels().find(one => one.id === id),
    })
    this.health = new ChannelHealth({
      ...{ cluster: this.cluster, gaps: this.#gaps, logger, checkMs: settings.checkMs },
      channels: () => this.channels(),
      agents: this.#agents,
      positionOf: hostId => store.position(hostId),
    })
    this.snapshots = new SnapshotDesk({
      ...{ store, cluster: this.cluster, metrics: options.metrics },
      statuses: () => this.#agents.statuses,
      isTransmitting: channel => this.#isTransmitting(channel),
    })
    const shared = { store, counters: this.counters, audit: this.#audit }
    this.queue = new LocalQueue({
      ...{ ...shared, cluster: this.cluster, snapshots: this.snapshots },
      destination: name => this.destination(name),
      channels: name => this.channels({ destinations: [name] }),
      definitionOf: frame => this.definitionOf(frame),
      permits: () => this.conf.number('permits'),
      sliceMs: () => this.conf.number('collection-time-slice-width') * 1000,
    })
    this.#writers = new DestinationWriters({
      ...{ queue: this.queue, counters: this.counters, desk: this.snapshots, logger },
      channels: name => this.channels({ destinations: [name] }),
      invalid: new InvalidLog({
        directory: join(settings.dataDirectory, 'advrep', 'invalid_queries'),
        logger,
        kind: () => this.conf.get('invalid-message-log'),
      }),
    })
    this.#writer = new QueueWriter({
      ...{ ...shared, gaps: this.#gaps, tail: this.tail, logger, metrics: options.metrics },
      collecting: (tableId, hash, dataCenter) => this.#collecting(tableId, hash, dataCenter),
      // What an agent gave to a worker that is gone it gives again: it is known by its digest.
      mayRepeat: () => this.#agents.nodeCount > 1 || this.#replica !== undefined,
      ruleOf: channel => this.#rules.of(channel),
      wake: () => this.queue.wake(),
    })
    this.#rules = new EmitRules({
      ...{ cluster: this.cluster, store, logger },
      channels: () => this.channels(),
      statuses: () => this.#agents.statuses,
      wake: () => this.queue.wake(),
    })
    this.#uncollect = startCollecting({
      ...{ metrics: options.metrics, counters: this.counters },
      channels: () => this.channels(),
      statuses: () => this.agents,
      gaps: () => this.gaps,
      count: channel => this.count(channel),
      snapshotOf: channel => this.snapshots.given(channel),
    })
  }

  /** Where agents and deliverers elsewhere reach this worker, for those who look in Kafka. */
  announce(url: string): void {
    this.#replica?.announce(url)
  }

  /** Opens the state; agents of nodes that were captured from before start in the background. */
  static open(options: CaptureOptions): Capture {
    const store = options.opened?.store ?? CaptureStore.open(options.settings.dataDirectory)
    const capture = new Capture(options, store)
    options.opened?.replica.start(
      () => capture.channels(),
      error => {
        options.logger.error('capture in this worker ends', error)
        capture.queue.end(error)
        void capture.#writers.stop()
      },
    )
    const isKnown = capture.#channels.size > 0 || store.nodeRecords().length > 0
    if (isKnown) void capture.#agents.startInBackground()
    capture.health.start()
    capture.#rules.start()
    void capture.#writers.adjust(capture.destinations)
    return capture
  }

  async close(): Promise<void> {
    this.#agents.abort()
    this.queue.wake()
    await this.#last.catch(() => undefined)
    await this.#writers.stop()
    await this.health.stop()
    await this.#rules.stop()
    await this.#agents.stop()
    await this.#audit.close()
    this.#uncollect()
    await this.#replica?.close()
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
      return await this.#putDestination(changedDestination({ ...NEW_DESTINATION, name }, changes))
    })
  }

  updateDestination(name: string, changes: DestinationChanges): Promise<Destination> {
    return this.#exclusive(async () => {
      const before = this.destination(name)
      const isMoved =
        before.addresses.length > 0 !== (changes.addresses ?? before.addresses).length > 0
      const connector = this.queue.servedBy(name)
      if (isMoved && connector !== undefined) {
        const message = `the connector ${connector} serves the destination ${name}: it cannot get or lose addresses`
        throw new ScamanderError(CDC_ERRORS.DESTINATION_BUSY, message)
      }
      return await this.#putDestination(changedDestination(before, changes))
    })
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
      for (const channel of users) await this.#removeChannel(channel)
      this.#destinations.delete(name)
      this.#book.remove(name)
      await this.#writers.adjust(this.destinations)
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
      checkEmit(request, this.#replica !== undefined)
      const { addresses } = this.destination(destination)
      const facts = await this.cluster.facts()
      const dataCenter = request.dataCenter ?? facts.dataCenter
      const key = { dataCenter, keyspace, table, destination }
      if (this.#channels.has(keyOf(key))) {
        const message = `there is a channel with ${nameOfChannel(key)} already`
        throw new ScamanderError(CDC_ERRORS.CHANNEL_EXISTS, message)
      }
      const nodes = nodesOf(facts, dataCenter)
      const dataCenters = dataCentersOf(facts.nodes)
      await this.#agents.start(dataCenter)
      await checkNodes(this.cluster, nodes)
      const notes = await prepareTable(this.cluster, request, {
        ...{ dataCenter, dataCenters, isForCassandra: addresses.length > 0 },
      })
      const id = this.#store.nextChannelId()
      const channel = newChannel(request, { id, cluster: facts.name, dataCenter })
      this.#putChannel(channel)
      notes.push(...(await this.#agents.tablesChanged(dataCenter, nodes)))
      return { channel, notes }
    })
  }

  updateChannel(key: ChannelKey, options: ChannelOptions): Promise<Channel> {
    return this.#exclusive(async () => {
      checkEmit(options, this.#replica !== undefined)
      return this.#putChannel({ ...this.channel(key), ...options })
    })
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
    return this.#exclusive(async () => {
      const out = this.#selected(selector).map(channel => ({
        ...{ channel, messages: this.#store.truncate(channel.id) },
      }))
      for (const { channel } of out) await this.#replica?.truncated(channel)
      return out
    })
  }

  /** Orders the rows of tables anew, or calls the order off; the channels concerned. */
  snapshot(selector: ChannelSelector, mode: 'initial' | 'cancel'): Promise<Channel[]> {
    return this.#exclusive(async () => {
      const selected = this.#selected(selector)
      for (const channel of selected) this.snapshots.give(channel, mode)
      this.queue.wake()
      return selected
    })
  }

  count(channel: Channel): QueueCount {
    return this.#store.count(channel.id)
  }

  get agents(): AgentStatus[] {
    return this.#agents.statuses
  }

  /** That agents read the logs of. */
  get nodes(): NodeRecord[] {
    return this.#agents.nodes
  }

  /** For nodes on this machine that have none. */
  startAgents(): Promise<void> {
    return this.#exclusive(() => this.#agents.start(undefined))
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
    if (node !== undefined) return this.ledgerOf(node, true)
    const message = `expected a report of agent ${hostId} first, found none`
    throw new ScamanderError(CDC_ERRORS.AGENT_UNKNOWN, message)
  }

  get gaps(): Gap[] {
    return this.#gaps.list()
  }

  acknowledgeGap(id: number): Gap {
    return this.#gaps.acknowledge(id)
  }

  /** Where an agent of that node puts what it reads. */
  ledgerOf(node: Pick<NodeRecord, 'hostId' | 'dataCenter'>, isRemote = false): AgentLedger {
    const ledger = this.#writer.ledgerOf(node, isRemote)
    const channels = () => this.channels({ dataCenters: [node.dataCenter] }).map(nameOfChannel)
    const named: AgentLedger = {
      ...ledger,
      reportGap: gap => ledger.reportGap({ ...gap, channels: channels() }),
    }
    return this.#replica === undefined ? named : replicatedLedger(named, this.#replica)
  }

  /** What is queued, in order; for those who look at it without taking it. */
  read(
    channel: Channel,
    options: { after: number; partitions: readonly number[]; limit: number },
  ): readonly QueuedFrame[] {
    return this.#store.read(channel.id, options)
  }

  definitionText(tableId: string, hash: string): SentDefinition {
    return this.#definitions.text(tableId, /^\d{1,20}$/.test(hash) ? BigInt(hash) : 0n)
  }

  /** Why a channel's changes do not reach their destination, as far as it is known here. */
  deliveryTroubleOf(channel: Channel): Trouble | undefined {
    return this.#writers.troubleOf(channel.destination)
  }

  /** The definition that a frame was written under. */
  definitionOf(frame: Frame): KnownDefinition {
    return this.#definitions.of(frame.tableId, frame.schemaHash)
  }

  async #putDestination(destination: Destination): Promise<Destination> {
    this.#book.put(destination)
    this.#destinations.set(destination.name, destination)
    await this.#writers.adjust(this.destinations)
    this.queue.wake()
    return destination
  }

  #putChannel(channel: Channel): Channel {
    this.#store.put('channel', keyOf(channel), channel)
    this.#channels.set(keyOf(channel), channel)
    this.queue.wake()
    return channel
  }

  async #removeChannel(channel: Channel): Promise<void> {
    this.#store.remove('channel', keyOf(channel))
    // In this order: nobody asks again for copies of what is dropped.
    this.#store.dropHeld(channel.id)
    this.#store.truncate(channel.id)
    this.#channels.delete(keyOf(channel))
    void this.#agents.forgetTables()
    await this.#replica?.deleted(channel)
  }

  #selected(selector: ChannelSelector): Channel[] {
    const found = this.channels(selector)
    if (found.length > 0) return found
    const message = `expected a channel for ${selector.keyspace}.${selector.table} as selected, found none`
    throw new ScamanderError(CDC_ERRORS.CHANNEL_UNKNOWN, message)
  }

  #isTransmitting(channel: Channel): boolean {
    const now = this.#channels.get(keyOf(channel))
    const destination = this.#destinations.get(channel.destination)
    const isOn = now?.transmissionEnabled === true && destination?.transmissionEnabled === true
    return isOn && now.id === channel.id
  }

  #wantedTables(dataCenter: string): string[] {
    const names = this.channels({ dataCenters: [dataCenter] }).map(
      ({ keyspace, table }) => `${keyspace}.${table}`,
    )
    return [...new Set(names)]
  }

  #collecting(tableId: string, hash: bigint, dataCenter: string): Channel[] {
    const { keyspace, name } = this.#definitions.of(tableId, hash).table
    const all = this.channels({ keyspace, table: name, dataCenters: [dataCenter] })
    return all.filter(channel => channel.collectionEnabled)
  }

  /** Changes of configuration, answered when topics have them where they are kept there. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last
      .catch(() => undefined)
      .then(async () => {
        const done = await work()
        await this.#replica?.flush()
        return done
      })
    this.#last = result
    return result
  }
}

function invalid(message: string): ScamanderError {
  return new ScamanderError(CDC_ERRORS.SETTING, message)
}
