/**
 * Orders that a Cassandra node takes over JMX, by its own NodeTool from the jars it runs on; and a node
 * that joins a running cluster, which the sandbox does not do.
 * Used by fault tests of capture. Linux: the command of a running node is read from /proc.
 * Invariant: a node that joined ends with `stop`.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import {
  type CassandraDescription,
  cacheFolder,
  type NodeDescription,
} from '../../src/sandbox/index.ts'
import { freePort } from './free-port.ts'

const TOOL_MS = 180_000
/** What the tool touches of Java 17. */
const OPEN = ['sun.nio.ch', 'jdk.internal.ref'].flatMap(name => [
  ...['--add-exports', `java.base/${name}=ALL-UNNAMED`],
  ...['--add-opens', `java.base/${name}=ALL-UNNAMED`],
])

/** `nodetool ARGS` for a node; what it prints. */
export async function nodeTool(
  { version }: CassandraDescription,
  { jmxPort }: NodeDescription,
  ...args: readonly string[]
): Promise<string> {
  const jars = join(cacheFolder(), 'jars', `cassandra-${version}`, '*')
  const tool = [...OPEN, '-Xmx128m', '-cp', jars, 'org.apache.cassandra.tools.NodeTool']
  const run = promisify(execFile)
  const { stdout } = await run('java', [...tool, '-p', String(jmxPort), ...args], {
    timeout: TOOL_MS,
  })
  return stdout
}

export interface JoinedNode {
  readonly address: string
  stop(): Promise<void>
}

/** A node beside the last one of the cluster, with its settings, that takes over a part of the data. */
export async function joinNode({ nodes }: CassandraDescription): Promise<JoinedNode> {
  const last = nodes.at(-1)!
  const address = `127.0.0.${nodes.length + 1}`
  const oldFolder = dirname(last.dataDir)
  const folder = join(dirname(oldFolder), `cassandra-${nodes.length + 1}`)
  mkdirSync(join(folder, 'tmp'), { recursive: true })
  cpSync(join(oldFolder, 'conf'), join(folder, 'conf'), { recursive: true })
  const moved = (text: string) => text.replaceAll(oldFolder, folder)
  for (const name of ['cassandra.yaml', 'logback.xml']) {
    const path = join(folder, 'conf', name)
    const lines = moved(readFileSync(path, 'utf8')).split('\n')
    const own = lines
      .filter(line => !line.startsWith('initial_token:'))
      .map(line => line.replace('auto_bootstrap: false', 'auto_bootstrap: true'))
      .map(line =>
        /^(listen|rpc)_address:/.test(line) ? line.replace(last.address, address) : line,
      )
    writeFileSync(path, own.join('\n'))
  }
  const jmx = `cassandra.jmx.local.port=${await freePort()}`
  const [java, ...args] = readFileSync(`/proc/${last.pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  const own = args.map(arg => moved(arg).replace(/cassandra\.jmx\.local\.port=\d+/, jmx))
  const child = spawn(java!, own, { cwd: folder, stdio: 'ignore' })
  return { address, stop: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
