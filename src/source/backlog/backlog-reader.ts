/**
 * Reads one root table of the catalogue, whole or what changed, as pages of payloads. Each page has
 * the cursor that holds once its rows are written, and the scopes (an issue, a wiki page) whose rows
 * it brought completely: what such a scope had and has no more is gone.
 * Called by the replication engine, once per run and group of tasks.
 * Invariants: `isComplete` is only true when every row of the table was listed without a fault, so
 * that missing keys are deletes; a cursor never passes rows that were not handed out.
 * Spec: backlog-replication 1.6, 1.8, 2.9.
 */
import type { Json } from '../../backlog/index.ts'
import type { CatalogueTable } from './catalogue-table.ts'
import { documentPages } from './document-reading.ts'
import { grownTable } from './id-reading.ts'
import { IssueReading } from './issue-reading.ts'
import { listedTable } from './list-reading.ts'
import { PullReading } from './pull-reading.ts'
import { type ReadOptions, type SourcePage, TableReading } from './table-reading.ts'

export class BacklogReader {
  readonly #reading: TableReading

  constructor(table: CatalogueTable, options: ReadOptions) {
    this.#reading = new TableReading(table, options)
  }

  /** Every row was listed. Valid at the end. */
  get isComplete(): boolean {
    return this.#reading.isComplete
  }

  async *pages(): AsyncGenerator<SourcePage> {
    const reading = this.#reading
    const { columns, path } = reading.table
    const needs = (name: string) => columns.some(one => one.path === `@${name}`)
    if (needs('space') || path.startsWith('space'))
      reading.spaceKey = String((await reading.get<Json>('space'))['spaceKey'])
    if (needs('myself') || path.includes('{myself}'))
      reading.myself = Number((await reading.get<Json>('users/myself'))['id'])
    yield* pagesOf(reading)
  }
}

function pagesOf(reading: TableReading): AsyncGenerator<SourcePage> {
  const { iteration, method } = reading.table
  if (method === 'UPDATED-DATE' || iteration === 'issue') return new IssueReading(reading).pages()
  if (method === 'PR-SCAN' || iteration === 'pull-request') return new PullReading(reading).pages()
  if (method === 'UPDATED-SORT') return documentPages(reading)
  return method.startsWith('MIN-') ? grownTable(reading) : listedTable(reading)
}
