/**
 * Moves segments that nobody reads for now out of `cdc_raw` before it is full, so that the node goes on
 * taking writes while queues are away. They are read from the overflow folder like the others.
 * Used by NodeAgent, about once a second.
 * Invariants: only segments that the node is done with; a segment is deleted in `cdc_raw` only when the
 * other folder has it whole and on disk, with its index; what fails leaves it where it was.
 * Spec: cdc-replication 6.3.
 */
import { constants, copyFile, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../../base/scamander-error.ts'
import { cdcIndexNameOf, parseSegmentName, type SegmentName } from '../../../commitlog/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import { type CdcFolder, type FolderUsage, type SegmentEntry, segmentNameOf } from './cdc-folder.ts'

export interface OverflowMoverParts {
  readonly folder: CdcFolder
  /** Of `cdc_raw`; 0: not known, and nothing is moved. */
  readonly rawLimitBytes: number
  /** Of the overflow folder. */
  readonly limitBytes: number
  readonly logger: Logger
}

/** Of the limit of `cdc_raw`: beyond it segments are moved. */
const MOVE_PERCENT = 70
const PAUSE_MS = 30_000
const PART = '.part'

export class OverflowMover {
  readonly #parts: OverflowMoverParts
  #usage: FolderUsage = { bytes: 0, files: 0 }
  #isReady = false
  /** After a failure, as of a full disk: a copy each second would be in the way of the node. */
  #pausedUntilMs = 0

  constructor(parts: OverflowMoverParts) {
    this.#parts = parts
  }

  get usage(): FolderUsage {
    return this.#usage
  }

  get limitBytes(): number {
    return this.#parts.limitBytes
  }

  /** `rawBytes`: what `cdc_raw` holds. Answers the number of segments that were moved. */
  async move(rawBytes: number, signal?: AbortSignal): Promise<number> {
    const { folder, rawLimitBytes, limitBytes, logger } = this.#parts
    await this.#prepare()
    this.#usage = await folder.overflowUsage()
    if (performance.now() < this.#pausedUntilMs) return 0
    let excess = rawBytes - (rawLimitBytes * MOVE_PERCENT) / 100
    if (rawLimitBytes === 0 || excess <= 0) return 0
    let moved = 0
    excess -= await this.#deleteReturned()
    for (const entry of await folder.list()) {
      if (excess <= 0 || signal?.aborted === true) break
      if (entry.isMoved || !(await folder.isFinal(entry))) continue
      const bytes = await bytesOf(entry.path)
      if (this.#usage.bytes + bytes > limitBytes) {
        logger.warnLimited(
          'overflow',
          `the overflow folder ${folder.overflow} holds ${this.#usage.bytes} of ${limitBytes} bytes: segments stay in cdc_raw; let the queues be written, or raise cdc.overflow.limit.bytes`,
        )
        break
      }
      if (!(await this.#moveOne(entry))) {
        if (this.#pausedUntilMs > 0) break
        continue
      }
      this.#pausedUntilMs = 0
      const { bytes: before, files } = this.#usage
      this.#usage = { bytes: before + bytes, files: files + 1 }
      excess -= bytes
      moved++
    }
    return moved
  }

  async #prepare(): Promise<void> {
    if (this.#isReady) return
    const { path, overflow } = this.#parts.folder
    const folder = overflow!
    // Changes of tables are in it.
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const names = await readdir(folder)
    // What is deleted beside it must be on disk here.
    await syncFolder(folder)
    for (const name of names) {
      if (name.endsWith(PART)) await rm(join(folder, name), { force: true })
      const entry = parseSegmentName(name)
      // It was moved, and the end came before it was deleted.
      if (entry !== undefined) await deleteIn(path, entry)
    }
    this.#isReady = true
  }

  /** A node that crashed brings segments back that it replays. Answers their bytes. */
  async #deleteReturned(): Promise<number> {
    const { folder } = this.#parts
    const names = new Set(await readdir(folder.path))
    let bytes = 0
    for (const entry of await folder.list()) {
      const name = segmentNameOf(entry)
      if (!entry.isMoved || !names.has(name)) continue
      bytes += await bytesOf(join(folder.path, name))
      await deleteIn(folder.path, entry)
    }
    return bytes
  }

  /** False: it has gone meanwhile, or cannot be moved now. */
  async #moveOne(entry: SegmentEntry): Promise<boolean> {
    const { folder, logger } = this.#parts
    const target = folder.overflow!
    const index = cdcIndexNameOf(entry)
    const name = segmentNameOf(entry)
    try {
      if (entry.hasIndex) await place(join(folder.path, index), join(target, index))
      await place(join(folder.path, name), join(target, name))
      await syncFolder(target)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        const reason = messageOf(error)
        logger.warnLimited('overflow', `a segment was not moved to ${target}: ${reason}`)
        this.#pausedUntilMs = performance.now() + PAUSE_MS
      }
      // `cdc_raw` has both still: what is here in part begins anew.
      await deleteIn(target, entry).catch(() => undefined)
      return false
    }
    await deleteIn(folder.path, entry)
    return true
  }
}

async function deleteIn(folder: string, entry: SegmentName): Promise<void> {
  await rm(join(folder, cdcIndexNameOf(entry)), { force: true })
  await rm(join(folder, segmentNameOf(entry)), { force: true })
}

/** On the same disk no byte is copied. The name is there only when the whole file is, on disk. */
async function place(from: string, to: string): Promise<void> {
  const part = to + PART
  await rm(part, { force: true })
  try {
    await linkOrCopy(from, part)
    const file = await open(part, 'r')
    await file.sync().finally(() => file.close())
    await rename(part, to)
  } finally {
    await rm(part, { force: true })
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw error
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}

async function bytesOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  return (found?.blocks ?? 0) * 512
}
