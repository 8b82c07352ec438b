/**
 * One topic that is open: its feed, what was told last, and who listens. Made by `LiveHub`.
 * Invariants: at most four messages a second; a listener that joins gets the state or the last items
 * before anything else; of a burst of items the newest are told and the others counted.
 * Spec: ui 4.3.
 */
import type { LiveMessage } from '../../api-v1-live.ts'
import { changesOf } from './json-changes.ts'
import type { LiveFeed, LiveTopic } from './live-topic.ts'

export type LiveListener = (message: LiveMessage) => void

const STEP_MS = 250
const ITEMS_MAX = 500
/** More than this many changes are told as a new snapshot. */
const CHANGES_MAX = 2_000

export class LiveChannel {
  readonly #name: string
  readonly #keep: number
  readonly #listeners = new Set<LiveListener>()
  #feed: LiveFeed | undefined
  #told: { readonly data: unknown } | undefined
  #next: { readonly data: unknown } | undefined
  #recent: unknown[] = []
  #items: unknown[] = []
  #skipped = 0
  #timer: NodeJS.Timeout | undefined
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(name: string, topic: LiveTopic) {
    this.#name = name
    this.#keep = topic.keep ?? 0
    const key = name.includes(':') ? name.slice(name.indexOf(':') + 1) : ''
    this.#feed = topic.open(key, {
      state: data => {
        this.#next = { data }
        this.#tellSoon()
      },
      items: (items, skipped = 0) => {
        this.#take(items, skipped)
        this.#tellSoon()
      },
    })
  }

  get isIdle(): boolean {
    return this.#listeners.size === 0
  }

  join(listener: LiveListener): void {
    const topic = this.#name
    if (this.#told !== undefined)
      listener({ event: 'snapshot', data: { topic, data: this.#told.data } })
    if (this.#recent.length > 0)
      listener({ event: 'items', data: { topic, items: this.#recent, skipped: 0 } })
    this.#listeners.add(listener)
  }

  leave(listener: LiveListener): void {
    this.#listeners.delete(listener)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#feed?.close()
    this.#feed = undefined
    this.#listeners.clear()
  }

  #take(items: readonly unknown[], skipped: number): void {
    const all = [...this.#items, ...items]
    this.#items = all.slice(-ITEMS_MAX)
    this.#skipped += skipped + all.length - this.#items.length
  }

  #tellSoon(): void {
    if (this.#timer !== undefined) return
    const waitMs = Math.max(0, this.#toldMs + STEP_MS - performance.now())
    this.#timer = setTimeout(() => this.#tell(), waitMs)
  }

  #tell(): void {
    this.#timer = undefined
    this.#toldMs = performance.now()
    this.#tellState()
    this.#tellItems()
  }

  #tellState(): void {
    if (this.#next === undefined) return
    const { data } = this.#next
    const told = this.#told
    this.#told = this.#next
    this.#next = undefined
    const topic = this.#name
    const changes = told === undefined ? undefined : changesOf(told.data, data)
    if (changes?.length === 0) return
    if (changes === undefined || changes.length > CHANGES_MAX)
      this.#send({ event: 'snapshot', data: { topic, data } })
    else this.#send({ event: 'patch', data: { topic, changes } })
  }

  #tellItems(): void {
    if (this.#items.length === 0 && this.#skipped === 0) return
    const [items, skipped] = [this.#items, this.#skipped]
    this.#items = []
    this.#skipped = 0
    if (this.#keep > 0) this.#recent = [...this.#recent, ...items].slice(-this.#keep)
    this.#send({ event: 'items', data: { topic: this.#name, items, skipped } })
  }

  #send(message: LiveMessage): void {
    for (const listener of this.#listeners) listener(message)
  }
}
