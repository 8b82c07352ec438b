/**
 * What the benchmark of the proxy measures: our proxy and, when a binary is given, a ZDM proxy, each as
 * a process of its own between the same two clusters.
 * Invariant: a process that was started is ended when its run is over, after a failure too.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../test/support/free-port.ts'

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
const READY_MS = 60_000

export interface Ports {
  readonly source: number
  readonly target: number
}

export type Run = (port: number, child: ChildProcess) => Promise<void>

export async function withProxy(ports: Ports, more: readonly string[], run: Run): Promise<void> {
  const clusters = ['127.0.0.1', '127.0.0.1', '--source-port', `${ports.source}`]
  const target = ['--target-port', `${ports.target}`]
  const plain = ['--disable-source-tls', 'true', '--disable-target-tls', 'true']
  const own = ['--proxy-port', '0', '--metrics', 'false']
  const args = [MAIN, 'proxy', ...clusters, ...target, ...plain, ...own, ...more]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    await run(await readyPort(child), child)
  } finally {
    await end(child)
  }
}

/** A proxy with ZDM's environment variables. */
export async function withPeer(file: string, ports: Ports, run: Run): Promise<void> {
  const [port, metricsPort] = [await freePort(), await freePort()]
  const login = (side: string) => ({ [`${side}_USERNAME`]: 'user', [`${side}_PASSWORD`]: 'user' })
  const env = {
    ZDM_ORIGIN_CONTACT_POINTS: '127.0.0.1',
    ZDM_ORIGIN_PORT: `${ports.source}`,
    ZDM_TARGET_CONTACT_POINTS: '127.0.0.1',
    ZDM_TARGET_PORT: `${ports.target}`,
    ZDM_PROXY_LISTEN_ADDRESS: '127.0.0.1',
    ZDM_PROXY_LISTEN_PORT: `${port}`,
    ZDM_METRICS_ADDRESS: '127.0.0.1',
    ZDM_METRICS_PORT: `${metricsPort}`,
    ...login('ZDM_ORIGIN'),
    ...login('ZDM_TARGET'),
  }
  const child = spawn(file, { env: { ...process.env, ...env }, stdio: 'ignore' })
  try {
    await listening(port, child)
    await run(port, child)
  } finally {
    await end(child)
  }
}

async function readyPort(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stderr! })) {
    const port = /ready for clients at port (\d+)/.exec(line)?.[1]
    if (port !== undefined) {
      child.stderr!.resume()
      return Number(port)
    }
  }
  throw new Error('the proxy ended before it was ready')
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_MS
  while (performance.now() < deadline && child.exitCode === null) {
    const isOpen = await new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error('the peer does not listen')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill()
  await ended
}
