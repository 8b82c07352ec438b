/**
 * The files of a journal folder, oldest first, and the entries in them.
 * Called by the replay.
 * Invariants: lines that are not whole are counted, never guessed; a file whose writer still runs is
 * read but not closed.
 * Spec: live-migration 2.10.
 */
import { createReadStream } from 'node:fs'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ScamanderError } from '../../base/scamander-error.ts'
import { PROXY_ERRORS } from '../errors.ts'
import { fromLine, type JournalEntry } from './journal-entry.ts'

const NAME = /^writes-\d{8}T\d+Z-(\d+)-\d+-\d+\.journal$/

export interface JournalFile {
  readonly path: string
  /** The proxy that writes it runs. */
  readonly isOpen: boolean
}

export async function listJournal(dir: string): Promise<JournalFile[]> {
  let names: string[]
  try {
    names = await readdir(dir)
  } catch (cause) {
    const message = `expected a journal folder, found none at ${dir}`
    throw new ScamanderError(PROXY_ERRORS.JOURNAL, message, { cause })
  }
  return names
    .filter(name => NAME.test(name))
    .sort()
    .map(name => ({ path: join(dir, name), isOpen: isAlive(Number(NAME.exec(name)?.[1])) }))
}

/** Every entry; undefined stands for a line that is not whole. */
export async function* readJournal(path: string): AsyncGenerator<JournalEntry | undefined> {
  const lines = createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  for await (const line of lines) if (line !== '') yield fromLine(line)
}

/** The file is done with: it keeps its content under another name. */
export async function closeJournal(path: string): Promise<void> {
  await rename(path, `${path}.replayed`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
