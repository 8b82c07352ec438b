/**
 * Runs that leave the history, kept in files: one line of JSON per run with its log and rejected rows, one
 * file per month. Written by the history keeper before it removes them.
 * Invariants: a run is on disk before it leaves the database; one that could not be written stays; after a
 * crash between the two it may stand in a file twice, the first time cut off. Whoever reads the files sees
 * what the log of a run shows, so only the user of the server may.
 * Spec: backlog-replication 2.13.
 */
import { access, constants, type FileHandle, mkdir, open } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { RunInfo } from '../api-v1.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { Store } from './store.ts'
import { fieldError } from './task-target.ts'

const LOG_LINES_MAX = 20_000
const REJECTED_MAX = 1_000
const LINE_END = 10

/** Throws a field error for a folder that cannot be written. */
export async function checkArchive(folder: string): Promise<void> {
  if (folder === '') return
  if (!isAbsolute(folder))
    throw fieldError(
      'archive',
      `archive: expected a whole path such as /var/lib/scamander, found ${folder}`,
    )
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.W_OK)
  } catch (error) {
    throw fieldError(
      'archive',
      `archive: expected a folder that can be written: ${messageOf(error)}`,
    )
  }
}

export async function archiveRuns(
  store: Store,
  folder: string,
  ids: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const files = new Map<string, FileHandle>()
  try {
    for (const id of ids) {
      const run = store.run<RunInfo>(id)
      if (run === undefined) continue
      const name = `runs-${run.startedAt.slice(0, 7)}.jsonl`
      const file = files.get(name) ?? (await openAtLine(join(folder, name)))
      files.set(name, file)
      // One at a time: a run with the contents of its requests has megabytes.
      await file.appendFile(`${lineOf(store, run)}\n`)
    }
    for (const file of files.values()) await file.sync()
  } finally {
    for (const file of files.values()) await file.close()
  }
}

/** A line that was cut off, by a crash or a full disk, does not take the next one with it. */
async function openAtLine(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+', 0o600)
  try {
    const { size } = await file.stat()
    if (size === 0) return file
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    if (buffer[0] !== LINE_END) await file.appendFile('\n')
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

function lineOf(store: Store, run: RunInfo): string {
  const log = store.logOf(run.id, LOG_LINES_MAX).map(({ time_ms: timeMs, level, task, text }) => ({
    ...{ time: new Date(Number(timeMs)).toISOString(), level, task, text },
  }))
  const rejected = store
    .events('rejected', { run: run.id, limit: REJECTED_MAX })
    .map(one => JSON.parse(one.json) as unknown)
  return JSON.stringify({ ...run, log, rejected })
}
