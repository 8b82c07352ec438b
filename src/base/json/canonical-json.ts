/**
 * One text for equal JSON: members sorted by name at every level. Keys of source positions are
 * compared and stored by it, since the same partition may arrive with its members in any order.
 * Invariant: equal data gives equal text; the text parses back to equal data.
 */

/** Undefined members are left out, as JSON has none. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
