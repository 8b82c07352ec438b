/**
 * The error codes of the protocol room. Bytes that break the protocol end the connection
 * (`disconnected`); values that do not fit their CQL type concern one record (`data`).
 * Invariant: messages name types, lengths and positions, never a value.
 */
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'

export const CQL_ERRORS = declareErrors('CQL', {
  OVERRUN: {
    kind: 'disconnected',
    summary: 'A message of the server ended before all of its fields were read.',
    advice: 'Reconnect; when it repeats, report the server version and the message kind.',
  },
  MALFORMED: {
    kind: 'disconnected',
    summary: 'Bytes on a connection do not follow the native protocol.',
    advice: 'Check that the port is the native transport port and that TLS settings match.',
  },
  FRAME_TOO_LONG: {
    kind: 'disconnected',
    summary: 'A frame announces more bytes than the limit allows.',
    advice: 'Check the port and TLS settings; use smaller pages when rows are very large.',
  },
  CHECKSUM: {
    kind: 'disconnected',
    summary: 'A checksum of a protocol v5 segment does not match its bytes.',
    advice: 'Reconnect; when it repeats, check the network path between client and server.',
  },
  COMPRESSION: {
    kind: 'disconnected',
    summary: 'Compressed bytes cannot be decompressed, or no algorithm was agreed.',
    advice: 'Reconnect; when it repeats, switch compression off.',
  },
  TYPE_TEXT: {
    kind: 'request',
    summary: 'The text of a CQL type or of a marshal class cannot be parsed.',
    advice: 'Check the type in the schema; report it when the server produced it.',
  },
  VALUE: {
    kind: 'data',
    summary: 'A value does not fit the CQL type of its column.',
    advice: 'Correct the record, or map its field to a column of a fitting type.',
  },
  CELL: {
    kind: 'data',
    summary: 'The bytes of a cell are not a valid value of their CQL type.',
    advice: 'Compare the declared type with the schema of the table.',
  },
})

/** The connection is unusable: what was expected, what came, where. */
export function malformed(message: string): ScamanderError {
  return new ScamanderError(CQL_ERRORS.MALFORMED, message)
}
