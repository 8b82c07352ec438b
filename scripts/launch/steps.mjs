/**
 * Runs one step of the test run (a check or a vitest run) as a child in its own process group and
 * turns its end into totals. Called by run-tests.mjs.
 * Invariants: the group is ended on abort and has ended before the promise resolves; a step that
 * leaves no result counts as one failure.
 * Plain JavaScript without dependencies: it runs on any Node >= 18.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

const GRACE_MS = 30_000

/**
 * @typedef {{ passed: number, failed: number, failures: string[],
 *   skipped: { name: string, reason: string }[],
 *   broken?: { file: string, passed: number, failed: number,
 *     skipped: { name: string, reason: string }[] }[] }} Totals
 * @typedef {{ root: string, node: string, tempDir: string, signal: AbortSignal }} Context
 */

/**
 * One check: passed when it exits with 0.
 * @param {Context} context @param {string} name @param {readonly string[]} args
 * @returns {Promise<Totals>}
 */
export async function runCheck(context, name, args) {
  const code = await run(context, args, {})
  const isGood = code === 0
  return {
    passed: isGood ? 1 : 0,
    failed: isGood ? 0 : 1,
    failures: isGood ? [] : [`npm run ${name}`],
    skipped: [],
  }
}

/**
 * One vitest run over the given projects.
 * @param {Context} context @param {readonly string[]} projects @param {readonly string[]} filters
 * @returns {Promise<Totals>}
 */
export async function runVitest(context, projects, filters) {
  const result = join(context.tempDir, `${projects.join('-')}.json`)
  rmSync(result, { force: true })
  const args = [
    join(context.root, 'node_modules/.bin/vitest'),
    'run',
    ...projects.flatMap(project => ['--project', project]),
    '--passWithNoTests',
    '--reporter=default',
    `--reporter=${join(context.root, 'scripts/launch/result-reporter.mjs')}`,
    ...filters,
  ]
  const code = await run(context, args, { SCAMANDER_TEST_RESULT: result })
  return totalsOf(result, projects, code)
}

function totalsOf(result, projects, code) {
  const nothing = { passed: 0, failed: 0, failures: [], skipped: [] }
  const isThere = existsSync(result)
  const totals = isThere ? JSON.parse(readFileSync(result, 'utf8')) : nothing
  if ((code === 0 && isThere) || totals.failed > 0) return totals
  const failure = `${projects.join(', ')} (vitest ended with code ${code}${isThere ? '' : ' and left no result'})`
  return { ...totals, failed: 1, failures: [failure] }
}

/** Resolves with the exit code, or 1 when the child could not be started or died of a signal. */
function run(context, args, env) {
  const { root, node, signal } = context
  const binaries = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH ?? '']
  return new Promise(resolve => {
    if (signal.aborted) return resolve(1)
    const child = spawn(node, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PATH: binaries.join(delimiter), ...env },
      detached: true,
    })
    let killTimer
    const stop = () => {
      endGroup(child, 'SIGTERM')
      killTimer = setTimeout(() => endGroup(child, 'SIGKILL'), GRACE_MS)
    }
    const finish = code => {
      clearTimeout(killTimer)
      signal.removeEventListener('abort', stop)
      endGroup(child, 'SIGKILL')
      resolve(code)
    }
    signal.addEventListener('abort', stop, { once: true })
    child.once('error', () => finish(1))
    child.once('exit', code => finish(code ?? 1))
  })
}

/** Signals what is left of the child's process group. */
function endGroup(child, signalName) {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signalName)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
