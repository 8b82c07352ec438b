/**
 * The packed tarball as a user gets it: installed in an empty project, it shows its help and lints
 * the shipped examples with the build and the pinned Node.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
const EXAMPLES = join(REPOSITORY, 'examples/coding')
/** Names files that exist only on the machine it is meant for. */
const NEEDS_FILES = ['secured-cluster.json']

const run = promisify(execFile)
let project: string

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'scamander-package-'))
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', project], {
    cwd: REPOSITORY,
  })
  const tarball = packed.stdout.trim().split('\n').at(-1)!
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `./${tarball}`], {
    cwd: project,
  })
}, 300_000)
afterAll(() => rmSync(project, { recursive: true, force: true }))

function scamander(...args: string[]) {
  return run('npx', ['--no-install', 'scamander', ...args], { cwd: project })
}

describe('the installed package', () => {
  it('shows its help', async () => {
    const { stdout } = await scamander('--help')
    expect(stdout).toContain('connect-standalone')
    expect(stdout).toContain('sandbox')
  })

  it('holds the build, and neither sources nor tests', () => {
    const names = readdirSync(join(project, 'node_modules/scamander'), { recursive: true })
    const paths = names.map(String)
    expect(paths).toContain('dist/app/main.js')
    expect(paths).toContain('LICENSE')
    expect(paths.filter(path => /(?<!\.d)\.ts$|\.test\.|package-lock/.test(path))).toEqual([])
  })

  const examples = readdirSync(EXAMPLES).filter(
    name => /-?sink\.properties$|\.json$/.test(name) && !NEEDS_FILES.includes(name),
  )
  it.each(examples)('finds nothing to complain about in %s', async name => {
    const { stdout, stderr } = await scamander('lint', join(EXAMPLES, name))
    expect(stdout + stderr).not.toMatch(/\b(warning|error):/i)
  })
})
