/**
 * Values of custom fields of issues: as columns by kind, and as one value of a column of their own.
 * Used by the table IssueCustomFieldValues and by the columns `cf_ID` of Issues.
 * Spec: backlog-replication 1.9 (Issues).
 */
import type { Json } from '../../backlog/index.ts'
import type { ColumnType } from './catalogue-table.ts'

/** Of `ProjectCustomFields`. */
export const FIELD_TYPES: Readonly<Record<number, { name: string; column: ColumnType }>> = {
  1: { name: 'text', column: 'string' },
  2: { name: 'text area', column: 'string' },
  3: { name: 'number', column: 'decimal' },
  4: { name: 'date', column: 'date' },
  5: { name: 'single list', column: 'string' },
  6: { name: 'multiple list', column: 'list<string>' },
  7: { name: 'checkbox', column: 'list<string>' },
  8: { name: 'radio', column: 'string' },
}

interface Item {
  readonly id?: number
  readonly name?: string
}

/** A field of a project with the member `typeName`. */
export function withFieldType(field: Json): readonly Json[] {
  return [{ ...field, typeName: FIELD_TYPES[Number(field['typeId'])]?.name ?? 'unknown' }]
}

/** The fields of an issue, each with its value in the member of its kind. */
export function splitCustomFields(issue: Json): readonly Json[] {
  const fields = issue['customFields']
  return Array.isArray(fields) ? (fields as Json[]).map(splitField) : []
}

function splitField(field: Json): Json {
  const { value } = field as { value?: unknown }
  const items = itemsOf(value)
  const isPlain = items === undefined && value !== null && value !== undefined
  const kind = FIELD_TYPES[Number(field['fieldTypeId'])]?.column
  return {
    ...field,
    valueText: isPlain && kind !== 'decimal' && kind !== 'date' ? String(value) : null,
    valueNumber: isPlain && kind === 'decimal' ? value : null,
    valueDate: isPlain && kind === 'date' ? value : null,
    valueItemIds: items?.map(one => one.id ?? 0) ?? null,
    valueItemNames: items?.map(one => one.name ?? '') ?? null,
  }
}

/** What a column of this field alone holds. */
export function customFieldValue(issue: Json, id: number): unknown {
  const fields = issue['customFields']
  if (!Array.isArray(fields)) return null
  const field = (fields as Json[]).find(one => one['id'] === id)
  const value = field?.['value']
  const items = itemsOf(value)
  if (items === undefined) return value
  return Array.isArray(value) ? items.map(one => one.name ?? '') : (items[0]?.name ?? null)
}

/** Undefined: no list. */
function itemsOf(value: unknown): readonly Item[] | undefined {
  if (Array.isArray(value)) return value as Item[]
  return typeof value === 'object' && value !== null ? [value as Item] : undefined
}
