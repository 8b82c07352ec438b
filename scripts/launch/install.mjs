/**
 * Installs the packages of a clone when they are missing or package-lock.json has changed.
 * Called by the launcher (prepare.mjs) and the test runner (run-tests.mjs). Silent when nothing is
 * to do. An installation made by hand that agrees with the lock is accepted as it is.
 * Invariant: the stamp is newer than package-lock.json only after a complete installation.
 * Plain JavaScript without dependencies: it runs on any Node >= 18 before anything is installed.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { takeLock } from './lock-file.mjs'
import { runNpm } from './npm.mjs'
import { LaunchError } from './progress.mjs'

const NETWORK = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|E5\d\d)\b/
const SPACE_OR_RIGHTS = /\b(ENOSPC|EROFS|EACCES|EPERM)\b/

/**
 * Makes sure that node_modules agrees with package-lock.json.
 * @param {string} root
 * @param {import('./progress.mjs').Progress} progress
 * @param {AbortSignal} signal
 */
export async function ensureInstalled(root, progress, signal) {
  if (isInstalled(root)) return
  const release = await takeLock(join(root, '.scamander', 'install.lock'), pid =>
    progress.step(`waiting for process ${pid}, which is installing packages`),
  )
  try {
    if (isInstalled(root)) return
    rmSync(stampOf(root), { force: true })
    await install(root, progress, signal)
    writeStamp(root)
  } finally {
    release()
  }
}

/** @param {string} root @returns {boolean} */
export function isInstalled(root) {
  const hash = lockHash(root)
  if (existsSync(stampOf(root)) && readFileSync(stampOf(root), 'utf8').trim() === hash) {
    writeStamp(root)
    return true
  }
  if (!agreesWithLock(root)) return false
  writeStamp(root)
  return true
}

async function install(root, progress, signal) {
  progress.step('installing packages: npm ci')
  const exact = await runNpm(root, ['ci'], progress, signal)
  if (exact.code === 0) return progress.step('packages are installed')
  refuseHopeless(exact.output, 'npm ci')
  progress.step('npm ci failed; trying: npm install')
  const loose = await runNpm(root, ['install', '--no-save'], progress, signal)
  if (loose.code === 0) return progress.step('packages are installed')
  refuseHopeless(loose.output, 'npm ci and npm install')
  throw new LaunchError(
    `npm ci and npm install both failed:\n${tail(loose.output)}\nRun "npm ci" in ${root} and look at its output.`,
  )
}

/** Throws where a second attempt cannot help. */
function refuseHopeless(output, tried) {
  if (NETWORK.test(output)) {
    throw new LaunchError(
      `${tried} could not reach the package registry:\n${tail(output)}\n` +
        'Check the network, the proxy and "npm config get registry", then start again.',
    )
  }
  if (SPACE_OR_RIGHTS.test(output)) {
    throw new LaunchError(
      `${tried} could not write its files:\n${tail(output)}\n` +
        'Check the free space and the owner of the folder and of the npm cache, then start again.',
    )
  }
}

/** The lines of npm that say what went wrong, at most twelve. */
function tail(output) {
  const lines = output.split('\n').filter(line => line.trim() !== '')
  const errors = lines.filter(line => /^npm (error|ERR!)/.test(line))
  return (errors.length > 0 ? errors : lines)
    .slice(0, 12)
    .map(line => `  ${line}`)
    .join('\n')
}

/** True when what npm recorded as installed is what the lock asks for on this platform. */
function agreesWithLock(root) {
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'))
  const wanted = packagesOf(join(root, 'package-lock.json'))
  if (installed === undefined || wanted === undefined) return false
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const found = installed[path]
    if (found === undefined && fitsPlatform(entry)) return false
    if (found !== undefined && found.version !== entry.version) return false
    if (found !== undefined && !existsSync(join(root, path, 'package.json'))) return false
  }
  return Object.keys(installed).every(path => path in wanted)
}

/** Optional packages of other platforms are left out by npm; everything else must be there. */
function fitsPlatform(entry) {
  if (entry.optional !== true && entry.devOptional !== true) return entry.peer !== true
  const isOwn = (list, own) => list === undefined || list.includes(own)
  if (entry.libc !== undefined && entry.libc[0] !== 'glibc') return false
  if (entry.os === undefined && entry.cpu === undefined) return false
  return isOwn(entry.os, process.platform) && isOwn(entry.cpu, process.arch)
}

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}

function stampOf(root) {
  return join(root, 'node_modules', '.scamander-install')
}

function writeStamp(root) {
  writeFileSync(stampOf(root), `${lockHash(root)}\n`)
}

function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}
