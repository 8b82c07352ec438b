/**
 * A configuration as text and back: JSON, properties, YAML, curl commands, and answers of Connect's API.
 * Used by the configuration tab, the form's text views and the paste page.
 * Invariants: no key is dropped and values are kept as text; what cannot be read is told with the
 * place, never guessed.
 * Spec: ui 5.4 (accepted pastes).
 */
import type { Config } from './connector-queries.ts'
import { fromStrimzi, resourcesOf } from './strimzi.ts'
import { parseYaml } from './yaml-text.ts'

export type TextFormat = 'json' | 'properties'

export interface NamedConfig {
  readonly name: string
  readonly config: Config
}

export interface Parsed {
  /** "a curl command with a Connect JSON body" */
  readonly format: string
  readonly items: readonly NamedConfig[]
}

export function formatConfig(config: Config, format: TextFormat): string {
  if (format === 'json') return JSON.stringify(config, undefined, 2)
  return Object.entries(config)
    .map(([key, value]) => `${escapeKey(key)}=${escapeValue(value)}`)
    .join('\n')
}

/** One configuration; throws an Error whose message says what was found. */
export function parseOne(text: string, format: TextFormat): Config {
  return format === 'json' ? toConfig(parseJson(text)) : parseProperties(text)
}

export function parsePaste(text: string): Parsed {
  const trimmed = text.trim()
  if (trimmed === '') throw new Error('There is nothing to read yet.')
  if (/^(?:\$\s*)?curl\s/.test(trimmed)) {
    const items = fromJson(parseJson(curlBody(trimmed))).map(one =>
      one.name === '' ? { ...one, name: nameOfCurl(trimmed) } : one,
    )
    return { format: 'a curl command with a Connect JSON body', items }
  }
  if (/^[[{]/.test(trimmed)) return { format: 'JSON', items: fromJson(parseJson(trimmed)) }
  if (isYaml(trimmed)) return fromYaml(text)
  return { format: 'properties', items: [named('', parseProperties(text))] }
}

/** Properties may have a colon, too, but no line that ends with one, and most lines have `=`. */
function isYaml(text: string): boolean {
  if (/^(?:---|apiVersion:\s)/.test(text)) return true
  const lines = text.split('\n').filter(line => !/^\s*(?:#.*)?$/.test(line))
  return /^(?:[\w.$-]+|"[^"]*"|'[^']*'):(?:\s|$)/.test(lines[0] ?? '')
}

function fromYaml(text: string): Parsed {
  const resources = parseYaml(text).flatMap(resourcesOf)
  const found = resources.map(one => ({ strimzi: fromStrimzi(one), one }))
  const isStrimzi = found.length > 0 && found.every(one => one.strimzi !== undefined)
  return {
    format: isStrimzi ? 'YAML of Strimzi' : 'YAML',
    items: found.flatMap(({ strimzi, one }) => fromJson(strimzi ?? one)),
  }
}

/** Keys that differ; null removes one. */
export function changesBetween(before: Config, after: Config): Record<string, string | null> {
  const changes: Record<string, string | null> = {}
  for (const [key, value] of Object.entries(after)) {
    if (before[key] !== value) changes[key] = value
  }
  for (const key of Object.keys(before)) {
    if (!(key in after)) changes[key] = null
  }
  return changes
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new Error(`This is not JSON yet: ${(error as Error).message}`)
  }
}

function fromJson(value: unknown): NamedConfig[] {
  if (Array.isArray(value)) return value.flatMap(fromJson)
  if (!isObject(value)) throw new Error('Expected an object or a list of objects.')
  if (isObject(value['config'])) return [named(textOf(value['name']), toConfig(value['config']))]
  const members = Object.values(value)
  if (members.length > 0 && members.every(isExpanded)) {
    return members.flatMap(member => fromJson(member.info))
  }
  return [named('', toConfig(value))]
}

function isExpanded(value: unknown): value is { info: unknown } {
  return isObject(value) && isObject(value['info'])
}

function named(name: string, config: Config): NamedConfig {
  return { name: name === '' ? (config['name'] ?? '') : name, config }
}

function toConfig(value: unknown): Config {
  if (!isObject(value)) throw new Error('Expected an object of keys and values.')
  const config: Record<string, string> = {}
  for (const [key, one] of Object.entries(value)) {
    if (typeof one === 'object' && one !== null) {
      throw new Error(`${key}: expected text, a number or true/false, found a nested value.`)
    }
    if (one !== null) config[key] = textOf(one)
  }
  return config
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const BODY =
  /(?:^|\s)(?:--data(?:-raw|-binary|-ascii)?|--json|-d)(?:\s+|=)?((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.)+)/s
const WORD_PART = /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs
const HERE_DOCUMENT = /<<-?\s*(['"]?)(\w+)\1[^\n]*\n(.*?)\n\s*\2\s*$/s
/** `PUT /connectors/NAME/config` names the connector in its address. */
const NAME_IN_URL = /\/connectors\/([^/\s"?]+)\/config\b/

function curlBody(command: string): string {
  const here = HERE_DOCUMENT.exec(command)?.[3]
  if (here !== undefined) return here
  const word = BODY.exec(command)?.[1]
  if (word === undefined) throw new Error('The curl command has no body: expected -d or --data.')
  return word.replace(WORD_PART, (_all, single?: string, double?: string, bare?: string) => {
    if (double === undefined) return single ?? bare ?? ''
    return double.replace(/\\(["\\$`])/g, '$1').replace(/\\\n/g, '')
  })
}

/** A name that only the address tells. */
function nameOfCurl(command: string): string {
  const encoded = NAME_IN_URL.exec(command)?.[1]?.replaceAll("'\\''", "'") ?? ''
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}

function parseProperties(text: string): Config {
  const config: Record<string, string> = {}
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  for (let index = 0; index < lines.length; index += 1) {
    const at = index + 1
    let line = (lines[index] ?? '').trimStart()
    if (line === '' || /^[#!]/.test(line)) continue
    while (/(?:^|[^\\])(?:\\\\)*\\$/.test(line) && index + 1 < lines.length) {
      index += 1
      line = line.slice(0, -1) + (lines[index] ?? '').trimStart()
    }
    const [, key = '', value = ''] = /^((?:\\.|[^\s=:\\])+)\s*[=:\s]\s*(.*)$/s.exec(line) ?? []
    if (key === '') throw new Error(`Line ${at}: expected key=value, found "${line.slice(0, 40)}".`)
    config[unescapeText(key)] = unescapeText(value)
  }
  return config
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' }

function unescapeText(text: string): string {
  return text.replace(/\\(?:u([\da-fA-F]{4})|(.))/gs, (_all, code?: string, char = '') =>
    code === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

function escapeValue(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/^ /, '\\ ')
}

function escapeKey(text: string): string {
  const escaped = text.replace(/[\\ =:]|^[#!]/g, '\\$&')
  return escaped.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
}
