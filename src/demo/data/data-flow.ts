/**
 * One topic of the demo: the records it carries, the tables it feeds, and the rows that must be there.
 * Implemented by stocks, flights and quakes; used by the feeder and the verification.
 * Invariant: `expectedRows` is computed from the data set as it was published, by plain code of its
 * own; it shares nothing with the converters and encoders that it is there to check.
 */

/** Text, number, boolean or null; a list, a sorted set, or a map as a plain object. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue }

/** Values in the order of the table's columns. */
export type PlainRow = readonly PlainValue[]

export interface DemoRecord {
  readonly key: string
  /** Null: a delete. */
  readonly value: string | null
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

export interface DemoTable {
  /** With its keyspace. */
  readonly name: string
  /** The primary key first. */
  readonly columns: readonly string[]
  readonly keyLength: number
  /** Rows are written with a time to live. */
  readonly expires: boolean
}

export interface DataFlow {
  readonly topic: string
  /** Where the data comes from, for people. */
  readonly title: string
  readonly connector: string
  readonly partitions: number
  readonly tables: readonly DemoTable[]
  /** Rounds that `--once` sends. */
  readonly roundsOnce: number
  readonly recordsPerRound: number
  /** Round 0 is the data set as it is; later rounds have keys of their own. */
  round(index: number): Iterable<DemoRecord>
  /** Every row that the first `rounds` rounds leave in a table; the last write to a key wins. */
  expectedRows(table: DemoTable, rounds: number): Iterable<PlainRow>
}
