/**
 * Builds what is run from a clone (dist/app) when a source is newer than it. Called by the launcher
 * (prepare.mjs) and the test runner (run-tests.mjs), after the packages are installed. Silent when
 * nothing is to do. Without the build the launcher runs the sources, which needs more memory.
 * Plain JavaScript without dependencies: it runs on any Node >= 18.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { takeLock } from './lock-file.mjs'
import { pickNode } from './runtime.mjs'

const SCRIPT = 'scripts/build/app.ts'

/**
 * @param {string} root
 * @param {import('./progress.mjs').Progress} progress
 * @param {AbortSignal} signal
 */
export async function ensureBuilt(root, progress, signal) {
  if (!existsSync(join(root, SCRIPT)) || isBuilt(root)) return
  const release = await takeLock(join(root, '.scamander', 'build.lock'), pid =>
    progress.step(`waiting for process ${pid}, which is building`),
  )
  try {
    if (isBuilt(root)) return
    progress.step('building')
    const error = await run(root, signal)
    if (error !== undefined) progress.step(`the build failed, the sources are run: ${error}`)
  } finally {
    release()
  }
}

/** @param {string} root @returns {boolean} */
function isBuilt(root) {
  const main = join(root, 'dist/app/main.js')
  if (!existsSync(main)) return false
  const builtMs = statSync(main).mtimeMs
  const sources = join(root, 'src')
  const paths = readdirSync(sources, { recursive: true }).map(name => join(sources, String(name)))
  return [sources, ...paths].every(path => statSync(path).mtimeMs <= builtMs)
}

/** The first line of what went wrong, or undefined. */
function run(root, signal) {
  return new Promise(resolve => {
    const child = spawn(pickNode(root), [join(root, SCRIPT)], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
    })
    let errors = ''
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.once('error', error => resolve(error.message))
    child.once('close', code => {
      const lines = errors.split('\n').filter(line => line.trim() !== '')
      resolve(code === 0 ? undefined : (lines.find(line => /error/i.test(line)) ?? `code ${code}`))
    })
  })
}
