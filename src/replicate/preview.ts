/**
 * The first rows of a task, before and after, with what cannot be converted and keys that occur twice.
 * Reads one page of each source table and writes nothing.
 * Spec: backlog-replication 2.5, 2.6.
 */
import type { TaskPreview } from '../api-v1.ts'
import { messageOf } from '../base/scamander-error.ts'
import { BacklogReader, type RowFilter, TABLES } from '../source/index.ts'
import { cassandraPages } from './cassandra-rows.ts'
import { toCql } from './cell-value.ts'
import type { OpenSource } from './open-source.ts'
import { Projector } from './projector.ts'
import { NO_RUN, type RunFacts, sharedEnv } from './run-facts.ts'
import type { SourceTable } from './source-table.ts'
import { SqlEngine, type Value } from './sql-engine.ts'
import { rowsOf } from './table-family.ts'
import type { TaskSetup } from './task-setup.ts'

const ROWS = 20
const QUERY_ROWS = 100
const QUERY_MS = 60_000

export async function previewTask(
  setup: TaskSetup,
  source: OpenSource,
  signal: AbortSignal,
): Promise<TaskPreview> {
  const startMs = performance.now()
  const count = { requests: 0 }
  const isQuery = setup.select !== undefined
  const before = isQuery
    ? null
    : await sample(setup.tables[0]!, source, { signal, count, rows: ROWS })
  const rows =
    before === null ? await query(setup, source, { signal, count }) : await project(setup, before)
  const problems = problemsOf(setup, rows)
  const columns = setup.tables[0]!.columns.map(({ name, type }) => ({ name, type }))
  const after = { columns: setup.specs.map(({ name, type }) => ({ name, type })), rows }
  return {
    before: before === null ? null : { columns, rows: before },
    after,
    problems,
    requests: count.requests,
    tookMs: Math.round(performance.now() - startMs),
  }
}

/** Of a run that begins now; no run was before. */
function previewFacts(): RunFacts {
  return { ...NO_RUN, startMs: Date.now(), env: sharedEnv() }
}

interface Sampling {
  readonly signal: AbortSignal
  readonly filter?: RowFilter | undefined
  readonly count: { requests: number }
}

async function sample(
  table: SourceTable,
  source: OpenSource,
  { signal, count, rows, filter }: Sampling & { readonly rows: number },
): Promise<Value[][]> {
  const found: Value[][] = []
  if (source.kind === 'cassandra') {
    for await (const page of cassandraPages({ ...source, table, pageSize: rows, signal })) {
      found.push(...page)
      if (found.length >= rows) break
    }
    return found.slice(0, rows)
  }
  const own = table.catalogue!
  const root = own.parent === undefined ? own : TABLES.get(own.parent)!
  const caller = { signal, onRequest: () => void count.requests++ }
  const reader = new BacklogReader(root, {
    client: source.client,
    caller,
    cursor: {},
    isFull: true,
    wanted: new Set([table.name]),
    filter,
    nowMs: Date.now(),
    warn: () => undefined,
    onTotal: () => undefined,
  })
  let pages = 0
  for await (const page of reader.pages()) {
    found.push(...rowsOf(table, page, root).map(one => one.values))
    if (found.length >= rows || pages++ > ROWS) break
  }
  return found.slice(0, rows)
}

async function project(setup: TaskSetup, rows: readonly Value[][]): Promise<Value[][]> {
  const projector = await Projector.open(setup, previewFacts())
  try {
    return (await projector.project(rows)).map(one => [...one.values])
  } finally {
    projector.close()
  }
}

/** Over the first pages of its tables: a query that groups shows part of the truth. */
async function query(setup: TaskSetup, source: OpenSource, sampling: Sampling): Promise<Value[][]> {
  const engine = await SqlEngine.open(previewFacts())
  try {
    for (const table of setup.tables) {
      await engine.stage(table.name, table.columns)
      await engine.append(
        table.name,
        await sample(table, source, {
          ...{ ...sampling, rows: QUERY_ROWS, filter: setup.query?.filters.get(table.name) },
        }),
      )
    }
    const rows: Value[][] = []
    for await (const page of engine.select(setup.select!, QUERY_MS, sampling.signal)) {
      rows.push(...page)
      if (rows.length >= QUERY_ROWS) break
    }
    return rows.slice(0, QUERY_ROWS)
  } finally {
    engine.close()
  }
}

function problemsOf({ target }: TaskSetup, rows: readonly Value[][]): TaskPreview['problems'] {
  const problems: { row: number; column: string; message: string }[] = []
  const keys = new Map<string, number>()
  for (const [row, values] of rows.entries()) {
    for (const [index, { name, type }] of target.columns.entries()) {
      try {
        const cell = toCql(values[index] ?? null, type, name)
        if (cell === null && index < target.keyCount)
          problems.push({ row, column: name, message: 'a key column has no value; use coalesce' })
      } catch (error) {
        problems.push({ row, column: name, message: messageOf(error) })
      }
    }
    const key = JSON.stringify(values.slice(0, target.keyCount))
    const first = keys.get(key)
    if (first !== undefined)
      problems.push({
        row,
        column: target.columns[0]!.name,
        message: `has the key of row ${first}: rows would overwrite each other`,
      })
    else keys.set(key, row)
  }
  return problems
}
