/**
 * Server-sent events of replication: runs, notices, changes; a heartbeat each 15 s.
 * One stream per caller; its queue is bounded, and a caller that does not read is cut off: a browser
 * comes back by itself and reads the present state. Streams are bounded in number.
 * Spec: backlog-replication 2.12; ui 4.3.
 */
import { PassThrough } from 'node:stream'
import type { ServerEvent } from '../../api-v1.ts'
import { PRODUCT_VERSION } from '../../base/product-version.ts'
import type { Replicator } from '../../replicate/index.ts'
import type { Answer, Call } from '../route.ts'
import { problem } from './problem.ts'

const HEARTBEAT_MS = 15_000
const QUEUE_BYTES_MAX = 1024 * 1024
const STREAMS_MAX = 500

export class EventStreams {
  readonly #replicator: Replicator
  readonly #open = new Set<PassThrough>()

  readonly #isCaller: (call: Call) => boolean

  /** `isCaller`: whether somebody with rights still stands behind a call; asked with every heartbeat. */
  constructor(replicator: Replicator, isCaller: (call: Call) => boolean = () => true) {
    this.#replicator = replicator
    this.#isCaller = isCaller
  }

  /** All events, or those of one run. */
  subscribe(call: Call, runId?: string): Answer {
    // Throws for an unknown run, before anything is open.
    const run = runId === undefined ? undefined : this.#replicator.run(runId)
    if (this.#open.size >= STREAMS_MAX)
      return problem(503, `there are ${STREAMS_MAX} streams of events already`)
    const body = new PassThrough()
    this.#open.add(body)
    const send = ({ event, data }: ServerEvent) => {
      if (runId !== undefined && (event !== 'run' || data.id !== runId)) return
      body.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      if (body.writableLength > QUEUE_BYTES_MAX) body.destroy()
    }
    const stop = this.#replicator.onEvent(send)
    const beat = () => (this.#isCaller(call) ? body.write(': alive\n\n') : body.end())
    const timer = setInterval(beat, HEARTBEAT_MS)
    body.once('close', () => {
      clearInterval(timer)
      stop()
      this.#open.delete(body)
    })
    body.on('error', () => body.destroy())
    if (run === undefined) send({ event: 'hello', data: { version: PRODUCT_VERSION } })
    else send({ event: 'run', data: run })
    return {
      status: 200,
      stream: { body, type: 'text/event-stream' },
      headers: { 'Cache-Control': 'no-store' },
    }
  }

  close(): void {
    for (const body of this.#open) body.end()
  }
}
