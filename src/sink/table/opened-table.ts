/**
 * What opening one (topic, table) pair needs and gives. Shared by the ways to open one: by mapping
 * (topic-writer.ts) and by KCQL selection (kcql/open-selection.ts).
 * Invariant: an opened table has its statements prepared and everything checked against the schema.
 */
import type {
  ControlSession,
  RowBatch,
  WriteSession,
  WriteStatement,
} from '../../cassandra/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { RecordView } from './bind/record-view.ts'
import type { TopicCodecs } from './bind/variable-binding.ts'
import type { ColumnCheck } from './column-check.ts'
import type { DatastaxSinkSettings, TableSettings } from './datastax/settings.ts'
import type { HostNames } from './host-names.ts'
import type { RecordTree } from './kcql/record-tree.ts'
import type { SinkMetricParts, TableMetrics } from './metrics.ts'
import type { TieRanks } from './plan/tie-ranks.ts'

/** Adds the rows of one record for one table to a batch, or throws kind `data`. */
export interface TableBinder {
  bind(view: RecordView, batch: RowBatch, recordIndex: number, ranks: TieRanks): void
}

/** What opening asks of a cluster: a session's, or that of a check before anything runs. */
export interface TableSession extends Pick<WriteSession, 'prepare' | 'protocolVersion'> {
  readonly control: Pick<ControlSession, 'table' | 'onSchemaChange'>
}

export interface OpenContext {
  readonly session: TableSession
  readonly logger: Logger
  readonly metrics: SinkMetricParts
  /** Answers host names for inet columns. */
  readonly hosts: HostNames
  /** Told of members that no column has. */
  readonly columns: ColumnCheck
}

export interface TableToOpen {
  readonly table: TableSettings
  readonly codecs: TopicCodecs
  /** Rows of one group may share a batch. */
  readonly group: number
  readonly settings: DatastaxSinkSettings
  /** Shared by the tables of the topic. */
  readonly tree: RecordTree
}

export interface OpenedTable {
  readonly binder: TableBinder
  readonly metrics: TableMetrics
  readonly group: number
  readonly statements: readonly WriteStatement[]
  /** Some rows need the order of their arrival. */
  readonly isOrdered: boolean
}
