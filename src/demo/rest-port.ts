/**
 * Chooses the port of the REST API: the one asked for, else Kafka Connect's 8083, else a free one.
 * Called once by the demo before the server starts.
 * Invariant: a port that the user named is never replaced silently.
 */
import { createServer } from 'node:net'
import { ScamanderError } from '../base/scamander-error.ts'
import { DEMO_ERRORS } from './errors.ts'

export interface RestPort {
  readonly port: number
  /** The default port was taken. */
  readonly isReplacement: boolean
}

export const DEFAULT_PORT = 8083
const HOST = '127.0.0.1'
const PORT_MAX = 65_535

export async function chooseRestPort(
  asked: number | undefined,
  preferred = DEFAULT_PORT,
): Promise<RestPort> {
  if (asked !== undefined) {
    if (!Number.isInteger(asked) || asked < 1 || asked > PORT_MAX) {
      const message = `--port: expected a whole number from 1 to ${PORT_MAX}, found ${asked}`
      throw new ScamanderError(DEMO_ERRORS.OPTION, message)
    }
    if ((await listenOn(asked)) !== undefined) return { port: asked, isReplacement: false }
    const message = `--port: expected a free port, found ${asked} in use`
    throw new ScamanderError(DEMO_ERRORS.PORT_TAKEN, message)
  }
  if ((await listenOn(preferred)) !== undefined) return { port: preferred, isReplacement: false }
  const free = await listenOn(0)
  if (free !== undefined) return { port: free, isReplacement: true }
  throw new ScamanderError(DEMO_ERRORS.PORT_TAKEN, `no free port was found on ${HOST}`)
}

/** For a server that is started next. */
export async function chooseFreePort(): Promise<number> {
  const free = await listenOn(0)
  if (free !== undefined) return free
  throw new ScamanderError(DEMO_ERRORS.PORT_TAKEN, `no free port was found on ${HOST}`)
}

/** Listens for a moment; undefined when the port is taken. */
async function listenOn(port: number): Promise<number | undefined> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  server.once('error', () => resolve(undefined))
  server.listen({ port, host: HOST }, () => {
    const address = server.address()
    const found = typeof address === 'object' ? address?.port : undefined
    server.close(() => resolve(found))
  })
  return await promise
}
