/**
 * Stalls the main event loop of a worker process, from outside and for real: the inspector of Node
 * evaluates a loop in it that does nothing but wait. Its other threads go on.
 * Used by fault tests, with a worker started with `NODE_OPTIONS=--inspect=127.0.0.1:0`.
 */
import type { ClusterWorker } from './cluster-workers.ts'

const ADDRESS = /ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]+/g

/** Resolves when the loop runs again. */
export async function stallEventLoop(worker: ClusterWorker, ms: number): Promise<void> {
  // The last that was told: Node preloads are processes of their own.
  const address = worker.logs().match(ADDRESS)?.at(-1)
  if (address === undefined) throw new Error('the worker was not started with an inspector')
  const socket = new WebSocket(address)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.addEventListener('error', () => reject(new Error(`no inspector at ${address}`)))
  socket.addEventListener('close', () => reject(new Error('the worker ended')))
  socket.addEventListener('message', () => resolve())
  socket.addEventListener('open', () => {
    const expression = `const until = Date.now() + ${ms}; while (Date.now() < until);`
    const params = { expression: `{ ${expression} }` }
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
  })
  try {
    await promise
  } finally {
    socket.close()
  }
}
