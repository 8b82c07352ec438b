/**
 * What lies in a node's `cdc_raw` folder now: segments by id, their index files, their finality.
 * Read again and again by the follower; any file may vanish between two calls.
 * Invariant: a segment is final only when Cassandra says so (COMPLETED), has let go of the file
 * (one link), or was started anew after it; what cannot be told is not final.
 * Spec: commit-log 2, 4.2.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
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
}

export interface FolderUsage {
  readonly bytes: number
  readonly files: number
}

export class CdcFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Oldest first. */
  async list(): Promise<SegmentEntry[]> {
    const names = await this.#names()
    const indexed = new Set<bigint>()
    for (const name of names) {
      const parts = parseCdcIndexName(name)
      if (parts !== undefined) indexed.add(parts.segmentId)
    }
    const out: SegmentEntry[] = []
    for (const name of names) {
      const parts = parseSegmentName(name)
      if (parts === undefined) continue
      const hasIndex = indexed.has(parts.segmentId)
      out.push({ ...parts, path: join(this.path, name), hasIndex })
    }
    return out.sort(compareSegments)
  }

  /** The content of its index file; undefined when there is none, or it is being rewritten. */
  async readIndex(entry: SegmentEntry): Promise<CdcIndex | undefined> {
    const path = join(this.path, cdcIndexNameOf(entry))
    const text = await orUndefined(readFile(path, 'utf8'))
    return text === undefined ? undefined : parseCdcIndex(text)
  }

  async isFinal(entry: SegmentEntry): Promise<boolean> {
    if ((await this.readIndex(entry))?.isCompleted === true) return true
    const found = await orUndefined(stat(entry.path))
    return found?.nlink === 1
  }

  /** Index first: a segment without one is never taken for unread. */
  async delete(entry: SegmentName): Promise<void> {
    const { version, segmentId } = entry
    try {
      await rm(join(this.path, cdcIndexNameOf(entry)), { force: true })
      await rm(join(this.path, `CommitLog-${version}-${segmentId}.log`), { force: true })
    } catch (cause) {
      const message = `expected the right to delete in ${this.path}: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.RAW_UNREADABLE, message, { cause })
    }
  }

  async usage(): Promise<FolderUsage> {
    let bytes = 0
    let files = 0
    for (const name of await this.#names()) {
      const found = await orUndefined(stat(join(this.path, name)))
      if (found === undefined) continue
      bytes += found.blocks * 512
      files++
    }
    return { bytes, files }
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

/** Undefined when the file is gone. */
async function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
