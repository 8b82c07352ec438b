/**
 * Vitest global setup of the projects `integration` and `fault`: one Cassandra 5.0 and one Kafka.
 * When SCAMANDER_TEST_SANDBOX names a sandbox.json, those servers are used and left running; else a
 * sandbox is started in a temporary folder and stopped at the end. Both projects share one start.
 * Tests read the description by `inject('sandbox')`; see keyspace.ts and topic.ts.
 */
import { dirname, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import { readDescription, type SandboxDescription, startSandbox } from '../../src/sandbox/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    sandbox: SandboxDescription
  }
}

interface Shared {
  readonly description: SandboxDescription
  readonly stop: () => Promise<void>
}

/** Each project loads this file anew, so what they share hangs on the process. */
const SHARED = Symbol.for('scamander.test.servers')
const holder = globalThis as { [SHARED]?: Promise<Shared> }

export async function setup(project: TestProject): Promise<void> {
  holder[SHARED] ??= provideServers(process.env['SCAMANDER_TEST_SANDBOX'])
  const { description } = await holder[SHARED]
  project.provide('sandbox', description)
}

export async function teardown(): Promise<void> {
  const shared = await holder[SHARED]
  await shared?.stop()
}

async function provideServers(path: string | undefined): Promise<Shared> {
  if (path !== undefined && path !== '') {
    const description = await readDescription(dirname(resolve(path)))
    if (description === undefined) throw new Error(`SCAMANDER_TEST_SANDBOX: no file ${path}`)
    return { description, stop: () => Promise.resolve() }
  }
  const progress = (line: string) => process.stderr.write(`${line}\n`)
  const sandbox = await startSandbox({ progress })
  return { description: sandbox.description, stop: () => sandbox.stop() }
}
