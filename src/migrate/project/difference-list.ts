/**
 * The rows that differ, as the last validation of each table told them: kept in memory only, because
 * they hold row data, and bounded. Fed by the act desk, read by the page.
 * Invariants: a table that is compared again loses what was known of it first; ids are never used twice.
 * Spec: live-migration 4.2 (failure kinds); ui 5.6.
 */
import type { MigrationDifference, MigrationDifferences } from '../../api-v1-migrations.ts'
import type { Failure } from '../validate-report.ts'
import type { JsonValue } from '../value-text.ts'

export const DIFFERENCES_MAX = 2_000

interface Kept {
  readonly shown: MigrationDifference
  /** See `ValidateSettings.repairKeys`. */
  readonly key: string
}

export class DifferenceList {
  readonly #tables = new Map<string, Kept[]>()
  #nextId = 1
  #comparedAt: string | null = null
  #rows = 0
  #isCut = false

  /** Before tables are compared. */
  begin(tables: readonly string[]): void {
    for (const table of tables) this.#tables.delete(table)
    this.#rows = 0
    this.#isCut = false
    this.#comparedAt = new Date().toISOString()
  }

  add(failure: Failure): void {
    const kept = this.#tables.get(failure.table) ?? []
    if (this.#count() >= DIFFERENCES_MAX) {
      this.#isCut = true
      return
    }
    const shown = toDifference(this.#nextId++, failure)
    kept.push({ shown, key: JSON.stringify(failure.key) })
    this.#tables.set(failure.table, kept)
  }

  compared(rows: number): void {
    this.#rows = rows
    this.#comparedAt = new Date().toISOString()
  }

  cut(): void {
    this.#isCut = true
  }

  view(of: { readonly table: string | undefined; readonly kind: string | undefined }) {
    const all = [...this.#tables.values()].flat().map(one => one.shown)
    const kinds: Record<string, number> = {}
    for (const one of all) kinds[one.kind] = (kinds[one.kind] ?? 0) + 1
    const items = all.filter(
      one =>
        (of.table === undefined || one.table === of.table) &&
        (of.kind === undefined || one.kind === of.kind),
    )
    const answer: MigrationDifferences = {
      ...{ items, kinds, comparedAt: this.#comparedAt },
      ...{ rowsCompared: this.#rows, isCut: this.#isCut },
    }
    return answer
  }

  /** Keys as `repairKeys` takes them, by table; those that are chosen, else all that are not repaired. */
  keys(ids: readonly number[] | undefined): Map<string, Set<string>> {
    const chosen = new Map<string, Set<string>>()
    for (const [table, all] of this.#tables) {
      const wanted = all.filter(({ shown }) =>
        ids === undefined ? !shown.isRepaired : ids.includes(shown.id),
      )
      if (wanted.length > 0) chosen.set(table, new Set(wanted.map(one => one.key)))
    }
    return chosen
  }

  #count(): number {
    return [...this.#tables.values()].reduce((sum, one) => sum + one.length, 0)
  }
}

function toDifference(id: number, failure: Failure): MigrationDifference {
  const { table, key, source, target, differences, isRepaired, note } = failure
  return {
    ...{ id, table, isRepaired, note, kind: kindOf(failure) },
    key: cellsOf(key),
    source: source === null ? null : cellsOf(source),
    target: target === null ? null : cellsOf(target),
    cells: differences.map(one => ({
      ...{ kind: one.kind, column: one.column },
      ...{ source: textOf(one.source), target: textOf(one.target) },
    })),
  }
}

/** The first difference of a row names it; what the target wrote later stands apart. */
export function kindOf({ kind, differences, note }: Failure): string {
  if (note === 'target-newer') return note
  if (kind !== 'mismatch') return kind
  return differences.some(one => one.kind === 'value') ? 'value' : (differences[0]?.kind ?? 'value')
}

function cellsOf(row: Readonly<Record<string, JsonValue>>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value)]))
}

function textOf(value: JsonValue): string | null {
  if (value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
