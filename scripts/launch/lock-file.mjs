/**
 * A lock between processes of one machine: a file that holds the owner's process id.
 * Used so that two launchers never install into the same folder at once.
 * Invariant: a lock whose owner no longer runs is taken over; a living owner is waited for.
 * Plain JavaScript without dependencies: it runs on any Node >= 18 before anything is installed.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 200
const WAIT_MS_MAX = 15 * 60_000

/**
 * Takes the lock; resolves with the function that releases it.
 * @param {string} path
 * @param {(pid: number) => void} onWait called once, when another process holds the lock
 * @returns {Promise<() => void>}
 */
export async function takeLock(path, onWait) {
  mkdirSync(dirname(path), { recursive: true })
  const deadlineMs = performance.now() + WAIT_MS_MAX
  let told = false
  for (;;) {
    if (tryCreate(path)) return () => rmSync(path, { force: true })
    const owner = ownerOf(path)
    if (owner !== undefined && !isRunning(owner)) takeAway(path, owner)
    else {
      if (owner !== undefined && !told) onWait(owner)
      told ||= owner !== undefined
      if (performance.now() > deadlineMs) throw new Error(`lock not free after 15 min: ${path}`)
      await sleep(POLL_MS)
    }
  }
}

/** @param {string} path */
function tryCreate(path) {
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** @param {string} path */
function ownerOf(path) {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10)
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/**
 * Removes a dead owner's lock. Renames first: only one waiter wins, and a lock that a new owner
 * made in the meantime is put back.
 * @param {string} path @param {number} owner
 */
function takeAway(path, owner) {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
    if (ownerOf(aside) === owner) rmSync(aside, { force: true })
    else renameSync(aside, path)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}
