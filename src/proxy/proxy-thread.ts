/**
 * One thread of the proxy as the main thread sees it: the same interface whether the node runs here
 * (one thread) or in a worker (several threads that share the port).
 * Invariant: a worker that ends by itself is told by `onFailed`: the others would go on serving a
 * part of the clients, which nobody would notice.
 * Spec: live-migration 1.2 (--threads).
 */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ScamanderError } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import type { ProxyReport } from './control/proxy-report.ts'
import { PROXY_ERRORS } from './errors.ts'
import type { PreparedMessage } from './prepared/prepared-message.ts'
import { ProxyNode } from './proxy-node.ts'
import type { Routing } from './session/proxy-context.ts'
import type { ProxySettings } from './settings/proxy-settings.ts'

export interface ProxyThread {
  onPrepared: (statement: PreparedMessage) => void
  /** It ended by itself: the proxy cannot go on with a part of its clients. */
  onFailed: (error: Error) => void
  start(port: number): Promise<number>
  setRouting(routing: Routing): void
  addPrepared(statement: PreparedMessage): void
  report(): Promise<ProxyReport>
  close(): Promise<void>
}

/** To a worker. */
export type WorkerOrder =
  | { readonly kind: 'start'; readonly port: number }
  | { readonly kind: 'routing'; readonly routing: Routing }
  | { readonly kind: 'prepared'; readonly statement: PreparedMessage }
  | { readonly kind: 'report'; readonly id: number }
  | { readonly kind: 'close' }

/** From a worker. */
export type WorkerNews =
  | { readonly kind: 'started'; readonly port: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'prepared'; readonly statement: PreparedMessage }
  | { readonly kind: 'report'; readonly id: number; readonly report: ProxyReport }
  | { readonly kind: 'closed' }

export interface WorkerInput {
  readonly settings: ProxySettings
  readonly thread: number
  readonly level: Logger['level']
  readonly sharedTime: SharedArrayBuffer
}

export function startLocalThread(settings: ProxySettings, logger: Logger): ProxyThread {
  const node = new ProxyNode({ settings, logger, thread: 0, announce: () => undefined })
  return {
    onPrepared: () => undefined,
    onFailed: () => undefined,
    start: port => node.start(port, false),
    setRouting: routing => node.setRouting(routing),
    addPrepared: () => undefined,
    report: () => Promise.resolve(node.report()),
    close: () => node.close(),
  }
}

export function startWorkerThread(settings: ProxySettings, given: WorkerParts): ProxyThread {
  return new WorkerThread(settings, given)
}

interface WorkerParts {
  readonly logger: Logger
  readonly thread: number
  /** The last timestamp of all threads. */
  readonly sharedTime: SharedArrayBuffer
}

class WorkerThread implements ProxyThread {
  onPrepared: (statement: PreparedMessage) => void = () => undefined
  onFailed: (error: Error) => void = () => undefined
  readonly #worker: Worker
  readonly #started = Promise.withResolvers<number>()
  readonly #closed = Promise.withResolvers<void>()
  readonly #reports = new Map<number, (report: ProxyReport) => void>()
  #reportId = 0
  #isClosing = false

  constructor(settings: ProxySettings, { logger, thread, sharedTime }: WorkerParts) {
    const workerData: WorkerInput = { settings, thread, level: logger.level, sharedTime }
    const entry = new URL(`./proxy-worker${extname(import.meta.url)}`, import.meta.url)
    this.#worker = new Worker(entry, { workerData })
    this.#worker.on('message', (news: WorkerNews) => this.#onNews(news))
    this.#worker.on('error', error => {
      this.#started.reject(error)
      logger.error('a thread of the proxy failed', error)
    })
    this.#worker.on('exit', () => {
      this.#closed.resolve()
      if (this.#isClosing) return
      const message = `thread ${thread} of the proxy ended by itself`
      this.onFailed(new ScamanderError(PROXY_ERRORS.THREAD, message))
    })
  }

  start(port: number): Promise<number> {
    this.#order({ kind: 'start', port })
    return this.#started.promise
  }

  setRouting(routing: Routing): void {
    this.#order({ kind: 'routing', routing })
  }

  addPrepared(statement: PreparedMessage): void {
    this.#order({ kind: 'prepared', statement })
  }

  report(): Promise<ProxyReport> {
    const { promise, resolve } = Promise.withResolvers<ProxyReport>()
    this.#reportId += 1
    this.#reports.set(this.#reportId, resolve)
    this.#order({ kind: 'report', id: this.#reportId })
    return promise
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#order({ kind: 'close' })
    await this.#closed.promise
  }

  #order(order: WorkerOrder): void {
    this.#worker.postMessage(order)
  }

  #onNews(news: WorkerNews): void {
    switch (news.kind) {
      case 'started':
        this.#started.resolve(news.port)
        break
      case 'failed': {
        const declaration = Object.values(PROXY_ERRORS).find(one => one.code === news.code)
        this.#started.reject(new ScamanderError(declaration ?? PROXY_ERRORS.LISTEN, news.message))
        break
      }
      case 'prepared':
        this.onPrepared(news.statement)
        break
      case 'report':
        this.#reports.get(news.id)?.(news.report)
        this.#reports.delete(news.id)
        break
      default:
        this.#closed.resolve()
    }
  }
}
