/**
 * What a caller may ask of a sandbox, its defaults and the checks, before anything is started.
 * Called first by `startSandbox`. The resolved settings are kept in `D/settings.json`, so that a later
 * start in the same folder finds its data again on the same ports.
 * Invariant: settings that decide the data (version, nodes, login, data centre) never change in a folder.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ScamanderError } from '../base/scamander-error.ts'
import { nodeAddress, type YamlValue } from './cassandra-config.ts'
import { sandboxErrors } from './errors.ts'
import type { Progress } from './jar-cache.ts'
import { KAFKA_ADDRESS } from './kafka-broker.ts'
import { chooseFreePorts, requireFreePort } from './port.ts'
import { CASSANDRA_LINES, type CassandraLine } from './release.ts'

export const COMPATIBILITY_MODES = ['NONE', 'UPGRADING', 'CASSANDRA_4'] as const
export type CompatibilityMode = (typeof COMPATIBILITY_MODES)[number]

export const COMMITLOG_SYNCS = ['periodic', 'batch'] as const
export type CommitlogSync = (typeof COMMITLOG_SYNCS)[number]

export interface SandboxOptions {
  /** Folder for data, logs and sandbox.json. @default a new temporary folder */
  readonly dir?: string
  /** Release line of Cassandra; false for Kafka alone. @default '5.0' */
  readonly cassandra?: CassandraLine | false
  /** Cassandra nodes, 1 to 3, on 127.0.0.1 to 127.0.0.3. @default 1 */
  readonly nodes?: number
  /** Password login, user and password `cassandra`. @default false */
  readonly auth?: boolean
  /** Client connections by TLS only. @default false */
  readonly tls?: boolean
  /** The server demands a client certificate; implies `tls`. @default false */
  readonly tlsClientAuth?: boolean
  /** @default true */
  readonly kafka?: boolean
  /** Heap of each Cassandra node, MiB. @default 1024 for one node, 768 for several */
  readonly heapMb?: number
  /** @default 'datacenter1' */
  readonly datacenter?: string
  /** Formats that Cassandra 5.0 writes. @default 'NONE': those of 5.0 */
  readonly storageCompatibilityMode?: CompatibilityMode
  /** @default free ports, then the same ones as long as the folder exists */
  readonly ports?: { readonly cassandra?: number; readonly kafka?: number }
  /** Keep the folder after `stop`. @default true when `dir` is given */
  readonly keep?: boolean
  /**
   * When a write is acknowledged: `periodic`, as Cassandra ships, may lose the last tenth of a second
   * when a node is killed; `batch` only after it is on disk. @default 'periodic'
   */
  readonly commitlogSync?: CommitlogSync
  /** Top-level settings of cassandra.yaml that replace ours. */
  readonly yaml?: Readonly<Record<string, YamlValue>>
  /** Settings of the broker that replace ours. */
  readonly kafkaProperties?: Readonly<Record<string, string>>
  /** Who runs it; a `command` may be ended by `sandboxDown`. @default 'library' */
  readonly holder?: 'command' | 'library'
  readonly progress?: Progress
  readonly signal?: AbortSignal
}

export interface SandboxPorts {
  readonly native: number
  readonly storage: number
  readonly jmx: readonly number[]
  readonly kafka: number
  readonly controller: number
}

/** What `D/settings.json` holds. */
export interface SandboxSettings {
  readonly cassandra: CassandraLine | false
  readonly nodes: number
  readonly auth: boolean
  readonly tls: boolean
  readonly tlsClientAuth: boolean
  readonly kafka: boolean
  readonly heapMb: number
  readonly datacenter: string
  readonly storageCompatibilityMode: CompatibilityMode
  readonly commitlogSync: CommitlogSync
  readonly ports: SandboxPorts
}

export const NODES_MAX = 3
const HEAP_MB_MIN = 256

