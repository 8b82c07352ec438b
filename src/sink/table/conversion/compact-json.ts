/**
 * JSON text without blanks, as the reference stores an object or array in a text column: numbers
 * without trailing zeros, only the necessary escapes. Called by TextEncoder.
 * Invariant: the text parses to the same value. Spec: cassandra-sink 4.3, 9.4.
 */
import { jsonNumberText } from '../../../base/java-number.ts'
import { KIND_FRACTION, KIND_INTEGER } from '../../../base/json/json-kind.ts'
import { JsonNumber, type JsonValue } from '../../../base/json/parse-json.ts'
import { connectNumberText } from './number-value.ts'

export function compactJson(value: JsonValue, numbers: 'exact' | 'connect'): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return quoted(value)
  if (value instanceof JsonNumber) return numberText(value.text, numbers)
  if (Array.isArray(value)) {
    return `[${value.map(element => compactJson(element, numbers)).join(',')}]`
  }
  const members = [...value].map(
    ([name, member]) => `${quoted(name)}:${compactJson(member, numbers)}`,
  )
  return `{${members.join(',')}}`
}

function numberText(text: string, numbers: 'exact' | 'connect'): string {
  if (numbers === 'exact') return jsonNumberText(text)
  return jsonNumberText(connectNumberText(text, /[.eE]/.test(text) ? KIND_FRACTION : KIND_INTEGER))
}

/** Control characters below U+0020 with capital hexadecimal digits, as the reference writes them. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/\\\\|\\u00[01][0-9a-f]/g, sequence =>
    sequence.startsWith('\\u') ? `\\u${sequence.slice(2).toUpperCase()}` : sequence,
  )
}
