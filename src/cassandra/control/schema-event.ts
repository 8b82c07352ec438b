/**
 * The shape of schema events, read from what the driver logs about them.
 * A SCHEMA_CHANGE event as the driver decodes it, turned into ours. Called by the control session.
 * Invariant: total; what is not understood is `unknown`, which makes listeners read everything again.
 */
import type { SchemaChange } from '../topology.ts'

export function toSchemaChange(info: unknown): SchemaChange {
  if (typeof info !== 'object' || info === null) return { change: 'unknown' }
  const event = info as Readonly<Record<string, unknown>>
  const change = String(event['schemaChangeType']).toLowerCase()
  if (change !== 'created' && change !== 'updated' && change !== 'dropped')
    return { change: 'unknown' }
  const text = (name: string) => {
    const value = event[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const keyspace = text('keyspace')
  const table = text('table')
  const udt = text('udt') ?? text('functionName') ?? text('aggregate')
  return {
    change,
    ...(keyspace === undefined ? {} : { keyspace }),
    ...(table === undefined ? {} : { table }),
    ...(udt === undefined ? {} : { udt }),
  }
}
