/**
 * The Cassandra nodes of one sandbox: prepares, starts and describes them.
 * Called by the sandbox. The first node starts alone, since it is the seed; the others then start
 * together, without streaming: they begin empty, with tokens chosen beforehand.
 * Invariant: `start` resolves only when every node serves, sees all the others, and the login works.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type NodeSettings, nodeAddress, type YamlValue } from './cassandra-config.ts'
import { prepareNode, systemLogPath } from './cassandra-node.ts'
import { type CqlTarget, countPeers, probeLogin, probeOptions } from './cql-probe.ts'
import type { CassandraDescription, NodeDescription } from './description.ts'
import { type Progress, releaseJars } from './jar-cache.ts'
import { findJava, type Java, keytoolOf } from './java.ts'
import type { SandboxSettings } from './options.ts'
import { type CassandraLine, cassandraRelease, type Release } from './release.ts'
import { ServerProcess, waitUntil } from './server-process.ts'
import { ensureTlsMaterial, serverKeystorePath, type TlsDescription } from './tls-material.ts'

export const SUPERUSER = { username: 'cassandra', password: 'cassandra' } as const

const FORM_TIMEOUT_MS = 90_000

export interface ClusterInput {
  readonly dir: string
  readonly line: CassandraLine
  readonly settings: SandboxSettings
  readonly yaml: Readonly<Record<string, YamlValue>>
}

interface ClusterControl {
  readonly progress: Progress
  readonly signal?: AbortSignal
}

export class CassandraCluster {
  readonly servers: readonly ServerProcess[]
  readonly #input: ClusterInput
  readonly #control: ClusterControl
  readonly #release: Release
  readonly #tls: TlsDescription | undefined
  readonly #targets: readonly CqlTarget[]

  private constructor(parts: {
    input: ClusterInput
    control: ClusterControl
    servers: readonly ServerProcess[]
    tls: TlsDescription | undefined
    targets: readonly CqlTarget[]
  }) {
    this.#input = parts.input
    this.#control = parts.control
    this.#release = cassandraRelease(parts.input.line)
    this.servers = parts.servers
    this.#tls = parts.tls
    this.#targets = parts.targets
  }

  /** Fetches jars, makes certificates and writes the configuration of every node. */
  static async prepare(input: ClusterInput, control: ClusterControl): Promise<CassandraCluster> {
    const { settings } = input
    const release = cassandraRelease(input.line)
    const java = await findJava(release)
    const jars = await releaseJars(release, control.progress, control.signal)
    const tls = await prepareTls(input, java)
    const targets = await Promise.all(nodeIndexes(settings).map(at => target(settings, at, tls)))
    const servers = await Promise.all(
      targets.map(async (one, index) => {
        const runtime = { java, jars, version: release.version }
        const probe = settings.nodes === 1 ? probeLogin : probeOptions
        const node = nodeSettings(input, index, tls)
        return new ServerProcess(await prepareNode(node, runtime, () => probe(one)))
      }),
    )
    return new CassandraCluster({ input, control, servers, tls, targets })
  }

  async start(): Promise<void> {
    const startMs = performance.now()
    const { progress, signal } = this.#control
    const [seed, ...others] = this.servers
    await seed?.start(signal)
    if (others.length > 0) progress(`${seed?.command.title}: ready, starting the others`)
    await Promise.all(others.map(server => server.start(signal)))
    await Promise.all(this.#targets.map(one => this.#waitFormed(one)))
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
    const count = this.servers.length === 1 ? '' : `, ${this.servers.length} nodes`
    progress(`${this.#release.title}${count}: ready after ${seconds} s`)
  }

  describe(): CassandraDescription {
    const { line, settings } = this.#input
    return {
      line,
      version: this.#release.version,
      contactPoints: this.#targets.map(one => one.address),
      port: settings.ports.native,
      localDatacenter: settings.datacenter,
      ...(settings.auth && SUPERUSER),
      ...(this.#tls && { tls: this.#tls }),
      nodes: this.servers.map((server, index) => this.#describeNode(server, index)),
    }
  }

  #describeNode(server: ServerProcess, index: number): NodeDescription {
    const folder = nodeFolder(this.#input.dir, index)
    const { pid } = server
    return {
      address: nodeAddress(index),
      ...(pid !== undefined && { pid }),
      jmxPort: this.#input.settings.ports.jmx[index] ?? 0,
      logPath: systemLogPath(folder),
      configPath: join(folder, 'conf/cassandra.yaml'),
      dataDir: join(folder, 'data'),
      commitLogDir: join(folder, 'commitlog'),
      cdcRawDir: join(folder, 'cdc_raw'),
    }
  }

  async #waitFormed(one: CqlTarget): Promise<void> {
    const expected = this.#targets.length - 1
    if (expected === 0) return
    await waitUntil(
      async () => {
        const peers = await countPeers(one)
        if (peers !== expected) throw new Error(`${one.address} sees ${peers} of ${expected} nodes`)
      },
      {
        title: `the Cassandra cluster of ${expected + 1} nodes`,
        timeoutMs: FORM_TIMEOUT_MS,
        tail: () => this.servers[0]?.logTail() ?? Promise.resolve(''),
        ...(this.#control.signal && { signal: this.#control.signal }),
      },
    )
  }
}

function nodeIndexes(settings: SandboxSettings): number[] {
  return Array.from({ length: settings.nodes }, (_, index) => index)
}

function nodeFolder(dir: string, index: number): string {
  return join(dir, `cassandra-${index + 1}`)
}

async function prepareTls(input: ClusterInput, java: Java): Promise<TlsDescription | undefined> {
  if (!input.settings.tls) return undefined
  const clientAuth = input.settings.tlsClientAuth
  return await ensureTlsMaterial(join(input.dir, 'tls'), { keytool: keytoolOf(java), clientAuth })
}

function nodeSettings(
  input: ClusterInput,
  index: number,
  tls: TlsDescription | undefined,
): NodeSettings {
  const { settings } = input
  return {
    ...settings,
    line: input.line,
    index,
    folder: nodeFolder(input.dir, index),
    nativePort: settings.ports.native,
    storagePort: settings.ports.storage,
    jmxPort: settings.ports.jmx[index] ?? 0,
    yaml: input.yaml,
    tls: tls && {
      keystorePath: serverKeystorePath(join(input.dir, 'tls')),
      truststorePath: tls.truststorePkcs12Path,
      password: tls.storePassword,
      clientAuth: tls.clientAuth,
    },
  }
}

async function target(
  settings: SandboxSettings,
  index: number,
  tls: TlsDescription | undefined,
): Promise<CqlTarget> {
  const base = { address: nodeAddress(index), port: settings.ports.native }
  const login = settings.auth ? { login: SUPERUSER } : {}
  if (tls === undefined) return { ...base, ...login }
  const [ca, cert, key] = await Promise.all(
    [tls.caPath, tls.certPath, tls.keyPath].map(path => readFile(path, 'utf8')),
  )
  return { ...base, ...login, tls: { ca: ca ?? '', cert: cert ?? '', key: key ?? '' } }
}
