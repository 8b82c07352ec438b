/**
 * The folder of server jars, filled once per release by Maven and only read afterwards.
 * Called at the start of every server. Place: `SCAMANDER_CACHE`, or `scamander` in the user's cache folder.
 * Invariant: a release folder is complete or absent: it is built beside and renamed. One process
 * fetches, others wait for its lock; a lock whose owner is dead is taken over.
 */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ScamanderError } from '../base/scamander-error.ts'
import { sandboxErrors } from './errors.ts'
import { findOnPath, runProgram } from './java.ts'
import { withLock } from './lock-file.ts'
import type { Release } from './release.ts'

/** A line a person can follow the start by. */
export type Progress = (line: string) => void

const FETCH_TIMEOUT_MS = 20 * 60_000

export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const own = env['SCAMANDER_CACHE']
  if (own !== undefined && own !== '') return own
  const xdg = env['XDG_CACHE_HOME']
  return join(xdg === undefined || xdg === '' ? join(homedir(), '.cache') : xdg, 'scamander')
}

/** Absolute paths of the release's jars; fetches them when they are not there yet. */
export async function releaseJars(
  release: Release,
  progress: Progress,
  signal?: AbortSignal,
): Promise<string[]> {
  const folder = join(cacheFolder(), 'jars', release.key)
  const ready = await listJars(folder)
  if (ready.length > 0) return ready
  await mkdir(join(cacheFolder(), 'jars'), { recursive: true })
  const waiting = () => progress(`${release.title}: waiting for another process to fetch it`)
  await withLock(`${folder}.lock`, { waiting, ...(signal && { signal }) }, async () => {
    if ((await listJars(folder)).length > 0) return
    await fetchJars(release, folder, { progress, ...(signal && { signal }) })
  })
  return await listJars(folder)
}

async function fetchJars(
  release: Release,
  folder: string,
  options: { progress: Progress; signal?: AbortSignal },
): Promise<void> {
  const { progress, signal } = options
  const mvn = findOnPath('mvn')
  if (mvn === undefined) {
    throw new ScamanderError(
      sandboxErrors.MAVEN,
      `${release.title} must be fetched once and needs the program mvn; found none on PATH (cache: ${folder})`,
    )
  }
  const building = `${folder}.building-${process.pid}`
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { recursive: true })
  await writeFile(join(building, 'pom.xml'), renderPom(release))
  progress(`${release.title}: fetching its jars (once, about 70 MB)`)
  const startMs = performance.now()
  const timer = setInterval(async () => {
    const count = (await listJars(building)).length
    const seconds = Math.round((performance.now() - startMs) / 1000)
    progress(`${release.title}: fetching, ${seconds} s${count > 0 ? `, ${count} jars` : ''}`)
  }, 5_000)
  const args = ['-B', '-q', '-Dstyle.color=never', 'dependency:copy-dependencies']
  const target = [`-DoutputDirectory=${building}`, '-DincludeScope=runtime']
  const result = await runProgram(mvn, [...args, ...target], {
    cwd: building,
    timeoutMs: FETCH_TIMEOUT_MS,
    ...(signal && { signal }),
  })
  clearInterval(timer)
  if (!result.ok) {
    await rm(building, { recursive: true, force: true })
    if (signal?.aborted) throw new ScamanderError(sandboxErrors.CANCELLED, 'interrupted')
    const tail = result.output.split('\n').slice(0, 12).join('\n')
    throw new ScamanderError(
      sandboxErrors.FETCH,
      `${release.title} could not be fetched by ${mvn}:\n${tail}`,
    )
  }
  await rename(building, folder)
  progress(`${release.title}: fetched in ${Math.round((performance.now() - startMs) / 1000)} s`)
}

/** The smallest project whose runtime dependencies are the release. */
export function renderPom(release: Release): string {
  const dependencies = release.artefacts.map(
    ({ group, name, version }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`,
  )
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    '<groupId>scamander</groupId><artifactId>sandbox</artifactId><version>1</version>',
    `<dependencies>${dependencies.join('')}</dependencies></project>`,
    '',
  ].join('\n')
}

async function listJars(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[])
  return names
    .filter(name => name.endsWith('.jar'))
    .sort()
    .map(name => join(folder, name))
}
