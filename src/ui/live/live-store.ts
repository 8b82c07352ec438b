/**
 * The live data of this tab: topics by name, the state of the connection, and the freeze of the page.
 * One per tab. Views use the hooks of use-live.ts; queries name their topic in `meta.live`.
 * Invariants: a topic is wanted while somebody listens and for a moment after, so that a change of
 * screens does not close and open it; while the page is frozen nothing is told, then all at once;
 * values that the server may have changed since are stale, and since when is known.
 * Spec: ui 4.2 (stale), 4.3.
 */
import type { LiveMessage } from '../../api-v1-live.ts'
import { type LiveState, SILENT_MS } from './live-connection.ts'
import { type LiveLink, openLink } from './live-link.ts'
import { LiveTopics, type TopicListener, type TopicMessage } from './live-topics.ts'

const LINGER_MS = 3_000
const FROZEN_MAX = 5_000
/** While the server is asked instead of telling, answers come more often than this. */
const FRESH_MS = 12_000

export type ShownState = LiveState | 'paused'

class LiveStore {
  #link: LiveLink | undefined
  #state: LiveState = 'connecting'
  #isFrozen = false
  #heardMs = Date.now()
  #held: TopicMessage[] = []
  readonly #topics: LiveTopics
  readonly #watchers = new Set<() => void>()
  readonly #resets = new Set<() => void>()

  constructor() {
    this.#topics = new LiveTopics({
      onFirst: topic => this.#linked().add(topic),
      onNobody: topic => this.#linked().remove(topic),
    })
  }

  get state(): ShownState {
    return this.#isFrozen ? 'paused' : this.#state
  }

  /** Until when the values on screen are known to be right; undefined: they are fresh. */
  staleSince(nowMs: number): number | undefined {
    const isSilent =
      this.state === 'reconnecting' || (this.state === 'slow' && nowMs - this.#heardMs > FRESH_MS)
    return isSilent ? this.#heardMs : undefined
  }

  /** The server told something, or answered a query of live values. */
  heard(): void {
    this.#heardMs = Date.now()
  }

  /** Calls with every message of the topic; a known state comes at once. */
  listen(topic: string, listener: TopicListener): () => void {
    const leave = this.#topics.listen(topic, listener)
    let isWanted = true
    return () => {
      if (!isWanted) return
      isWanted = false
      const stay = this.#topics.listen(topic, () => undefined)
      leave()
      setTimeout(stay, LINGER_MS)
    }
  }

  /** The state of a topic as it is now; undefined: not known yet. */
  stateOf(topic: string): unknown {
    return this.#topics.stateOf(topic)
  }

  /** Calls when the state of the connection changes. */
  watch(watcher: () => void): () => void {
    this.#linked()
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  /** Calls when the server begins anew: what was missed is not told. */
  onReset(act: () => void): () => void {
    this.#resets.add(act)
    return () => void this.#resets.delete(act)
  }

  retry(): void {
    this.#linked().retry()
  }

  toggleFreeze(): void {
    this.#isFrozen = !this.#isFrozen
    const held = this.#held
    this.#held = []
    if (!this.#isFrozen) for (const message of held) this.#topics.take(message)
    this.#changed()
  }

  #linked(): LiveLink {
    this.#link ??= openLink({
      onState: state => {
        // A stream without news is known to stand until it was silent for too long.
        if (this.#state === 'live') this.#heardMs = Math.max(this.#heardMs, Date.now() - SILENT_MS)
        this.#state = state
        this.#changed()
      },
      onMessage: message => this.#take(message),
    })
    return this.#link
  }

  #take(message: LiveMessage): void {
    this.heard()
    if (message.event === 'hello') {
      if (message.data.resumed) return
      this.#topics.reset()
      for (const act of this.#resets) act()
    } else if (this.#isFrozen) this.#hold(message)
    else this.#topics.take(message)
  }

  /** Too much to keep: the page goes on. */
  #hold(message: TopicMessage): void {
    this.#held.push(message)
    if (this.#held.length >= FROZEN_MAX) this.toggleFreeze()
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher()
  }
}

export const liveStore = new LiveStore()
