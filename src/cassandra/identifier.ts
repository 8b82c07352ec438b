/**
 * CQL identifiers in statement text: quoted only when they must be, as users would write them.
 * Used wherever the product composes CQL. Internal names come in (case kept, no quotes).
 * Spec: CQL grammar, reserved keywords of Cassandra 4.0 to 5.0; cassandra-sink 5.1.
 */
const PLAIN = /^[a-z][a-z0-9_]*$/

const RESERVED = new Set(
  (
    'add allow alter and apply asc authorize batch begin by columnfamily create default delete ' +
    'desc describe drop entries execute from full grant if in index infinity insert into is ' +
    'keyspace limit materialized mbean mbeans modify nan norecursive not null of on or order ' +
    'primary rename replace revoke schema select set table to token truncate unlogged unset ' +
    'update use using view where with'
  ).split(' '),
)

/** The name as it stands in a statement. */
export function quoteIdentifier(name: string): string {
  if (PLAIN.test(name) && !RESERVED.has(name)) return name
  return `"${name.replaceAll('"', '""')}"`
}

/** `keyspace.table` for a statement. */
export function qualifiedName(keyspace: string, table: string): string {
  return `${quoteIdentifier(keyspace)}.${quoteIdentifier(table)}`
}
