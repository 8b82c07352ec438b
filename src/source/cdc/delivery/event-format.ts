/**
 * What a format makes of an event: key, value, headers and time of a record, and maybe a tombstone.
 * Implemented by the formats of this folder, chosen by `scamander.format`.
 * Spec: cdc-replication 3.
 */
import type { Header, Schema, Value } from '../../../flow/index.ts'
import type { ChangeEvent } from './change-event.ts'

export interface EventData {
  readonly keySchema: Schema | null
  readonly key: Value
  readonly valueSchema: Schema | null
  readonly value: Value
  readonly headers: readonly Header[]
}

export interface EventFormat {
  /** One record, or two where a tombstone follows. */
  toRecords(event: ChangeEvent): EventData[]
}
