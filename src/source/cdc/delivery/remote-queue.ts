/**
 * The queues of a worker elsewhere, over its REST API: for connectors in workers of a cluster, while one
 * worker captures.
 * Made by the server of a worker with `cdc.worker.url`. A worker that is away is `disconnected`: the
 * engine opens the source again.
 * Invariant: what was not answered changed nothing that matters: pages are asked for by position, and
 * deliveries may be named twice.
 * Spec: docs/adr/0023-destinations-and-delivery-elsewhere.md.
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { WorkerAddress } from '../agent/remote-ledger.ts'
import { Frame } from '../frame.ts'
import { RemoteSnapshots, type SentOrder } from '../snapshot/remote-snapshots.ts'
import type { SnapshotSeam } from '../snapshot/snapshot-seam.ts'
import type { SourceCluster } from '../source-cluster.ts'
import type { Channel } from '../state/records.ts'
import { type KnownDefinition, parseDefinition } from '../state/table-definition.ts'
import { CaptureCalls } from './capture-calls.ts'
import type { Delivered, DeliveryQueue, Polled, PollRequest, Reader } from './delivery-queue.ts'
import type { Stretch } from './queue-cursor.ts'

/** A poll as it travels. */
export interface SentPoll {
  readonly connector: string
  readonly task: string
  readonly partitions: readonly number[]
  readonly cursors: readonly (readonly [id: number, after: number, done: readonly Stretch[]])[]
  readonly last: number
  readonly framesMax: number
  readonly waitMs: number
}

export interface SentPage {
  readonly unknown: readonly Channel[]
  readonly channel: Channel | null
  readonly from: number
  readonly frames: readonly (readonly [seq: number, partition: number, frame: string])[]
  /** Of snapshots, for every channel that is transmitted. */
  readonly orders?: readonly SentOrder[]
}

export interface SentDelivery {
  readonly connector: string
  readonly task: string
  readonly done: readonly Delivered[]
}

export interface SentDefinition {
  readonly text: string
  readonly number: number
}

const DEFINITIONS_MAX = 1000

export class RemoteQueue implements DeliveryQueue {
  readonly cluster: SourceCluster
  readonly #calls: CaptureCalls
  readonly #snapshots: RemoteSnapshots
  readonly #definitions = new Map<string, KnownDefinition>()

  constructor(addressOf: () => WorkerAddress | Promise<WorkerAddress>, cluster: SourceCluster) {
    this.#calls = new CaptureCalls(addressOf)
    this.#snapshots = new RemoteSnapshots(this.#calls)
    this.cluster = cluster
  }

  get snapshots(): SnapshotSeam {
    return this.#snapshots
  }

  async checkDestination(name: string): Promise<void> {
    await this.#calls.call('GET', pathOf(name))
  }

  async poll(request: PollRequest, signal: AbortSignal): Promise<Polled> {
    const { destination, cursors, connector, task, partitions, last, framesMax, waitMs } = request
    const body: SentPoll = {
      ...{ connector, task, partitions, last, framesMax, waitMs },
      cursors: [...cursors].map(([id, { after, done }]) => [id, after, done]),
    }
    const page = await this.#calls.call<SentPage>(
      'POST',
      `${pathOf(destination)}/poll`,
      body,
      signal,
    )
    this.#snapshots.take(destination, page?.orders ?? [])
    if (page === undefined) return { unknown: [], channel: undefined, frames: [], from: 0 }
    const frames = page.frames.map(([seq, partition, text]) => ({
      ...{ seq, partition, frame: new Frame(Buffer.from(text, 'base64')) },
    }))
    return { unknown: page.unknown, channel: page.channel ?? undefined, frames, from: page.from }
  }

  async delivered({ destination, connector, task }: Reader, done: readonly Delivered[]) {
    await this.#calls.call('POST', `${pathOf(destination)}/delivered`, { connector, task, done })
  }

  /** A worker that is away forgets the reader by itself. */
  async release({ destination, connector, task }: Reader): Promise<void> {
    try {
      await this.#calls.call('POST', `${pathOf(destination)}/release`, { connector, task })
    } catch (error) {
      if (!(error instanceof ScamanderError)) throw error
    }
  }

  definitionOf(frame: Frame): KnownDefinition | Promise<KnownDefinition> {
    const name = `${frame.tableId}/${frame.schemaHash}`
    return this.#definitions.get(name) ?? this.#fetchDefinition(name)
  }

  async #fetchDefinition(name: string): Promise<KnownDefinition> {
    const found = await this.#calls.call<SentDefinition>('GET', `/definitions/${name}`)
    const known = { table: parseDefinition(found!.text), number: found!.number }
    if (this.#definitions.size >= DEFINITIONS_MAX) this.#definitions.clear()
    this.#definitions.set(name, known)
    return known
  }
}

function pathOf(destination: string): string {
  return `/delivery/${encodeURIComponent(destination)}`
}
