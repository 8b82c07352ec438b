/**
 * Chooses TCP ports for servers and checks the ones a user asked for.
 * Called before the first start in a folder; afterwards the folder keeps its ports.
 * Invariant: a chosen port was free on every address it will be used on, and lies below the range
 * from which systems take outgoing ports, so that it is still free when a killed server comes back.
 */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { ScamanderError } from '../base/scamander-error.ts'
import { sandboxErrors } from './errors.ts'

const PORT_MIN = 11_000
const PORT_LIMIT = 31_000
const ATTEMPTS_MAX = 200

/** `count` different ports that are free on all addresses. */
export async function chooseFreePorts(
  count: number,
  addresses: readonly string[],
): Promise<number[]> {
  const chosen = new Set<number>()
  for (let attempt = 0; chosen.size < count && attempt < ATTEMPTS_MAX; attempt++) {
    const port = randomInt(PORT_MIN, PORT_LIMIT)
    if (!chosen.has(port) && (await isFreeOnAll(port, addresses))) chosen.add(port)
  }
  if (chosen.size < count) {
    throw new ScamanderError(
      sandboxErrors.PORT_TAKEN,
      `expected ${count} free ports between ${PORT_MIN} and ${PORT_LIMIT} on ${addresses.join(', ')}; found ${chosen.size}`,
    )
  }
  return [...chosen]
}

/** Refuses a port that cannot be listened on; `usedFor` names it in the message. */
export async function requireFreePort(
  port: number,
  addresses: readonly string[],
  usedFor: string,
): Promise<void> {
  for (const address of addresses) {
    const code = await listenError(port, address)
    if (code === undefined) continue
    if (code === 'EADDRNOTAVAIL') throw missingAddress(address)
    throw new ScamanderError(
      sandboxErrors.PORT_TAKEN,
      `port ${port} for ${usedFor} cannot be used on ${address}: ${code === 'EADDRINUSE' ? 'another process listens on it' : code}`,
      { context: { port, address } },
    )
  }
}

async function isFreeOnAll(port: number, addresses: readonly string[]): Promise<boolean> {
  for (const address of addresses) {
    const code = await listenError(port, address)
    if (code === 'EADDRNOTAVAIL') throw missingAddress(address)
    if (code !== undefined) return false
  }
  return true
}

function missingAddress(address: string): ScamanderError {
  return new ScamanderError(
    sandboxErrors.PLATFORM,
    `several nodes need the loopback address ${address}, which this machine does not have; on macOS: sudo ifconfig lo0 alias ${address}`,
  )
}

function listenError(port: number, address: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? error.message))
    server.listen({ port, host: address, exclusive: true }, () =>
      server.close(() => resolve(undefined)),
    )
  })
}
