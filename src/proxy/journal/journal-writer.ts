/**
 * Appends missed writes to journal files, one set of files per thread of the proxy.
 * Called by completion; `flush` runs before answers leave for clients, so what a client was told is
 * on its way to the disk when the proxy is killed.
 * Invariants: files only grow, are private, and are closed at FILE_BYTES_MAX; a write error is said
 * and counted, it never stops the proxy.
 * Spec: live-migration 2.10.
 */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import { type Cluster, clusterName } from '../cluster.ts'
import { PROXY_ERRORS } from '../errors.ts'
import type { DualRequest } from '../request/dual-request.ts'
import { type JournalStatement, toLine } from './journal-entry.ts'

const FILE_BYTES_MAX = 64 * 1024 * 1024
const PENDING_MAX = 256 * 1024

export interface MissedWrite {
  readonly request: DualRequest
  readonly cluster: Cluster
  readonly cause: string
  readonly keyspace: string | undefined
}

export class JournalWriter {
  /** Entries since the start. */
  entries = 0
  readonly #dir: string
  readonly #prefix: string
  readonly #logger: Logger
  #number = 0
  #file = -1
  #path = ''
  #bytes = 0
  #pending: string[] = []
  #pendingBytes = 0

  /** Throws when the folder cannot be used. */
  constructor(dir: string, thread: number, logger: Logger) {
    this.#dir = dir
    this.#logger = logger
    this.#prefix = `writes-${new Date().toISOString().replace(/[-:.]/g, '')}-${process.pid}-${thread}`
    try {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      this.#open()
    } catch (cause) {
      const message = `--journal: expected a folder that can be written, found ${dir}`
      throw new ScamanderError(PROXY_ERRORS.JOURNAL, message, { cause })
    }
  }

  append({ request, cluster, cause, keyspace }: MissedWrite): void {
    const line = toLine({
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
    })
    this.entries += 1
    this.#pending.push(line)
    this.#pendingBytes += line.length
    if (this.#pendingBytes > PENDING_MAX) this.flush()
    else if (this.#pending.length === 1) queueMicrotask(() => this.flush())
  }

  /** Gives what is pending to the operating system. */
  flush(): void {
    if (this.#pending.length === 0) return
    const text = this.#pending.join('')
    this.#pending = []
    this.#pendingBytes = 0
    try {
      if (this.#bytes > FILE_BYTES_MAX) this.#rotate()
      this.#bytes += writeSync(this.#file, text)
    } catch (error) {
      this.#logger.error('the journal cannot be written: missed writes are lost; free space', error)
    }
  }

  close(): void {
    this.flush()
    if (this.#file < 0) return
    closeSync(this.#file)
    this.#file = -1
    if (this.#bytes === 0) rmSync(this.#path, { force: true })
  }

  #rotate(): void {
    closeSync(this.#file)
    this.#open()
  }

  #open(): void {
    this.#number += 1
    this.#path = join(this.#dir, `${this.#prefix}-${this.#number}.journal`)
    this.#file = openSync(this.#path, 'ax', 0o600)
    this.#bytes = 0
  }
}
