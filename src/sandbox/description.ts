/**
 * What a running sandbox tells about itself: the content of `D/sandbox.json`.
 * Written by the sandbox when it is ready and after each restart of a server; read by `status`,
 * `down`, tests and benchmarks. The file exists as long as the sandbox should be running.
 * Invariant: readable by its owner only, since it holds passwords; replaced by rename, never half.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from './lock-file.ts'
import type { CassandraLine } from './release.ts'
import type { TlsDescription } from './tls-material.ts'

export interface NodeDescription {
  readonly address: string
  /** Absent while the node is stopped. */
  readonly pid?: number
  readonly jmxPort: number
  readonly logPath: string
  readonly configPath: string
  readonly dataDir: string
  readonly commitLogDir: string
  readonly cdcRawDir: string
}

export interface CassandraDescription {
  readonly line: CassandraLine
  readonly version: string
  readonly contactPoints: readonly string[]
  readonly port: number
  readonly localDatacenter: string
  readonly username?: string
  readonly password?: string
  readonly tls?: TlsDescription
  readonly nodes: readonly NodeDescription[]
}

export interface KafkaDescription {
  readonly version: string
  readonly bootstrapServers: string
  /** Absent while the broker is stopped. */
  readonly pid?: number
  readonly logPath: string
}

export interface SandboxDescription {
  readonly dir: string
  readonly startedAt: string
  /** The process whose end ends the servers. `command`: a `sandbox up` that `down` may signal. */
  readonly holder: { readonly pid: number; readonly kind: 'command' | 'library' }
  readonly cassandra?: CassandraDescription
  readonly kafka?: KafkaDescription
}

export function descriptionPath(dir: string): string {
  return join(dir, 'sandbox.json')
}

/** The description in a folder; undefined when there is none. */
export async function readDescription(dir: string): Promise<SandboxDescription | undefined> {
  const text = await readFile(descriptionPath(dir), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as SandboxDescription)
}

export async function writeDescription(description: SandboxDescription): Promise<void> {
  await writePrivateJson(descriptionPath(description.dir), description)
}

export async function removeDescription(dir: string): Promise<void> {
  await rm(descriptionPath(dir), { force: true })
}

/** Writes JSON that only the owner may read, in one step. */
export async function writePrivateJson(path: string, value: unknown): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  const part = `${path}.part`
  await writeFile(part, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 })
  await rename(part, path)
}

/** Pids of the servers that the description names, in order. */
export function serverPids(description: SandboxDescription): number[] {
  const nodes = description.cassandra?.nodes ?? []
  return [...nodes.map(node => node.pid), description.kafka?.pid].filter(pid => pid !== undefined)
}

/** Its holder lives. (The servers cannot outlive the holder.) */
export function isHeld(description: SandboxDescription): boolean {
  return isAlive(description.holder.pid)
}
