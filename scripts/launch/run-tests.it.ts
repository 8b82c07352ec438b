import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const LAUNCH = fileURLToPath(new URL('.', import.meta.url))
const PASS = 'process.exitCode = 0\n'
/** Stands for vitest: notes its arguments and reports what FAKE_RESULT holds for its project. */
const VITEST = `
import { appendFileSync, writeFileSync } from 'node:fs'
const args = process.argv.slice(2)
appendFileSync('calls', JSON.stringify({ args }) + '\\n')
const project = args[args.indexOf('--project') + 1]
const isSecond = args.at(-1).endsWith('.it.ts')
const fake = JSON.parse(process.env.FAKE_RESULT)
const { result, code = 0, hang = false } = fake[isSecond ? 'second' : project] ?? {}
if (hang) { console.log('hanging'); setInterval(() => {}, 1000) }
else {
  if (result) writeFileSync(process.env.SCAMANDER_TEST_RESULT, JSON.stringify(result))
  process.exitCode = code
}
`

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'scamander-run-tests-'))
  put('package.json', '{ "type": "module" }')
  put('package-lock.json', '{ "packages": { "": {} } }')
  put('node_modules/.package-lock.json', '{ "packages": {} }')
  put('node_modules/.bin/tsc', PASS)
  put('node_modules/.bin/biome', PASS)
  put('node_modules/.bin/vitest', VITEST)
  put('node_modules/.bin/package.json', '{ "type": "module" }')
  put('scripts/tidy/main.ts', PASS)
  cpSync(LAUNCH, join(root, 'scripts/launch'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function totals(passed: number, failed = 0, skipped: { name: string; reason: string }[] = []) {
  return { passed, failed, failures: failed > 0 ? ['src/a.test.ts > b'] : [], skipped }
}

const DEFAULTS = { unit: { result: totals(2) }, launch: { result: totals(1) } }

interface Options {
  readonly args?: string[]
  readonly fake?: Record<string, object>
  readonly env?: Record<string, string>
  readonly interruptAt?: string
}

async function run({ args = [], fake = {}, env = {}, interruptAt }: Options = {}) {
  const { CI: _ci, NODE_OPTIONS: _options, ...rest } = process.env
  const child = spawn(process.execPath, [join(root, 'scripts/launch/run-tests.mjs'), ...args], {
    cwd: root,
    env: {
      ...rest,
      SCAMANDER_NODE: process.execPath,
      FAKE_RESULT: JSON.stringify({ ...DEFAULTS, ...fake }),
      ...env,
    },
  })
  let stdout = ''
  let isInterrupted = false
  child.stdout.on('data', chunk => {
    stdout += chunk
    if (isInterrupted || interruptAt === undefined || !stdout.includes(interruptAt)) return
    isInterrupted = true
    child.kill('SIGINT')
  })
  child.stderr.resume()
  const ended = Promise.withResolvers<number | null>()
  child.once('close', code => ended.resolve(code))
  const code = await ended.promise
  return { code, lines: stdout.trimEnd().split('\n') }
}

function vitestCalls(): { args: string[] }[] {
  const lines = readFileSync(join(root, 'calls'), 'utf8').trim().split('\n')
  return lines.map(line => JSON.parse(line))
}

describe('npm test', () => {
  it('counts each check as one test and closes with the sum', async () => {
    const { code, lines } = await run()
    expect(code).toBe(0)
    expect(lines.at(-1)).toBe('7 passed, 0 failed')
  })

  it('fails when a check fails, and goes on', async () => {
    put('node_modules/.bin/biome', 'process.exitCode = 3\n')
    const { code, lines } = await run()
    expect(code).toBe(1)
    expect(lines.slice(-2)).toEqual(['failed: npm run lint', '6 passed, 1 failed'])
  })

  it('runs integration, ui and fault tests in one run, which share its servers', async () => {
    put('test/integration/a.it.ts', '')
    put('test/fault/b.it.ts', '')
    const fake = { integration: { result: totals(7) } }
    const { lines } = await run({
      fake,
      env: { JAVA_HOME: '/x', SCAMANDER_CACHE: join(root, 'c') },
    })
    if (lines.at(-1)?.includes('skipped'))
      return expect(lines.join()).toContain('mvn was not found')
    expect(lines.at(-1)).toBe('14 passed, 0 failed')
    const servers = vitestCalls().at(-1)
    expect(servers?.args.slice(0, 7)).toEqual([
      'run',
      ...['integration', 'ui', 'fault'].flatMap(project => ['--project', project]),
    ])
  })

  describe('a broken file of the tests on real servers', () => {
    const SERVERS = { JAVA_HOME: '/x', XDG_CACHE_HOME: '' }
    const attempt = async (file: string, second: object) => {
      put(file, '')
      put('c/jars/x', '')
      const broken = [{ file, passed: 2, failed: 1, skipped: [] }]
      const failures = [`${file} > b`]
      const first = { passed: 7, failed: 1, failures, skipped: [], broken }
      const env = { ...SERVERS, SCAMANDER_CACHE: join(root, 'c') }
      const fake = { integration: { result: first, code: 1 }, second: { result: second } }
      return await run({ args: ['integration', 'fault'], fake, env })
    }

    it('has a second attempt, which is told', async () => {
      const { code, lines } = await attempt('test/integration/a.it.ts', totals(3))
      expect(lines.slice(-2)).toEqual([
        'unsteady: test/integration/a.it.ts > b: passed at the second attempt',
        '8 passed, 0 failed',
      ])
      expect(code).toBe(0)
      expect(vitestCalls().at(-1)?.args.at(-1)).toBe('test/integration/a.it.ts')
    })

    it('that fails again fails the run', async () => {
      const second = { ...totals(2, 1), failures: ['test/integration/a.it.ts > b'] }
      const { code, lines } = await attempt('test/integration/a.it.ts', second)
      expect(lines.slice(-2)).toEqual([
        'failed: test/integration/a.it.ts > b',
        '7 passed, 1 failed',
      ])
      expect(code).toBe(1)
    })

    it('has one attempt when it is a fault test', async () => {
      const { code, lines } = await attempt('test/fault/a.it.ts', totals(3))
      expect(lines.at(-1)).toBe('7 passed, 1 failed')
      expect(code).toBe(1)
    })
  })

  it.each([
    [{}, 0, '2 passed, 0 failed, 1 skipped'],
    [{ CI: 'true' }, 1, '2 passed, 1 failed'],
  ])('without Java, %j: exit %i', async (env, expected, last) => {
    put('test/integration/a.it.ts', '')
    const { code, lines } = await run({
      args: ['unit', 'integration'],
      env: { ...env, PATH: '/nowhere', JAVA_HOME: '' },
    })
    expect(code).toBe(expected)
    expect(lines.at(-1)).toBe(last)
    expect(lines.at(-2)).toContain('java (11 or 17) was not found')
  })

  it('prints the reason of every skipped test before the sum', async () => {
    const skipped = [{ name: 'src/a.test.ts > c', reason: 'needs three nodes' }]
    const { lines } = await run({
      args: ['unit'],
      fake: { unit: { result: totals(1, 0, skipped) } },
    })
    expect(lines.slice(-2)).toEqual([
      'skipped: src/a.test.ts > c: needs three nodes',
      '1 passed, 0 failed, 1 skipped',
    ])
  })

  it.each([
    ['failing tests', { result: totals(3, 2), code: 1 }, '3 passed, 2 failed'],
    ['no result', { code: 0 }, '0 passed, 1 failed'],
    ['a crash after the tests', { result: totals(3), code: 1 }, '3 passed, 1 failed'],
  ])('exits with 1 on %s', async (_name, unit, last) => {
    const { code, lines } = await run({ args: ['unit'], fake: { unit } })
    expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last })
  })

  it('hands paths to vitest and leaves the checks out', async () => {
    const { lines } = await run({ args: ['src/config'] })
    expect(lines.at(-1)).toBe('3 passed, 0 failed')
    expect(vitestCalls()[0]?.args.at(-1)).toBe('src/config')
  })

  it('fails when nothing matches', async () => {
    const { code, lines } = await run({
      args: ['nothing'],
      fake: { unit: { result: totals(0) }, launch: { result: totals(0) } },
    })
    expect(code).toBe(1)
    expect(lines.slice(-2)).toEqual(['failed: no test matches: nothing', '0 passed, 1 failed'])
  })

  it('ends what it started on Ctrl-C and still prints the sum', async () => {
    const { code, lines } = await run({
      args: ['unit'],
      fake: { unit: { hang: true } },
      interruptAt: 'hanging',
    })
    expect(code).toBe(130)
    expect(lines).toContain('failed: stopped by SIGINT')
    expect(lines.at(-1)).toMatch(/^0 passed, \d failed$/)
  })
})
