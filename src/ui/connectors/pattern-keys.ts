/**
 * Keys with variable parts, such as `topic.<topic>.<keyspace>.<table>.mapping`: their parts, and the key
 * that they make. Pure. Used by the form.
 * Invariant: a part without `*` holds no dot, as the server reads it; topics may.
 * Spec: ui 5.4 (keys with variable parts).
 */
import type { ConfigPattern } from '../../api-v1-connectors.ts'
import type { Config } from './connector-queries.ts'

export interface PatternPart {
  readonly name: string
  readonly mayHoldDots: boolean
}

const PART = /<(\w+)(\*?)>/g

export function partsOf(pattern: string): PatternPart[] {
  return [...pattern.matchAll(PART)].map(([, name = '', many]) => ({
    name,
    mayHoldDots: many === '*' || name === 'topic',
  }))
}

/** Undefined while a part is missing or holds what it must not. */
export function keyOf(
  pattern: string,
  values: Readonly<Record<string, string>>,
): string | undefined {
  const isGiven = partsOf(pattern).every(({ name, mayHoldDots }) => {
    const value = values[name]?.trim() ?? ''
    return value !== '' && (mayHoldDots || !value.includes('.'))
  })
  if (!isGiven) return undefined
  return pattern.replaceAll(PART, (_all, name: string) => values[name]?.trim() ?? '')
}

/** The key as far as it is known: parts that are missing read `<table>`. */
export function previewOf(pattern: string, values: Readonly<Record<string, string>>): string {
  return pattern.replaceAll(PART, (all, name: string) => values[name]?.trim() || all)
}

/** Topics, keyspaces and tables that the draft names already. */
export function suggestionsOf(part: string, draft: Config): string[] {
  const found = new Set<string>()
  if (part === 'topic') {
    for (const one of (draft['topics'] ?? '').split(','))
      if (one.trim() !== '') found.add(one.trim())
  }
  const at = { topic: 1, keyspace: 2, table: 3 }[part]
  if (at === undefined) return [...found]
  for (const key of Object.keys(draft)) {
    const value = /^topic\.(.+)\.([^.]+)\.([^.]+)\.mapping$/.exec(key)?.[at]
    if (value !== undefined) found.add(value)
  }
  return [...found]
}

/** What every connector of a class needs stands first. */
export function inOrderOfUse(patterns: readonly ConfigPattern[]): ConfigPattern[] {
  const rank = ({ importance }: ConfigPattern) => ['HIGH', 'MEDIUM', 'LOW'].indexOf(importance)
  return [...patterns].sort((one, other) => rank(one) - rank(other))
}

/** Whether somebody made this key out of the pattern. */
export function fits(pattern: string, key: string): boolean {
  const source = pattern
    .split(/(<\w+\*?>)/)
    .map(piece => {
      const [part] = partsOf(piece)
      if (part === undefined) return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      return part.mayHoldDots ? '.+' : '[^.]+'
    })
    .join('')
  return new RegExp(`^${source}$`, 's').test(key)
}
