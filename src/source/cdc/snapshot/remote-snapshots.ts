/**
 * What snapshots ask of a capture in another worker, over its REST API; orders come with every page of
 * the queue, so that a task without a snapshot asks nothing.
 * Made by RemoteQueue; the counterpart is the route of snapshots (`captureSnapshotRoutes`).
 * Invariant: an answer that did not come is an error, never a guess: rows wait, and the source is opened
 * again.
 * Spec: cdc-replication 5; docs/adr/0024-snapshots-and-reading-ahead.md.
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { CaptureCalls } from '../delivery/capture-calls.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { Channel } from '../state/records.ts'
import { type KnownDefinition, parseDefinition } from '../state/table-definition.ts'
import type {
  CaptureStanding,
  QueueStretch,
  SnapshotOrder,
  SnapshotProgress,
  SnapshotSeam,
} from './snapshot-seam.ts'

/** A channel, with its order. */
export type SentOrder = readonly [channel: number, run: number, isCancelled: boolean]

/** One question as it travels. */
export type SentQuestion =
  | { readonly ask: 'barrier' | 'standing' | 'definition'; readonly channel: number }
  | ({ readonly ask: 'queued'; readonly channel: number } & QueueStretch)
  | ({ readonly ask: 'progress'; readonly channel: number } & SnapshotProgress)

/** The answer: only what was asked for is there. */
export interface SentAnswer {
  /** The channel was deleted meanwhile. */
  readonly isGone?: boolean
  readonly why?: string
  readonly standing?: CaptureStanding
  readonly isQueued?: boolean
  readonly definition?: { readonly text: string; readonly number: number }
}

const LOOK_MS = 250

export class RemoteSnapshots implements SnapshotSeam {
  readonly lookMs = LOOK_MS
  readonly #calls: CaptureCalls
  /** By destination, and channel. */
  readonly #orders = new Map<string, ReadonlyMap<number, SnapshotOrder>>()

  constructor(calls: CaptureCalls) {
    this.#calls = calls
  }

  /** All orders of a destination, as they came with a page. */
  take(destination: string, orders: readonly SentOrder[]): void {
    const all = orders.map(([id, run, isCancelled]) => [id, { run, isCancelled }] as const)
    this.#orders.set(destination, new Map(all))
  }

  order({ destination, id }: Channel): SnapshotOrder | undefined {
    return this.#orders.get(destination)?.get(id)
  }

  async barrier(channel: Channel): Promise<string | undefined> {
    return (await this.#ask(channel, { ask: 'barrier', channel: channel.id })).why
  }

  async standing(channel: Channel): Promise<CaptureStanding> {
    const { standing } = await this.#ask(channel, { ask: 'standing', channel: channel.id })
    return standing ?? { caughtUpMs: undefined, lastSeq: 0 }
  }

  async isQueued(channel: Channel, stretch: QueueStretch): Promise<boolean> {
    const question = { ask: 'queued', channel: channel.id, ...stretch } as const
    return (await this.#ask(channel, question)).isQueued !== false
  }

  async definition(channel: Channel): Promise<KnownDefinition> {
    const { definition } = await this.#ask(channel, { ask: 'definition', channel: channel.id })
    if (definition !== undefined) {
      return { table: parseDefinition(definition.text), number: definition.number }
    }
    const message = `${channel.keyspace}.${channel.table}: expected a definition, the worker that captures gives none`
    throw new ScamanderError(CDC_ERRORS.SNAPSHOT, message)
  }

  async progress(channel: Channel, progress: SnapshotProgress): Promise<void> {
    await this.#ask(channel, { ask: 'progress', channel: channel.id, ...progress })
  }

  async #ask({ destination }: Channel, question: SentQuestion): Promise<SentAnswer> {
    const path = `/delivery/${encodeURIComponent(destination)}/snapshot`
    const answer = (await this.#calls.call<SentAnswer>('POST', path, question)) ?? {}
    if (answer.isGone !== true) return answer
    const message = `a channel of destination ${destination} was deleted while its rows were given`
    throw new ScamanderError(CDC_ERRORS.CAPTURE_UNREACHABLE, message)
  }
}
