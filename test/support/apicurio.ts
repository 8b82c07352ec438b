/**
 * A schema registry that nobody here wrote: Apicurio's, in its Confluent-compatible mode, started from
 * the archive in the local Maven repository with a Java of 21 or newer. `SCAMANDER_TEST_REGISTRY`
 * names one that runs already. Used by the registry's integration tests.
 * Invariant: what is started here ends with `stop`; when it cannot be started the answer says why.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { until } from './standalone.ts'

const ARCHIVE = 'io/apicurio/apicurio-registry-app/3.3.3/apicurio-registry-app-3.3.3-all.tar.gz'
const JAVA_MIN = 21
const API = '/apis/ccompat/v7'

export interface Apicurio {
  readonly url: string
  stop(): Promise<void>
}

/** The registry, or why there is none. */
export async function startApicurio(): Promise<Apicurio | string> {
  const given = process.env['SCAMANDER_TEST_REGISTRY']
  if (given !== undefined) return { url: given, stop: async () => undefined }
  const archive = join(homedir(), '.m2/repository', ARCHIVE)
  if (!existsSync(archive)) return `needs ${ARCHIVE} in the local Maven repository`
  const java = findJava()
  if (java === undefined) return `needs Java ${JAVA_MIN} or newer`
  return await start(archive, java)
}

async function start(archive: string, java: string): Promise<Apicurio> {
  const dir = mkdtempSync(join(tmpdir(), 'scamander-apicurio-'))
  execFileSync('tar', ['xzf', archive, '-C', dir])
  const port = await freePort()
  const settings = [
    `-Dquarkus.http.port=${port}`,
    '-Dquarkus.http.host=127.0.0.1',
    `-Dquarkus.management.port=${await freePort()}`,
    '-Xmx300m',
  ]
  const child = spawn(java, [...settings, '-jar', join(dir, 'quarkus-run.jar')], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  // Asked before it has started it never gets well: its last line of the start is waited for.
  let isUp = false
  child.stdout.on('data', chunk => {
    isUp ||= String(chunk).includes('Installed features')
  })
  await until('the registry', () => isUp, 80_000)
  const url = `http://127.0.0.1:${port}${API}`
  return { url, stop: () => stop(child, dir) }
}

async function stop(child: ChildProcess, dir: string): Promise<void> {
  const ended = new Promise<void>(resolve => {
    child.once('exit', () => resolve())
  })
  child.kill('SIGKILL')
  await ended
  rmSync(dir, { recursive: true, force: true })
}

function findJava(): string | undefined {
  const homes = [process.env['JAVA_HOME'], ...globSync('/usr/lib/jvm/*')]
  const programs = homes.filter(home => home !== undefined).map(home => join(home, 'bin/java'))
  return [...programs, 'java'].find(program => versionOf(program) >= JAVA_MIN)
}

function versionOf(program: string): number {
  try {
    const text = execFileSync(program, ['--version'], { encoding: 'utf8' })
    return Number(/ (\d+)/.exec(text)?.[1] ?? 0)
  } catch {
    return 0 // there is none of that name
  }
}
