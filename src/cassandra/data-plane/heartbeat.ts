/**
 * Keeps an idle connection honest: an OPTIONS request whose missing answer closes the connection.
 * Called by the pool's timer. Invariant: at most one is under way per connection.
 * Spec: cassandra-sink 3.7 (advanced.heartbeat).
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { type ProtocolVersion, writeMessage } from '../../cql/index.ts'
import type { DataConnection } from './connection.ts'
import type { WireRequest } from './wire-request.ts'

class Heartbeat implements WireRequest {
  readonly deadlineMs: number
  readonly #connection: DataConnection

  constructor(connection: DataConnection, deadlineMs: number) {
    this.#connection = connection
    this.deadlineMs = deadlineMs
  }

  write(writer: ByteWriter, version: ProtocolVersion, stream: number): number {
    return writeMessage(writer, { kind: 'OPTIONS' }, { version, stream })
  }

  onFrame(): void {
    // Any answer will do: the connection noted that something came.
  }

  onError(): void {
    this.#connection.close()
  }
}

export function heartbeat(connection: DataConnection, deadlineMs: number): void {
  connection.isProbed = true
  connection.send(new Heartbeat(connection, deadlineMs))
}
