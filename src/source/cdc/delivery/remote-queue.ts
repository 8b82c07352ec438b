/**
 * The queues of a worker elsewhere, over its REST API: for connectors in workers of a cluster, while one
 * worker captures.
 * Made by the server of a worker with `cdc.worker.url`. A worker that is away is `disconnected`: the
 * engine opens the source again.
 * Invariant: what was not answered changed nothing that matters: pages are asked for by position, and
 * deliveries may be named twice.
 * Spec: docs/adr/0023-destinations-and-delivery-elsewhere.md.
 */
import { messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import type { WorkerAddress } from '../agent/remote-ledger.ts'
import { CDC_ERRORS } from '../errors.ts'
import { Frame } from '../frame.ts'
import type { SourceCluster } from '../source-cluster.ts'
import type { Channel } from '../state/records.ts'
import { type KnownDefinition, parseDefinition } from '../state/table-definition.ts'
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

const TIMEOUT_MS = 30_000
const DEFINITIONS_MAX = 1000

export class RemoteQueue implements DeliveryQueue {
  readonly cluster: SourceCluster
  readonly #address: WorkerAddress
  readonly #definitions = new Map<string, KnownDefinition>()

  constructor(address: WorkerAddress, cluster: SourceCluster) {
    this.#address = address
    this.cluster = cluster
  }

  async checkDestination(name: string): Promise<void> {
    await this.#call('GET', pathOf(name))
  }

  async poll(request: PollRequest, signal: AbortSignal): Promise<Polled> {
    const { destination, cursors, connector, task, partitions, last, framesMax, waitMs } = request
    const body: SentPoll = {
      ...{ connector, task, partitions, last, framesMax, waitMs },
      cursors: [...cursors].map(([id, { after, done }]) => [id, after, done]),
    }
    const page = await this.#call<SentPage>('POST', `${pathOf(destination)}/poll`, body, signal)
    if (page === undefined) return { unknown: [], channel: undefined, frames: [], from: 0 }
    const frames = page.frames.map(([seq, partition, text]) => ({
      ...{ seq, partition, frame: new Frame(Buffer.from(text, 'base64')) },
    }))
    return { unknown: page.unknown, channel: page.channel ?? undefined, frames, from: page.from }
  }

  async delivered({ destination, connector, task }: Reader, done: readonly Delivered[]) {
    await this.#call('POST', `${pathOf(destination)}/delivered`, { connector, task, done })
  }

  /** A worker that is away forgets the reader by itself. */
  async release({ destination, connector, task }: Reader): Promise<void> {
    try {
      await this.#call('POST', `${pathOf(destination)}/release`, { connector, task })
    } catch (error) {
      if (!(error instanceof ScamanderError)) throw error
    }
  }

  definitionOf(frame: Frame): KnownDefinition | Promise<KnownDefinition> {
    const name = `${frame.tableId}/${frame.schemaHash}`
    return this.#definitions.get(name) ?? this.#fetchDefinition(name)
  }

  async #fetchDefinition(name: string): Promise<KnownDefinition> {
    const found = await this.#call<SentDefinition>('GET', `/definitions/${name}`)
    const known = { table: parseDefinition(found!.text), number: found!.number }
    if (this.#definitions.size >= DEFINITIONS_MAX) this.#definitions.clear()
    this.#definitions.set(name, known)
    return known
  }

  /** Undefined: given up, because the signal aborted. */
  async #call<T>(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    const { url, authorization } = this.#address
    let status: number
    let text: string
    const limit = AbortSignal.timeout(TIMEOUT_MS)
    try {
      const response = await fetch(`${url}/api/v1/cdc${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      })
      status = response.status
      text = await response.text()
    } catch (cause) {
      if (signal?.aborted === true) return undefined
      const message = `the worker that captures, at ${url}, does not answer: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.CAPTURE_UNREACHABLE, message, { cause })
    }
    if (status < 400) return (text === '' ? undefined : JSON.parse(text)) as T | undefined
    throw refusal(status, text, url)
  }
}

function pathOf(destination: string): string {
  return `/delivery/${encodeURIComponent(destination)}`
}

function refusal(status: number, text: string, url: string): ScamanderError {
  const found = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replaceAll('\\"', '"')
  const reason = found ?? `status ${status}`
  if (status === 404 && reason.includes('destination')) {
    return new ScamanderError(CDC_ERRORS.DESTINATION_UNKNOWN, reason)
  }
  if (status === 409) return new ScamanderError(CDC_ERRORS.DESTINATION_BUSY, reason)
  const message = `the worker that captures, at ${url}, answers ${status}: ${reason}`
  if (status >= 500) return new ScamanderError(CDC_ERRORS.CAPTURE_UNREACHABLE, message)
  return new ScamanderError(CDC_ERRORS.WORKER_REFUSED, message)
}
