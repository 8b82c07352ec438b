/**
 * SQL over staged rows, in an embedded engine without files, network, extensions or settings.
 * One per preview, run of a query task, or task with expressions; holds rows only in memory, with a limit.
 * Invariants: exactly one SELECT runs, over staged tables only; a statement has a time limit.
 * Spec: backlog-replication 2.6.
 */
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { SourceType } from '../api-v1.ts'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import type { FunctionNames, SqlTree } from './query-shape.ts'
import { NO_RUN, type RunFacts, runMacros } from './run-facts.ts'

export interface StagedColumn {
  readonly name: string
  readonly type: SourceType
}

export type Value = string | number | boolean | null | readonly (string | number)[]

export interface ResultColumn {
  readonly name: string
  /** The engine's type. */
  readonly type: string
}

const CONFIG = {
  ...{ memory_limit: '1GB', threads: '2', enable_external_access: 'false' },
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
}
const NO_ROOM =
  'the rows and the statement need more than the 1 GB of memory that there is for them; read fewer tables or rows, or copy the tables and query them elsewhere'
const FUNCTIONS_ALLOWED = new Set(['unnest', 'range', 'generate_series'])

const SQL_TYPE: Readonly<Record<SourceType, string>> = {
  long: 'BIGINT',
  int: 'INTEGER',
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
  decimal: 'DECIMAL(38,10)',
  double: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  json: 'VARCHAR',
  'list<long>': 'BIGINT[]',
  'list<int>': 'INTEGER[]',
  'list<string>': 'VARCHAR[]',
}

export class SqlEngine {
  /** The same in every engine. */
  static #functions: FunctionNames | undefined
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #staged = new Map<string, readonly StagedColumn[]>()

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  /** `facts`: what the functions of a run tell. */
  static async open(facts: RunFacts = NO_RUN): Promise<SqlEngine> {
    // Some 30 MB, which only those pay who use SQL.
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(':memory:', CONFIG)
    const connection = await instance.connect()
    await connection.run("SET TimeZone = 'UTC'")
    for (const macro of runMacros(facts)) await connection.run(macro)
    await connection.run('SET lock_configuration = true')
    return new SqlEngine(instance, connection)
  }

  /** An empty table of that name. Rows are kept as text and cast when they are read. */
  async stage(name: string, columns: readonly StagedColumn[]): Promise<void> {
    const raw = columns.map(one => `${quote(one.name)} VARCHAR`).join(', ')
    const cast = columns.map(one => `${castOf(one)} AS ${quote(one.name)}`).join(', ')
    await this.#connection.run(`CREATE TABLE ${quote(`raw ${name}`)} (${raw})`)
    await this.#connection.run(
      `CREATE VIEW ${quote(name)} AS SELECT ${cast} FROM ${quote(`raw ${name}`)}`,
    )
    this.#staged.set(name, columns)
  }

  /** The same table, empty, with other columns. */
  async restage(name: string, columns: readonly StagedColumn[]): Promise<void> {
    await this.#connection.run(`DROP VIEW ${quote(name)}`)
    await this.#connection.run(`DROP TABLE ${quote(`raw ${name}`)}`)
    await this.stage(name, columns)
  }

  async append(name: string, rows: readonly (readonly Value[])[]): Promise<void> {
    await this.#guarded(async () => {
      const appender = await this.#connection.createAppender(`raw ${name}`)
      for (const row of rows) {
        for (const value of row) {
          if (value === null) appender.appendNull()
          else
            appender.appendVarchar(
              typeof value === 'object' ? JSON.stringify(value) : String(value),
            )
        }
        appender.endRow()
      }
      appender.closeSync()
    })
  }

  /** Of rows with one key the last stays. */
  async unite(name: string, key: readonly string[]): Promise<void> {
    const raw = quote(`raw ${name}`)
    const columns = key.map(quote).join(', ')
    await this.#guarded(() =>
      this.#connection.run(
        `DELETE FROM ${raw} WHERE rowid NOT IN (SELECT max(rowid) FROM ${raw} GROUP BY ${columns})`,
      ),
    )
  }

  async clear(name: string): Promise<void> {
    await this.#connection.run(`DELETE FROM ${quote(`raw ${name}`)}`)
  }

  /** Throws unless the text is one SELECT without access to anything but staged tables. */
  async check(sql: string): Promise<CheckedSql> {
    const reader = await this.#guarded(() =>
      this.#connection.runAndReadAll('SELECT json_serialize_sql($sql::VARCHAR)', { sql }),
    )
    const tree = JSON.parse(String(reader.getRows()[0]?.[0])) as ParsedSql
    if (tree.error === true) throw refused(tree.error_message ?? 'the statement cannot be read')
    if (tree.statements?.length !== 1)
      throw refused(`expected one SELECT, found ${tree.statements?.length ?? 0}`)
    const found: FoundSql = { tables: new Set(), names: new Set(), beyondRow: new Set() }
    walk(tree.statements[0], found)
    const tables = [...found.tables].filter(name => !found.names.has(name))
    const statement = tree.statements[0] as SqlTree
    return { tables, beyondRow: [...found.beyondRow], statement }
  }

  /** Those of the engine by what they do; ours are not among them. */
  async functions(): Promise<FunctionNames> {
    SqlEngine.#functions ??= await this.#findFunctions()
    return SqlEngine.#functions
  }

  async #findFunctions(): Promise<FunctionNames> {
    const namesOf = async (which: string) => {
      const sql = `SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE ${which}`
      const reader = await this.#connection.runAndReadAll(sql)
      return new Set(reader.getRows().map(([name]) => String(name)))
    }
    return {
      aggregates: await namesOf("function_type = 'aggregate'"),
      unsteady: await namesOf(
        "internal AND ((function_type = 'scalar' AND stability <> 'CONSISTENT' AND function_name <> 'error') OR (function_type = 'macro' AND macro_definition LIKE '%current_%'))",
      ),
    }
  }

  /** Columns of a checked statement. */
  async describe(sql: string): Promise<ResultColumn[]> {
    const prepared = await this.#guarded(() => this.#connection.prepare(sql))
    const columns = Array.from({ length: prepared.columnCount }, (_, index) => ({
      name: prepared.columnName(index),
      type: String(prepared.columnType(index)),
    }))
    prepared.destroySync()
    return columns
  }

  /** Rows of a checked statement, in pages; throws when they take longer, or the signal says so. */
  async *select(sql: string, limitMs: number, signal?: AbortSignal): AsyncGenerator<Value[][]> {
    let isLate = false
    const stop = () => this.#connection.interrupt()
    const timer = setTimeout(() => {
      isLate = true
      stop()
    }, limitMs)
    signal?.addEventListener('abort', stop)
    try {
      const result = await this.#guarded(() => this.#connection.stream(sql))
      const rows = result.yieldRowsJson()[Symbol.asyncIterator]()
      for (;;) {
        const page = await this.#guarded(() => rows.next())
        if (page.done === true) return
        if (page.value.length > 0) yield page.value as Value[][]
      }
    } catch (error) {
      if (!isLate) throw error
      throw refused(`the statement and its rows took longer than ${limitMs / 1000} s`, error)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      throw refused(engineText(messageOf(cause)), cause)
    }
  }
}

