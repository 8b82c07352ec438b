/**
 * Reads the columns of a table once more before a record is judged that has a member without a
 * column: the event of a change may come later than the records that the change was made for.
 * Filled by views of KCQL selections while a delivery is bound; asked by the table sink after it.
 * Invariants: a record is refused only by columns that were read after it came; a table is read at
 * most ten times a second, so that records that stay wrong do not keep the cluster busy.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import { isScamanderError } from '../../base/scamander-error.ts'
import type { TableSchema } from '../../cassandra/index.ts'
import type { TableSession } from './opened-table.ts'

const PAUSE_MS = 100

export class ColumnCheck {
  readonly #clock: Clock
  /** Tables in doubt, as they were opened. */
  readonly #doubted = new Map<string, TableSchema>()
  readonly #readAtMs = new Map<string, number>()

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** A record has a member that no column of the table has. */
  doubt(table: TableSchema): void {
    this.#doubted.set(`${table.keyspace}.${table.name}`, table)
  }

  get hasDoubts(): boolean {
    return this.#doubted.size > 0
  }

  forget(): void {
    this.#doubted.clear()
  }

  /** True when a table in doubt has other columns than it was opened with. */
  async haveChanged(control: Pick<TableSession['control'], 'table'>): Promise<boolean> {
    const tables = [...this.#doubted]
    this.forget()
    const changes = await Promise.all(
      tables.map(async ([name, opened]) => {
        await this.#wait(name)
        return await hasChanged(control, opened)
      }),
    )
    return changes.includes(true)
  }

  async #wait(name: string): Promise<void> {
    const last = this.#readAtMs.get(name)
    if (last !== undefined) {
      await this.#clock.sleep(Math.max(0, last + PAUSE_MS - this.#clock.monotonicMs()))
    }
    this.#readAtMs.set(name, this.#clock.monotonicMs())
  }
}

async function hasChanged(
  control: Pick<TableSession['control'], 'table'>,
  opened: TableSchema,
): Promise<boolean> {
  try {
    const now = await control.table(opened.keyspace, opened.name)
    return namesOf(now) !== namesOf(opened)
  } catch (error) {
    // The table is gone: opening it again tells.
    if (isScamanderError(error, 'config')) return true
    throw error
  }
}

function namesOf({ columns }: TableSchema): string {
  return JSON.stringify(columns.map(column => column.name).sort())
}
