/**
 * Finds a Java that a release runs on, and runs short programs (java, keytool, mvn).
 * Looks at JAVA_HOME, then PATH, then the usual folders; reads the version from the program itself.
 * Called by the start of the sandbox and the jar cache.
 * Invariant: when nothing fits, the error tells every Java that was found and its version.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { ScamanderError } from '../base/scamander-error.ts'
import { sandboxErrors } from './errors.ts'
import type { Release } from './release.ts'

export interface Java {
  readonly bin: string
  readonly major: number
}

export interface ProgramResult {
  readonly ok: boolean
  readonly output: string
}

/** Runs a program to its end; `output` joins both streams. Never rejects. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { cwd?: string; signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<ProgramResult> {
  const { cwd, signal, timeoutMs = 60_000 } = options
  return new Promise(resolve => {
    execFile(
      file,
      [...args],
      { cwd, signal, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`.trim()
        resolve({ ok: error === null, output: output === '' ? (error?.message ?? '') : output })
      },
    )
  })
}

/** `java -version` in old and new spelling: 1.8.0_402 is 8, 17.0.15 is 17. */
export function javaMajor(versionOutput: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(versionOutput)
  return match === null ? undefined : Number(match[1])
}

/** The first program of this name on PATH. */
export function findOnPath(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter(dir => dir !== '')
    .map(dir => join(dir, name))
    .find(file => existsSync(file))
}

/** The best Java for the release, in the release's order of preference. */
export async function findJava(release: Release): Promise<Java> {
  const found = await installedJavas()
  for (const major of release.java) {
    const java = found.find(one => one.major === major)
    if (java !== undefined) return java
  }
  const list = found.map(java => `Java ${java.major} (${java.bin})`).join(', ')
  throw new ScamanderError(
    sandboxErrors.JAVA,
    `${release.title} needs Java ${release.java.join(' or ')}; found ${list === '' ? 'no Java' : list}. ` +
      'Servers in containers are not supported; Java is needed even where Docker is there',
  )
}

/** The keytool that belongs to a Java. */
export function keytoolOf(java: Java): string {
  return join(dirname(java.bin), 'keytool')
}

let known: Promise<Java[]> | undefined

function installedJavas(): Promise<Java[]> {
  known ??= Promise.all(candidates().map(probe)).then(all => all.filter(one => one !== undefined))
  return known
}

async function probe(bin: string): Promise<Java | undefined> {
  const { ok, output } = await runProgram(bin, ['-version'], { timeoutMs: 20_000 })
  const major = ok ? javaMajor(output) : undefined
  return major === undefined ? undefined : { bin, major }
}

const JAVA_FOLDERS = ['/usr/lib/jvm', '/Library/Java/JavaVirtualMachines', '/opt/homebrew/opt']

function candidates(): string[] {
  const home = process.env['JAVA_HOME']
  const homes = home === undefined || home === '' ? [] : [home]
  const onPath = findOnPath('java')
  const others = JAVA_FOLDERS.filter(existsSync).flatMap(folder =>
    readdirSync(folder)
      .filter(name => /jdk|jre|java|temurin|zulu|corretto/i.test(name))
      .flatMap(name => [join(folder, name), join(folder, name, 'Contents/Home')]),
  )
  const bins = [
    ...homes.map(dir => join(dir, 'bin/java')),
    ...(onPath === undefined ? [] : [onPath]),
    ...others.map(dir => join(dir, 'bin/java')),
  ]
  return [...new Set(bins)].filter(existsSync)
}
