/**
 * JSON of the internal topics: objects only, and never more than a record's value can hold.
 * Used by the codecs of the config, status and offset records.
 * Invariant: text that is no JSON object answers undefined; it never throws, because one bad record
 * must not stop a worker from reading the others.
 */
export type JsonMembers = Readonly<Record<string, unknown>>

export function parseObject(bytes: Buffer): JsonMembers | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as JsonMembers) : undefined
  } catch {
    return undefined
  }
}

/** Settings: every member that is no text is written as text; null members are left out. */
export function toSettings(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(entries.map(([key, member]) => [key, String(member)]))
}

export function toBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
