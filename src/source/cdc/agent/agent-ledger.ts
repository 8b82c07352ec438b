/**
 * Where an agent puts what it read, and what it remembers: the queues and the position of its node.
 * Two kinds: in the worker's own state (Capture), and behind the worker's REST API (RemoteLedger).
 * Invariant: when `settle` resolves, frames and position are on disk together; a failure that may
 * pass is `retriable` or `disconnected`, and the same batch is then given again.
 * Spec: cdc-replication 1.2, 1.5.
 */
import type { Frame } from '../frame.ts'
import type { NodePosition } from '../state/records.ts'
import type { TableDefinition } from '../state/table-definition.ts'

export interface LedgerBatch {
  /** Those that frames of this batch need and that were not given before. */
  readonly definitions: readonly TableDefinition[]
  readonly frames: readonly Frame[]
  readonly position: NodePosition
}

export interface AgentLedger {
  /** Undefined: the node was not read before. */
  load(): Promise<NodePosition | undefined>
  /** Answers the number of frames that another replica had given before. */
  settle(batch: LedgerBatch): Promise<number>
  savePosition(position: NodePosition): Promise<void>
  reportGap(gap: LedgerGap): Promise<void>
}

export interface LedgerGap {
  readonly from: string
  readonly to: string
  readonly reason: string
  /** Names of the channels concerned; the ledger knows them when they are not told. */
  readonly channels?: readonly string[]
}
