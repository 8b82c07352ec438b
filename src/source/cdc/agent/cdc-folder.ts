/**
 * What lies in a node's `cdc_raw` folder now, and in the folder that full ones are moved to: segments by
 * id, their index files, their finality.
 * Read again and again by the follower; any file may vanish between two calls.
 * Invariants: a segment that is being moved is always seen; a segment is final only when Cassandra says so (COMPLETED), has let go of the file
 * (one link), or was started anew after it; what cannot be told is not final.
 * Spec: commit-log 2, 4.2; cdc-replication 6.3.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import {
  type CdcIndex,
  cdcIndexNameOf,
  compareSegments,
  parseCdcIndex,
  parseCdcIndexName,
  parseSegmentName,
  type SegmentName,
} from '../../../commitlog/index.ts'
import { CDC_ERRORS } from '../errors.ts'

export interface SegmentEntry extends SegmentName {
  readonly path: string
  /** There is an index file: the segment has changes of tables with cdc = true. */
  readonly hasIndex: boolean
  /** It lies in the overflow folder: the node knows nothing of it any more. */
  readonly isMoved: boolean
}

export interface FolderUsage {
  readonly bytes: number
  readonly files: number
}

export class CdcFolder {
  readonly path: string
  /** Undefined: nothing is moved. */
  readonly overflow: string | undefined

  constructor(path: string, overflow?: string) {
    this.path = path
    this.overflow = overflow
    if (overflow === undefined || relative(path, overflow).startsWith('..')) return
    // The node counts whatever lies below its folder.
    const message = `cdc.overflow.directory: expected a folder that is not in ${path}, found ${overflow}`
    throw new ScamanderError(CDC_ERRORS.SETTING, message)
  }

  /** Oldest first. */
  async list(): Promise<SegmentEntry[]> {
    // In this order: what is moved meanwhile is seen in one of them.
    const found = new Map<bigint, SegmentEntry>()
    for (const one of entriesOf(this.path, await this.#names(), false))
      found.set(one.segmentId, one)
    for (const one of await this.#moved()) found.set(one.segmentId, one)
    return [...found.values()].sort(compareSegments)
  }

  /** The content of its index file; undefined when there is none, or it is being rewritten. */
  async readIndex(entry: SegmentEntry): Promise<CdcIndex | undefined> {
    const name = cdcIndexNameOf(entry)
    // It may have been moved since it was listed.
    for (const folder of [this.path, this.overflow]) {
      if (folder === undefined) continue
      const text = await orUndefined(readFile(join(folder, name), 'utf8'))
      if (text !== undefined) return parseCdcIndex(text)
    }
    return undefined
  }

  async isFinal(entry: SegmentEntry): Promise<boolean> {
    if (entry.isMoved || (await this.readIndex(entry))?.isCompleted === true) return true
    const found = await orUndefined(stat(entry.path))
    return found?.nlink === 1
  }

  /** Index first: a segment without one is never taken for unread. */
  async delete(entry: SegmentName): Promise<void> {
    for (const folder of [this.path, this.overflow]) {
      if (folder === undefined) continue
      try {
        await rm(join(folder, cdcIndexNameOf(entry)), { force: true })
        await rm(join(folder, segmentNameOf(entry)), { force: true })
      } catch (cause) {
        const message = `expected the right to delete in ${folder}: ${messageOf(cause)}`
        throw new ScamanderError(CDC_ERRORS.RAW_UNREADABLE, message, { cause })
      }
    }
  }

  /** Index files of older segments that are gone. */
  async deleteOrphans(before: bigint): Promise<void> {
    const names = await this.#names()
    const segments = new Set(names.flatMap(name => parseSegmentName(name)?.segmentId ?? []))
    for (const name of names) {
      const id = parseCdcIndexName(name)?.segmentId
      if (id === undefined || id >= before || segments.has(id)) continue
      await rm(join(this.path, name), { force: true })
    }
  }

  /** Of `cdc_raw` alone, which the node counts. */
  async usage(): Promise<FolderUsage> {
    return await usageOf(this.path, await this.#names())
  }

  async overflowUsage(): Promise<FolderUsage> {
    if (this.overflow === undefined) return { bytes: 0, files: 0 }
    const names = (await orUndefined(readdir(this.overflow))) ?? []
    return await usageOf(this.overflow, names)
  }

  async #moved(): Promise<SegmentEntry[]> {
    if (this.overflow === undefined) return []
    try {
      return entriesOf(this.overflow, await readdir(this.overflow), true)
    } catch (cause) {
      // Nothing was moved yet. Anything else hides segments that are to be read.
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
      const message = `expected a readable folder of moved segments at ${this.overflow}: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.RAW_UNREADABLE, message, { cause })
    }
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.path)
    } catch (cause) {
      const message = `expected a readable folder of segments at ${this.path}: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.RAW_UNREADABLE, message, { cause })
    }
  }
}

export function segmentNameOf({ version, segmentId }: SegmentName): string {
  return `CommitLog-${version}-${segmentId}.log`
}

function entriesOf(folder: string, names: readonly string[], isMoved: boolean): SegmentEntry[] {
  const indexed = new Set(names.flatMap(name => parseCdcIndexName(name)?.segmentId ?? []))
  return names.flatMap(name => {
    const parts = parseSegmentName(name)
    if (parts === undefined) return []
    const hasIndex = indexed.has(parts.segmentId)
    return [{ ...parts, path: join(folder, name), hasIndex, isMoved }]
  })
}

async function usageOf(folder: string, names: readonly string[]): Promise<FolderUsage> {
  let bytes = 0
  let files = 0
  for (const name of names) {
    const found = await orUndefined(stat(join(folder, name)))
    if (found === undefined) continue
    bytes += found.blocks * 512
    files++
  }
  return { bytes, files }
}

/** Undefined when the file is gone. */
async function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
