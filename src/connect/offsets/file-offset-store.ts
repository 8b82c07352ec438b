/**
 * The positions of a worker that runs alone, in the file `offset.storage.file.filename`.
 * A whole new file is written beside the old one, forced to disk and put in its place, so that a
 * crash leaves the old or the new one. Writes that wait are written together.
 * A file that Kafka Connect has written (a serialised Java map) is taken over at the first read.
 * A path that is no regular file (/dev/null) is written to as it is and never read.
 * Invariant: one worker per file; a file that cannot be read stops the start, since beginning
 * without positions would read everything again.
 * Spec: connect-rest 6.
 */
import { open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import type { SourceOffset, SourcePartition, SourcePosition } from '../../flow/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { isJavaStream, readJavaByteMap } from './java-byte-map.ts'
import type { OffsetEntry, OffsetStore } from './offset-store.ts'
import { OffsetTable } from './offset-table.ts'

const FORMAT = 'scamander-offsets-1'

interface FileContent {
  readonly format: string
  readonly offsets: readonly (readonly [string, SourcePartition, SourceOffset])[]
}

export class FileOffsetStore implements OffsetStore {
  readonly #path: string
  #table: Promise<OffsetTable> | undefined
  /** A write to the file that has not begun; all who come before it begins share it. */
  #waiting: Promise<void> | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  async readAll(connector: string): Promise<SourcePosition[]> {
    return (await this.#load()).readAll(connector)
  }

  async read(
    connector: string,
    partitions: readonly SourcePartition[],
  ): Promise<(SourceOffset | undefined)[]> {
    return (await this.#load()).read(connector, partitions)
  }

  async write(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    if (entries.length === 0) return
    const table = await this.#load()
    table.apply(connector, entries)
    this.#waiting ??= this.#save(table)
    await this.#waiting
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined)
  }

  /** Reads the file now; throws when it cannot be used. */
  async open(): Promise<void> {
    await this.#load()
  }

  #load(): Promise<OffsetTable> {
    this.#table ??= this.#read().catch(error => {
      this.#table = undefined
      throw error
    })
    return this.#table
  }

  async #read(): Promise<OffsetTable> {
    const table = new OffsetTable()
    let bytes: Buffer
    try {
      if (!(await isRegular(this.#path))) return table
      bytes = await readFile(this.#path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return table
      throw this.#unreadable(messageOf(error))
    }
    if (bytes.length === 0) return table
    if (isJavaStream(bytes)) this.#takeOver(bytes, table)
    else
      for (const [connector, partition, offset] of this.#parse(bytes).offsets)
        table.apply(connector, [{ partition, offset }])
    return table
  }

  #parse(bytes: Buffer): FileContent {
    try {
      const content = JSON.parse(bytes.toString()) as Partial<FileContent>
      if (content.format === FORMAT && Array.isArray(content.offsets)) return content as FileContent
    } catch (error) {
      throw this.#unreadable(messageOf(error))
    }
    throw this.#unreadable(`expected "format": "${FORMAT}"`)
  }

  #takeOver(bytes: Buffer, table: OffsetTable): void {
    try {
      for (const [key, value] of readJavaByteMap(bytes)) {
        if (key !== null) table.applyRecord(key.toString(), value?.toString() ?? null)
      }
    } catch (error) {
      throw this.#unreadable(messageOf(error))
    }
  }

  /** Begins after the write before it: it then takes everything that was applied by that time. */
  #save(table: OffsetTable): Promise<void> {
    const saved = this.#last
      .catch(() => undefined)
      .then(async () => {
        this.#waiting = undefined
        await this.#replace(toText(table))
      })
    this.#last = saved
    saved.catch(() => undefined)
    return saved
  }

  async #replace(text: string): Promise<void> {
    const temporary = `${this.#path}.new`
    try {
      // A device must not be replaced by a file.
      if (!(await isRegular(this.#path))) return await writeFile(this.#path, text)
      await writeDurably(temporary, text)
      await rename(temporary, this.#path)
      await syncFolder(dirname(this.#path))
    } catch (error) {
      const message = `positions were not written to ${this.#path}: ${messageOf(error)}`
      throw new ScamanderError(CONNECT_ERRORS.OFFSETS_NOT_WRITTEN, message, { cause: error })
    }
  }

  #unreadable(why: string): ScamanderError {
    const message = `offset.storage.file.filename: expected the positions of source connectors in ${this.#path}, but the file cannot be used: ${why}`
    return new ScamanderError(CONNECT_ERRORS.OFFSET_FILE, message)
  }
}

/** A path where nothing is yet counts as a regular file. */
async function isRegular(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
}

function toText(table: OffsetTable): string {
  const lines = [...table.entries()].map(entry => `    ${JSON.stringify(entry)}`)
  return `{\n  "format": "${FORMAT}",\n  "offsets": [\n${lines.join(',\n')}\n  ]\n}\n`
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Not every file system can; the rename itself has happened. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
  } finally {
    await folder.close()
  }
}
