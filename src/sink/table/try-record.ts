/**
 * Runs one record through the tables of a configuration as a task would, up to the statements with
 * their values, and writes nothing. Called by the catalog for all sinks of this folder, when a person
 * wants to see what a configuration would do.
 * Invariants: the code that binds records for a task is the code that runs here; the cluster is asked
 * for its schema and to prepare statements, never to execute one.
 * Spec: ui 5.4 (review: sample); cassandra-sink 4.2, 4.4.
 */
import { isScamanderError } from '../../base/scamander-error.ts'
import { RowBatch, type SchemaLinks, type WriteStatement } from '../../cassandra/index.ts'
import type { CqlType } from '../../cql/index.ts'
import type { FlowRecord } from '../../flow/index.ts'
import { RecordView } from './bind/record-view.ts'
import { toConnectionSettings } from './connection-settings.ts'
import type { DatastaxSinkSettings } from './datastax/settings.ts'
import { checkContext } from './examine-tables.ts'
import type { OpenContext } from './opened-table.ts'
import { TieRanks } from './plan/tie-ranks.ts'
import { type TopicWriter, tryTopics } from './topic-writer.ts'

/** A value as it would be sent. */
export interface TriedValue {
  readonly name: string
  readonly type: CqlType
  /** Null: NULL; undefined: the column is left as it is. */
  readonly bytes: Buffer | null | undefined
}

export interface TriedStatement {
  readonly cql: string
  readonly values: readonly TriedValue[]
}

export interface TriedRecord {
  readonly statements: readonly TriedStatement[]
  /** Why the record, or a table it goes to, is refused. */
  readonly problems: readonly string[]
}

/** Rejects when the cluster does not answer. */
export async function tryRecord(
  settings: DatastaxSinkSettings,
  links: SchemaLinks,
  record: FlowRecord,
): Promise<TriedRecord> {
  const connection = await toConnectionSettings(settings, 'sample')
  return await links.ask(connection, async link => {
    const context = checkContext(link, settings)
    const { topics, problems } = await tryTopics(settings, context)
    if (problems.length > 0) {
      return { statements: [], problems: problems.map(({ error }) => error.message) }
    }
    const writer = topics.get(record.topic)
    if (writer === undefined) {
      const known = [...topics.keys()].join(', ')
      const problem = `expected a record of a configured topic (${known}), found topic ${record.topic}`
      return { statements: [], problems: [problem] }
    }
    return await bindOnce(record, writer, context)
  })
}

async function bindOnce(
  record: FlowRecord,
  writer: TopicWriter,
  { hosts }: OpenContext,
): Promise<TriedRecord> {
  const bound = bindAll(record, writer)
  if (!hosts.hasWanted) return bound
  await hosts.resolve()
  return bindAll(record, writer)
}

function bindAll(record: FlowRecord, writer: TopicWriter): TriedRecord {
  const view = new RecordView()
  if (writer.viewsFields) view.open(record)
  else view.record = record
  const batch = new RowBatch()
  const problems: string[] = []
  for (const binder of writer.binders) {
    try {
      binder.bind(view, batch, 0, new TieRanks())
    } catch (error) {
      if (!isScamanderError(error, 'data')) throw error
      problems.push(error.message)
    }
  }
  const statements = batch.statements.map((statement, row) => ({
    cql: statement.cql,
    values: valuesOf(statement, batch, row),
  }))
  return { statements, problems }
}

/** Of the region `[n][value]*n` of a row; a negative length is null or unset. */
function valuesOf({ variables }: WriteStatement, batch: RowBatch, row: number): TriedValue[] {
  const { bytes } = batch.arena
  let at = batch.start[row]! + 2
  return variables.map(({ name, type }) => {
    const length = bytes.readInt32BE(at)
    const from = at + 4
    at = from + Math.max(0, length)
    if (length < 0) return { name, type, bytes: length === -1 ? null : undefined }
    return { name, type, bytes: Buffer.from(bytes.subarray(from, at)) }
  })
}
