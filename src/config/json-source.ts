/**
 * Reads a connector configuration from JSON: the flat object, or the REST body
 * `{"name", "config", "initial_state"}`. Numbers and booleans become their JSON text, null means
 * absent, a nested object or array is an error. Called by `readConfigText`.
 * Spec: cassandra-sink 1.2, connect-rest 6.
 */
import { CONFIG_ERRORS, ConfigError } from './errors.ts'
import { type JsonMember, type JsonNode, JsonSyntaxFailure, parseJsonText } from './json-text.ts'
import type { Lint, LintKind } from './lint.ts'
import type { ConfigEntry, ConfigSource } from './source.ts'
import { TextPositions } from './text-position.ts'

type Draft = { entries: Map<string, ConfigEntry>; lints: Lint[]; positions: TextPositions }

/** Throws `ConfigError` with line and column when the text is not such a JSON document. */
export function readJsonConfig(text: string, file?: string): ConfigSource {
  const positions = new TextPositions(text, file)
  const title = file === undefined ? {} : { title: file }
  const root = parseOrThrow(text, positions, title)
  if (root.kind !== 'object') {
    const problem = syntaxLint('expected a JSON object', positions, root.offset)
    throw new ConfigError(CONFIG_ERRORS.SYNTAX, [problem], title)
  }
  const draft: Draft = { entries: new Map(), lints: [], positions }
  const body = bodyOf(root.members)
  for (const member of body.config ?? root.members) addMember(draft, member)
  if (body.name !== undefined) mergeName(draft, body.name)
  const { entries, lints } = draft
  return {
    entries,
    lints,
    ...(file === undefined ? {} : { file }),
    ...(body.initialState === undefined ? {} : { initialState: body.initialState }),
  }
}

function parseOrThrow(text: string, positions: TextPositions, title: { title?: string }): JsonNode {
  try {
    return parseJsonText(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxFailure)) throw error
    const problem = syntaxLint(error.message, positions, error.offset)
    throw new ConfigError(CONFIG_ERRORS.SYNTAX, [problem], title)
  }
}

function syntaxLint(message: string, positions: TextPositions, offset: number): Lint {
  const location = positions.at(offset)
  return {
    kind: 'syntax',
    severity: 'error',
    key: 'JSON',
    message: `JSON syntax error at line ${location.line}, column ${location.column}: ${message}`,
    location,
  }
}

/** The parts of a REST body; all undefined when the object is flat. */
function bodyOf(members: readonly JsonMember[]): {
  config?: readonly JsonMember[]
  name?: JsonMember
  initialState?: string
} {
  const config = members.find(member => member.key === 'config')
  if (config?.value.kind !== 'object') return {}
  const name = members.find(member => member.key === 'name')
  const state = members.find(member => member.key === 'initial_state')?.value
  return {
    config: config.value.members,
    ...(name === undefined ? {} : { name }),
    ...(state?.kind === 'string' ? { initialState: state.text } : {}),
  }
}

function addMember(draft: Draft, member: JsonMember): void {
  const { key, keyOffset, value } = member
  const location = draft.positions.at(keyOffset)
  const note = (kind: LintKind, severity: 'error' | 'warning', message: string, advice: string) =>
    draft.lints.push({ kind, severity, key, message, advice, location })
  if (draft.entries.delete(key)) {
    const message = `"${key}" is set more than once; the last one wins`
    note('duplicate-key', 'warning', message, 'Remove one of the entries.')
  }
  if (value.kind === 'object' || value.kind === 'array') {
    const message = `The value of "${key}" is a nested ${value.kind}; expected text, a number or a boolean`
    note('wrong-type', 'error', message, 'Write lists as text with commas.')
  } else if (value.kind !== 'null') draft.entries.set(key, { value: value.text, location })
}

/** The outer name counts when the inner object has none; two different names are an error. */
function mergeName(draft: Draft, name: JsonMember): void {
  const inner = draft.entries.get('name')
  if (inner === undefined) addMember(draft, name)
  else if (name.value.kind === 'string' && name.value.text.trim() !== inner.value.trim()) {
    draft.lints.push({
      kind: 'conflict',
      severity: 'error',
      key: 'name',
      message: `Connector name configuration (${inner.value}) doesn't match the outer name (${name.value.text})`,
      advice: 'Give the name once, or twice the same.',
      location: draft.positions.at(name.keyOffset),
    })
  }
}
