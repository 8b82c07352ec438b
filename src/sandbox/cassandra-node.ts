/**
 * One Cassandra node: writes its configuration and makes the command that starts it.
 * Called by the sandbox; the command is started again unchanged after a stop or a kill.
 * Invariant: everything the node writes lies in its own folder, temporary files included.
 * Spec: sandbox, "Cassandra 5.0.6 from Maven Central" (flags).
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type NodeSettings,
  renderCassandraYaml,
  renderLogback,
  renderRackDc,
} from './cassandra-config.ts'
import type { Java } from './java.ts'
import type { ServerCommand } from './server-process.ts'

const EXPORTS = [
  ...['jdk.internal.misc', 'jdk.internal.ref', 'sun.nio.ch', 'java.lang.ref'].map(inBase),
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'jdk.unsupported/sun.misc',
]
const OPENS = [
  ...['java.lang.module', 'jdk.internal.loader', 'jdk.internal.ref', 'jdk.internal.reflect'],
  ...['jdk.internal.math', 'jdk.internal.module', 'jdk.internal.util.jar', 'sun.nio.ch'],
  ...['java.io', 'java.nio', 'java.util.concurrent', 'java.util.concurrent.atomic'],
  ...['java.lang', 'java.util', 'java.lang.reflect'],
]
  .map(inBase)
  .concat('jdk.management/com.sun.management.internal')

const READY_TIMEOUT_MS = 180_000

export function systemLogPath(folder: string): string {
  return join(folder, 'logs/system.log')
}

/** Writes the node's files; the returned command starts it. */
export async function prepareNode(
  settings: NodeSettings,
  runtime: { java: Java; jars: readonly string[]; version: string },
  probe: () => Promise<void>,
): Promise<ServerCommand> {
  const { folder } = settings
  const log = systemLogPath(folder)
  await mkdir(join(folder, 'conf'), { recursive: true })
  await writeFile(join(folder, 'conf/cassandra.yaml'), renderCassandraYaml(settings), {
    mode: 0o600,
  })
  await writeFile(join(folder, 'conf/rackdc.properties'), renderRackDc(settings.datacenter))
  await writeFile(join(folder, 'conf/logback.xml'), renderLogback(log))
  return {
    title: `Cassandra ${runtime.version} node ${settings.index + 1}`,
    file: runtime.java.bin,
    args: javaArguments(settings, runtime.jars),
    folder,
    logs: [log],
    readyTimeoutMs: READY_TIMEOUT_MS,
    probe,
  }
}

/** The arguments of java, flags first, main class last. */
export function javaArguments(settings: NodeSettings, jars: readonly string[]): string[] {
  return [
    ...memoryFlags(settings.heapMb),
    ...agentFlags(settings, jars),
    ...EXPORTS.flatMap(name => ['--add-exports', `${name}=ALL-UNNAMED`]),
    ...OPENS.flatMap(name => ['--add-opens', `${name}=ALL-UNNAMED`]),
    ...cassandraFlags(settings),
    '-cp',
    jars.join(':'),
    'org.apache.cassandra.service.CassandraDaemon',
  ]
}

function inBase(name: string): string {
  return `java.base/${name}`
}

/** Full compiler tiers and G1, as a production node: measurements run on these servers too. */
function memoryFlags(heapMb: number): string[] {
  return [
    `-Xms${heapMb}M`,
    `-Xmx${heapMb}M`,
    `-XX:MaxDirectMemorySize=${Math.ceil(heapMb / 2)}M`,
    '-XX:+UseG1GC',
    '-XX:MaxGCPauseMillis=300',
    '-XX:-UsePerfData',
    '-XX:+ExitOnOutOfMemoryError',
    '-Xshare:auto',
  ]
}

/** The 4.x lines measure objects through an agent; without it they do not start on Java 17. */
function agentFlags(settings: NodeSettings, jars: readonly string[]): string[] {
  const jamm = jars.find(path => /^jamm-[\d.]+\.jar$/.test(basename(path)))
  return settings.line === '5.0' || jamm === undefined ? [] : [`-javaagent:${jamm}`]
}

function cassandraFlags(settings: NodeSettings): string[] {
  const conf = (name: string) => pathToFileURL(join(settings.folder, 'conf', name)).href
  const isAlone = settings.nodes === 1
  const flags: Record<string, string | number> = {
    'cassandra.config': conf('cassandra.yaml'),
    'cassandra-rackdc.properties': conf('rackdc.properties'),
    'logback.configurationFile': conf('logback.xml'),
    'cassandra.storagedir': settings.folder,
    'cassandra.logdir': join(settings.folder, 'logs'),
    'java.io.tmpdir': join(settings.folder, 'tmp'),
    'cassandra-foreground': 'yes',
    'cassandra.jmx.local.port': settings.jmxPort,
    'cassandra.skip_wait_for_gossip_to_settle': 0,
    'cassandra.ring_delay_ms': isAlone ? 1 : 3_000,
    'cassandra.shutdown_announce_in_ms': isAlone ? 0 : 500,
    'cassandra.superuser_setup_delay_ms': isAlone ? 0 : 1_000,
    'cassandra.system_auth.default_rf': settings.nodes,
    'cassandra.auth_bcrypt_gensalt_log2_rounds': 4,
    'jdk.attach.allowAttachSelf': 'true',
    'io.netty.tryReflectionSetAccessible': 'true',
    'java.net.preferIPv4Stack': 'true',
  }
  return Object.entries(flags).map(([name, value]) => `-D${name}=${value}`)
}
