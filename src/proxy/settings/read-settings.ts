/**
 * From the command line to checked settings. Called by the command before anything is opened.
 * Invariant: every combination that cannot work is refused here, with the option's name.
 * Spec: live-migration 1.2, 1.3, 1.5.
 */
import { isIP } from 'node:net'
import { consistencyCode } from '../../cql/index.ts'
import { type Cluster, SOURCE, TARGET } from '../cluster.ts'
import { optionError } from '../errors.ts'
import { ArgumentReader, parseArguments } from './argument-parser.ts'
import { loadClientTls, loadClusterTls } from './load-tls.ts'
import { PROXY_OPTIONS } from './options.ts'
import type { ClusterSettings, ProxySettings, TopologySettings } from './proxy-settings.ts'

const PORT_MAX = 65_535
const COUNT_MAX = 1_000_000_000

export function readProxySettings(args: readonly string[]): ProxySettings {
  const parsed = parseArguments(args, PROXY_OPTIONS)
  const reader = new ArgumentReader(parsed, PROXY_OPTIONS)
  const [source, target, ...more] = parsed.positionals
  if (source === undefined)
    throw optionError('expected the arguments source and target, found none')
  if (target === undefined) throw optionError('expected the argument target after source')
  if (more.length > 0) throw optionError(`expected source and target, found ${more.join(' ')} too`)
  return {
    source: readCluster(reader, 'source', source),
    target: readCluster(reader, 'target', target),
    ...readServing(reader),
    ...readProtocol(reader),
    ...readRouting(reader),
    ...readSecondary(reader),
    ...readNames(reader),
    ...readLimits(reader),
  }
}

function readCluster(
  reader: ArgumentReader,
  name: 'source' | 'target',
  host: string,
): ClusterSettings {
  const isPlain = reader.boolean(`disable-${name}-tls`)
  const tls = loadClusterTls(reader, name)
  if (isPlain && tls.isConfigured) {
    throw optionError(`--disable-${name}-tls: expected no ${name} TLS files beside it`)
  }
  return {
    host,
    port: reader.int(`${name}-port`, 1, PORT_MAX),
    label: reader.text(`${name}-identifier`)!,
    tls: isPlain ? undefined : tls.material,
  }
}

function readServing(reader: ArgumentReader) {
  return {
    proxyPort: reader.int('proxy-port', 0, PORT_MAX),
    proxyHost: reader.text('proxy-host'),
    threads: reader.int('threads', 1, 64),
    clientTls: loadClientTls(reader),
    targetLogin: readLogin(reader),
    metricsPort: reader.boolean('metrics') ? reader.int('metrics-port', 0, PORT_MAX) : undefined,
    isDebug: reader.boolean('debug'),
    isRequiringClusters: reader.boolean('require-clusters'),
    controlToken: reader.text('control-token'),
  }
}

function readLogin(reader: ArgumentReader): ProxySettings['targetLogin'] {
  const username = reader.text('target-username')
  const password = reader.text('target-password')
  if (username === undefined && password === undefined) return undefined
  if (username === undefined || password === undefined) {
    throw optionError('--target-username and --target-password: expected both or neither')
  }
  return { username, password }
}

function readProtocol(reader: ArgumentReader) {
  const protocolVersions = reader.list('protocol-version').map(Number)
  const wrong = protocolVersions.find(version => version < 3 || version > 5)
  if (wrong !== undefined)
    throw optionError(`--protocol-version: expected 3, 4 or 5, found ${wrong}`)
  return {
    protocolVersions,
    cqlVersions: reader.list('cql-version'),
    compressions: reader.list('compression').map(name => name.toLowerCase()),
    isCompressionEnabled: reader.boolean('compression-enabled'),
  }
}

function readRouting(reader: ArgumentReader) {
  return {
    isWaiting: reader.boolean('wait'),
    isReplacingFunctions: reader.boolean('uuid') || reader.boolean('replace-functions'),
    isAddingTimestamps: reader.text('timestamps') === 'proxy',
    primary: readClusterName(reader, 'primary'),
    readMode: reader.text('read-mode') as ProxySettings['readMode'],
    targetFailure: reader.text('target-failure') as ProxySettings['targetFailure'],
    targetConsistency: readConsistency(reader),
    isSourceFirst: reader.text('lwt') === 'source-first',
    ddl: reader.text('ddl') as ProxySettings['ddl'],
    systemCluster: readClusterName(reader, 'system-queries'),
    isOnlyMessageCompared: reader.boolean('only-message'),
    filterTables: readFilter(reader),
    isClosedWithTarget: reader.boolean('dest-close'),
  }
}

