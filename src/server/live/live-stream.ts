/**
 * The stream of one browser: what was sent is kept for a while, so that a connection that broke goes on
 * where it was. Made by `LiveHub`.
 * Invariants: what is kept and what waits to be read are bounded; a browser that does not read is cut
 * off, and comes back by itself; ids grow by one.
 * Spec: ui 4.3.
 */
import { randomUUID } from 'node:crypto'
import { PassThrough } from 'node:stream'
import type { LiveMessage } from '../../api-v1-live.ts'

const QUEUE_BYTES_MAX = 2 * 1024 * 1024
const KEPT_MESSAGES_MAX = 500
const KEPT_BYTES_MAX = 512 * 1024

interface Kept {
  readonly id: number
  readonly text: string
}

export class LiveStream {
  readonly id = randomUUID()
  /** Who opened it; nobody else goes on with it. */
  readonly owner: string
  #kept: Kept[] = []
  #keptBytes = 0
  #last = 0
  #body: PassThrough | undefined
  /** When the connection broke; undefined while it stands. */
  brokenMs: number | undefined

  constructor(owner: string) {
    this.owner = owner
  }

  /** Undefined: a message after `after` is not kept any more. */
  attach(after: number): PassThrough | undefined {
    const first = this.#kept[0]?.id ?? this.#last + 1
    if (after > this.#last || after + 1 < first) return undefined
    this.#body?.end()
    const body = new PassThrough()
    this.#body = body
    this.brokenMs = undefined
    body.once('close', () => {
      if (this.#body !== body) return
      this.#body = undefined
      this.brokenMs = performance.now()
    })
    body.on('error', () => body.destroy())
    for (const { id, text } of this.#kept) if (id > after) body.write(text)
    return body
  }

  send({ event, data }: LiveMessage): void {
    this.#last++
    const text = `id: ${this.id}.${this.#last}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    this.#kept.push({ id: this.#last, text })
    this.#keptBytes += text.length
    while (this.#kept.length > KEPT_MESSAGES_MAX || this.#keptBytes > KEPT_BYTES_MAX)
      this.#keptBytes -= this.#kept.shift()?.text.length ?? this.#keptBytes
    this.#write(text)
  }

  /** Not kept: it tells of this connection only. */
  sendNow({ event, data }: LiveMessage): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  /** A comment: the connection stands. */
  beat(): void {
    this.#write(': alive\n\n')
  }

  end(): void {
    this.#body?.end()
  }

  #write(text: string): void {
    this.#body?.write(text)
    if ((this.#body?.writableLength ?? 0) > QUEUE_BYTES_MAX) this.#body?.destroy()
  }
}
