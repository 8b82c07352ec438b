/**
 * Runs that leave the history, kept in files: one line of JSON per run with its log and rejected rows, one
 * file per month. Written by the history keeper before it removes them.
 * Invariants: a run is on disk before it leaves the database; one that could not be written stays; after a
 * crash between the two it may stand in a file twice. Whoever reads the files sees what the log of a run
 * shows, so only the user of the server may.
 * Spec: backlog-replication 2.13.
 */
import { access, constants, mkdir, open } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { RunInfo } from '../api-v1.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { Store } from './store.ts'
import { fieldError } from './task-target.ts'

const LOG_LINES_MAX = 20_000
const REJECTED_MAX = 1_000

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
  const texts = new Map<string, string>()
  for (const id of ids) {
    const run = store.run<RunInfo>(id)
    if (run === undefined) continue
    const name = `runs-${run.startedAt.slice(0, 7)}.jsonl`
    texts.set(name, `${texts.get(name) ?? ''}${lineOf(store, run)}\n`)
  }
  if (texts.size === 0) return
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const [name, text] of texts) {
    const file = await open(join(folder, name), 'a', 0o600)
    try {
      await file.appendFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
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
