/** What an agent serves about itself, and where. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { AgentStatus } from '../source/index.ts'
import { MetricRegistry } from '../telemetry/index.ts'
import { type Listening, listenForAgent } from './agent-listener.ts'

const open: (Listening | Server)[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

it('tells how the agent is, before and after it has begun', async () => {
  const port = await freePort()
  let status: AgentStatus | undefined
  const served = { metrics: new MetricRegistry(), status: () => status }
  open.push(await listenForAgent(`127.0.0.1:${port}`, served, () => undefined))
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return [response.status, await response.text()]
  }
  expect(await ask('/health')).toEqual([200, '{"status":"up"}\n'])
  expect(await ask('/ready')).toEqual([503, '{"state":"STARTING"}\n'])
  status = { state: 'RUNNING' } as AgentStatus
  expect(await ask('/ready')).toEqual([200, '{"state":"RUNNING"}\n'])
  expect((await ask('/metrics'))[0]).toBe(200)
  expect((await ask('/other'))[0]).toBe(404)
})

it('refuses an address that was asked for and is taken, and does without the usual one', async () => {
  const served = { metrics: new MetricRegistry(), status: () => undefined }
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  const port = await freePort()
  open.push(await listenForAgent(`127.0.0.1:${port}`, served, warn))
  await expect(listenForAgent(`127.0.0.1:${port}`, served, warn)).rejects.toThrow('--listen')
  await expect(listenForAgent('nowhere', served, warn)).rejects.toThrow('expected HOST:PORT')
  expect(warnings).toEqual([])
  // Of two that ask for nothing the second finds the address taken, if not the first already.
  open.push(await listenForAgent(undefined, served, warn))
  open.push(await listenForAgent(undefined, served, warn))
  expect(warnings.at(-1)).toContain('are not served')
  open.push(await listenForAgent(false, served, warn))
})
