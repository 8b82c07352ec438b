/**
 * The files of a journal folder, oldest first, and the entries in them: missed writes, and writes that
 * were kept ahead by a proxy that was killed.
 * Called by the replay.
 * Invariants: lines that are not whole are counted, never guessed; the last file of a writer that still
 * runs is read but not closed; what such a writer keeps ahead is its own affair.
 * Spec: live-migration 2.10.
 */
import { createReadStream } from 'node:fs'
import { link, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ScamanderError } from '../../base/scamander-error.ts'
import { PROXY_ERRORS } from '../errors.ts'
import { fromLine, type JournalEntry, toLine } from './journal-entry.ts'

const NAME = /^(writes|ahead)-(\d{8}T\d+Z-(\d+)-\d+)-(\d+)\.journal(\.left)?$/

/** What one writer left, or still writes. */
export interface JournalGroup {
  readonly kind: 'writes' | 'ahead'
  /** Oldest first. */
  readonly paths: readonly string[]
  /** The proxy that writes the last of them runs. */
  readonly isOpen: boolean
}

interface NamedFile {
  readonly name: string
  readonly group: string
  readonly number: number
}

/** By writer; those that only live proxies need are left out. */
export async function listJournal(dir: string): Promise<JournalGroup[]> {
  let names: string[]
  try {
    names = await readdir(dir)
  } catch (cause) {
    const message = `expected a journal folder, found none at ${dir}`
    throw new ScamanderError(PROXY_ERRORS.JOURNAL, message, { cause })
  }
  const files = names.flatMap((name): NamedFile[] => {
    const [, kind, writer, , number, left = ''] = NAME.exec(name) ?? []
    if (kind === undefined) return []
    return [{ name, group: `${kind}-${writer}${left}`, number: Number(number) }]
  })
  const groups = Map.groupBy(files, file => file.group)
  return [...groups.keys()]
    .sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
    .map(group => toGroup(dir, groups.get(group)!))
    .filter(group => group.kind === 'writes' || !group.isOpen)
}

function toGroup(dir: string, files: readonly NamedFile[]): JournalGroup {
  const sorted = [...files].sort((a, b) => a.number - b.number)
  const [, kind, , pid, , left] = NAME.exec(sorted[0]!.name)!
  return {
    kind: kind === 'ahead' ? 'ahead' : 'writes',
    paths: sorted.map(file => join(dir, file.name)),
    isOpen: left === undefined && isAlive(Number(pid)),
  }
}

function timeOf(group: string): string {
  return group.slice(group.indexOf('-') + 1)
}

/** Every entry that is not marked as done; undefined stands for a line that is not whole. */
export async function* readJournal(
  path: string,
  done: ReadonlySet<number> = NONE,
): AsyncGenerator<JournalEntry | undefined> {
  for await (const line of linesOf(path)) {
    const entry = fromLine(line)
    if (entry === undefined) yield undefined
    else if (!('done' in entry) && !done.has(entry.sequence ?? -1)) yield entry
  }
}

/** Numbers of writes that need no replay. */
export async function readDone(paths: readonly string[]): Promise<ReadonlySet<number>> {
  const done = new Set<number>()
  for (const path of paths) {
    for await (const line of linesOf(path)) {
      const entry = fromLine(line)
      if (entry !== undefined && 'done' in entry) for (const one of entry.done) done.add(one)
    }
  }
  return done
}

const NONE: ReadonlySet<number> = new Set()

async function* linesOf(path: string): AsyncGenerator<string> {
  const lines = createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  for await (const line of lines) if (line !== '') yield line
}

/**
 * The file is done with, but for what is `left`: its content stays under another name, and the rest,
 * when there is one, takes its place at once.
 */
export async function keepRest(path: string, left: readonly JournalEntry[]): Promise<void> {
  const kept = `${path}.replayed`
  if (left.length === 0) {
    await rename(path, kept)
    return
  }
  const rest = `${path}.rest`
  await writeFile(rest, left.map(toLine).join(''), { mode: 0o600 })
  await link(path, kept).catch(error => {
    // An earlier run kept the whole file already.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
  await rename(rest, path)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
