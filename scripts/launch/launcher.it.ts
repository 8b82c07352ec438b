import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
const MAIN = `
const [what, ...rest] = process.argv.slice(2)
if (what === 'echo') console.log(JSON.stringify(rest))
if (what === 'exit') process.exitCode = Number(rest[0])
if (what === 'die') process.kill(process.pid, 'SIGKILL')
if (what === 'stdin') process.stdin.pipe(process.stdout)
if (what === 'wait') {
  let count = 0
  process.on('SIGTERM', () => { count++; setTimeout(() => { console.log('terms', count); process.exit(7) }, 50) })
  setInterval(() => {}, 1000)
  console.log('waiting')
}
`
/** Stands for npm: notes its calls, then does what FAKE_NPM says. */
const NPM = `#!/bin/sh
echo "$1" >> "$FAKE_NPM_CALLS"
case "$FAKE_NPM-$1" in
  offline-*) echo "npm error code ENOTFOUND" >&2; exit 1 ;;
  broken-*) echo "npm warn EBADENGINE noise"; echo "npm error code EUSAGE" >&2; exit 1 ;;
  fallback-ci) echo "npm error code EUSAGE" >&2; exit 1 ;;
  slow-ci) sleep 0.4 ;;
  endless-ci) sleep 60 ;;
esac
mkdir -p node_modules
`

let root: string
let bin: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'scamander launch-'))
  bin = join(root, 'bin')
  put('clone/package.json', '{ "type": "module" }')
  put('clone/package-lock.json', lockOf('1.0.0'))
  put('clone/src/main.ts', MAIN)
  put('bin/npm', NPM)
  chmodSync(join(bin, 'npm'), 0o755)
  cpSync(join(REPOSITORY, 'scamander'), join(root, 'clone/scamander'))
  cpSync(join(REPOSITORY, 'scripts/launch'), join(root, 'clone/scripts/launch'), {
    recursive: true,
  })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function lockOf(version: string): string {
  return JSON.stringify({ packages: { '': {}, 'node_modules/a': { version } } })
}

function start(args: string[], fake = '', command = join(root, 'clone/scamander')): ChildProcess {
  const { npm_execpath: _npm, NODE_OPTIONS: _options, ...env } = process.env
  const PATH = `${bin}:${env['PATH']}`
  const calls = join(root, 'calls')
  return spawn(command, args, {
    cwd: tmpdir(),
    env: { ...env, PATH, SCAMANDER_NODE: process.execPath, FAKE_NPM: fake, FAKE_NPM_CALLS: calls },
  })
}

async function end(child: ChildProcess, input = '') {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', chunk => {
    stdout += chunk
  })
  child.stderr?.on('data', chunk => {
    stderr += chunk
  })
  child.stdin?.end(input)
  const ended = Promise.withResolvers<{ code: number | null; signal: string | null }>()
  child.once('close', (code, signal) => ended.resolve({ code, signal }))
  return { ...(await ended.promise), stdout, stderr }
}

function npmCalls(): string[] {
  const calls = join(root, 'calls')
  return existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []
}

