/**
 * Builds what is run from a clone (dist/app) and the web page (dist/ui), each when a source is newer
 * than it. Called by the launcher (prepare.mjs) and the test runner (run-tests.mjs), after the
 * packages are installed. Silent when nothing is to do. Without the build the launcher runs the
 * sources, which needs more memory, and the server has no page; neither stops the program.
 * Plain JavaScript without dependencies: it runs on any Node >= 18.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { takeLock } from './lock-file.mjs'
import { pickNode } from './runtime.mjs'

const TARGETS = [
  {
    script: 'scripts/build/app.ts',
    made: 'dist/app/main.js',
    isSource: name => !isPage(name),
    step: 'building',
    failed: 'the build failed, the sources are run',
  },
  {
    script: 'scripts/build/ui.ts',
    made: 'dist/ui/index.html',
    isSource: name => isPage(name) || /^api(-v1)?\.ts$/.test(name),
    step: 'building the web page',
    failed: 'the web page was not built',
  },
]

/**
 * @param {string} root
 * @param {import('./progress.mjs').Progress} progress
 * @param {AbortSignal} signal
 */
export async function ensureBuilt(root, progress, signal) {
  const isDue = target => existsSync(join(root, target.script)) && !isBuilt(root, target)
  if (!TARGETS.some(isDue)) return
  const release = await takeLock(join(root, '.scamander', 'build.lock'), pid =>
    progress.step(`waiting for process ${pid}, which is building`),
  )
  try {
    for (const target of TARGETS) {
      if (signal.aborted || !isDue(target)) continue
      progress.step(target.step)
      const error = await run(root, target.script, signal)
      if (error !== undefined) progress.step(`${target.failed}: ${error}`)
    }
  } finally {
    release()
  }
}

/** @param {string} name below src */
function isPage(name) {
  return name === 'ui' || name.startsWith('ui/')
}

/** @param {string} root @returns {boolean} */
function isBuilt(root, { made, isSource }) {
  const main = join(root, made)
  if (!existsSync(main)) return false
  const builtMs = statSync(main).mtimeMs
  const sources = join(root, 'src')
  const paths = readdirSync(sources, { recursive: true })
    .map(name => String(name).replaceAll('\\', '/'))
    .filter(isSource)
    .map(name => join(sources, name))
  return paths.every(path => statSync(path).mtimeMs <= builtMs)
}

/** The first line of what went wrong, or undefined. */
function run(root, script, signal) {
  return new Promise(resolve => {
    const child = spawn(pickNode(root), [join(root, script)], {
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
