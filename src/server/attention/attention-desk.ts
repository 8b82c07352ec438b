/**
 * What needs attention on this server: the one list that Home, the titles of tabs and the navigation count.
 * Its sources are added where the server is put together; each tells what it finds, the desk since when.
 * Invariants: a source that cannot be read leaves what it told before; the list is bounded; what is found
 * is looked for even when nobody asks, so that "since" is true to a few seconds.
 * Shapes: src/api-v1-home.ts. Spec: ui 2 (numbers), 5.1 (needs attention), 6.
 */
import type { AttentionInfo, AttentionItem } from '../../api-v1-home.ts'
import { messageOf } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { LiveHub } from '../live/live-hub.ts'
import { polledTopic } from '../live/live-topic.ts'
import { json, type Route } from '../route.ts'
import { v1Route } from '../v1/problem.ts'

/** `since` is left out where the source does not know it. */
export type AttentionFinding = Omit<AttentionItem, 'since'> & { readonly since?: string }

export interface AttentionSource {
  read(): readonly AttentionFinding[] | Promise<readonly AttentionFinding[]>
  /** When it last had a problem, of the time before this process. */
  lastProblemAt?(): string | null
}

const ITEMS_MAX = 500
const WATCH_MS = 10_000
const LIVE_MS = 2_000
const FRESH_MS = 900

interface Held {
  readonly source: AttentionSource
  found: readonly AttentionFinding[]
  problemAt: string | null
}

export class AttentionDesk {
  readonly #held = new Set<Held>()
  readonly #since = new Map<string, string>()
  readonly #logger: Logger
  readonly #timer: NodeJS.Timeout
  #reading: Promise<void> | undefined
  #readAtMs = Number.NEGATIVE_INFINITY
  #lastProblemAt: string | null = null

  readonly #freshMs: number

  /** `freshMs`: callers in between get what was found before. */
  constructor(logger: Logger, { freshMs = FRESH_MS }: { readonly freshMs?: number } = {}) {
    this.#logger = logger
    this.#freshMs = freshMs
    this.#timer = setInterval(() => void this.list(), WATCH_MS).unref()
  }

  /** Gives back how to take it away again. */
  add(source: AttentionSource): () => void {
    const held: Held = { source, found: [], problemAt: null }
    this.#held.add(held)
    return () => void this.#held.delete(held)
  }

  async list(): Promise<AttentionInfo> {
    if (performance.now() - this.#readAtMs >= this.#freshMs) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
    return this.#told()
  }

  routes(): Route[] {
    return [
      v1Route({
        method: 'GET',
        path: '/api/v1/attention',
        summary: 'What needs attention: errors first, each with its likely cause and since when.',
        handle: async () => json(200, await this.list()),
      }),
    ]
  }

  provide(live: LiveHub): void {
    const of = { everyMs: LIVE_MS, logger: this.#logger }
    live.provide(
      'attention',
      polledTopic(() => this.list(), of),
    )
  }

  close(): void {
    clearInterval(this.#timer)
    this.#held.clear()
  }

  async #read(): Promise<void> {
    await Promise.all(
      [...this.#held].map(async held => {
        try {
          held.found = (await held.source.read()).slice(0, ITEMS_MAX)
          held.problemAt = held.source.lastProblemAt?.() ?? null
        } catch (error) {
          // What it told before stays: a reading that fails is no proof that all is well.
          const why = messageOf(error)
          this.#logger.warnLimited('attention', `what needs attention is not known: ${why}`)
        }
      }),
    )
    this.#readAtMs = performance.now()
    this.#note(new Set(this.#found().map(one => one.key)))
  }

  /** Keeps when each was first seen, and when the last one ended. */
  #note(keys: ReadonlySet<string>): void {
    const now = new Date().toISOString()
    for (const key of this.#since.keys()) {
      if (keys.has(key)) continue
      this.#since.delete(key)
      this.#lastProblemAt = now
    }
    for (const key of keys) if (!this.#since.has(key)) this.#since.set(key, now)
  }

  #found(): AttentionFinding[] {
    return [...this.#held].flatMap(one => one.found)
  }

  #told(): AttentionInfo {
    const items = this.#found().map(one => ({
      ...one,
      since: one.since ?? this.#since.get(one.key) ?? new Date().toISOString(),
    }))
    const known = [...this.#held].map(one => one.problemAt)
    const ended = [this.#lastProblemAt, ...known].filter(one => one !== null).sort()
    return {
      items: items.sort(byUrgency).slice(0, ITEMS_MAX),
      lastProblemAt: ended.at(-1) ?? null,
    }
  }
}

function byUrgency(one: AttentionItem, other: AttentionItem): number {
  if (one.role !== other.role) return one.role === 'error' ? -1 : 1
  if (one.since !== other.since) return one.since < other.since ? -1 : 1
  return one.key < other.key ? -1 : 1
}
