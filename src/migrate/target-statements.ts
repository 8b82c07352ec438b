/**
 * The statements that write one table: text from the plan, prepared on the target.
 * Cells that a statement does not carry are bound as unset, so one INSERT and one UPDATE serve every
 * combination of columns.
 * `insert` makes the row (its marker); `update` adds cells of other times; `statics` writes the static
 * cells; `elements` writes part of a collection; `counters` adds differences.
 * Spec: live-migration 3.3, 3.4 (statement shape).
 */
import {
  qualifiedName,
  quoteIdentifier,
  type WriteSession,
  type WriteStatement,
} from '../cassandra/index.ts'
import type { ConsistencyCode } from '../cql/index.ts'
import type { PlanColumn, TablePlan } from './table-plan.ts'

export interface TargetStatements {
  readonly insert: WriteStatement
  /** Undefined: there are no regular columns. */
  readonly update: WriteStatement | undefined
  /** Undefined: there are no static columns. */
  readonly statics: WriteStatement | undefined
  /** By plan column: collections and user-defined types that are not frozen. */
  readonly elements: ReadonlyMap<PlanColumn, WriteStatement>
}

/** Which `USING` the statements have. */
export interface UsingClause {
  readonly timestamp: boolean
  readonly ttl: boolean
}

export async function prepareTarget(
  session: WriteSession,
  plan: TablePlan,
  options: { readonly using: UsingClause; readonly consistency: ConsistencyCode },
): Promise<TargetStatements> {
  const { consistency } = options
  const texts = statementTexts(plan, options.using)
  // A list written twice at one time has its elements twice: only the caller sends it again.
  const isIdempotent = ![...plan.regulars, ...plan.statics].some(one => one.shape === 'list')
  const prepare = (cql: string) =>
    session.prepare(cql, plan.target.keyspace, {
      ...{ consistency, isIdempotent, batchGroup: 0 },
      isCounter: false,
    })
  const elements = new Map<PlanColumn, WriteStatement>()
  for (const [column, cql] of texts.elements) elements.set(column, await prepare(cql))
  return {
    insert: await prepare(texts.insert),
    update: texts.update === undefined ? undefined : await prepare(texts.update),
    statics: texts.statics === undefined ? undefined : await prepare(texts.statics),
    elements,
  }
}

export interface StatementTexts {
  readonly insert: string
  readonly update: string | undefined
  readonly statics: string | undefined
  readonly elements: ReadonlyMap<PlanColumn, string>
}

export function statementTexts(plan: TablePlan, using: UsingClause): StatementTexts {
  const { keys, regulars, statics } = plan
  const partition = keys.slice(0, plan.partitionKeyCount)
  const elements = new Map<PlanColumn, string>()
  for (const column of regulars) {
    if (hasElementStatement(column)) elements.set(column, elementText(plan, column, keys, using))
  }
  for (const column of statics) {
    if (hasElementStatement(column))
      elements.set(column, elementText(plan, column, partition, using))
  }
  return {
    insert: insertText(plan, [...keys, ...regulars], { using, constants: plan.constants }),
    update: regulars.length === 0 ? undefined : updateText(plan, using),
    statics:
      statics.length === 0
        ? undefined
        : insertText(plan, [...partition, ...statics], { using, constants: [] }),
    elements,
  }
}

/** Adds differences to counters: the counters, then the key. */
export function counterText(plan: TablePlan, columns: readonly PlanColumn[]): string {
  const isStatic = columns[0]?.source.kind === 'static'
  const keys = isStatic ? plan.keys.slice(0, plan.partitionKeyCount) : plan.keys
  const set = columns.map(one => `${nameOf(one)} = ${nameOf(one)} + ?`).join(', ')
  return `UPDATE ${tableOf(plan)} SET ${set} WHERE ${conditions(keys)}`
}

function insertText(
  plan: TablePlan,
  columns: readonly PlanColumn[],
  { using, constants }: { readonly using: UsingClause; readonly constants: TablePlan['constants'] },
): string {
  const names = [...columns.map(nameOf), ...constants.map(([name]) => quoteIdentifier(name))]
  const values = [...columns.map(() => '?'), ...constants.map(([, literal]) => literal)]
  const clause = usingText(using)
  return `INSERT INTO ${tableOf(plan)} (${names.join(', ')}) VALUES (${values.join(', ')})${clause}`
}

function updateText(plan: TablePlan, using: UsingClause): string {
  const set = plan.regulars.map(one => `${nameOf(one)} = ?`).join(', ')
  return `UPDATE ${tableOf(plan)}${usingText(using)} SET ${set} WHERE ${conditions(plan.keys)}`
}

function elementText(
  plan: TablePlan,
  column: PlanColumn,
  keys: readonly PlanColumn[],
  using: UsingClause,
): string {
  const name = nameOf(column)
  const { type } = column.target
  const set =
    type.kind === 'udt'
      ? type.fields.map(field => `${name}.${quoteIdentifier(field.name)} = ?`).join(', ')
      : `${name} = ${name} + ?`
  return `UPDATE ${tableOf(plan)}${usingText(using)} SET ${set} WHERE ${conditions(keys)}`
}

function hasElementStatement({ shape }: PlanColumn): boolean {
  return shape === 'set' || shape === 'map' || shape === 'udt'
}

function usingText({ timestamp, ttl }: UsingClause): string {
  const parts = [...(timestamp ? ['TIMESTAMP ?'] : []), ...(ttl ? ['TTL ?'] : [])]
  return parts.length === 0 ? '' : ` USING ${parts.join(' AND ')}`
}

function conditions(keys: readonly PlanColumn[]): string {
  return keys.map(one => `${nameOf(one)} = ?`).join(' AND ')
}

function nameOf(column: PlanColumn): string {
  return quoteIdentifier(column.target.name)
}

function tableOf({ target }: TablePlan): string {
  return qualifiedName(target.keyspace, target.name)
}
