/**
 * Real servers that a fault test may kill: one Cassandra and one Kafka for the whole folder, apart
 * from the sandbox that the integration tests share.
 * Vitest loads it once per run (globalSetup) in its own process; the tests, in other processes, give
 * orders over HTTP on loopback (faults.ts). The servers start with the first order.
 * Invariant: Cassandra acknowledges a write only when it is on disk (`batch`): with its own default a
 * killed node may forget what it confirmed, which no client can make good.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { type Sandbox, type SandboxServer, startSandbox } from '../../src/sandbox/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    faultServersUrl: string
  }
}

export const ORDERS = ['start', 'stop', 'kill', 'pause', 'resume'] as const
export type Order = (typeof ORDERS)[number]

let server: Server | undefined
let starting: Promise<Sandbox> | undefined

/** SCAMANDER_FAULT_SERVERS names a set that is up already, while one works on a test. */
export async function setup(project: Pick<TestProject, 'provide'>): Promise<void> {
  const given = process.env['SCAMANDER_FAULT_SERVERS']
  if (given !== undefined && given !== '') {
    project.provide('faultServersUrl', given)
    return
  }
  const made = createServer((request, response) => {
    obey(request.url ?? '').then(
      answer => response.end(JSON.stringify(answer)),
      error => response.writeHead(500).end(String(error)),
    )
  })
  server = made
  await new Promise<void>(resolve => made.listen(0, '127.0.0.1', resolve))
  project.provide('faultServersUrl', `http://127.0.0.1:${(made.address() as AddressInfo).port}`)
}

export async function teardown(): Promise<void> {
  server?.close()
  server?.closeAllConnections()
  const sandbox = await starting?.catch(() => undefined)
  await sandbox?.stop()
}

/** `/description`, or `/cassandra/kill` and the like. */
async function obey(path: string): Promise<unknown> {
  starting ??= startSandbox({
    commitlogSync: 'batch',
    // A worker that was killed is dropped from its group after three seconds instead of 45.
    kafkaProperties: { 'group.min.session.timeout.ms': '1000' },
    progress: line => process.stderr.write(`fault servers: ${line}\n`),
  })
  const sandbox = await starting
  const [, target, order] = path.split('/')
  const one: SandboxServer | undefined = target === 'kafka' ? sandbox.kafka : sandbox.nodes[0]
  const isOrder = (text: string | undefined): text is Order => ORDERS.some(name => name === text)
  if (one !== undefined && isOrder(order)) await one[order]()
  return sandbox.description
}