function readSecondary(reader: ArgumentReader) {
  const overflow = reader.text('async-overflow') as ProxySettings['async']['overflow']
  const journal = readJournal(reader)
  if (overflow === 'journal' && journal === undefined) {
    throw optionError('--async-overflow journal: expected --journal with a folder')
  }
  if (!reader.boolean('wait') && reader.text('timestamps') === 'client') {
    throw optionError(
      '--timestamps client: expected --wait true, as writes may overtake each other',
    )
  }
  return {
    journal,
    async: {
      order: reader.text('async-order') as ProxySettings['async']['order'],
      overflow,
      writesMax: reader.int('async-queue', 1, COUNT_MAX),
      bytesMax: reader.int('async-bytes', 1, COUNT_MAX),
    },
  }
}

function readJournal(reader: ArgumentReader): ProxySettings['journal'] {
  const dir = reader.text('journal')
  const isWriteAhead = reader.boolean('write-ahead')
  if (isWriteAhead && (dir === undefined || reader.boolean('wait'))) {
    throw optionError('--write-ahead: expected --journal with a folder and --wait false')
  }
  const isRefusing = reader.text('journal-full') === 'refuse' || isWriteAhead
  if (dir === undefined) return undefined
  const bytesMax = reader.int('journal-mb', 1, COUNT_MAX) * 1024 * 1024
  return { dir, bytesMax, isWriteAhead, isRefusing }
}

function readNames(reader: ArgumentReader) {
  const ghostIps = readGhostIps(reader)
  const topology = readTopology(reader)
  if (topology !== undefined && Object.keys(ghostIps).length > 0) {
    throw optionError('--topology and --ghostIps: expected one of them')
  }
  return { ghostIps, topology, isStrictPeers: reader.boolean('strict-peers') }
}

function readLimits(reader: ArgumentReader) {
  return {
    writeBufferBytes: reader.int('write-buffer-size', 1, COUNT_MAX),
    idleMs: reader.int('tcp-idle-time-out', 0, 1_000_000) * 1000,
    requestTimeoutMs: reader.int('request-timeout', 100, 3_600_000),
    preparedMax: reader.int('prepared-cache-size', 10, 1_000_000),
    streamsMax: reader.int('max-stream-ids', 1, 32_768),
    clientsMax: reader.int('max-clients', 1, 1_000_000),
  }
}

function readClusterName(reader: ArgumentReader, option: string): Cluster {
  return reader.text(option) === 'target' ? TARGET : SOURCE
}

function readConsistency(reader: ArgumentReader): number {
  const text = reader.text('target-cl')!
  if (text.toLowerCase() === 'same') return -1
  const code = consistencyCode(text)
  if (code !== undefined) return code
  throw optionError(`--target-cl: expected a consistency level or same, found ${text}`)
}

function readFilter(reader: ArgumentReader): string | undefined {
  const text = reader.text('filter-tables')
  if (text === undefined) return undefined
  try {
    new RegExp(text)
  } catch {
    throw optionError(`--filter-tables: expected a regular expression, found ${text}`)
  }
  return text
}

function readGhostIps(reader: ArgumentReader): Record<string, string> {
  const text = reader.text('ghostIps')
  if (text === undefined) return {}
  const wrong = optionError('--ghostIps: expected a JSON object of addresses, {"node":"proxy"}')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw wrong
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong
  for (const [from, to] of Object.entries(value)) {
    if (isIP(from) === 0 || typeof to !== 'string' || isIP(to) === 0) throw wrong
  }
  return value as Record<string, string>
}

function readTopology(reader: ArgumentReader): TopologySettings | undefined {
  const text = reader.text('topology')
  if (text === undefined) return undefined
  const addresses = text.split(',').map(part => part.trim())
  const wrong = addresses.find(address => isIP(address) === 0)
  if (wrong !== undefined) throw optionError(`--topology: expected IP addresses, found ${wrong}`)
  const index = reader.int('topology-index', 0, addresses.length - 1)
  return { addresses, index, tokens: reader.int('topology-tokens', 1, 256) }
}
