/**
 * A second Cassandra for tests that move data from one cluster to another: one for the whole run,
 * started with the first test that asks (second-cluster.ts) and stopped at the end.
 * Vitest loads it once per run (globalSetup), in its own process; tests ask over HTTP on loopback.
 * When SCAMANDER_TEST_SANDBOX_B names a sandbox.json, that cluster is used and left running.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, resolve } from 'node:path'
import type { TestProject } from 'vitest/node'
import {
  readDescription,
  type Sandbox,
  type SandboxDescription,
  startSandbox,
} from '../../src/sandbox/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    secondServersUrl: string
  }
}

const HEAP_MB = 640

let server: Server | undefined
let starting: Promise<Sandbox> | undefined

export async function setup(project: Pick<TestProject, 'provide'>): Promise<void> {
  const made = createServer((_request, response) => {
    describe().then(
      description => response.end(JSON.stringify(description)),
      error => response.writeHead(500).end(String(error)),
    )
  })
  server = made
  await new Promise<void>(listening => made.listen(0, '127.0.0.1', listening))
  project.provide('secondServersUrl', `http://127.0.0.1:${(made.address() as AddressInfo).port}`)
}

export async function teardown(): Promise<void> {
  server?.close()
  server?.closeAllConnections()
  const sandbox = await starting?.catch(() => undefined)
  await sandbox?.stop()
}

async function describe(): Promise<SandboxDescription> {
  const given = process.env['SCAMANDER_TEST_SANDBOX_B']
  if (given !== undefined && given !== '') {
    const description = await readDescription(dirname(resolve(given)))
    if (description === undefined) throw new Error(`SCAMANDER_TEST_SANDBOX_B: no file ${given}`)
    return description
  }
  starting ??= startSandbox({
    kafka: false,
    heapMb: HEAP_MB,
    progress: line => process.stderr.write(`second cluster: ${line}\n`),
  })
  return (await starting).description
}