export interface CheckedSql {
  /** That it reads. */
  readonly tables: readonly string[]
  /** What in it needs more than one row, or makes more than one of a row, in words. */
  readonly beyondRow: readonly string[]
  /** As it was parsed. */
  readonly statement: SqlTree
}

interface FoundSql {
  readonly tables: Set<string>
  readonly names: Set<string>
  readonly beyondRow: Set<string>
}

interface ParsedSql {
  readonly error?: boolean
  readonly error_message?: string
  readonly statements?: readonly unknown[]
}

function walk(node: unknown, found: FoundSql): void {
  if (node === null || typeof node !== 'object') return
  if (Array.isArray(node)) {
    for (const one of node) walk(one, found)
    return
  }
  const tree = node as Record<string, unknown>
  if (tree['type'] === 'BASE_TABLE') {
    if (tree['schema_name'] !== '' || tree['catalog_name'] !== '')
      throw refused(
        `only tables of the source can be read, found ${tree['schema_name']}.${tree['table_name']}`,
      )
    found.tables.add(String(tree['table_name']))
  }
  if (tree['type'] === 'TABLE_FUNCTION') {
    const name = String((tree['function'] as Record<string, unknown>)['function_name'])
    if (!FUNCTIONS_ALLOWED.has(name)) throw refused(`the function ${name} is not allowed here`)
  }
  if (tree['class'] === 'WINDOW') found.beyondRow.add('a window')
  if (tree['class'] === 'SUBQUERY') found.beyondRow.add('a subquery')
  if (tree['class'] === 'FUNCTION' && tree['function_name'] === 'unnest')
    found.beyondRow.add('unnest')
  const map = (tree['cte_map'] as { map?: { key: string }[] } | undefined)?.map
  for (const { key } of map ?? []) found.names.add(key)
  for (const child of Object.values(tree)) walk(child, found)
}

function castOf({ name, type }: StagedColumn): string {
  if (type.startsWith('list')) return `CAST(CAST(${quote(name)} AS JSON) AS ${SQL_TYPE[type]})`
  return type === 'timestamp'
    ? `CAST(CAST(${quote(name)} AS TIMESTAMPTZ) AS TIMESTAMP)`
    : `CAST(${quote(name)} AS ${SQL_TYPE[type]})`
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A message of the engine, with the names that a caller knows. */
export function engineText(text: string): string {
  // What it proposes then is not the caller's to set.
  return text.startsWith('Out of Memory') ? NO_ROOM : text.replaceAll(/"?raw (\w+)"?/g, '$1')
}

function refused(message: string, cause?: unknown): ScamanderError {
  const context = { field: 'query' }
  const more = cause === undefined ? {} : { cause }
  return new ScamanderError(REPLICATE_ERRORS.QUERY, message, { context, ...more })
}
