/**
 * Asks a contact point which data centre it is in, for commands whose users name none.
 * One connection, opened and closed here; the sessions are opened afterwards with the answer.
 * Spec: live-migration 3.2 (`--source-local-dc` is optional).
 */
import type { ConnectionOptions } from 'node:tls'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import {
  CellCursor,
  CONSISTENCY,
  type FrameView,
  type ProtocolVersion,
  readMessage,
  writeMessage,
} from '../../cql/index.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import type { CassandraConnectionSettings, ContactPoint } from '../settings.ts'
import { toTlsOptions } from '../tls.ts'
import type { NodeRef } from '../topology.ts'
import { agreeOnProtocol, openConnection } from './handshake.ts'
import type { WireRequest } from './wire-request.ts'

/** The data centre of the first contact point that answers. */
export async function detectLocalDc(settings: CassandraConnectionSettings): Promise<string> {
  const tls = settings.tls === undefined ? undefined : toTlsOptions(settings.tls)
  let last: unknown
  for (const point of settings.contactPoints) {
    try {
      return await askNode(point, settings, tls)
    } catch (error) {
      last = error
    }
  }
  throw last
}

async function askNode(
  point: ContactPoint,
  settings: CassandraConnectionSettings,
  tls: ConnectionOptions | undefined,
): Promise<string> {
  const node = toNode(point)
  const agreed = await agreeOnProtocol(node, settings, tls)
  const connection = await openConnection(node, settings, { ...agreed, tls })
  try {
    const question = new DataCentreQuestion(performance.now() + settings.requestTimeoutMs)
    connection.send(question)
    return await question.finished
  } finally {
    connection.close()
  }
}

function toNode({ host, port }: ContactPoint): NodeRef {
  return {
    ...{ hostId: '', address: host, endpoint: { host, port }, dc: '', rack: '' },
    ...{ releaseVersion: '', isLocal: true, isUp: true },
  }
}

class DataCentreQuestion implements WireRequest {
  readonly deadlineMs: number
  readonly finished: Promise<string>
  readonly #resolve: (name: string) => void
  readonly #reject: (error: ScamanderError) => void

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    this.finished = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  write(writer: ByteWriter, version: ProtocolVersion, stream: number): number {
    const query = 'SELECT data_center FROM system.local'
    const parameters = { consistency: CONSISTENCY.ONE }
    return writeMessage(writer, { kind: 'QUERY', query, parameters }, { version, stream })
  }

  onFrame(frame: FrameView): void {
    const { message } = readMessage(frame)
    if (message.kind === 'RESULT' && message.result === 'ROWS') {
      const cursor = new CellCursor(1)
      cursor.reset(message)
      if (cursor.nextRow() && cursor.lengths[0]! > 0) {
        const start = cursor.starts[0]!
        this.#resolve(cursor.bytes.toString('utf8', start, start + cursor.lengths[0]!))
        return
      }
    }
    const text = 'the contact point does not tell its data centre'
    this.#reject(new ScamanderError(CASSANDRA_ERRORS.LOCAL_DC, text))
  }

  onError(error: ScamanderError): void {
    this.#reject(error)
  }
}
