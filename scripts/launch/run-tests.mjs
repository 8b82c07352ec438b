/**
 * `npm test`: installs what is missing, then runs the checks and every vitest project with the
 * pinned Node, and closes with the line `N passed, N failed`. Called by npm and by `.ci/run`.
 * Arguments: check, unit, launch, integration, ui, fault (what to run) or paths (which test files).
 * Invariants: the last line is always the sum; the exit code is 1 when anything failed; a run ends
 * within 82 minutes and leaves no process behind.
 * Plain JavaScript without dependencies: it runs on any Node >= 18.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled } from './install.mjs'
import { Progress } from './progress.mjs'
import { pickNode } from './runtime.mjs'
import { bothAttempts, filesToRepeat } from './second-attempt.mjs'
import { runCheck, runVitest } from './steps.mjs'

const RUN_MS_MAX = 82 * 60_000
const PARTS = ['check', 'unit', 'launch', 'integration', 'ui', 'fault']
const CHECKS = {
  types: ['node_modules/.bin/tsc', '--noEmit'],
  'types:ui': ['node_modules/.bin/tsc', '-p', 'src/ui/tsconfig.json'],
  lint: ['node_modules/.bin/biome', 'check', '.'],
  tidy: ['scripts/tidy/main.ts'],
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const progress = new Progress()
const stop = new AbortController()
const totals = { passed: 0, failed: 0, failures: [], skipped: [], unsteady: [] }
const tempDir = mkdtempSync(join(tmpdir(), 'scamander-test-'))

let exitCode = 0
const end = (why, code) => {
  if (stop.signal.aborted) return
  exitCode = code
  totals.failed += 1
  totals.failures.push(why)
  stop.abort()
}
process.on('SIGINT', () => end('stopped by SIGINT', 130))
process.on('SIGTERM', () => end('stopped by SIGTERM', 143))
process.on('SIGHUP', () => end('stopped by SIGHUP', 129))
const limit = setTimeout(() => end('the run took longer than 82 minutes', 1), RUN_MS_MAX)

try {
  await runAll(process.argv.slice(2))
} catch (error) {
  totals.failed += 1
  totals.failures.push(error.message)
} finally {
  clearTimeout(limit)
  rmSync(tempDir, { recursive: true, force: true })
}
printSummary()
process.exitCode = exitCode !== 0 ? exitCode : totals.failed > 0 ? 1 : 0

async function runAll(args) {
  const filters = args.filter(arg => !PARTS.includes(arg))
  const named = args.filter(arg => PARTS.includes(arg))
  const parts = named.length > 0 ? named : filters.length > 0 ? PARTS.slice(1) : PARTS
  await ensureInstalled(root, progress, stop.signal)
  await ensureBuilt(root, progress, stop.signal)
  const context = { root, node: pickNode(root), tempDir, signal: stop.signal }
  if (parts.includes('check')) {
    for (const [name, command] of Object.entries(CHECKS)) {
      if (stop.signal.aborted) return
      progress.step(`check: ${name}`)
      add(await runCheck(context, name, command))
    }
  }
  for (const project of ['unit', 'launch']) {
    if (!parts.includes(project) || stop.signal.aborted) continue
    progress.step(`${project} tests`)
    add(await runVitest(context, [project], filters))
  }
  await runServerTests(context, parts, filters)
  const count = totals.passed + totals.failed + totals.skipped.length
  if (count === 0) throw new Error(`no test matches: ${args.join(' ')}`)
}

/** Integration, browser and fault tests share one vitest run, and so one set of servers. */
async function runServerTests(context, parts, filters) {
  const projects = parts.filter(part => ['integration', 'ui', 'fault'].includes(part))
  if (projects.length === 0 || stop.signal.aborted) return
  const files = projects.flatMap(project => testFiles(project, filters))
  if (files.length === 0) return
  const missing = missingForServers()
  if (missing === undefined) {
    progress.step(`${projects.join(' and ')} tests, on real servers`)
    return await runTwice(context, projects, filters)
  }
  if (process.env.CI === 'true') {
    add({ passed: 0, failed: files.length, failures: [missing], skipped: [] })
  } else {
    const skipped = files.map(name => ({ name, reason: missing }))
    add({ passed: 0, failed: 0, failures: [], skipped })
  }
}

/** A broken file may have met a busy machine: on fresh servers it has a second attempt, which is told. */
async function runTwice(context, projects, filters) {
  const first = await runVitest(context, projects, filters)
  const files = filesToRepeat(first)
  if (files.length === 0 || stop.signal.aborted) return add(first)
  progress.step(`second attempt: ${files.join(', ')}`)
  const second = await runVitest(context, projects, files)
  const { totals: part, unsteady } = bothAttempts(first, second)
  totals.unsteady.push(...unsteady)
  add(part)
}

function testFiles(project, filters) {
  const folder = join('test', project)
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true })
    .map(name => join(folder, String(name)))
    .filter(name => name.endsWith('.it.ts'))
    .filter(name => filters.length === 0 || filters.some(filter => name.includes(filter)))
}

/** Why real servers cannot run here, or undefined when they can. */
function missingForServers() {
  if (!inPath('java') && !process.env.JAVA_HOME) {
    return 'java (11 or 17) was not found: the servers of the sandbox need it'
  }
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const jars = join(process.env.SCAMANDER_CACHE || join(cache, 'scamander'), 'jars')
  if (inPath('mvn') || existsSync(jars)) return undefined
  return 'mvn was not found: it downloads the servers of the sandbox'
}

function inPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some(folder => folder !== '' && existsSync(join(folder, program)))
}

function add(part) {
  totals.passed += part.passed
  totals.failed += part.failed
  totals.failures.push(...part.failures)
  totals.skipped.push(...part.skipped)
}

function printSummary() {
  const lines = ['']
  for (const { name, reason } of totals.skipped) lines.push(`skipped: ${name}: ${reason}`)
  for (const name of totals.unsteady) lines.push(`unsteady: ${name}: passed at the second attempt`)
  for (const failure of totals.failures) lines.push(`failed: ${failure}`)
  const skipped = totals.skipped.length > 0 ? `, ${totals.skipped.length} skipped` : ''
  lines.push(`${totals.passed} passed, ${totals.failed} failed${skipped}`)
  process.stdout.write(`${lines.join('\n')}\n`)
}
