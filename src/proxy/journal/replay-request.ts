/**
 * A journal entry as a request again: its prepared ids are found in the body, so that those of the
 * cluster take their places when it is sent.
 * Called by the replay for every entry.
 * Spec: live-migration 2.10.
 */
import {
  BATCH_CHILD,
  ByteReader,
  FRAME_FLAG,
  type FrameView,
  OPCODE,
  readByte,
  readLongString,
  readShort,
  take,
} from '../../cql/index.ts'
import { SOURCE } from '../cluster.ts'
import type { PreparedStatement } from '../prepared/prepared-statement.ts'
import { DualRequest, type IdPlace, type RequestOwner } from '../request/dual-request.ts'
import { skipCustomPayload, skipValues } from '../request/request-places.ts'
import type { JournalEntry } from './journal-entry.ts'

/** The statement that a client's id, in hexadecimal, stands for. */
export type FindStatement = (id: string) => PreparedStatement

export function toRequest(
  entry: JournalEntry,
  owner: RequestOwner,
  find: FindStatement,
): DualRequest {
  const bytes = Buffer.from(entry.body, 'base64')
  const { version, flags, opcode } = entry
  const frame = { version, flags, opcode, bytes, start: 0, end: bytes.length, stream: 0 }
  // The body holds the source's ids; those of the target replace them.
  const rules = { targetConsistency: -1 }
  const request = new DualRequest(frame as FrameView, owner, rules, SOURCE)
  request.ids = placesOf(entry, bytes, find)
  return request
}

function placesOf(entry: JournalEntry, bytes: Buffer, find: FindStatement): IdPlace[] {
  const reader = new ByteReader(bytes)
  if ((entry.flags & FRAME_FLAG.CUSTOM_PAYLOAD) !== 0) skipCustomPayload(reader)
  if (entry.opcode === OPCODE.EXECUTE) return [executePlace(entry, reader, find)]
  return entry.opcode === OPCODE.BATCH ? batchPlaces(reader, find) : []
}

function executePlace(entry: JournalEntry, reader: ByteReader, find: FindStatement): IdPlace {
  const { at, length, statement } = readId(reader, find)
  const metadataAt = entry.version >= 5 ? reader.position : -1
  const metadataLength = metadataAt < 0 ? 0 : readShort(reader)
  return { at, length, statement, metadataAt, metadataLength }
}

function batchPlaces(reader: ByteReader, find: FindStatement): IdPlace[] {
  const places: IdPlace[] = []
  take(reader, 1)
  for (let count = readShort(reader); count > 0; count--) {
    if (readByte(reader) === BATCH_CHILD.QUERY) readLongString(reader)
    else places.push({ ...readId(reader, find), metadataAt: -1, metadataLength: 0 })
    skipValues(reader, false)
  }
  return places
}

function readId(
  reader: ByteReader,
  find: FindStatement,
): Pick<IdPlace, 'at' | 'length' | 'statement'> {
  const at = reader.position
  const length = readShort(reader)
  const start = take(reader, length)
  const id = reader.bytes.toString('hex', start, start + length)
  return { at, length, statement: find(id) }
}
