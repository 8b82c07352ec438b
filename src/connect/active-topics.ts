/**
 * The topics that each connector was seen to use, until somebody resets the list.
 * Kept by the worker, fed by the hooks of its tasks.
 * Invariant: without tracking nothing is kept, and asking is refused.
 * Spec: connect-rest 2.2 (topics), 1 (403), 8 (topic.tracking.*).
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { CONNECT_ERRORS } from './errors.ts'

export interface TrackingSettings {
  readonly topicTracking: boolean
  readonly topicTrackingReset: boolean
}

/** More topics of one connector are not remembered. */
const TOPICS_MAX = 10_000

export class ActiveTopics {
  readonly #settings: TrackingSettings
  readonly #topics = new Map<string, Set<string>>()

  constructor(settings: TrackingSettings) {
    this.#settings = settings
  }

  add(connector: string, topic: string): void {
    if (!this.#settings.topicTracking) return
    let known = this.#topics.get(connector)
    if (known === undefined) {
      known = new Set()
      this.#topics.set(connector, known)
    }
    if (known.size < TOPICS_MAX) known.add(topic)
  }

  /** Sorted; empty also for an unknown connector. */
  list(connector: string): string[] {
    this.#assertTracking()
    return [...(this.#topics.get(connector) ?? [])].sort()
  }

  reset(connector: string): void {
    this.#assertTracking()
    if (!this.#settings.topicTrackingReset) throw off('Topic tracking reset is disabled.')
    this.#topics.delete(connector)
  }

  /** For a connector that is deleted. */
  forget(connector: string): void {
    this.#topics.delete(connector)
  }

  #assertTracking(): void {
    if (!this.#settings.topicTracking) throw off('Topic tracking is disabled.')
  }
}

function off(message: string): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.TOPICS_OFF, message)
}
