/**
 * Captures from one node: runs the thread that reads its log, queues what the thread finds, and
 * watches the disk. One per node; made by CaptureService.
 * Invariants: a batch is acknowledged to the thread only after frames and position are on disk; a
 * queue that cannot be written is tried again and stops the reading; nothing is deleted before it
 * was written down as done.
 * Spec: cdc-replication 1.5, 6.
 */
import { access, constants, mkdir, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Backoff } from '../../../base/backoff.ts'
import { systemClock } from '../../../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import type { SchemaRows } from '../../../commitlog/index.ts'
import type { Logger, MetricRegistry } from '../../../telemetry/index.ts'
import type { DiskLimits, OverflowSettings } from '../capture-config.ts'
import { CDC_ERRORS } from '../errors.ts'
import { Frame } from '../frame.ts'
import { CDC_METRICS } from '../metrics.ts'
import type { AgentState, NodePosition, NodeRecord } from '../state/records.ts'
import type { AgentLedger, LedgerBatch, LedgerGap } from './agent-ledger.ts'
import { CdcFolder } from './cdc-folder.ts'
import { DiskWatch } from './disk-watch.ts'
import { NodeLock } from './node-lock.ts'
import { OverflowMover } from './overflow-mover.ts'
import type { ReadPolicy } from './segment-follower.ts'
import { fullBytes, missingAtStart } from './vanished-segments.ts'
import type {
  FromWorker,
  ToWorker,
  WorkerCounts,
  WorkerPosition,
  WorkerStart,
} from './worker-messages.ts'

export interface AgentParts {
  readonly node: NodeRecord
  readonly ledger: AgentLedger
  readonly dataDirectory: string
  readonly policy: ReadPolicy
  readonly pollMs: number
  readonly from: 'latest' | 'earliest'
  readonly alarmPercent: readonly number[]
  readonly disk: DiskLimits
  /** Undefined: segments stay in `cdc_raw`. */
  readonly overflow: OverflowSettings | undefined
  readonly keys: readonly (readonly [alias: string, key: Uint8Array])[]
  readonly logger: Logger
  readonly metrics: MetricRegistry
  /** Tables that channels collect, as `keyspace.table`. */
  wantedTables(): readonly string[]
  fetchSchema(): Promise<SchemaRows>
  /** It ended by itself after it had started. */
  onFailed?(): void
}

export interface AgentStatus {
  readonly hostId: string
  readonly dataCenter: string
  readonly address: string
  readonly state: AgentState
  readonly error: string | undefined
  readonly position: { readonly segment: string; readonly offset: number } | undefined
  readonly segmentsAhead: number
  readonly cdcRaw: {
    readonly bytes: number
    readonly files: number
    readonly limitBytes: number
    /** At the pace of the last minutes; null: it does not grow. */
    readonly fullInSeconds: number | null
  }
  /** Segments that were moved out of `cdc_raw`; absent: no overflow folder is set. */
  readonly overflow?: {
    readonly bytes: number
    readonly files: number
    readonly limitBytes: number
  }
  readonly corrupt: number
  readonly undecodable: number
  /** Everything logged before this moment is queued. */
  readonly caughtUpMs: number | undefined
}

const WATCH_MS = 1000
/** Cassandra's default. */
const SYNC_MS = 10_000
const STOP_MS_MAX = 5000
/** More than a commit log of default size has segments that could come back. */
const DONE_MAX = 300
const UNDECODABLE_FILES_MAX = 100
const NO_COUNTS: WorkerCounts = {
  ...{ records: 0, updates: 0, bytes: 0, corrupt: 0, undecodable: 0, segmentsAhead: 0 },
}

export class NodeAgent {
  readonly #parts: AgentParts
  readonly #logger: Logger
  readonly #folder: CdcFolder
  readonly #stop = new AbortController()
  #worker: Worker | undefined
  #state: AgentState = 'STARTING'
  #error: string | undefined
  #counts: WorkerCounts = NO_COUNTS
  #done = new Set<string>()
  #stored: NodePosition | undefined
  #position: WorkerPosition | undefined
  readonly #disk: DiskWatch
  readonly #mover: OverflowMover | undefined
  readonly #lock: NodeLock
  #last: Promise<void> = Promise.resolve()
  #stopped = Promise.withResolvers<void>()
  #saved = 0
  #caughtUpMs: number | undefined
  #sinceMs = 0
  readonly #applied: (() => void)[] = []
  #watching: Promise<void> | undefined
  #isUntold = false

