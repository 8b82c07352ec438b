/**
 * Everything compiled for one topic: a binder, statements and metrics per table.
 * Built by the sink's `open`, after the session is there; all start errors that concern tables,
 * mappings and statements are raised here, and told together.
 * Spec: cassandra-sink 3.4 (names), 4.2, 5, 7 (start errors).
 */
import { isScamanderError, ScamanderError } from '../../base/scamander-error.ts'
import { CASSANDRA_ERRORS, type TableSchema } from '../../cassandra/index.ts'
import { CONSISTENCY } from '../../cql/index.ts'
import { RowBinder } from './bind/row-binder.ts'
import { bindVariables } from './bind/variable-binding.ts'
import { codecsOf } from './codecs.ts'
import type { DatastaxSinkSettings, TableSettings, TopicSettings } from './datastax/settings.ts'
import { TABLE_SINK_ERRORS } from './errors.ts'
import { DELETE_STATEMENT_KEY, openSelection } from './kcql/open-selection.ts'
import { RecordTree } from './kcql/record-tree.ts'
import { TableMetrics } from './metrics.ts'
import type {
  OpenContext,
  OpenedTable,
  TableBinder,
  TableSession,
  TableToOpen,
} from './opened-table.ts'
import { compileTablePlan, keyOf, type TablePlan } from './plan/table-plan.ts'
import { staleOnTableChange } from './schema-watch.ts'

export interface TopicWriter {
  readonly binders: readonly TableBinder[]
  /** Parallel to `binders`. */
  readonly metrics: readonly TableMetrics[]
  readonly metricsOfGroup: ReadonlyMap<number, TableMetrics>
  /** Tables are fed by fields of key and value, so the record's view is opened for them. */
  readonly viewsFields: boolean
  /** Some rows need the order of their arrival: one delivery at a time. */
  readonly isOrdered: boolean
  /** A table changed so that its statements no longer fit: open the topics again. */
  readonly isStale: boolean
}

/** A table that cannot be opened, and why; the message begins with the key at fault. */
export interface TableProblem {
  readonly key: string
  readonly error: ScamanderError
}

/** Throws one error with all problems. */
export async function openTopics(
  settings: DatastaxSinkSettings,
  context: OpenContext,
): Promise<ReadonlyMap<string, TopicWriter>> {
  const { topics, problems } = await tryTopics(settings, context)
  if (problems.length > 0) throw joined(problems.map(problem => problem.error))
  return topics
}

/** Topics without their tables that are among the problems. */
export async function tryTopics(
  settings: DatastaxSinkSettings,
  context: OpenContext,
): Promise<{
  readonly topics: ReadonlyMap<string, TopicWriter>
  readonly problems: readonly TableProblem[]
}> {
  const problems: TableProblem[] = []
  const topics = new Map<string, TopicWriter>()
  let group = 0
  for (const topic of settings.topics) {
    const codecs = codecsOf(topic, settings.referenceBehaviour, context.hosts)
    const opened: OpenedTable[] = []
    const tree = new RecordTree()
    for (const table of topic.tables) {
      try {
        opened.push(await openTable({ table, codecs, group: group++, settings, tree }, context))
      } catch (error) {
        if (!isScamanderError(error, 'config')) throw error
        problems.push(problemOf(error, table))
      }
    }
    topics.set(topic.topic, toTopicWriter(topic, opened))
  }
  return { topics, problems }
}

async function openTable(of: TableToOpen, context: OpenContext): Promise<OpenedTable> {
  const { table, codecs, group, settings } = of
  const { session, metrics, logger } = context
  const reference = settings.referenceBehaviour
  const schema = await schemaOf(session, table)
  const { selection } = table
  if (selection !== undefined) return await openSelection({ of, selection, schema, context })
  const plan = compileTablePlan(table, schema, reference)
  for (const warning of plan.warnings) logger.warn(warning)
  const options = {
    consistency: CONSISTENCY[table.consistency],
    isIdempotent: isIdempotent(plan, settings),
    isCounter: plan.kind === 'counter',
    batchGroup: group,
    ...(plan.kind === 'query' ? {} : { partitionKey: schema.partitionKey.map(key => key.name) }),
  }
  const canUnset = session.protocolVersion > 3
  if (!canUnset && table.nullToUnset) logger.warn(noUnset(table))
  const insert = await session.prepare(plan.cql, table.keyspace, options)
  if (table.mapsRest !== undefined) staleOnTableChange(session, insert, table)
  const deletion =
    plan.deleteCql === undefined
      ? undefined
      : await session.prepare(plan.deleteCql, table.keyspace, options)
  const variables = bindVariables(plan, insert, codecs)
  return {
    binder: new RowBinder({ plan, insert, variables, delete: deletion, reference, canUnset }),
    metrics: new TableMetrics(metrics, table),
    group,
    statements: deletion === undefined ? [insert] : [insert, deletion],
    isOrdered: table.query !== undefined,
  }
}

/** KCQL names tables in any case: the lower-case name counts where the exact one is unknown. */
async function schemaOf(session: TableSession, table: TableSettings): Promise<TableSchema> {
  const lower = table.table.toLowerCase()
  try {
    return await session.control.table(table.keyspace, table.table)
  } catch (error) {
    const isUnknown = isScamanderError(error) && error.code === CASSANDRA_ERRORS.TABLE_UNKNOWN.code
    if (!isUnknown || table.selection === undefined || lower === table.table) throw error
    return await session.control.table(table.keyspace, lower)
  }
}

/** Inserts and deletes set values at a given time: doing them twice changes nothing. */
function isIdempotent(plan: TablePlan, settings: DatastaxSinkSettings): boolean {
  return plan.kind === 'insert' || settings.connection.driver.defaultIdempotence
}

function toTopicWriter(topic: TopicSettings, opened: readonly OpenedTable[]): TopicWriter {
  const statements = opened.flatMap(one => one.statements)
  return {
    binders: opened.map(one => one.binder),
    metrics: opened.map(one => one.metrics),
    metricsOfGroup: new Map(opened.map(one => [one.group, one.metrics])),
    viewsFields: topic.tables.some(table => table.selection === undefined),
    isOrdered: opened.some(one => one.isOrdered),
    get isStale() {
      return statements.some(statement => statement.isStale)
    },
  }
}

function noUnset(table: TableSettings): string {
  const key = keyOf(table, 'nullToUnset')
  return `${key}: protocol v3 cannot leave columns untouched, so nulls are written; use v4 or higher`
}

function problemOf(error: ScamanderError, table: TableSettings): TableProblem {
  const { origin } = table
  const main = origin?.key ?? keyOf(table)
  const told = [main, DELETE_STATEMENT_KEY].find(key => error.message.startsWith(key))
  if (told !== undefined) return { key: told, error }
  const isKeyspace = error.code === CASSANDRA_ERRORS.KEYSPACE_UNKNOWN.code
  const isQuery =
    table.query !== undefined && error.code === CASSANDRA_ERRORS.STATEMENT_REFUSED.code
  const key =
    isKeyspace && origin?.keyspaceKey !== undefined
      ? origin.keyspaceKey
      : isQuery && origin === undefined
        ? keyOf(table, 'query')
        : main
  const where = key === main ? keyOf(table) : key
  const message = `${where}: ${error.message}`
  return { key, error: new ScamanderError(TABLE_SINK_ERRORS.TABLE, message, { cause: error }) }
}

function joined(problems: readonly ScamanderError[]): ScamanderError {
  if (problems.length === 1) return problems[0]!
  const message = problems.map(problem => problem.message).join('\n')
  return new ScamanderError(TABLE_SINK_ERRORS.TABLE, message)
}