/** Checks every option and reports the first problem. */
export function checkOptions(options: SandboxOptions): Omit<SandboxSettings, 'ports'> {
  const cassandra = options.cassandra ?? '5.0'
  if (cassandra !== false) requireOneOf('cassandra', cassandra, CASSANDRA_LINES)
  const kafka = options.kafka ?? true
  if (cassandra === false && !kafka) refuse('nothing to start: cassandra and kafka are both off')
  const nodes = options.nodes ?? 1
  requireWhole('nodes', nodes, [1, NODES_MAX])
  const heapMb = options.heapMb ?? (nodes === 1 ? 1024 : 768)
  requireWhole('heapMb', heapMb, [HEAP_MB_MIN, 65_536])
  const mode = options.storageCompatibilityMode ?? 'NONE'
  requireOneOf('storageCompatibilityMode', mode, COMPATIBILITY_MODES)
  const datacenter = options.datacenter ?? 'datacenter1'
  if (!/^[\w-]{1,48}$/.test(datacenter)) {
    refuse(`datacenter: expected letters, digits, _ and -, found "${datacenter}"`)
  }
  for (const [name, port] of Object.entries(options.ports ?? {})) {
    requireWhole(`ports.${name}`, port, [1, 65_535])
  }
  const commitlogSync = options.commitlogSync ?? 'periodic'
  requireOneOf('commitlogSync', commitlogSync, COMMITLOG_SYNCS)
  const tlsClientAuth = options.tlsClientAuth ?? false
  const tls = (options.tls ?? false) || tlsClientAuth
  const auth = options.auth ?? false
  const storageCompatibilityMode = mode
  return {
    ...{ cassandra, nodes, auth, tls, tlsClientAuth, kafka, heapMb, datacenter },
    ...{ storageCompatibilityMode, commitlogSync },
  }
}

/** The settings of this start: those of the folder where it has some, else checked and new ones. */
export async function resolveSettings(
  dir: string,
  options: SandboxOptions,
): Promise<SandboxSettings> {
  const asked = checkOptions(options)
  const stored = await readSettings(dir)
  if (stored !== undefined) requireSameData(dir, stored, asked)
  const ports = await resolvePorts(asked.nodes, options.ports ?? {}, stored?.ports)
  return { ...asked, ports }
}

export function settingsPath(dir: string): string {
  return join(dir, 'settings.json')
}

async function readSettings(dir: string): Promise<SandboxSettings | undefined> {
  const text = await readFile(settingsPath(dir), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as SandboxSettings)
}

function requireSameData(
  dir: string,
  stored: SandboxSettings,
  asked: Omit<SandboxSettings, 'ports'>,
): void {
  for (const name of ['cassandra', 'nodes', 'auth', 'datacenter'] as const) {
    if (stored[name] === asked[name]) continue
    throw new ScamanderError(
      sandboxErrors.MISMATCH,
      `${dir} was made with ${name}=${stored[name]}, found ${name}=${asked[name]}`,
    )
  }
}

async function resolvePorts(
  nodes: number,
  asked: { readonly cassandra?: number; readonly kafka?: number },
  stored: SandboxPorts | undefined,
): Promise<SandboxPorts> {
  const addresses = Array.from({ length: nodes }, (_, index) => nodeAddress(index))
  const fresh = stored ?? (await choosePorts(nodes, addresses))
  const ports = {
    ...fresh,
    native: asked.cassandra ?? fresh.native,
    kafka: asked.kafka ?? fresh.kafka,
  }
  await requireFreePort(ports.native, addresses, 'Cassandra clients')
  await requireFreePort(ports.storage, addresses, 'Cassandra nodes')
  await requireFreePort(ports.kafka, [KAFKA_ADDRESS], 'Kafka clients')
  await requireFreePort(ports.controller, [KAFKA_ADDRESS], 'the Kafka controller')
  return ports
}

async function choosePorts(nodes: number, addresses: readonly string[]): Promise<SandboxPorts> {
  const [native, storage, kafka, controller, ...jmx] = await chooseFreePorts(4 + nodes, addresses)
  return { native: native!, storage: storage!, kafka: kafka!, controller: controller!, jmx }
}

function requireOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  refuse(`${name}: expected one of ${allowed.join(', ')}, found "${value}"`)
}

function requireWhole(name: string, value: number, [min, max]: readonly [number, number]): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  refuse(`${name}: expected a whole number from ${min} to ${max}, found ${value}`)
}

function refuse(message: string): never {
  throw new ScamanderError(sandboxErrors.OPTION, message)
}
