/**
 * What each key of a configuration means, from the declarations: for `scamander lint --explain`.
 * Keys that no declaration knows are left to the findings. Values are never shown.
 * Invariant: an old spelling is explained with its successor.
 */
import { type AnyConfig, type ConfigSource, isIndexOf, plainField } from '../config/index.ts'

export interface ExplainedKey {
  readonly key: string
  /** The spelling of today. */
  readonly name: string
  readonly type: string
  /** Null: none. */
  readonly default: string | null
  readonly doc: string
}

/** In the order of the file; the first declaration that knows a key explains it. */
export function explainKeys(source: ConfigSource, configs: readonly AnyConfig[]): ExplainedKey[] {
  return [...source.entries.keys()].flatMap(key => {
    for (const config of configs) {
      const found = explain(config, key)
      if (found !== undefined) return [found]
    }
    return []
  })
}

/** Two lines per key. */
export function explainedText(found: readonly ExplainedKey[]): string {
  return found
    .map(({ key, name, type, default: value, doc }) => {
      const successor = name === key ? '' : `; old spelling of ${name}`
      const standing = value === null ? '' : `, default ${value === '' ? 'empty' : value}`
      return `${key} (${type}${standing}${successor})\n    ${doc}\n`
    })
    .join('')
}

function explain(config: AnyConfig, key: string): ExplainedKey | undefined {
  for (const declared of Object.values(config.fields)) {
    const field = plainField(declared)
    if (field.internal) continue
    const { type, doc, defaultText } = field
    const known = { key, type, default: field.required ? null : defaultText, doc }
    if (declared.kind === 'pattern') {
      if (declared.match(key) !== undefined) return { ...known, name: key }
      continue
    }
    const isOwn = field.name === key || (field.indexed && isIndexOf(key, field.name))
    if (isOwn) return { ...known, name: key }
    if (field.aliases.some(alias => alias.key === key)) return { ...known, name: field.name }
  }
  return undefined
}
