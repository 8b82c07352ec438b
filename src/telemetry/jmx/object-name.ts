/**
 * Names of beans as JMX writes them: `domain:key=value,key=value`.
 * Invariant: parts keep their order; a value that is not plain is quoted as
 * `javax.management.ObjectName.quote` does, so that tools can split the name again.
 * Spec: cassandra-sink 8.
 */
const PLAIN = /^[A-Za-z0-9_-]+$/

export function toObjectName(domain: string, parts: Readonly<Record<string, string>>): string {
  const list = Object.entries(parts).map(([key, value]) => `${key}=${quoted(value)}`)
  return `${domain}:${list.join(',')}`
}

function quoted(value: string): string {
  if (PLAIN.test(value)) return value
  return `"${value.replace(/["*?\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
