/**
 * Walks a declaration over a source once: values, findings, and which entry set what.
 * Parsing, linting and REST validation are views of this one result, so they never disagree.
 * Invariant: every problem of the source is found in one run; cross checks run even when single
 * values failed (those then have their default).
 */
import {
  type AnyConfig,
  type CheckContext,
  type Config,
  type Fields,
  isIndexOf,
  keysOf,
  type Report,
  type Settings,
} from './define-config.ts'
import type { Alias, Field, Parsed, PatternField, PatternValue } from './field.ts'
import { type Lint, type LintKind, sortLints } from './lint.ts'
import { type ConfigEntry, type ConfigSource, shownValue } from './source.ts'
import { suggestKey } from './suggest.ts'

export interface EvaluateOptions {
  /** Keys that another declaration owns: neither parsed nor warned about. */
  readonly isForeignKey?: (key: string) => boolean
  /** More keys to suggest for an unknown one. */
  readonly foreignKeys?: readonly string[]
}

/** How one field was set; pattern fields have one state per matching key. */
export interface FieldState {
  readonly field: Field<unknown>
  /** The key it has in answers: its name, or the concrete key of a pattern. */
  readonly name: string
  /** The key that set it, when it is set. */
  readonly key: string | undefined
  readonly entry: ConfigEntry | undefined
  readonly failed: boolean
}

export interface Evaluation<F extends Fields> {
  readonly settings: Settings<F>
  readonly lints: readonly Lint[]
  readonly states: readonly FieldState[]
}

export function evaluateConfig<F extends Fields>(
  config: Config<F>,
  source: ConfigSource,
  options: EvaluateOptions = {},
): Evaluation<F> {
  const run = new Run(source)
  const values: Record<string, unknown> = {}
  for (const [property, field] of Object.entries(config.fields)) {
    values[property] = field.kind === 'field' ? run.field(field) : []
  }
  for (const [property, field] of Object.entries(config.fields)) {
    if (field.kind === 'pattern') values[property] = run.pattern(field)
  }
  const settings = values as Settings<F>
  config.crossCheck(settings, run.context())
  run.unknownKeys(config, options)
  return { settings, lints: sortLints(run.lints), states: run.states }
}

class Run {
  readonly lints: Lint[]
  readonly states: FieldState[] = []
  readonly #source: ConfigSource
  readonly #used = new Set<string>()

  constructor(source: ConfigSource) {
    this.#source = source
    this.lints = [...source.lints]
  }

