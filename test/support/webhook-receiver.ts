/**
 * A webhook on loopback that keeps what it got, headers and bodies, in the order in which they came.
 * Used by tests of alerts and events of jobs.
 * Invariant: every call is answered with 200; `close` takes no more of them.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens at a free port. */
export async function startReceiver() {
  const bodies: { headers: Record<string, unknown>; body: string }[] = []
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    bodies.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
    response.end()
  })
  await once(http.listen(0, '127.0.0.1'), 'listening')
  const { port } = http.address() as AddressInfo
  return { bodies, url: `http://127.0.0.1:${port}`, close: () => http.close() }
}
