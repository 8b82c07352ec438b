/**
 * A lock between processes: a file made with O_EXCL that holds the owner's pid.
 * Used by the jar cache, so that two first starts do not fetch twice.
 * Invariant: a lock whose owner no longer lives is removed by the next one who waits.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { systemClock } from '../base/clock.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { sandboxErrors } from './errors.ts'

const POLL_MS = 200

/** Runs `work` while holding the lock; `waiting` is called once when another process has it. */
export async function withLock<T>(
  path: string,
  options: { waiting?: () => void; signal?: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  let told = false
  while (!(await tryLock(path))) {
    if (options.signal?.aborted) throw new ScamanderError(sandboxErrors.CANCELLED, 'interrupted')
    if (await isStale(path)) {
      await rm(path, { force: true })
      continue
    }
    if (!told) options.waiting?.()
    told = true
    await systemClock.sleep(POLL_MS, options.signal)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

/** True when a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** An empty file is being written this moment; give its owner the next poll. */
async function isStale(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  return Number.isInteger(pid) && !isAlive(pid)
}
