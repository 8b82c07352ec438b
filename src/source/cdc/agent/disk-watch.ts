/**
 * Watches the two disks that capture can fill: `cdc_raw` of the node against its limit, and the disk
 * of the queues. Warns at fill levels, with the cause and the time that is left.
 * Used by NodeAgent, about once a second.
 * Invariant: while the disk of the queues is low nothing is queued; the log waits in `cdc_raw`.
 * Spec: cdc-replication 6.2, 6.5.
 */
import { statfs } from 'node:fs/promises'
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { Logger } from '../../../telemetry/index.ts'
import type { DiskLimits } from '../capture-config.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { NodeRecord } from '../state/records.ts'
import type { CdcFolder, FolderUsage } from './cdc-folder.ts'

export interface DiskWatchParts {
  readonly folder: CdcFolder
  readonly node: NodeRecord
  readonly queueDirectory: string
  readonly limits: DiskLimits
  readonly alarmPercent: readonly number[]
  readonly logger: Logger
}

/** Growth is measured over this. */
const PACE_MS = 300_000
const MIB = 1024 * 1024

export class DiskWatch {
  usage: FolderUsage = { bytes: 0, files: 0 }
  isQueueDiskFull = false
  readonly #parts: DiskWatchParts
  readonly #history: { readonly atMs: number; readonly bytes: number }[] = []
  #freeBytes = 0
  #freePercent = 100
  #alarmed = 0

  constructor(parts: DiskWatchParts) {
    this.#parts = parts
  }

  /** At the pace of the last minutes; null: it does not grow, or has no limit. */
  get fullInSeconds(): number | null {
    const [first] = this.#history
    const last = this.#history.at(-1)
    const { limitBytes } = this.#parts.node
    if (first === undefined || last === undefined || limitBytes === 0) return null
    const pace = (last.bytes - first.bytes) / Math.max(1, last.atMs - first.atMs)
    if (pace <= 0) return null
    return Math.max(0, Math.round((limitBytes - last.bytes) / pace / 1000))
  }

  /** `cause`: why the agent does not move, if it does not. */
  async look(cause: string | undefined): Promise<void> {
    const { folder, queueDirectory, limits } = this.#parts
    const { bavail, blocks, bsize } = await statfs(queueDirectory)
    this.#freeBytes = bavail * bsize
    this.#freePercent = blocks === 0 ? 100 : (bavail / blocks) * 100
    this.isQueueDiskFull =
      this.#freeBytes < limits.freeBytes && this.#freePercent < limits.freePercent
    this.usage = await folder.usage()
    const nowMs = performance.now()
    this.#history.push({ atMs: nowMs, bytes: this.usage.bytes })
    while (nowMs - this.#history[0]!.atMs > PACE_MS) this.#history.shift()
    this.#alarm(cause)
  }

  full(): ScamanderError {
    const { queueDirectory, limits } = this.#parts
    const free = `${Math.floor(this.#freeBytes / MIB)} MiB (${this.#freePercent.toFixed(1)} %)`
    const least = `${Math.ceil(limits.freeBytes / MIB)} MiB or ${limits.freePercent} %`
    const message = `the disk of the queues (${queueDirectory}) has ${free} free, expected at least ${least}; changes wait in cdc_raw`
    return new ScamanderError(CDC_ERRORS.QUEUE_UNAVAILABLE, message)
  }

  #alarm(cause: string | undefined): void {
    const { node, alarmPercent, logger } = this.#parts
    const { limitBytes, blocksWrites } = node
    if (limitBytes === 0) return
    const percent = (this.usage.bytes / limitBytes) * 100
    const level = alarmPercent.filter(one => percent >= one).length
    if (level > this.#alarmed) {
      const why = cause ?? 'segments are not final yet, or nobody reads them'
      const left = this.fullInSeconds
      const when = left === null ? '' : `, full in about ${left} s`
      const then = blocksWrites ? 'refuses writes to captured tables' : 'deletes changes'
      logger.warn(
        `cdc_raw holds ${percent.toFixed(0)} % of its limit of ${limitBytes} bytes${when} (${why}); at 100 % the node ${then}`,
      )
    }
    this.#alarmed = level
  }
}
