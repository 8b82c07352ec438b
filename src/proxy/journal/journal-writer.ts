/**
 * The journal of one thread: writes that a cluster missed, and with --write-ahead every write that
 * the client does not wait for, before its answer.
 * Called by completion and by the queue of writes that are not waited for; `flush` runs before answers
 * leave for clients, so what a client was told is with the operating system when the proxy is killed.
 * Invariants: a write that is kept ahead is marked done only when the target took it or it stands
 * among the missed ones; when the journal cannot take a line this is said and counted.
 * Spec: live-migration 2.10.
 */
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import { type Cluster, clusterName, TARGET } from '../cluster.ts'
import { PROXY_ERRORS } from '../errors.ts'
import type { DualRequest } from '../request/dual-request.ts'
import { JournalBudget } from './journal-budget.ts'
import { type JournalEntry, type JournalStatement, toDoneLine, toLine } from './journal-entry.ts'
import { JournalFilesOut, type OutFile } from './journal-files-out.ts'

const PENDING_MAX = 256 * 1024
/** How long the journal counts as full after the disk refused a line. */
const REFUSED_MS = 2_000
/** A loss is told at once, and again while it goes on. */
const TOLD_MS = 10_000

export interface MissedWrite {
  readonly request: DualRequest
  readonly cluster: Cluster
  readonly cause: string
  readonly keyspace: string | undefined
}

export interface JournalOptions {
  readonly dir: string
  readonly bytesMax: number
  readonly isWriteAhead: boolean
  /** Lines above the limit are lost rather than written. */
  readonly isLosing: boolean
  readonly thread: number
  readonly threads: number
}

interface KeptAhead {
  readonly sequence: number
  readonly file: OutFile
}

export class JournalWriter {
  /** Missed writes since the start. */
  entries = 0
  /** Lines that could not be kept. */
  lost = 0
  readonly #options: JournalOptions
  readonly #logger: Logger
  readonly #budget: JournalBudget
  readonly #missed: JournalFilesOut
  readonly #ahead: JournalFilesOut | undefined
  readonly #kept = new Map<DualRequest, KeptAhead>()
  #sequence = 0
  #done: number[] = []
  #isScheduled = false
  #refusedMs = Number.NEGATIVE_INFINITY
  #toldMs = Number.NEGATIVE_INFINITY

  /** Throws when the folder cannot be used. */
  constructor(options: JournalOptions, logger: Logger) {
    const { dir, thread, isWriteAhead } = options
    this.#options = options
    this.#logger = logger
    const name = `${new Date().toISOString().replace(/[-:.]/g, '')}-${process.pid}-${thread}`
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      leaveBehind(dir, thread, logger)
      this.#budget = new JournalBudget(options)
      this.#missed = new JournalFilesOut(dir, `writes-${name}`)
      this.#ahead = isWriteAhead ? new JournalFilesOut(dir, `ahead-${name}`) : undefined
    } catch (cause) {
      const message = `--journal: expected a folder that can be written, found ${dir}`
      throw new ScamanderError(PROXY_ERRORS.JOURNAL, message, { cause })
    }
  }

  /** Takes no more: the limit is reached or the disk refuses. */
  get isFull(): boolean {
    return this.#budget.isUsedUp || performance.now() - this.#refusedMs < REFUSED_MS
  }

  append(missed: MissedWrite): void {
    if (this.#options.isLosing && this.isFull) {
      this.#lose(1, 'it is full')
      return
    }
    const line = toLine(entryOf(missed))
    this.entries += 1
    this.#missed.current.open += 1
    this.#missed.add(line)
    this.#schedule(line.length)
  }

  /** The source took the write and the client is about to hear of it; the target is asked later. */
  keepAhead(request: DualRequest, keyspace: string | undefined): void {
    if (this.#ahead === undefined || this.#kept.has(request)) return
    this.#sequence += 1
    const entry = entryOf({ request, cluster: TARGET, cause: 'on its way', keyspace })
    const line = toLine({ ...entry, sequence: this.#sequence })
    const file = this.#ahead.current
    file.open += 1
    this.#kept.set(request, { sequence: this.#sequence, file })
    this.#ahead.add(line)
    this.#schedule(line.length)
  }

  /** The target took it, or it stands among the missed ones. */
  doneAhead(request: DualRequest): void {
    const kept = this.#kept.get(request)
    if (kept === undefined) return
    this.#kept.delete(request)
    kept.file.open -= 1
    this.#done.push(kept.sequence)
    this.#schedule(0)
  }

  /** Gives what is pending to the operating system. */
  flush(): void {
    if (this.#ahead !== undefined && this.#done.length > 0) {
      const line = toDoneLine(this.#done)
      this.#done = []
      this.#budget.take(line.length)
      this.#ahead.add(line)
    }
    this.#flushFiles(this.#missed)
    if (this.#ahead !== undefined) {
      this.#flushFiles(this.#ahead)
      this.#budget.take(-this.#ahead.dropFinished())
    }
  }

  close(): void {
    this.flush()
    this.#missed.close(file => file.bytes > 0)
    this.#ahead?.close(file => file.open > 0 || this.#ahead!.files.length > 1)
  }

  #schedule(bytes: number): void {
    this.#budget.take(bytes)
    const pending = this.#missed.pendingBytes + (this.#ahead?.pendingBytes ?? 0)
    if (pending > PENDING_MAX) this.flush()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      queueMicrotask(() => {
        this.#isScheduled = false
        this.flush()
      })
    }
  }

  #flushFiles(files: JournalFilesOut): void {
    const count = files.pendingCount
    try {
      files.flush()
    } catch (error) {
      this.#refusedMs = performance.now()
      this.#lose(count, messageOf(error))
    }
  }

  #lose(count: number, why: string): void {
    this.lost += count
    if (performance.now() - this.#toldMs < TOLD_MS) return
    this.#toldMs = performance.now()
    const consequence = this.#options.isLosing
      ? 'clients are served on'
      : 'connections whose answers wait for it are closed'
    this.#logger.error(
      `LOST: the journal cannot take writes: ${why}; ${consequence}; free space and validate the tables`,
      undefined,
      { lost: this.lost },
    )
  }
}

/**
 * Files ahead of an earlier process with the same number: it is gone, so they are left over. Their
 * name says so, and a replay takes them.
 */
function leaveBehind(dir: string, thread: number, logger: Logger): void {
  const own = new RegExp(`^ahead-\\d{8}T\\d+Z-${process.pid}-${thread}-\\d+\\.journal$`)
  let count = 0
  for (const name of readdirSync(dir)) {
    if (own.test(name)) renameSync(join(dir, name), join(dir, `${name}.left`))
    if (/^ahead-.*\.journal(\.left)?$/.test(name)) count += 1
  }
  if (count > 0 && thread === 0) {
    logger.warn(
      'the journal has writes that an earlier run did not finish; run proxy-replay for the target',
    )
  }
}

function entryOf({ request, cluster, cause, keyspace }: MissedWrite): JournalEntry {
  return {
    time: new Date().toISOString(),
    cluster: clusterName(cluster),
    cause,
    keyspace,
    version: request.version,
    opcode: request.opcode,
    flags: request.flags,
    obstacle: request.statement?.obstacle ?? request.info?.obstacle,
    statements: request.ids.map(
      ({ statement }): JournalStatement => ({
        id: statement.clientId.toString('hex'),
        query: statement.query,
        keyspace: statement.keyspace,
      }),
    ),
    body: request.journalBody().toString('base64'),
  }
}
