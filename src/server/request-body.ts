/**
 * Bodies of requests: JSON objects of settings, with Connect's leniency (numbers and booleans are
 * settings too) and its strictness (unknown members of a document are refused).
 * Numbers keep their text, so `1.50` stays `1.50`.
 * Spec: connect-rest 1, 2.2, 3.
 */
import type { ConnectorOffset, JsonObject, JsonValue as PlainValue } from '../api.ts'
import { JsonNumber, JsonSyntaxError, type JsonValue, parseJson } from '../base/json/parse-json.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import type { TargetState } from '../connect/index.ts'
import { SERVER_ERRORS } from './errors.ts'

export interface NewConnector {
  readonly name: string
  readonly config: Record<string, string>
  readonly target: TargetState
}

/** `{"name", "config", "initial_state"}`. */
export function parseNewConnector(body: string): NewConnector {
  const members = parseObject(body)
  for (const name of members.keys()) {
    if (!MEMBERS.has(name)) {
      throw refused(`Unrecognized field "${name}", known are: ${[...MEMBERS].join(', ')}`)
    }
  }
  const config = toConfig(members.get('config') ?? null)
  const name = toText('name', members.get('name') ?? config['name'] ?? '')
  if (name.trim() === '') {
    throw refused('expected the name of the connector in "name"')
  }
  return { name: name.trim(), config, target: toTarget(members.get('initial_state')) }
}

const MEMBERS: ReadonlySet<string> = new Set(['name', 'config', 'initial_state'])

/** A map of settings. */
export function parseConfig(body: string): Record<string, string> {
  return toConfig(parseObject(body))
}

/** A map of changes, where null removes. */
export function parseChanges(body: string): Record<string, string | null> {
  const out: Record<string, string | null> = {}
  for (const [key, value] of parseObject(body))
    out[key] = value === null ? null : toText(key, value)
  return out
}

/** `{"offsets": [{"partition": {…}, "offset": {…} | null}]}`. */
export function parseOffsets(body: string): ConnectorOffset[] {
  const members = parseObject(body)
  const unknown = [...members.keys()].find(name => name !== 'offsets')
  if (unknown !== undefined) throw refused(`Unrecognized field "${unknown}", known is: offsets`)
  const list = members.get('offsets') ?? null
  if (list === null || (Array.isArray(list) && list.length === 0)) {
    throw refused('Partitions / offsets need to be provided for an alter offsets request')
  }
  if (!Array.isArray(list)) throw refused('expected an array in "offsets"')
  return list.map(toOffset)
}

function toOffset(value: JsonValue): ConnectorOffset {
  if (!(value instanceof Map)) throw refused('expected an object as each member of "offsets"')
  for (const name of value.keys()) {
    if (name === 'partition' || name === 'offset') continue
    throw refused(`Unrecognized field "${name}", known are: partition, offset`)
  }
  return { partition: toMember(value, 'partition'), offset: toMember(value, 'offset') }
}

function toMember(value: Map<string, JsonValue>, name: string): JsonObject | null {
  const member = value.get(name) ?? null
  if (member === null) return null
  if (!(member instanceof Map)) throw refused(`expected an object or null in "${name}"`)
  return toPlain(member) as JsonObject
}

/** Numbers that a double would change keep their text. */
function toPlain(value: JsonValue): PlainValue {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, one]) => [key, toPlain(one)]))
  }
  if (Array.isArray(value)) return value.map(toPlain)
  if (!(value instanceof JsonNumber)) return value
  const number = Number(value.text)
  const isExact = !/^-?\d+$/.test(value.text) || Number.isSafeInteger(number)
  return isExact ? number : value.text
}

/** The text of one member of an object. */
export function parseMember(body: string, name: string): string | undefined {
  const value = parseObject(body).get(name)
  return value === undefined || value === null ? undefined : toText(name, value)
}

function parseObject(body: string): Map<string, JsonValue> {
  if (body.trim() === '') throw refused('expected a JSON object as the body, found none')
  const value = parseText(body)
  if (value instanceof Map) return value
  throw refused('expected a JSON object as the body, found another JSON value')
}

function parseText(body: string): JsonValue {
  try {
    return parseJson(Buffer.from(body))
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw refused(`JSON syntax error: ${error.message}`)
    throw error
  }
}

function toConfig(value: JsonValue): Record<string, string> {
  if (!(value instanceof Map)) throw refused('expected an object of settings in "config"')
  const out: Record<string, string> = {}
  for (const [key, member] of value) {
    if (member === null) {
      throw refused(`${key}: Null value can not be supplied as the configuration value.`)
    }
    out[key] = toText(key, member)
  }
  return out
}

function toText(key: string, value: JsonValue): string {
  if (typeof value === 'string') return value
  if (value instanceof JsonNumber) return value.text
  if (typeof value === 'boolean') return String(value)
  const found = Array.isArray(value) ? 'an array' : 'an object'
  throw refused(`${key}: expected text, a number or a boolean, found ${found}`)
}

const TARGETS: Readonly<Record<string, TargetState>> = {
  running: 'STARTED',
  paused: 'PAUSED',
  stopped: 'STOPPED',
}

function toTarget(value: JsonValue | undefined): TargetState {
  if (value === undefined || value === null) return 'STARTED'
  const target = typeof value === 'string' ? TARGETS[value.toLowerCase()] : undefined
  if (target !== undefined) return target
  throw refused('initial_state: expected one of running, paused, stopped')
}

function refused(message: string): ScamanderError {
  return new ScamanderError(SERVER_ERRORS.BODY, message)
}
