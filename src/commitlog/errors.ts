/**
 * The error codes of the commit-log room. Damage in a file is not thrown: the reader reports it as a
 * problem that carries one of these codes and goes on. Thrown are only the conditions in which no
 * byte of a segment can be read: an unknown version, an unknown algorithm, a missing key.
 * Invariant: messages name offsets, lengths and tables, never a value.
 */
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'

export const COMMITLOG_ERRORS = declareErrors('commitlog', {
  VERSION: {
    kind: 'fatal',
    summary: 'A commit-log segment was written by a release of Cassandra that is not supported.',
    advice: 'Read segments of Cassandra 4.0, 4.1 and 5.0 only.',
  },
  ALGORITHM: {
    kind: 'config',
    summary: 'A commit-log segment is compressed or encrypted with an unknown algorithm.',
    advice: 'Use LZ4, Snappy, Deflate or Zstd, and AES/CBC/PKCS5Padding for encryption.',
  },
  KEY: {
    kind: 'config',
    summary: 'A commit-log segment is encrypted and its key was not given or does not fit.',
    advice: "Give the key that the node's key store holds under the alias in the message.",
  },
  DECODE: {
    kind: 'data',
    summary: 'A record of the commit log has a good checksum but does not match the table schema.',
    advice: 'Refresh the schema; when it repeats, report the server version and the table.',
  },
  SECTION: {
    kind: 'data',
    summary: 'A compressed or encrypted section of a segment cannot be opened.',
    advice: 'Check the disk; the bounds of the lost records are in the message.',
  },
  SCHEMA: {
    kind: 'data',
    summary: 'Rows of system_schema do not describe a table that can be decoded.',
    advice: 'Read the schema of the cluster again.',
  },
})

/** A record that does not follow the grammar with the schema at hand. */
export function undecodable(message: string): ScamanderError {
  return new ScamanderError(COMMITLOG_ERRORS.DECODE, message)
}
