/**
 * The servers of a benchmark: those of a sandbox.json that the user names, else some that are started
 * and stopped with it. Used by the scenarios that need one Cassandra and one Kafka.
 */
import { dirname, resolve } from 'node:path'
import { readDescription, type SandboxDescription, startSandbox } from '../../src/sandbox/index.ts'

export interface BenchServers {
  readonly description: SandboxDescription
  /** Stops what was started here. */
  stop(): Promise<void>
}

export async function openServers(
  path: string | undefined,
  progress: (line: string) => void,
): Promise<BenchServers> {
  if (path === undefined) {
    const sandbox = await startSandbox({ heapMb: 1024, progress })
    return { description: sandbox.description, stop: () => sandbox.stop() }
  }
  const description = await readDescription(dirname(resolve(path)))
  if (description === undefined) throw new Error(`no sandbox at ${path}`)
  return { description, stop: () => Promise.resolve() }
}
