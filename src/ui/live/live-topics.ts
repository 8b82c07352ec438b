/**
 * What is known of each topic and who wants it: states that changes are applied to, and listeners.
 * Used by the shared worker for its tabs and by each tab for its views.
 * Invariants: a listener that comes later gets the state at once; a topic that nobody wants is forgotten.
 * Spec: ui 4.3.
 */
import type { LiveMessage } from '../../api-v1-live.ts'
import { applyChanges } from './apply-changes.ts'

export type TopicMessage = Exclude<LiveMessage, { event: 'hello' }>
export type TopicListener = (message: TopicMessage) => void

interface Known {
  readonly listeners: Set<TopicListener>
  state: { readonly data: unknown } | undefined
  refused: TopicMessage | undefined
}

export interface TopicEnds {
  readonly onFirst: (topic: string) => void
  readonly onNobody: (topic: string) => void
}

export class LiveTopics {
  readonly #known = new Map<string, Known>()
  readonly #ends: TopicEnds

  constructor(ends: TopicEnds) {
    this.#ends = ends
  }

  get names(): string[] {
    return [...this.#known.keys()]
  }

  listen(topic: string, listener: TopicListener): () => void {
    let known = this.#known.get(topic)
    if (known === undefined) {
      known = { listeners: new Set(), state: undefined, refused: undefined }
      this.#known.set(topic, known)
      known.listeners.add(listener)
      this.#ends.onFirst(topic)
    } else {
      known.listeners.add(listener)
      if (known.state !== undefined)
        listener({ event: 'snapshot', data: { topic, data: known.state.data } })
      if (known.refused !== undefined) listener(known.refused)
    }
    const { listeners } = known
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#known.get(topic)?.listeners !== listeners) return
      this.#known.delete(topic)
      this.#ends.onNobody(topic)
    }
  }

  stateOf(topic: string): unknown {
    return this.#known.get(topic)?.state?.data
  }

  /** Nothing of before counts: the server begins anew. */
  reset(): void {
    for (const known of this.#known.values()) {
      known.state = undefined
      known.refused = undefined
    }
  }

  take(message: TopicMessage): void {
    const known = this.#known.get(message.data.topic)
    if (known === undefined) return
    if (message.event === 'snapshot') known.state = { data: message.data.data }
    else if (message.event === 'patch') {
      // A change of a state that is not known: the topic was left and wanted again in between.
      if (known.state === undefined) return
      known.state = { data: applyChanges(known.state.data, message.data.changes) }
    } else if (message.event === 'refused') known.refused = message
    for (const listener of [...known.listeners]) listener(message)
  }
}
