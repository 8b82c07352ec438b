/**
 * What the reader tells of a place that it could not turn into a mutation.
 * Given out by SegmentReader beside the mutations, in order of position; nothing is dropped silently.
 * Invariant: every problem names the logical bounds of what is missing.
 */
import type { ScamanderError } from '../base/scamander-error.ts'

/**
 * checksum: one record is damaged, the next one follows. framing: the rest of a section is lost.
 * section: a compressed section does not open. truncated: the file ends inside a section.
 * marker: the chain of sections is broken, the rest of the file is lost. header: the whole file.
 * undecodable: a good record that the schema at hand does not fit. unknownTable: a record of tables
 * that the schema does not have; both may be tried again with `retry` after the schema was read anew.
 */
export type ProblemKind =
  | 'checksum'
  | 'framing'
  | 'section'
  | 'truncated'
  | 'marker'
  | 'header'
  | 'undecodable'
  | 'unknownTable'

export interface RecordProblem {
  readonly kind: ProblemKind
  readonly segmentId: bigint
  /** Logical offset where the missing part starts. */
  readonly from: number
  /** Logical offset where reading goes on; for `marker`, `header` and `truncated` it does not. */
  readonly to: number
  readonly message: string
  /** Set for `unknownTable`. */
  readonly tableId: string | undefined
  /** Set for `undecodable` and `section`. */
  readonly error: ScamanderError | undefined
}

/** Counts since the reader was made. */
export interface ReaderCounts {
  /** Mutations given out. */
  mutations: number
  /** Good records without a wanted table. */
  skipped: number
  /** Problems given out, and mutations that an unknown table cut short. */
  problems: number
  sections: number
}

/** What each kind means, for messages. */
export const PROBLEM_TEXTS: Readonly<Record<ProblemKind, string>> = {
  checksum: 'the checksum of a record does not match',
  framing: 'the length of a record is damaged; the rest of its section is lost',
  section: 'a section does not open',
  truncated: 'the file ends inside a section',
  marker: 'a sync marker is damaged',
  header: 'the header is damaged',
  undecodable: 'a record does not fit the schema',
  unknownTable: 'a record of a table that the schema does not have',
}
