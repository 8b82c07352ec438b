/**
 * The last lines of a log, in memory, and whoever follows it. Used for the log of the server and for the
 * calls that it got.
 * Invariant: at most as many lines as fit.
 * Spec: ui 5.7 (Logs).
 */
import type { Role } from '../../api-v1.ts'
import type { LiveTopic } from '../live/live-topic.ts'

const LINES_MAX = 2_000

export class LineRing<T> {
  readonly #lines: T[] = []
  readonly #listeners = new Set<(line: T) => void>()

  /** Oldest first. */
  get lines(): readonly T[] {
    return this.#lines
  }

  add(line: T): void {
    this.#lines.push(line)
    if (this.#lines.length > LINES_MAX) this.#lines.shift()
    for (const listener of this.#listeners) listener(line)
  }

  topic(least: Role): LiveTopic {
    const open: LiveTopic['open'] = (_key, sink) => {
      const listener = (line: T) => sink.items([line])
      this.#listeners.add(listener)
      return { close: () => void this.#listeners.delete(listener) }
    }
    return { least, open }
  }
}
