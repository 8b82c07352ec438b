/**
 * The two requests that tell whether a Kafka broker serves: ApiVersions, then Metadata, which lists
 * the broker only once the controller has let it in. Called in a loop while the broker starts.
 * Request: length 4 | api key 2 | version 2 | correlation 4 | client id 2 + n | body.
 * Spec: Kafka protocol, ApiVersions v0 and Metadata v1.
 */
import { connect, type Socket } from 'node:net'
import { exchange } from './socket-exchange.ts'

const API_VERSIONS = 18
const METADATA = 3
const TIMEOUT_MS = 5_000

/** Resolves when the broker answers and is a member of its cluster. */
export async function probeKafka(address: string, port: number): Promise<void> {
  const socket = connect({ host: address, port })
  try {
    const versions = await call(socket, { key: API_VERSIONS, version: 0, body: Buffer.alloc(0) })
    const code = versions.readInt16BE(8)
    if (code !== 0) throw new Error(`ApiVersions answered error ${code}`)
    const noTopics = Buffer.from([0, 0, 0, 0])
    const metadata = await call(socket, { key: METADATA, version: 1, body: noTopics })
    if (metadata.readInt32BE(8) < 1) throw new Error('the broker is not in its cluster yet')
  } finally {
    socket.destroy()
  }
}

async function call(
  socket: Socket,
  request: { key: number; version: number; body: Buffer },
): Promise<Buffer> {
  const client = 'sandbox'
  const head = Buffer.alloc(14 + client.length)
  head.writeInt32BE(10 + client.length + request.body.length, 0)
  head.writeInt16BE(request.key, 4)
  head.writeInt16BE(request.version, 6)
  head.writeInt32BE(1, 8)
  head.writeInt16BE(client.length, 12)
  head.write(client, 14)
  return await exchange(socket, Buffer.concat([head, request.body]), {
    timeoutMs: TIMEOUT_MS,
    frameBytes: buffered => (buffered.length < 4 ? undefined : 4 + buffered.readInt32BE(0)),
  })
}
