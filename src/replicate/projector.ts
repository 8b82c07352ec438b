/**
 * Turns rows of a source table into rows of a task: the columns as they are, or what expressions or a
 * query that is computed row by row make of them. One per task and run, or preview. Close it.
 * Invariant: every row that comes out says from which row it was made; a row of a query may make none.
 * Spec: backlog-replication 2.5, 2.6.
 */
import { ROW_PLACE } from './query-facts.ts'
import { NO_RUN, type RunFacts } from './run-facts.ts'
import type { SourceTable } from './source-table.ts'
import { quote, SqlEngine, type Value } from './sql-engine.ts'
import type { TaskSetup } from './task-setup.ts'

export interface ProjectedRow {
  readonly values: readonly Value[]
  /** The place of the row that it was made of. */
  readonly from: number
}

const LIMIT_MS = 30 * 60_000

export class Projector {
  readonly #indexes: readonly number[]
  readonly #table: SourceTable
  readonly #engine: SqlEngine | undefined
  readonly #select: string

  private constructor(setup: TaskSetup, engine: SqlEngine | undefined) {
    const table = setup.tables[0]!
    this.#table = table
    this.#engine = engine
    this.#indexes = setup.specs.map(one =>
      table.columns.findIndex(column => column.name === one.source),
    )
    const list = setup.specs.map(one =>
      one.expression === null ? quote(one.source ?? '') : `(${one.expression}\n)`,
    )
    const place = quote(ROW_PLACE)
    this.#select =
      setup.rowSelect ??
      `SELECT ${list.join(', ')}, ${place} FROM ${quote(table.name)} ORDER BY ${place}`
  }

  static async open(setup: TaskSetup, facts: RunFacts = NO_RUN): Promise<Projector> {
    const isOverAll = setup.select !== undefined && setup.rowSelect === undefined
    const isPlain = setup.specs.every(one => one.expression === null)
    if (isOverAll || isPlain) return new Projector(setup, undefined)
    const engine = await SqlEngine.open(facts)
    const table = setup.tables[0]!
    await engine.stage(table.name, [...table.columns, { name: ROW_PLACE, type: 'int' }])
    return new Projector(setup, engine)
  }

  async project(rows: readonly (readonly Value[])[]): Promise<ProjectedRow[]> {
    if (this.#engine === undefined) {
      const indexes = this.#indexes
      return rows.map((row, from) => {
        const values: Value[] = []
        for (let at = 0; at < indexes.length; at++) values.push(row[indexes[at]!]!)
        return { values, from }
      })
    }
    const { name } = this.#table
    await this.#engine.clear(name)
    await this.#engine.append(
      name,
      rows.map((row, index) => [...row, index]),
    )
    const out: ProjectedRow[] = []
    for await (const page of this.#engine.select(this.#select, LIMIT_MS))
      for (const row of page) out.push({ values: row.slice(0, -1), from: Number(row.at(-1)) })
    return out
  }

  close(): void {
    this.#engine?.close()
  }
}
