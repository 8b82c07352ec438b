/**
 * A client above the limit: its first frame is answered with Overloaded, then it is closed, so that
 * drivers say why instead of reporting a lost connection.
 * Invariant: such a client costs one socket and nothing else, for at most REFUSE_MS.
 * Spec: live-migration 2.11 (--max-clients).
 */
import type { Socket } from 'node:net'
import { ByteWriter } from '../../base/byte-writer.ts'
import { isProtocolVersion, writeMessage } from '../../cql/index.ts'
import type { ProxyContext } from './proxy-context.ts'
import { overloadedError } from './proxy-errors.ts'

const REFUSE_MS = 5_000

export function refuseClient(socket: Socket, context: ProxyContext): void {
  const { clientsMax } = context.settings
  context.logger.warnLimited('clients', `more than ${clientsMax} clients; raise --max-clients`)
  socket.on('error', () => socket.destroy())
  socket.setTimeout(REFUSE_MS, () => socket.destroy())
  socket.once('data', chunk => {
    const version = chunk[0]! & 0x7f
    const writer = new ByteWriter(256)
    const stream = chunk.length >= 4 ? chunk.readInt16BE(2) : 0
    const message = overloadedError(`The proxy serves ${clientsMax} clients already`)
    writeMessage(writer, message, { version: isProtocolVersion(version) ? version : 4, stream })
    socket.end(writer.view())
  })
}
