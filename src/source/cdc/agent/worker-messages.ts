/**
 * What an agent and its worker thread say to each other.
 * Invariant: the worker has at most `BATCHES_MAX` batches out that were not acknowledged, so the
 * memory of both sides is bounded and a slow queue stops the reading.
 */
import type { SchemaRows } from '../../../commitlog/index.ts'
import type { TableDefinition } from '../state/table-definition.ts'
import type { ReadPolicy } from './segment-follower.ts'

export const BATCHES_MAX = 4
export const BATCH_BYTES = 1024 * 1024
export const BATCH_FRAMES = 4096

export interface WorkerStart {
  readonly folder: string
  /** Where segments are moved when the folder fills up. */
  readonly overflow: string | undefined
  /** With so much in it the node may delete segments; undefined: it never does. */
  readonly deletesFromBytes: number | undefined
  readonly hostId: string
  readonly from: { readonly segmentId: bigint; readonly position: number } | undefined
  readonly done: readonly bigint[]
  readonly policy: ReadPolicy
  readonly pollMs: number
  /** How long a write may be in memory alone where the log is not mapped. */
  readonly syncMs: number
  readonly schema: SchemaRows
  /** `keyspace.table` of the tables that are captured. */
  readonly wanted: readonly string[]
  readonly keys: readonly (readonly [alias: string, key: Uint8Array])[]
}

export type ToWorker =
  | { readonly kind: 'wanted'; readonly tables: readonly string[] }
  | { readonly kind: 'ack'; readonly position: WorkerPosition }
  | { readonly kind: 'schema'; readonly rows: SchemaRows | undefined }
  | { readonly kind: 'delete'; readonly segmentIds: readonly bigint[] }
  | { readonly kind: 'stop' }

export interface WorkerPosition {
  readonly segmentId: bigint
  readonly position: number
  readonly hadIndex: boolean
}

export interface WorkerCounts {
  readonly records: number
  readonly updates: number
  /** Of the records. */
  readonly bytes: number
  readonly corrupt: number
  readonly undecodable: number
  readonly segmentsAhead: number
}

export type FromWorker =
  | { readonly kind: 'ready'; readonly position: WorkerPosition }
  | {
      readonly kind: 'batch'
      readonly frames: ArrayBuffer
      /** Where each frame ends. */
      readonly ends: readonly number[]
      readonly definitions: readonly TableDefinition[]
      readonly position: WorkerPosition
      readonly counts: WorkerCounts
    }
  | { readonly kind: 'schemaWanted'; readonly tableId: string | undefined }
  | {
      readonly kind: 'problem'
      readonly message: string
      readonly isUndecodable: boolean
      /** Of a record that no schema fits. */
      readonly record: Uint8Array | undefined
    }
  | { readonly kind: 'finished'; readonly segmentIds: readonly bigint[] }
  /** What was logged before then lies in the batches sent so far. */
  | { readonly kind: 'caughtUp'; readonly atMs: number }
  | { readonly kind: 'vanished'; readonly from: bigint; readonly to: bigint }
  | { readonly kind: 'applied' }
  | { readonly kind: 'stopped' }