  constructor(parts: AgentParts) {
    this.#parts = parts
    const { hostId, cdcRawDirectory, limitBytes } = parts.node
    this.#logger = parts.logger.child({ room: 'cdc', node: hostId })
    const { overflow } = parts
    // Several nodes of one machine may have one folder.
    const overflowFolder = overflow && join(overflow.directory, hostId)
    this.#folder = new CdcFolder(cdcRawDirectory, overflowFolder)
    this.#mover =
      overflow &&
      new OverflowMover({
        ...{ folder: this.#folder, rawLimitBytes: limitBytes, logger: this.#logger },
        limitBytes: overflow.limitBytes,
      })
    this.#lock = new NodeLock(parts.node)
    this.#disk = new DiskWatch({
      ...{ folder: this.#folder, node: parts.node, logger: this.#logger },
      ...{ queueDirectory: parts.dataDirectory, limits: parts.disk },
      alarmPercent: parts.alarmPercent,
    })
  }

  get node(): NodeRecord {
    return this.#parts.node
  }

  get status(): AgentStatus {
    const { hostId, dataCenter, address, limitBytes } = this.#parts.node
    const position = this.#position && {
      segment: this.#position.segmentId.toString(),
      offset: this.#position.position,
    }
    return {
      ...{ hostId, dataCenter, address, state: this.#state, error: this.#error, position },
      segmentsAhead: this.#counts.segmentsAhead,
      cdcRaw: { ...this.#disk.usage, limitBytes, fullInSeconds: this.#disk.fullInSeconds },
      ...(this.#mover && {
        overflow: { ...this.#mover.usage, limitBytes: this.#mover.limitBytes },
      }),
      ...{ corrupt: this.#counts.corrupt, undecodable: this.#counts.undecodable },
      caughtUpMs: this.#caughtUpMs,
    }
  }

  /** Resolves when the log is being followed: what is written from then on is captured. */
  async start(): Promise<void> {
    const { ledger, node, pollMs, policy, keys } = this.#parts
    await this.lock()
    // The first batch must know of a full disk.
    await this.#disk.look(undefined)
    const stored = await ledger.load()
    this.#stored = stored
    this.#done = new Set(stored?.done)
    // An older release did not tell since when: from now on it is certain.
    this.#sinceMs = stored?.sinceMs ?? Date.now()
    const workerData: WorkerStart = {
      overflow: this.#folder.overflow,
      deletesFromBytes: node.blocksWrites ? undefined : fullBytes(node.limitBytes),
      ...{ folder: node.cdcRawDirectory, hostId: node.hostId, policy, pollMs, keys },
      syncMs: node.syncMs ?? SYNC_MS,
      from: this.#startPosition(),
      done: [...this.#done].map(BigInt),
      schema: await this.#parts.fetchSchema(),
      wanted: this.#parts.wantedTables(),
    }
    const entry = new URL(`./agent-worker${extname(import.meta.url)}`, import.meta.url)
    const worker = new Worker(entry, { workerData, name: `cdc ${node.hostId}` })
    this.#worker = worker
    const ready = Promise.withResolvers<void>()
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') {
        this.#state = 'RUNNING'
        this.#position = message.position
        if (stored === undefined) this.#sinceMs = this.#firstMs()
        // In turn with the batches: a position never stands before what is under way. What the thread
        // does not see go away any more is told before anything behind it is settled.
        this.#last = this.#last
          .then(() => this.#findGap())
          .then(() => this.#savePosition())
          .then(ready.resolve, error => {
            this.#isUntold = true
            ready.reject(error)
          })
      } else this.#receive(message)
    })
    worker.once('error', error => {
      this.#fail(error)
      ready.reject(error)
    })
    worker.once('exit', () => this.#stopped.resolve())
    await ready.promise
  }

  /** Nobody else on this machine reads the log of the node, or moves its segments, from now on. */
  async lock(): Promise<void> {
    try {
      await this.#checkAccess()
      this.#lock.acquire()
      await mkdir(this.#parts.dataDirectory, { recursive: true })
      // Also while nobody answers yet to whom changes are given: `cdc_raw` fills meanwhile.
      this.#watching ??= this.#watch()
    } catch (error) {
      this.#state = 'FAILED'
      this.#error = messageOf(error)
      throw error
    }
  }

  /** Tells the thread which tables are captured; resolves when it goes by that. */
  async tablesChanged(): Promise<void> {
    if (this.#state === 'FAILED' || this.#stop.signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#applied.push(resolve)
    this.#send({ kind: 'wanted', tables: this.#parts.wantedTables() })
    await Promise.race([promise, this.#stopped.promise])
  }

  async refreshSchema(): Promise<void> {
    this.#send({ kind: 'schema', rows: await this.#parts.fetchSchema() })
  }

  /** Everything that was read is queued when it resolves. */
  async stop(): Promise<void> {
    this.#stop.abort()
    if (this.#worker === undefined) this.#stopped.resolve()
    this.#send({ kind: 'stop' })
    const limit = new AbortController()
    await Promise.race([this.#stopped.promise, systemClock.sleep(STOP_MS_MAX, limit.signal)])
    limit.abort()
    await this.#worker?.terminate()
    await this.#last
    await this.#watching
    this.#lock.release()
    if (this.#state !== 'FAILED') this.#state = 'STOPPED'
  }

  async #checkAccess(): Promise<void> {
    const { cdcRawDirectory } = this.#parts.node
    try {
      await access(cdcRawDirectory, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (cause) {
      const message = `expected to read and delete in ${cdcRawDirectory}: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.RAW_UNREADABLE, message, { cause })
    }
  }

  #startPosition() {
    const stored = this.#stored
    if (stored !== undefined) {
      return { segmentId: BigInt(stored.segmentId), position: stored.position }
    }
    return this.#parts.from === 'earliest' ? { segmentId: 0n, position: 0 } : undefined
  }

  /** Of a node that was not read before. */
  #firstMs(): number {
    return this.#parts.from === 'earliest' ? 0 : Date.now()
  }

  /** Segments that held changes, or may have, went away before the thread looked. */
  async #findGap(): Promise<void> {
    const stored = this.#stored
    if (stored === undefined) return
    const { blocksWrites, limitBytes } = this.#parts.node
    const entries = await this.#folder.list()
    const isRoomy = this.#disk.usage.bytes < fullBytes(limitBytes)
    const range = missingAtStart({ stored, entries, blocksWrites, isRoomy })
    if (range === undefined) return
    const reason = 'segments vanished while nobody read them'
    const gap = { from: range.from.toString(), to: range.to.toString(), reason }
    this.#warnOf(gap)
    // Once: whoever starts the agent tries again.
    await this.#parts.ledger.reportGap(gap)
  }

  async #reportGap(gap: LedgerGap): Promise<void> {
    this.#warnOf(gap)
    await this.#untilDone(() => this.#parts.ledger.reportGap(gap))
  }

  #warnOf({ from, to, reason }: LedgerGap): void {
    this.#logger.warn(
      `segments ${from} to ${to} of the node were not read: ${reason}; see \`advrep gap list\``,
      { code: CDC_ERRORS.GAP.code },
    )
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'batch':
        this.#last = this.#last.then(() => this.#queue(message)).catch(error => this.#fail(error))
        break
      case 'schemaWanted':
        void this.#answerSchema()
        break
      case 'problem':
        void this.#reportProblem(message)
        break
      case 'finished':
        this.#last = this.#last
          .then(() => this.#finish(message.segmentIds))
          .catch(error => this.#fail(error))
        break
      case 'vanished': {
        const [from, to] = [message.from.toString(), message.to.toString()]
        const reason = 'segments were deleted before they were read'
        const told = this.#reportGap({ from, to, reason }).catch(error => {
          this.#isUntold = true
          this.#fail(error)
        })
        // At once, also while batches wait; nothing behind it is settled before it is told.
        this.#last = this.#last.then(() => told)
        break
      }
      case 'caughtUp':
        // Behind the batches that were sent before it.
        this.#last = this.#last.then(() => {
          if (this.#state === 'RUNNING') this.#caughtUpMs = message.atMs
        })
        break
      case 'applied':
        this.#applied.shift()?.()
        break
      case 'stopped':
      case 'ready':
    }
  }

  async #queue(batch: Extract<FromWorker, { kind: 'batch' }>): Promise<void> {
    const { node, metrics } = this.#parts
    const bytes = Buffer.from(batch.frames)
    let start = 0
    const frames = batch.ends.map(end => {
      const frame = new Frame(bytes.subarray(start, end))
      start = end
      return frame
    })
    await this.#settle({ ...batch, frames, position: this.#toStored(batch.position) })
    const { records, updates, bytes: read, corrupt, undecodable } = batch.counts
    const count = (descriptor: (typeof CDC_METRICS)['records'], amount: number) => {
      if (amount > 0) metrics.series(descriptor, node.hostId).add(amount)
    }
    count(CDC_METRICS.records, records - this.#counts.records)
    count(CDC_METRICS.updates, updates - this.#counts.updates)
    count(CDC_METRICS.bytes, read - this.#counts.bytes)
    count(CDC_METRICS.corrupt, corrupt - this.#counts.corrupt)
    count(CDC_METRICS.undecodable, undecodable - this.#counts.undecodable)
    this.#counts = batch.counts
    this.#position = batch.position
    this.#send({ kind: 'ack', position: batch.position })
  }

  async #settle(batch: LedgerBatch): Promise<void> {
    const { ledger, node, metrics } = this.#parts
    // A position alone is worth no write of its own more than once a second.
    const isQuiet = batch.frames.length === 0 && performance.now() - this.#saved < WATCH_MS
    if (isQuiet) return
    const copies = await this.#untilDone(async () => {
      if (this.#disk.isQueueDiskFull) throw this.#disk.full()
      return await ledger.settle(batch)
    })
    if (copies > 0) metrics.series(CDC_METRICS.copies, node.hostId).add(copies)
    this.#saved = performance.now()
  }

  /** Tries again what may pass: the thread reads no further meanwhile. */
  async #untilDone<T>(work: () => Promise<T>): Promise<T> {
    const backoff = new Backoff({ baseMs: 100, maxMs: 5000 })
    for (;;) {
      try {
        const result = await work()
        if (this.#state === 'BLOCKED') this.#state = 'RUNNING'
        this.#error = undefined
        return result
      } catch (error) {
        const mayPass =
          isScamanderError(error, 'retriable') || isScamanderError(error, 'disconnected')
        if (!mayPass || this.#stop.signal.aborted) throw error
        if (this.#state === 'RUNNING') this.#state = 'BLOCKED'
        this.#error = error.message
        this.#logger.warnLimited('queue', `${error.message}; ${error.advice}`, { code: error.code })
        await systemClock.sleep(backoff.next(), this.#stop.signal)
      }
    }
  }

  /** Behind a gap that nobody was told of nothing is stored: the next start finds it. */
  #toStored(at: WorkerPosition): NodePosition {
    if (this.#isUntold) throw new ScamanderError(CDC_ERRORS.GAP, 'a gap was not told')
    const { segmentId, position, hadIndex } = at
    const caughtUpMs = this.#caughtUpMs ?? this.#stored?.caughtUpMs
    return {
      ...{ segmentId: segmentId.toString(), position, hadIndex, done: [...this.#done] },
      ...(caughtUpMs === undefined ? {} : { caughtUpMs }),
      sinceMs: this.#sinceMs,
    }
  }

  async #savePosition(): Promise<void> {
    if (this.#position === undefined) return
    await this.#parts.ledger.savePosition(this.#toStored(this.#position))
  }

  /** Written down first, then deleted: a segment that comes back is known. */
  async #finish(segmentIds: readonly bigint[]): Promise<void> {
    for (const id of segmentIds) this.#done.add(id.toString())
    while (this.#done.size > DONE_MAX) this.#done.delete([...this.#done][0]!)
    await this.#untilDone(() => this.#savePosition())
    this.#send({ kind: 'delete', segmentIds })
  }

  async #answerSchema(): Promise<void> {
    try {
      await this.refreshSchema()
    } catch (error) {
      this.#logger.warnLimited('schema', `the schema was not read again: ${messageOf(error)}`)
      this.#send({ kind: 'schema', rows: undefined })
    }
  }

  async #reportProblem(problem: Extract<FromWorker, { kind: 'problem' }>): Promise<void> {
    const { message, record, isUndecodable } = problem
    const { code } = isUndecodable ? CDC_ERRORS.UNDECODABLE : CDC_ERRORS.SEGMENT_CORRUPT
    if (!isUndecodable) this.#logger.warn(`part of the commit log is lost: ${message}`, { code })
    else this.#logger.warnLimited('undecodable', `a record was left out: ${message}`, { code })
    const count = this.#counts.undecodable
    if (record === undefined || count > UNDECODABLE_FILES_MAX) return
    const folder = join(this.#parts.dataDirectory, 'undecodable')
    await mkdir(folder, { recursive: true })
    const name = `${this.#parts.node.hostId}-${Date.now()}-${count}.bin`
    await writeFile(join(folder, name), record).catch(() => undefined)
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await this.#disk.look(this.#error)
        await this.#mover?.move(this.#disk.usage.bytes, signal)
      } catch (error) {
        this.#logger.warnLimited('watch', `cdc_raw cannot be watched: ${messageOf(error)}`)
      }
      await systemClock.sleep(WATCH_MS, signal)
    }
  }

  #fail(error: unknown): void {
    if (this.#stop.signal.aborted) return
    const hadStarted = this.#state !== 'STARTING'
    this.#state = 'FAILED'
    this.#error = messageOf(error)
    this.#logger.error('capture from the node ended', error)
    this.#stop.abort()
    void this.#worker?.terminate()
    // A segment that is being moved is moved by one agent.
    void Promise.resolve(this.#watching).then(() => {
      this.#lock.release()
      if (hadStarted) this.#parts.onFailed?.()
    })
  }

  #send(message: ToWorker): void {
    this.#worker?.postMessage(message)
  }
}
