/**
 * Collections written as text: JSON with optional outer brackets, single quotes and unquoted
 * names (`1,2`, `a:1`). Called by the collection and product encoders.
 * Invariant: text behind the value is no JSON. Spec: cassandra-sink 9.4.
 */
import {
  JsonNumber,
  JsonSyntaxError,
  type JsonValue,
  parseJsonText,
} from '../../../base/json/parse-json.ts'
import type { JsonContainer } from './cell-encoder.ts'

/** The tree, or undefined when the text is no array or object. */
export function parseLenient(text: string, brackets: '[]' | '{}'): JsonContainer | undefined {
  const trimmed = text.trim()
  const hasBrackets = trimmed.startsWith('[') || trimmed.startsWith('{')
  const tree = hasBrackets ? parse(trimmed) : undefined
  // `[1],[2]` are the elements of a list whose own brackets were left out.
  return tree ?? parse(`${brackets[0]}${trimmed}${brackets[1]}`)
}

function parse(text: string): JsonContainer | undefined {
  let tree: JsonValue
  try {
    tree = parseJsonText(text, { lenient: true })
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined
    throw error
  }
  return typeof tree === 'object' && tree !== null && !(tree instanceof JsonNumber)
    ? tree
    : undefined
}
