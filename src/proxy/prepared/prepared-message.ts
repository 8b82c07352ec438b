/**
 * A prepared statement as data that can be posted to another thread, and back.
 * Sent when a client prepares, so that the other threads know the id when drivers use it there.
 * Spec: live-migration 1.2 (--threads), 2.5.
 */
import { CLUSTERS } from '../cluster.ts'
import { type PreparedFields, PreparedStatement } from './prepared-statement.ts'

export interface PreparedMessage extends Omit<PreparedFields, 'clientId'> {
  readonly clientId: Uint8Array
  readonly ids: readonly (Uint8Array | undefined)[]
  readonly metadataIds: readonly (Uint8Array | undefined)[]
  readonly isRejected: readonly boolean[]
}

export function toPreparedMessage(statement: PreparedStatement): PreparedMessage {
  const { clientId, query, clientQuery, keyspace, info, isFiltered, added, obstacle } = statement
  return {
    clientId,
    query,
    clientQuery,
    keyspace,
    info,
    isFiltered,
    added,
    obstacle,
    ids: statement.ids,
    metadataIds: statement.metadataIds,
    isRejected: statement.isRejected,
  }
}

export function fromPreparedMessage(message: PreparedMessage): PreparedStatement {
  const statement = new PreparedStatement({ ...message, clientId: Buffer.from(message.clientId) })
  for (const cluster of CLUSTERS) {
    statement.setIds(
      cluster,
      toBuffer(message.ids[cluster]),
      toBuffer(message.metadataIds[cluster]),
    )
    if (message.isRejected[cluster] === true) statement.reject(cluster)
  }
  return statement
}

function toBuffer(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes)
}
