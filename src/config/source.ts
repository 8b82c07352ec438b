/**
 * Where settings come from: key, text and place of each entry, in the order of the file.
 * Made by the readers (`properties.ts`, `json.ts`), by `sourceOf` for REST bodies and tests, and by
 * `resolveProviders`. Never changed after it is made.
 * Invariant: an entry whose text came from a config provider is `hidden`: no message shows it.
 */
import type { Lint, Location } from './lint.ts'
import { HIDDEN, isInlineSecret, isSecretKey } from './secret.ts'

export interface ConfigEntry {
  readonly value: string
  readonly location?: Location
  /** True when a provider supplied (part of) the value. */
  readonly hidden?: boolean
  /** What providers gave, each by itself. */
  readonly given?: readonly string[]
}

export interface ConfigSource {
  readonly entries: ReadonlyMap<string, ConfigEntry>
  readonly file?: string
  /** Findings of the reader: duplicates, values that no setting can have. */
  readonly lints: readonly Lint[]
  /** `initial_state` of a REST body read from a file. */
  readonly initialState?: string
}

/** A source without places, e.g. from a REST body; undefined and null values count as absent. */
export function sourceOf(
  config: Readonly<Record<string, string | number | boolean | null | undefined>>,
  file?: string,
): ConfigSource {
  const entries = new Map<string, ConfigEntry>()
  for (const [key, value] of Object.entries(config)) {
    if (value !== null && value !== undefined) entries.set(key, { value: String(value) })
  }
  return file === undefined ? { entries, lints: [] } : { entries, lints: [], file }
}

/** The plain map of a source, as the REST API stores it. */
export function toRecord(source: ConfigSource): Record<string, string> {
  return Object.fromEntries([...source.entries].map(([key, entry]) => [key, entry.value]))
}

/** The entries below `prefix`, with the prefix taken off and their places kept. */
export function subSource(source: ConfigSource, prefix: string): ConfigSource {
  const entries = new Map<string, ConfigEntry>()
  for (const [key, entry] of source.entries) {
    if (key.length > prefix.length && key.startsWith(prefix)) {
      entries.set(key.slice(prefix.length), entry)
    }
  }
  return source.file === undefined
    ? { entries, lints: [] }
    : { entries, lints: [], file: source.file }
}

/** `over` wins; used for worker defaults under connector overrides. */
export function mergeSources(base: ConfigSource, over: ConfigSource): ConfigSource {
  return {
    ...base,
    entries: new Map([...base.entries, ...over.entries]),
    lints: [...base.lints, ...over.lints],
  }
}

const SHOWN_MAX = 120

/** The value as messages may show it. */
export function shownValue(key: string, entry: ConfigEntry, secret = false): string {
  if (secret || entry.hidden === true || isSecretKey(key)) return HIDDEN
  if (isInlineSecret(entry.value)) return HIDDEN
  const { value } = entry
  return value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value
}
