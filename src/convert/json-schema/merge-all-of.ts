/**
 * `allOf` of a JSON Schema as one schema: the parts and what stands beside them put together.
 * Called by the translation of schemas. Spec: connect-rest 12.3.
 * Invariant: parts that say different things about one word are an error, but for a number beside a
 * text with a format, of which the number counts, as in the reference.
 */
import type { JsonValue } from '../../base/json/parse-json.ts'
import { type PlacedNode, type SchemaNode, schemaError } from './json-schema-document.ts'

const DEPTH_MAX = 32

export function mergeAllOf(
  { node, document }: PlacedNode,
  parts: readonly JsonValue[],
  depth = 0,
): PlacedNode {
  if (depth > DEPTH_MAX) throw schemaError('allOf refers to itself')
  const own = new Map(node)
  own.delete('allOf')
  const merged = new Map<string, JsonValue>()
  for (const part of [...parts, own]) {
    if (!(part instanceof Map)) throw schemaError('expected the parts of allOf to be schemas')
    for (const [word, value] of resolved({ node: part, document }, depth)) add(merged, word, value)
  }
  return { node: merged, document }
}

function resolved(placed: PlacedNode, depth: number): SchemaNode {
  const reference = placed.node.get('$ref')
  const target = typeof reference === 'string' ? placed.document.resolve(reference) : placed
  // Inner references stay as they are: only texts of the same document may be merged.
  if (target.document !== placed.document) return target.node
  const inner = target.node.get('allOf')
  return Array.isArray(inner) ? mergeAllOf(target, inner, depth + 1).node : target.node
}

function add(merged: Map<string, JsonValue>, word: string, value: JsonValue): void {
  const known = merged.get(word)
  if (known === undefined) merged.set(word, value)
  else if (word === 'properties' && known instanceof Map && value instanceof Map) {
    merged.set(word, new Map([...known, ...value]))
  } else if (word === 'required' && Array.isArray(known) && Array.isArray(value)) {
    merged.set(word, [...known, ...value])
  } else if (word === 'type' && known !== value) {
    const numeric = [known, value].find(type => type === 'number' || type === 'integer')
    if (numeric === undefined) throw schemaError('the parts of allOf have different types')
    merged.set(word, numeric)
  } else merged.set(word, value)
}
