/**
 * The one declaration of a component's settings. Everything else derives from it: TypeScript type,
 * parsing, lints, REST validation, forms, help, documentation, JSON schema, redaction.
 * Invariant: names and aliases are unique; a declaration is data and never changes.
 */
import { assert } from '../base/assert.ts'
import type { Field, PatternField, PatternValue } from './field.ts'
import type { LintKind, Location, Severity } from './lint.ts'
import type { ConfigEntry, ConfigSource } from './source.ts'

export type Fields = Readonly<Record<string, Field<unknown> | PatternField<unknown>>>

/** The parsed settings of a set of fields. */
export type Settings<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends PatternField<infer T>
    ? readonly PatternValue<T>[]
    : F[K] extends Field<infer T>
      ? T
      : never
}

export interface ConfigExample {
  readonly title: string
  readonly config: Readonly<Record<string, string>>
}

export interface Report {
  readonly key: string
  readonly kind: LintKind
  /** Whole text; must not contain a hidden value: use `show`. */
  readonly message: string
  readonly severity?: Severity
  readonly expected?: string
  readonly advice?: string
  /** @default the place of `key` */
  readonly location?: Location
}

/** What a cross check sees beside the settings. */
export interface CheckContext {
  readonly source: ConfigSource
  /** The entry that set the field of this name: its own key or an alias. */
  entryOf(key: string): ConfigEntry | undefined
  isSet(key: string): boolean
  /** True when the value of this key was refused; its setting then is the default. */
  hasFailed(key: string): boolean
  /** The text of an entry as messages may show it. */
  show(key: string): string
  report(report: Report): void
}

export interface ConfigParts<F extends Fields> {
  readonly summary: string
  readonly description: string
  readonly examples?: readonly ConfigExample[]
  readonly crossChecks?: readonly ((settings: Settings<F>, context: CheckContext) => void)[]
}

export interface Config<F extends Fields> {
  readonly name: string
  readonly fields: F
  readonly summary: string
  readonly description: string
  readonly examples: readonly ConfigExample[]
  /** Groups in the order of their first field. */
  readonly groups: readonly string[]
  /** Rules over several settings; settings that failed alone have their default. */
  crossCheck(settings: Settings<F>, context: CheckContext): void
}

export type AnyConfig = Config<Fields>
export type SettingsOf<C> = C extends Config<infer F> ? Settings<F> : never

export function defineConfig<const F extends Fields>(
  name: string,
  fields: F,
  parts: ConfigParts<F>,
): Config<F> {
  checkNames(name, fields)
  const groups = Object.values(fields).map(field => plainField(field).group)
  return {
    name,
    fields,
    summary: parts.summary,
    description: parts.description,
    examples: parts.examples ?? [],
    groups: [...new Set(groups.filter(group => group !== undefined))],
    crossCheck: (settings, context) => {
      for (const check of parts.crossChecks ?? []) check(settings, context)
    },
  }
}

/** The field itself, or the field of a pattern's values. */
export function plainField(field: Field<unknown> | PatternField<unknown>): Field<unknown> {
  return field.kind === 'field' ? field : field.field
}

/** The key of a field or the pattern of its keys. */
export function keyOf(field: Field<unknown> | PatternField<unknown>): string {
  return field.kind === 'field' ? field.name : field.pattern
}

/** Every key and alias without variable parts. */
export function keysOf(config: AnyConfig): string[] {
  return Object.values(config.fields).flatMap(field =>
    field.kind === 'field' ? [field.name, ...field.aliases.map(alias => alias.key)] : [],
  )
}

/** True for a key that the declaration knows, by name, alias, index or pattern. */
export function isKnownKey(config: AnyConfig, key: string): boolean {
  return Object.values(config.fields).some(field =>
    field.kind === 'pattern'
      ? field.match(key) !== undefined
      : [field.name, ...field.aliases.map(alias => alias.key)].some(
          name => name === key || (field.indexed && isIndexOf(key, name)),
        ),
  )
}

/** `name.0`, `name.1`, … */
export function isIndexOf(key: string, name: string): boolean {
  return key.startsWith(`${name}.`) && /^\d{1,6}$/.test(key.slice(name.length + 1))
}

function checkNames(name: string, fields: Fields): void {
  const seen = new Set<string>()
  for (const field of Object.values(fields)) {
    const keys = field.kind === 'field' ? [field.name, ...field.aliases.map(a => a.key)] : []
    for (const key of field.kind === 'field' ? keys : [field.pattern]) {
      assert(!seen.has(key), `key ${key} declared twice in ${name}`)
      seen.add(key)
    }
  }
}
