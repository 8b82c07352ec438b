/**
 * The one live connection: opens the stream, goes on where it broke, changes its topics while it stands.
 * Runs in the shared worker of the browser, or in a tab where there is none.
 * Invariants: one connection at a time; what comes is told in order; after a stream that the server no
 * longer knows every topic begins with its snapshot; a refused login ends the attempts until told.
 * Spec: ui 4.3.
 */
import type { LiveMessage } from '../../api-v1-live.ts'
import { EventText } from './event-text.ts'

/** `out`: the server wants a login. */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'slow' | 'out'

export interface LiveParts {
  readonly onState: (state: LiveState) => void
  readonly onMessage: (message: LiveMessage) => void
  /** @default that of the browser */
  readonly fetch?: typeof fetch
  /** For tests; milliseconds. */
  readonly silentMs?: number
  readonly slowMs?: number
  readonly retryMs?: readonly number[]
}

const PATH = '/api/v1/stream'
/** A stream that says nothing for so long is taken for broken. */
export const SILENT_MS = 20_000
const SLOW_MS = 60_000
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000]

export class LiveConnection {
  readonly #parts: LiveParts
  readonly #topics = new Set<string>()
  #state: LiveState = 'connecting'
  #abort: AbortController | undefined
  #wake: (() => void) | undefined
  #isClosed = false
  #isRunning = false
  #stream: string | undefined
  #lastId: string | undefined
  /** Since when no stream stands. */
  #brokenMs = performance.now()
  #attempts = 0
  /** What the server was asked for on this stream. */
  #asked: ReadonlySet<string> = new Set()
  #changes: Promise<void> = Promise.resolve()

  constructor(parts: LiveParts) {
    this.#parts = parts
  }

  get state(): LiveState {
    return this.#state
  }

  open(): void {
    this.#isClosed = false
    if (!this.#isRunning) void this.#run()
  }

  close(): void {
    this.#isClosed = true
    this.#abort?.abort()
    this.#wake?.()
  }

  /** Tries at once: somebody signed in, or looks again. */
  retry(): void {
    this.#attempts = 0
    this.#brokenMs = performance.now()
    this.#wake?.()
  }

  add(topic: string): void {
    this.#topics.add(topic)
    this.#sync()
  }

  remove(topic: string): void {
    this.#topics.delete(topic)
    this.#sync()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (!this.#isClosed) {
      const isOut = await this.#connect()
      if (this.#isClosed) break
      if (this.#state === 'live') this.#brokenMs = performance.now()
      const isSlow = performance.now() - this.#brokenMs >= (this.#parts.slowMs ?? SLOW_MS)
      this.#tell(isOut ? 'out' : isSlow ? 'slow' : 'reconnecting')
      await this.#pause(isOut)
    }
    this.#isRunning = false
  }

  /** Until the stream ends; true when the server wants a login. */
  async #connect(): Promise<boolean> {
    const abort = new AbortController()
    this.#abort = abort
    const watch = new Watch(this.#parts.silentMs ?? SILENT_MS, () => abort.abort())
    try {
      this.#asked = new Set(this.#topics)
      const query = new URLSearchParams([...this.#topics].map(topic => ['topics', topic]))
      const response = await this.#fetch(`${PATH}?${query}`, { signal: abort.signal })
      if (response.status === 401) return true
      if (!response.ok || response.body === null) return false
      await this.#read(response.body, watch)
    } catch {
      // The connection broke, or was silent for too long: the caller tries again.
    } finally {
      watch.stop()
      this.#stream = undefined
    }
    return false
  }

  async #read(body: ReadableStream<Uint8Array>, watch: Watch): Promise<void> {
    const text = new EventText()
    const decoder = new TextDecoder()
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      watch.start()
      for (const { id, event, data } of text.push(decoder.decode(value, { stream: true }))) {
        if (id !== undefined) this.#lastId = id
        this.#take({ event, data: JSON.parse(data) } as LiveMessage)
      }
    }
  }

  #take(message: LiveMessage): void {
    if (message.event === 'hello') {
      this.#stream = message.data.stream
      this.#attempts = 0
      this.#tell('live')
    }
    this.#parts.onMessage(message)
    if (message.event === 'hello') this.#sync()
  }

  /** Tells the server which topics came and went, one call after the other. */
  #sync(): void {
    this.#changes = this.#changes.then(async () => {
      const [stream, asked] = [this.#stream, this.#asked]
      const add = [...this.#topics].filter(topic => !asked.has(topic))
      const remove = [...asked].filter(topic => !this.#topics.has(topic))
      if (stream === undefined || add.length + remove.length === 0) return
      this.#asked = new Set(this.#topics)
      try {
        const answer = await this.#fetch(`${PATH}/${stream}`, {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ add, remove }),
        })
        if (!answer.ok) this.#abort?.abort()
      } catch {
        this.#abort?.abort()
      }
    })
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    const last = this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId }
    const headers = { ...init.headers, 'x-scamander-page': '1', ...last }
    return (this.#parts.fetch ?? fetch)(path, { ...init, headers })
  }

  #tell(state: LiveState): void {
    if (state === this.#state) return
    this.#state = state
    this.#parts.onState(state)
  }

  #pause(isOut: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const steps = this.#parts.retryMs ?? RETRY_MS
    const step = steps[Math.min(this.#attempts, steps.length - 1)] ?? 0
    this.#attempts++
    const waitMs = step * (0.75 + Math.random() / 2)
    const timer = isOut ? undefined : setTimeout(resolve, waitMs)
    this.#wake = () => {
      clearTimeout(timer)
      resolve()
    }
    return promise
  }
}

/** Calls when nothing happened for a time. */
class Watch {
  readonly #ms: number
  readonly #onSilence: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ms: number, onSilence: () => void) {
    this.#ms = ms
    this.#onSilence = onSilence
    this.start()
  }

  start(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#onSilence, this.#ms)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