  field(field: Field<unknown>): unknown {
    const spellings: Alias<unknown>[] = [{ key: field.name, parse: field.parse }, ...field.aliases]
    const given = spellings.flatMap(alias => {
      const found = this.#take(alias.key, field.indexed)
      return found === undefined ? [] : [{ alias, ...found }]
    })
    const [first, ...others] = given
    for (const other of others) {
      this.#lint('no-effect', other, {
        message: `"${other.key}" has no effect: "${first!.key}" is set and wins`,
        advice: `Remove "${other.key}".`,
      })
    }
    if (first === undefined) return this.#absent(field)
    const parse = first.alias.parse ?? field.parse
    const parsed = parse(first.entry.value)
    return this.#accept(field, field.name, { ...first, parsed })
  }

  /** Every entry not used so far whose key has this shape. */
  pattern(pattern: PatternField<unknown>): PatternValue<unknown>[] {
    const found: PatternValue<unknown>[] = []
    for (const [key, entry] of this.#source.entries) {
      if (this.#used.has(key)) continue
      const parts = pattern.match(key)
      if (parts === undefined) continue
      this.#used.add(key)
      const parsed = pattern.field.parse(entry.value)
      const value = this.#accept(pattern.field, key, { key, entry, parsed })
      if (!('problems' in parsed)) found.push({ key, parts, value })
    }
    return found
  }

  unknownKeys(config: AnyConfig, options: EvaluateOptions): void {
    const known = [...keysOf(config), ...(options.foreignKeys ?? [])]
    for (const [key, entry] of this.#source.entries) {
      if (this.#used.has(key) || options.isForeignKey?.(key) === true) continue
      const near = suggestKey(key, known)
      const hint = near === undefined ? '' : `; did you mean "${near}"?`
      this.lints.push({
        kind: 'unknown-key',
        severity: 'warning',
        key,
        message: `Unknown configuration "${key}" is ignored${hint}`,
        advice: near === undefined ? 'Remove it.' : `Use "${near}" or remove it.`,
        ...locationOf(entry),
      })
    }
  }

  context(): CheckContext {
    const stateOf = (key: string) => this.states.find(s => s.name === key || s.key === key)
    const entryOf = (key: string) => stateOf(key)?.entry ?? this.#source.entries.get(key)
    return {
      source: this.#source,
      entryOf,
      isSet: key => entryOf(key) !== undefined,
      hasFailed: key => stateOf(key)?.failed === true,
      show: key => {
        const entry = entryOf(key)
        if (entry === undefined) return ''
        return shownValue(key, entry, stateOf(key)?.field.type === 'PASSWORD')
      },
      report: report => this.#report(report, entryOf(report.key)),
    }
  }

  #report(report: Report, entry: ConfigEntry | undefined): void {
    this.lints.push({ severity: 'error', ...locationOf(entry), ...report })
  }

  /** The entry of a key, or the elements of an indexed list. */
  #take(key: string, indexed: boolean) {
    const entry = this.#source.entries.get(key)
    if (entry !== undefined) this.#used.add(key)
    if (!indexed) return entry === undefined ? undefined : { key, entry }
    const parts = [...this.#source.entries.keys()].filter(name => isIndexOf(name, key))
    for (const part of parts) this.#used.add(part)
    if (entry !== undefined) return { key, entry }
    if (parts.length === 0) return undefined
    parts.sort((a, b) => Number(a.slice(key.length + 1)) - Number(b.slice(key.length + 1)))
    const entries = parts.map(part => this.#source.entries.get(part)!)
    const value = entries.map(one => one.value.trim()).join(',')
    const hidden = entries.some(one => one.hidden === true)
    return { key, entry: { ...entries[0]!, value, hidden } }
  }

  #absent(field: Field<unknown>): unknown {
    if (field.required) {
      const message = `Missing required configuration "${field.name}" which has no default value.`
      this.lints.push({
        kind: 'missing',
        severity: 'error',
        key: field.name,
        message,
        ...(field.examples[0] === undefined ? {} : { advice: `Example: ${field.examples[0]}` }),
        ...(this.#source.file === undefined ? {} : { location: { file: this.#source.file } }),
      })
    }
    const state = { field, name: field.name, key: undefined, entry: undefined }
    this.states.push({ ...state, failed: field.required })
    return field.defaultValue
  }

  #accept(
    field: Field<unknown>,
    name: string,
    given: { key: string; entry: ConfigEntry; parsed: Parsed<unknown> },
  ): unknown {
    const { key, entry, parsed } = given
    const failed = 'problems' in parsed
    this.states.push({ field, name, key, entry, failed })
    this.#remarks(field, given)
    if (!failed) return parsed.value
    const found = shownValue(key, entry, field.type === 'PASSWORD')
    for (const problem of parsed.problems) {
      const tail = entry.hidden === true ? `expected ${problem.expected}` : problem.text
      this.#lint(kindOf(problem.what), given, {
        message: `Invalid value ${found} for configuration ${key}: ${tail}`,
        severity: 'error',
        found,
        expected: problem.expected,
      })
    }
    return field.defaultValue
  }

  #remarks(
    field: Field<unknown>,
    given: { key: string; entry: ConfigEntry; parsed: Parsed<unknown> },
  ): void {
    const { key, parsed } = given
    const remark = 'problems' in parsed ? undefined : parsed.remark
    if (remark !== undefined) this.#lint(remark.kind, given, { message: remark.text })
    if (field.deprecated !== undefined) {
      const { replacement } = field.deprecated
      const advice = replacement === undefined ? 'Remove it.' : `Use "${replacement}" instead.`
      this.#lint('deprecated', given, { message: `"${key}" is deprecated`, advice })
    }
    if (field.noEffect !== undefined) {
      const message = `"${key}" has no effect: ${field.noEffect}`
      this.#lint('no-effect', given, { message, advice: 'Remove it.' })
    }
  }

  #lint(
    kind: LintKind,
    at: { key: string; entry: ConfigEntry },
    rest: Omit<Lint, 'kind' | 'key' | 'severity'> & { severity?: 'error' },
  ): void {
    this.lints.push({ kind, severity: 'warning', key: at.key, ...locationOf(at.entry), ...rest })
  }
}

function kindOf(what: 'type' | 'range' | 'value'): LintKind {
  if (what === 'type') return 'wrong-type'
  return what === 'range' ? 'out-of-range' : 'invalid'
}

function locationOf(entry: ConfigEntry | undefined) {
  return entry?.location === undefined ? {} : { location: entry.location }
}
