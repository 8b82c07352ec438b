/**
 * The declaration of one setting as data: everything the parser, the linter, the REST validation,
 * the forms, the help and the documentation need. Built by the constructors in `field-types.ts`.
 * Invariant: a field either is required, or has a default, or is optional (its value undefined).
 */
import type { Validator } from './validator.ts'

/** Kafka Connect's types. */
export type ConnectType =
  | 'BOOLEAN'
  | 'STRING'
  | 'INT'
  | 'SHORT'
  | 'LONG'
  | 'DOUBLE'
  | 'LIST'
  | 'CLASS'
  | 'PASSWORD'

export type Importance = 'high' | 'medium' | 'low'
export type Width = 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG'

export interface Problem {
  readonly what: 'type' | 'range' | 'value'
  /** Completes `Invalid value X for configuration K: …`; not shown for hidden values. */
  readonly text: string
  readonly expected: string
}

export interface Remark {
  readonly kind: 'deprecated' | 'no-effect'
  readonly text: string
}

export type Parsed<T> =
  | { readonly value: T; readonly remark?: Remark }
  | { readonly problems: readonly Problem[] }

/** Another key with the same meaning; the field's own key wins when both are set. */
export interface Alias<T> {
  readonly key: string
  /** When the other key is written differently (a duration instead of seconds). */
  readonly parse?: (text: string) => Parsed<T>
}

export interface Deprecation {
  readonly since?: string
  readonly replacement?: string
}

export interface FieldAttributes<T> {
  /** One or more sentences: meaning and effect. */
  readonly doc: string
  readonly importance?: Importance
  readonly group?: string
  /** Position in the group. @default counted */
  readonly order?: number
  readonly width?: Width
  readonly displayName?: string
  /** Keys whose meaning depends on this one. */
  readonly dependents?: readonly string[]
  readonly recommended?: readonly string[]
  readonly validator?: Validator<T>
  readonly examples?: readonly string[]
  readonly unit?: string
  readonly since?: string
  readonly deprecated?: Deprecation
  readonly aliases?: readonly (string | Alias<T>)[]
  /** Accepted, but nothing follows from it: the reason, given in a warning. */
  readonly noEffect?: string
  /** Known, but left out of forms, help and documentation. */
  readonly internal?: boolean
}

export type FieldOptions<T> = FieldAttributes<T> & { readonly required?: false }
export type GivenOptions<T> =
  | (FieldAttributes<T> & { readonly required: true; readonly default?: never })
  | (FieldAttributes<T> & { readonly default: T; readonly required?: false })

/** What does not depend on the value's type. */
export interface FieldFacts {
  readonly doc: string
  readonly importance: Importance
  readonly group: string | undefined
  readonly order: number | undefined
  readonly width: Width
  readonly displayName: string
  readonly dependents: readonly string[]
  readonly recommended: readonly string[]
  readonly expected: string | undefined
  readonly schema: Readonly<Record<string, unknown>>
  readonly nonNull: boolean
  readonly examples: readonly string[]
  readonly unit: string | undefined
  readonly since: string | undefined
  readonly deprecated: Deprecation | undefined
  readonly noEffect: string | undefined
  readonly internal: boolean
}

export interface Field<T> extends FieldFacts {
  readonly kind: 'field'
  readonly name: string
  readonly type: ConnectType
  readonly required: boolean
  readonly defaultValue: T
  /** The default as text; null when there is none. */
  readonly defaultText: string | null
  readonly aliases: readonly Alias<T>[]
  /** `key.0`, `key.1`, … spell a list element by element. */
  readonly indexed: boolean
  readonly parse: (text: string) => Parsed<T>
}

/** Names the variable parts of a key, or undefined when the key has another shape. */
export type KeyMatcher = (key: string) => Readonly<Record<string, string>> | undefined

/** Keys with variable parts; each matching key has the value type of `field`. */
export interface PatternField<T> {
  readonly kind: 'pattern'
  readonly pattern: string
  readonly field: Field<T>
  readonly match: KeyMatcher
}

export interface PatternValue<T> {
  readonly key: string
  readonly parts: Readonly<Record<string, string>>
  readonly value: T
}

/**
 * Declares keys with variable parts: `<x>` is one part without dots, `<x*>` is one or more
 * characters of any kind. `match` replaces that rule where a grammar is greedier.
 */
export function patternField<T>(
  pattern: string,
  field: Field<T>,
  options: { match?: KeyMatcher } = {},
): PatternField<T> {
  return { kind: 'pattern', pattern, field, match: options.match ?? matcherOf(pattern) }
}

function matcherOf(pattern: string): KeyMatcher {
  const source = pattern
    .split(/(<\w+\*?>)/)
    .map(piece => {
      const part = /^<(\w+)(\*?)>$/.exec(piece)
      if (part === null) return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      return part[2] === '*' ? `(?<${part[1]}>.+)` : `(?<${part[1]}>[^.]+)`
    })
    .join('')
  const regex = new RegExp(`^${source}$`, 's')
  return key => regex.exec(key)?.groups
}
