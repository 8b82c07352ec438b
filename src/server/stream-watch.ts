/**
 * Streams that go on while callers come and go: each ends when nobody with its rights stands behind it
 * any more. Kept by `Callers`; routes that answer with a stream put it here.
 * Invariants: a change of a session, a user or a token is looked at at once, an end that comes by time
 * within five seconds; a stream that closed is forgotten.
 * Spec: backlog-replication 2.17; ui 4.3.
 */
import { PassThrough, type Readable } from 'node:stream'

const LOOK_MS = 5_000

export interface Watched {
  /** Of the caller. */
  readonly name: string
  readonly isAllowed: () => boolean
}

export class StreamWatch {
  readonly #open = new Map<Readable, Watched>()
  #timer: NodeJS.Timeout | undefined

  watch(body: Readable, watched: Watched): void {
    if (body.closed || body.destroyed) return
    this.#open.set(body, watched)
    body.once('close', () => this.#forget(body))
    this.#timer ??= setInterval(() => this.look(), LOOK_MS).unref()
  }

  look(): void {
    for (const [body, { isAllowed }] of [...this.#open]) if (!isAllowed()) end(body)
  }

  /** All: who comes back is looked at anew. */
  endAll(): void {
    for (const body of [...this.#open.keys()]) end(body)
  }

  /** Those of a user whose logins are not what they were. */
  endOf(name: string): void {
    for (const [body, watched] of [...this.#open]) if (watched.name === name) end(body)
  }

  #forget(body: Readable): void {
    this.#open.delete(body)
    if (this.#open.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** What was written before may still be read. */
function end(body: Readable): void {
  if (body instanceof PassThrough) body.end()
  else body.destroy()
}
