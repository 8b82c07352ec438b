/**
 * Makes the keyspace, the types and the tables of the source on the target, from the source's own
 * DESCRIBE (Cassandra 4.0 and newer). What exists already is left as it is.
 * Indexes and views are not made: they are better added when the data is there; they are told.
 * Replication is taken over where the target has data centres of these names, else the target's local
 * data centre gets the largest factor. Spec: live-migration 3.6.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { type ControlSession, quoteIdentifier } from '../cassandra/index.ts'
import { MIGRATE_ERRORS } from './errors.ts'

export interface SchemaCopyOptions {
  readonly keyspace: string
  readonly targetKeyspace: string
  /** Source table to target table. */
  readonly tables: ReadonlyMap<string, string>
}

/** The statements that were run on the target, in order. */
export async function copySchema(
  source: ControlSession,
  target: ControlSession,
  options: SchemaCopyOptions,
): Promise<string[]> {
  const statements = await describeKeyspace(source, options.keyspace)
  const replication = await replicationFor(source, target, options.keyspace)
  const wanted = quoteIdentifier(options.targetKeyspace)
  const run = [`CREATE KEYSPACE IF NOT EXISTS ${wanted} WITH replication = ${replication}`]
  for (const { type, name, create } of statements) {
    const newName = type === 'table' ? options.tables.get(name) : name
    if (type !== 'type' && (type !== 'table' || newName === undefined)) continue
    run.push(rename(create, { ...options, type, name, newName: newName! }))
  }
  for (const statement of run) await target.execute(statement)
  return run
}

interface Described {
  readonly type: string
  readonly name: string
  readonly create: string
}

async function describeKeyspace(source: ControlSession, keyspace: string): Promise<Described[]> {
  try {
    const rows = await source.execute(`DESCRIBE KEYSPACE ${quoteIdentifier(keyspace)}`)
    return rows.map(row => ({
      type: String(row['type']),
      name: unquoted(String(row['name'])),
      create: String(row['create_statement']),
    }))
  } catch (cause) {
    const message = `the source does not describe keyspace ${keyspace}; create the tables on the target by hand`
    throw new ScamanderError(MIGRATE_ERRORS.VERSION, message, { cause })
  }
}

/** `CREATE TABLE ks.t (` gets the names of the target and IF NOT EXISTS; ids of tables are left out. */
function rename(
  create: string,
  of: {
    readonly keyspace: string
    readonly targetKeyspace: string
    readonly type: string
    readonly name: string
    readonly newName: string
  },
): string {
  const from = `${quoteIdentifier(of.keyspace)}.`
  const head = `CREATE ${of.type.toUpperCase()} `
  const start = `${head}${from}${quoteIdentifier(of.name)}`
  if (!create.startsWith(start)) {
    const message = `expected "${start}" from DESCRIBE, found "${create.slice(0, 80)}"`
    throw new ScamanderError(MIGRATE_ERRORS.SCHEMA, message)
  }
  const target = `${quoteIdentifier(of.targetKeyspace)}.${quoteIdentifier(of.newName)}`
  const rest = create
    .slice(start.length)
    .replace(/WITH ID = [0-9a-f-]{36}\s+AND /, 'WITH ')
    .replace(/;\s*$/, '')
  return `${head}IF NOT EXISTS ${target}${rest}`
}

async function replicationFor(
  source: ControlSession,
  target: ControlSession,
  keyspace: string,
): Promise<string> {
  const [row] = await source.execute(
    'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?',
    [keyspace],
  )
  const options = Object.entries((row?.['replication'] ?? {}) as Record<string, string>)
  const factors = options.filter(([name]) => name !== 'class')
  const dcs = new Set(target.nodes.map(node => node.dc))
  const known = factors.filter(([name]) => dcs.has(name))
  const largest = Math.max(1, ...factors.map(([, factor]) => Number.parseInt(factor, 10) || 1))
  const chosen = known.length > 0 ? known : [[target.localDc, String(largest)] as const]
  const limited = chosen.map(([dc, factor]) => {
    const nodes = target.nodes.filter(node => node.dc === dc).length
    return `'${dc}': ${Math.min(Number.parseInt(factor, 10) || 1, nodes)}`
  })
  return `{'class': 'NetworkTopologyStrategy', ${limited.join(', ')}}`
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
