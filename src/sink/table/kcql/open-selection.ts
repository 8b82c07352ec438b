/**
 * Opens one table of the classic KCQL dialect: insert and delete statements prepared, binders made.
 * Called by `openTopics` for tables with a selection.
 * Spec: cassandra-sink 10.3-10.5.
 */
import { isScamanderError, ScamanderError } from '../../../base/scamander-error.ts'
import type { TableSchema, WriteStatement } from '../../../cassandra/index.ts'
import { CONSISTENCY } from '../../../cql/index.ts'
import { RowBinder } from '../bind/row-binder.ts'
import { bindVariables, type VariableBinding } from '../bind/variable-binding.ts'
import type { MappingEntry } from '../datastax/mapping.ts'
import type { SelectionSettings } from '../datastax/settings.ts'
import { TABLE_SINK_ERRORS } from '../errors.ts'
import { TableMetrics } from '../metrics.ts'
import type { OpenContext, OpenedTable, TableToOpen } from '../opened-table.ts'
import { TIMESTAMP_VARIABLE } from '../plan/statement-text.ts'
import type { TablePlan } from '../plan/table-plan.ts'
import { staleOnTableChange } from '../schema-watch.ts'
import { withWriteTime } from './delete-statement.ts'
import { ProjectedBinder } from './projected-binder.ts'
import { ProjectedView } from './projected-view.ts'
import { compileSelectionPlan } from './selection-plan.ts'

export const DELETE_STATEMENT_KEY = 'connect.cassandra.delete.statement'
const FIELDS_KEY = 'connect.cassandra.delete.struct_flds'

interface Parts {
  readonly of: TableToOpen
  readonly selection: SelectionSettings
  readonly schema: TableSchema
  readonly context: OpenContext
}

export async function openSelection(parts: Parts): Promise<OpenedTable> {
  const { of, selection, schema, context } = parts
  const { table, codecs, group, settings, tree } = of
  const plan = compileSelectionPlan(table, selection, schema)
  const insert = await prepare(parts, plan.cql)
  staleOnTableChange(context.session, insert, { keyspace: schema.keyspace, table: schema.name })
  const canUnset = context.session.protocolVersion > 3
  const reference = settings.referenceBehaviour
  const variables = bindVariables(plan, insert, codecs)
  const rows = new RowBinder({ plan, insert, variables, delete: undefined, reference, canUnset })
  const tombstone = await openDelete(parts, plan)
  const tableName = `${schema.keyspace}.${schema.name}`
  const view = new ProjectedView(selection.projection, {
    columns: schema.columns.map(column => column.name),
    tableName,
    onUnknown: () => context.columns.doubt(schema),
  })
  return {
    binder: new ProjectedBinder({
      rows,
      view,
      tree,
      tableName,
      tombstones: {
        binder: tombstone?.binder,
        hasFields: (selection.delete?.fields.length ?? 0) > 0,
        isIgnored: selection.ignoreTombstones,
      },
    }),
    metrics: new TableMetrics(context.metrics, table),
    group,
    statements: tombstone === undefined ? [insert] : [insert, tombstone.statement],
    isOrdered: tombstone?.isOrdered ?? false,
  }
}

async function prepare({ of, context }: Parts, cql: string): Promise<WriteStatement> {
  const { table, group } = of
  return await context.session.prepare(cql, table.keyspace, {
    consistency: CONSISTENCY[table.consistency],
    isIdempotent: true,
    isCounter: false,
    batchGroup: group,
  })
}

async function openDelete(parts: Parts, plan: TablePlan) {
  const { of, selection, context } = parts
  const { delete: given } = selection
  if (given === undefined) return undefined
  const timed = withWriteTime(given.cql)
  const statement = await prepareDelete(parts, timed ?? given.cql)
  const bound = statement.variables.length - (timed === undefined ? 0 : 1)
  const wanted = Math.max(1, given.fields.length)
  if (bound !== wanted) throw wrongCount(given.fields.length, bound)
  const hasTime = timed !== undefined
  const by = deletePlan(plan, statement, { fields: given.fields, hasTime })
  const variables = deleteVariables(by, statement, of)
  const reference = of.settings.referenceBehaviour
  const canUnset = context.session.protocolVersion > 3
  const parameters = { plan: by, insert: statement, variables, delete: undefined }
  const binder = new RowBinder({ ...parameters, reference, canUnset })
  return { binder, statement, isOrdered: timed === undefined }
}

async function prepareDelete(parts: Parts, cql: string): Promise<WriteStatement> {
  try {
    return await prepare(parts, cql)
  } catch (error) {
    if (!isScamanderError(error, 'config')) throw error
    const message = `${DELETE_STATEMENT_KEY}: ${error.message}`
    throw new ScamanderError(TABLE_SINK_ERRORS.TABLE, message, { cause: error })
  }
}

/** Entries by position: the time first, then the fields of the key, or the whole key. */
function deletePlan(
  plan: TablePlan,
  { variables }: WriteStatement,
  how: { fields: readonly string[]; hasTime: boolean },
): TablePlan {
  const fields = how.hasTime ? [undefined, ...how.fields] : how.fields
  const entries = new Map<string, MappingEntry>()
  for (const index of variables.keys()) {
    const column = nameAt(index, how.hasTime)
    const field = fields[index]
    const source = field === undefined ? { kind: 'key' as const } : { kind: 'key' as const, field }
    entries.set(column, { column, quoted: true, source })
  }
  return { ...plan, settings: { ...plan.settings, allowMissingFields: false }, entries }
}

/** Markers may share a column's name, so they are told apart by their place. */
function nameAt(index: number, hasTime: boolean): string {
  return hasTime && index === 0 ? TIMESTAMP_VARIABLE : `marker ${index}`
}

function deleteVariables(
  plan: TablePlan,
  statement: WriteStatement,
  { codecs }: TableToOpen,
): VariableBinding[] {
  const names = [...plan.entries.keys()]
  const variables = statement.variables.map(({ type }, index) => ({ name: names[index]!, type }))
  const bound = bindVariables(plan, { ...statement, variables }, codecs)
  // A null in a key deletes nothing: it is refused, as for a primary key.
  return bound.map((one, index) => ({
    ...one,
    name: statement.variables[index]!.name,
    isPrimaryKey: one.role === 'field',
  }))
}

function wrongCount(fields: number, bound: number): ScamanderError {
  const expected =
    fields === 0 ? 'one, for the whole key' : `${fields}, one per field of ${FIELDS_KEY}`
  const message = `${DELETE_STATEMENT_KEY}: expected bind markers: ${expected}; found ${bound}`
  return new ScamanderError(TABLE_SINK_ERRORS.TABLE, message)
}
