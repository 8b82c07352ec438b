/**
 * Runs npm and keeps its output back, so that its warnings (about engines, funding, deprecations)
 * stay out of the way; the caller shows the output when npm fails.
 * Invariant: npm is ended when the signal aborts; nothing that was started stays behind.
 * Plain JavaScript without dependencies: it runs on any Node >= 18 before anything is installed.
 */
import { spawn } from 'node:child_process'
import { LaunchError } from './progress.mjs'

const HEARTBEAT_MS = 15_000
const OUTPUT_CHARS_MAX = 200_000
const QUIET = [
  '--no-audit',
  '--no-fund',
  '--progress=false',
  '--loglevel=error',
  '--engine-strict=false',
  '--include=dev',
  '--include=optional',
]

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @param {import('./progress.mjs').Progress} progress
 * @param {AbortSignal} signal
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runNpm(root, args, progress, signal) {
  const { command, first } = npmCommand()
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args, ...QUIET], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    const keep = chunk => {
      output = (output + chunk).slice(-OUTPUT_CHARS_MAX)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const heartbeat = setInterval(() => progress.step(`npm ${args[0]} is running`), HEARTBEAT_MS)
    const stop = () => endGroup(child)
    signal.addEventListener('abort', stop, { once: true })
    const finish = () => {
      clearInterval(heartbeat)
      signal.removeEventListener('abort', stop)
    }
    child.once('error', error => {
      finish()
      reject(noNpm(error))
    })
    child.once('close', (code, death) => {
      finish()
      if (signal.aborted) reject(new LaunchError('the installation was stopped', 130))
      else resolve({ code: code ?? 1, output: death === null ? output : `${output}\n${death}` })
    })
  })
}

/** Inside `npm start` npm names itself; elsewhere it is looked up in PATH. */
function npmCommand() {
  const script = process.env.npm_execpath
  if (script?.endsWith('npm-cli.js')) return { command: process.execPath, first: [script] }
  return { command: 'npm', first: [] }
}

function noNpm(error) {
  return new LaunchError(
    `npm could not be started (${error.code ?? error.message}); it was looked up in PATH.\n` +
      'Install npm, which comes with Node 18 or newer, and start again.',
  )
}

function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGTERM')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
