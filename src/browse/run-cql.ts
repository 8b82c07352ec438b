/**
 * One CQL statement of a person: reads give one page of rows, changes need leave, deletes need the name of
 * their object. Called for the tab CQL.
 * Invariants: nothing but a read is sent without `write`, or on a connection that is read-only; rows and
 * bytes of an answer are bounded; a statement is sent once, never repeated.
 * Spec: ui 4.5, 4.11, 5.7.
 */
import type { CqlRequest, CqlResult, DataCell } from '../api-v1-data.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import type { ReadSession } from '../cassandra/index.ts'
import { CONSISTENCY, type ConsistencyName, formatCqlType } from '../cql/index.ts'
import { type CqlStatement, readCqlStatement } from './cql-statement.ts'
import { BROWSE_ERRORS } from './errors.ts'
import { readCells } from './table-rows.ts'

export interface CqlRules {
  readonly isReadOnly: boolean
  readonly consistency: ConsistencyName
}

const ROWS_MAX = 500
const CHARACTERS_MAX = 1_000

/** Throws when the statement may not be sent. */
export function checkCql(request: CqlRequest, { isReadOnly }: CqlRules): CqlStatement {
  const statement = readCqlStatement(typeof request.cql === 'string' ? request.cql : '')
  const { kind, verb, object } = statement
  if (kind === 'read') return statement
  const context = { field: 'cql', kind, object }
  if (isReadOnly) {
    const message = `cql: the connection is read-only and ${verb} changes something`
    throw new ScamanderError(BROWSE_ERRORS.WRITE, message, { context })
  }
  if (request.write !== true) {
    const message = `cql: ${verb} changes something and Allow writes is off`
    throw new ScamanderError(BROWSE_ERRORS.WRITE, message, { context })
  }
  if (kind === 'delete' && request.confirm !== confirmationOf(statement)) {
    const message = `${verb} takes something away: expected its confirmation by the name ${confirmationOf(statement)}`
    throw new ScamanderError(BROWSE_ERRORS.CONFIRM, message, {
      context: { ...context, field: 'confirm' },
    })
  }
  return statement
}

/** What a person types before a statement that deletes. */
export function confirmationOf({ object, verb }: CqlStatement): string {
  return object === '' ? verb : object
}

export async function runCql(
  session: ReadSession,
  statement: CqlStatement,
  rules: CqlRules,
): Promise<CqlResult> {
  const startMs = performance.now()
  const took = () => Math.round(performance.now() - startMs)
  if (statement.verb === 'SELECT') {
    return { kind: 'read', ...(await select(session, statement.text, rules)), tookMs: took() }
  }
  const code = CONSISTENCY[rules.consistency]
  const rows = await session.control.execute(statement.text, [], code)
  const names = Object.keys(rows[0] ?? {})
  return {
    kind: statement.kind,
    columns: names.map(name => ({ name, type: '', kind: 'result' })),
    rows: rows.slice(0, ROWS_MAX).map(row => names.map(name => plainCell(row[name]))),
    hasMore: rows.length > ROWS_MAX,
    tookMs: took(),
  }
}

async function select(session: ReadSession, cql: string, { consistency }: CqlRules) {
  // Statements name their keyspace; replicas are not chosen for one page.
  const statement = await session.prepare(cql, 'system', CONSISTENCY[consistency])
  if (statement.variables.length > 0) {
    const message = 'cql: expected values, found a ? or a :name in their place'
    throw new ScamanderError(BROWSE_ERRORS.STATEMENT, message, { context: { field: 'cql' } })
  }
  const { cells, pagingState } = await readCells(session, statement, {
    ...{ values: Buffer.from([0, 0]), rowsMax: ROWS_MAX },
    ...{ pagingState: undefined, charactersMax: CHARACTERS_MAX },
  })
  return {
    columns: statement.columns.map(({ name, type }) => ({
      name,
      type: formatCqlType(type),
      kind: 'result' as const,
    })),
    rows: cells,
    hasMore: pagingState !== undefined,
  }
}

/** Of the answers of DESCRIBE, LIST and conditional writes, which the driver has decoded. */
function plainCell(value: unknown): DataCell {
  if (value === null || value === undefined) return null
  const text = Buffer.isBuffer(value) ? `0x${value.toString('hex')}` : String(value)
  return text.length <= CHARACTERS_MAX * 16
    ? text
    : { text: text.slice(0, CHARACTERS_MAX * 16), bytes: Buffer.byteLength(text) }
}
