/**
 * The form of a connector as data: sections and fields out of the answer of `validate`.
 * Used by the form; pure.
 * Invariants: no key of the draft is lost: what no section shows stands in Other properties; a field
 * with a value or an error is never folded away.
 * Spec: ui 5.4 (the form is drawn only from validate).
 */
import type { ConfigInfos, ConfigKeyInfo } from '../../api.ts'
import type { FormError } from '../parts/form-errors.tsx'
import type { Config } from './connector-queries.ts'

export interface FormField {
  readonly definition: ConfigKeyInfo
  readonly errors: readonly string[]
  readonly recommended: readonly string[]
}

export interface FormSection {
  readonly title: string
  readonly fields: readonly FormField[]
  /** Of low importance and untouched. */
  readonly more: readonly FormField[]
  readonly errorCount: number
}

export interface FormModel {
  readonly sections: readonly FormSection[]
  /** Keys without a definition. */
  readonly other: readonly { readonly key: string; readonly errors: readonly string[] }[]
}

/** Shown above the form, not in it. */
const FIXED = new Set(['name', 'connector.class'])
const OTHER = 'Other'

export function toFormModel(infos: ConfigInfos, draft: Config): FormModel {
  const fields = infos.configs.flatMap(({ definition, value }): FormField[] => {
    if (definition === null || value?.visible === false || FIXED.has(definition.name)) return []
    const errors = value?.errors ?? []
    return [{ definition, errors, recommended: value?.recommended_values ?? [] }]
  })
  const known = new Set(fields.map(field => field.definition.name))
  const errorsOf = new Map(infos.configs.map(({ value }) => [value?.name, value?.errors ?? []]))
  const groups = [...new Set([...infos.groups, ...fields.map(groupOf)])]
  const common = groups.filter(group => group === 'Common')
  const ordered = [...common, ...groups.filter(group => group !== 'Common')]
  const sections = ordered
    .map(title =>
      toSection(
        title,
        fields.filter(field => groupOf(field) === title),
        draft,
      ),
    )
    .filter(section => section.fields.length + section.more.length > 0)
  const other = Object.keys(draft)
    .filter(key => !known.has(key) && !FIXED.has(key))
    .map(key => ({ key, errors: errorsOf.get(key) ?? [] }))
  return { sections, other }
}

function toSection(title: string, all: readonly FormField[], draft: Config): FormSection {
  const sorted = all.toSorted(byOrder)
  const isFolded = ({ definition, errors }: FormField) =>
    definition.importance === 'LOW' && errors.length === 0 && draft[definition.name] === undefined
  return {
    title,
    fields: sorted.filter(field => !isFolded(field)),
    more: sorted.filter(isFolded),
    errorCount: all.reduce((sum, field) => sum + field.errors.length, 0),
  }
}

function groupOf({ definition }: FormField): string {
  return definition.group ?? OTHER
}

function byOrder(one: FormField, another: FormField): number {
  const order = one.definition.order - another.definition.order
  return order === 0 ? one.definition.name.localeCompare(another.definition.name) : order
}

/** For a form that nobody typed into: what is missing is no mistake yet. */
export function withoutErrors(infos: ConfigInfos): ConfigInfos {
  const configs = infos.configs.map(one =>
    one.value === null ? one : { ...one, value: { ...one.value, errors: [] } },
  )
  return { ...infos, error_count: 0, configs }
}

/** Every error with the key it belongs to. */
export function errorsIn(infos: ConfigInfos): { key: string; message: string }[] {
  return infos.configs.flatMap(({ value }) =>
    (value?.errors ?? []).map(message => {
      const key = value?.name ?? ''
      // Some name their key first, which stands before them anyway.
      return {
        key,
        message: message.startsWith(`${key}: `) ? message.slice(key.length + 2) : message,
      }
    }),
  )
}

/** The same with the test ids of their fields; one per field. */
export function formErrorsOf(infos: ConfigInfos): FormError[] {
  const known = new Map<string, FormError>()
  for (const { key, message } of errorsIn(infos)) {
    const before = known.get(key)
    const text = before === undefined ? message : `${before.message} ${message}`
    known.set(key, { id: `field-${key}`, label: key, message: text })
  }
  return [...known.values()]
}