describe('in a clone', () => {
  it('installs once with progress, then is silent', async () => {
    const first = await end(start(['echo', 'a b', '--c']))
    expect(first).toMatchObject({ code: 0, stdout: '["a b","--c"]\n' })
    expect(first.stderr).toMatch(
      /^\[ +\d+ s\] installing packages: npm ci\n\[ +\d+ s\] packages are/,
    )
    const second = await end(start(['echo']))
    expect(second).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' })
    expect(npmCalls()).toEqual(['ci'])
  })

  it('installs again after the lock has changed', async () => {
    await end(start(['echo']))
    put('clone/package-lock.json', lockOf('2.0.0'))
    const soon = Date.now() / 1000 + 2
    utimesSync(join(root, 'clone/package-lock.json'), soon, soon)
    await end(start(['echo']))
    expect(npmCalls()).toEqual(['ci', 'ci'])
  })

  it('accepts an installation made by hand that agrees with the lock', async () => {
    put('clone/node_modules/a/package.json', '{}')
    put('clone/node_modules/.package-lock.json', lockOf('1.0.0'))
    expect(await end(start(['exit', '3']))).toMatchObject({ code: 3, stderr: '' })
    expect(npmCalls()).toEqual([])
  })

  it('replaces an installation of other versions', async () => {
    put('clone/node_modules/a/package.json', '{}')
    put('clone/node_modules/.package-lock.json', lockOf('0.9.0'))
    await end(start(['echo']))
    expect(npmCalls()).toEqual(['ci'])
  })

  it('falls back to npm install', async () => {
    expect((await end(start(['exit', '0'], 'fallback'))).code).toBe(0)
    expect(npmCalls()).toEqual(['ci', 'install'])
  })

  it.each([
    [
      'offline',
      ['ci'],
      /could not reach the package registry:\n {2}npm error code ENOTFOUND\nCheck/,
    ],
    ['broken', ['ci', 'install'], /both failed:\n {2}npm error code EUSAGE\nRun "npm ci"/],
  ])('npm %s: tells what was tried and what to do, exit 1', async (fake, calls, message) => {
    const result = await end(start(['echo'], fake))
    expect(result).toMatchObject({ code: 1, stdout: '' })
    expect(result.stderr).toMatch(message)
    expect(result.stderr).not.toContain('EBADENGINE')
    expect(npmCalls()).toEqual(calls)
  })

  it('lets only one of two launchers install', async () => {
    const both = await Promise.all([end(start(['echo'], 'slow')), end(start(['echo'], 'slow'))])
    expect(both.map(one => one.code)).toEqual([0, 0])
    expect(npmCalls()).toEqual(['ci'])
  })

  it('takes over the lock of a dead process', async () => {
    put('clone/.scamander/install.lock', '999999999\n')
    expect((await end(start(['echo']))).code).toBe(0)
    expect(existsSync(join(root, 'clone/.scamander/install.lock'))).toBe(false)
  })

  it('stops the installation on SIGTERM and frees the lock', async () => {
    const child = start(['echo'], 'endless')
    child.stderr?.once('data', () => setTimeout(() => child.kill('SIGTERM'), 100))
    expect(await end(child)).toMatchObject({ code: 143, stdout: '' })
    expect(existsSync(join(root, 'clone/.scamander/install.lock'))).toBe(false)
  })
})

describe('hand-over to the program', () => {
  beforeEach(() => put('clone/node_modules/.scamander-install', 'newer than the lock'))

  it('follows relative and absolute links', async () => {
    symlinkSync('../clone/scamander', join(bin, 'relative'))
    symlinkSync(join(bin, 'relative'), join(root, 'absolute'))
    const result = await end(start(['echo', 'x'], '', join(root, 'absolute')))
    expect(result).toMatchObject({ code: 0, stdout: '["x"]\n' })
  })

  it('hands on standard input, exit code and death by signal', async () => {
    expect((await end(start(['stdin']), 'abc')).stdout).toBe('abc')
    expect((await end(start(['exit', '41']))).code).toBe(41)
    expect((await end(start(['die']))).signal).toBe('SIGKILL')
  })

  it('delivers a signal exactly once and keeps the exit code', async () => {
    const child = start(['wait'])
    child.stdout?.once('data', () => child.kill('SIGTERM'))
    expect(await end(child)).toMatchObject({ code: 7, stdout: 'waiting\nterms 1\n' })
  })
})

describe('as an installed package', () => {
  it('runs the build and installs nothing', async () => {
    put('app/node_modules/scamander/dist/app/main.js', MAIN)
    put('app/node_modules/scamander/package.json', '{ "type": "module" }')
    const launcher = join(root, 'app/node_modules/scamander/scamander')
    cpSync(join(REPOSITORY, 'scamander'), launcher)
    cpSync(join(REPOSITORY, 'scripts/launch'), join(dirname(launcher), 'scripts/launch'), {
      recursive: true,
    })
    expect(await end(start(['echo', 'x'], '', launcher))).toMatchObject({ stdout: '["x"]\n' })
    expect(npmCalls()).toEqual([])
  })

  it('says so when the build is missing', async () => {
    rmSync(join(root, 'clone/package-lock.json'))
    const result = await end(start(['echo']))
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('dist/app/main.js is missing')
  })
})
