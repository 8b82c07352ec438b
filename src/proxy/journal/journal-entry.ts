/**
 * One missed write as a line of a journal file: everything that a replay needs, and why it was missed;
 * and the line that says which writes, kept ahead, are done.
 *
 *     CRC-32 of the JSON as 8 hex digits, a blank, the JSON object, a newline
 *
 * Values are in the body, so journal files are readable by their owner only.
 * Invariant: a line that ends early or was changed is noticed by its checksum.
 * Spec: live-migration 2.10.
 */
import { crc32 } from 'node:zlib'
import type { ClusterName } from '../cluster.ts'

export interface JournalStatement {
  /** The client's id in hexadecimal. */
  readonly id: string
  readonly query: string
  readonly keyspace?: string | undefined
}

export interface JournalEntry {
  /** ISO 8601. */
  readonly time: string
  /** The cluster that missed the write. */
  readonly cluster: ClusterName
  readonly cause: string
  /** In use on the connection. */
  readonly keyspace?: string | undefined
  readonly version: number
  readonly opcode: number
  readonly flags: number
  /** Why a replay could do harm; absent when it cannot. */
  readonly obstacle?: string | undefined
  /** Prepared statements that the body names. */
  readonly statements: readonly JournalStatement[]
  /** Base64; timestamp included. */
  readonly body: string
  /** Only of writes that are kept ahead: their number, which a later line marks as done. */
  readonly sequence?: number | undefined
}

/** Writes of the same thread that need no replay. */
export interface DoneLine {
  readonly done: readonly number[]
}

export function toLine(entry: JournalEntry): string {
  const json = JSON.stringify(entry)
  return `${checksum(json)} ${json}\n`
}

export function toDoneLine(done: readonly number[]): string {
  const json = JSON.stringify({ done })
  return `${checksum(json)} ${json}\n`
}

/** Undefined for a line that is not whole. */
export function fromLine(line: string): JournalEntry | DoneLine | undefined {
  const json = line.slice(9)
  if (line[8] !== ' ' || checksum(json) !== line.slice(0, 8)) return undefined
  return JSON.parse(json) as JournalEntry | DoneLine
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
