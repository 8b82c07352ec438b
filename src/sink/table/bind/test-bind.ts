/**
 * Shortcuts of the binder's tests: a table as `name type` texts, a mapping, and one call that binds
 * a record and tells the row as decoded values. Not part of the product.
 * Invariant: statements and variables come from the compiled plan, values are decoded by the
 * protocol's own codecs, so that only the record is made up.
 */
import {
  type ColumnSchema,
  FLAG_ORDERED,
  FLAG_UNROUTED,
  RowBatch,
  type TableSchema,
  type WriteStatement,
} from '../../../cassandra/index.ts'
import { type CqlType, codecFor, murmur3Token, parseCqlType } from '../../../cql/index.ts'
import {
  FlowRecord,
  type Header,
  RawMessage,
  RawText,
  type Schema,
  type Value,
} from '../../../flow/index.ts'
import { codecsOf } from '../codecs.ts'
import { CODEC_DEFAULTS } from '../conversion/index.ts'
import { parseMapping } from '../datastax/mapping.ts'
import type { TableSettings } from '../datastax/settings.ts'
import { TIMESTAMP_VARIABLE, TTL_VARIABLE } from '../plan/statement-text.ts'
import { compileTablePlan, type TablePlan } from '../plan/table-plan.ts'
import { TieRanks } from '../plan/tie-ranks.ts'
import { RecordView } from './record-view.ts'
import { RowBinder } from './row-binder.ts'
import { bindVariables } from './variable-binding.ts'

/** `id int, name text`; the first `keys` columns are the primary key, the first of them partitions. */
export function schemaOf(columns: string, keys = 1, partitionKeys = 1): TableSchema {
  const all = columns.split(/,(?![^<]*>)/).map((text, position): ColumnSchema => {
    const [, quoted, plain, type] = /^\s*(?:"((?:[^"]|"")+)"|(\w+))\s+(.+)$/.exec(text)!
    const name = quoted?.replaceAll('""', '"') ?? plain!
    const kind =
      position < partitionKeys ? 'partition_key' : position < keys ? 'clustering' : 'regular'
    return { name, type: parseCqlType(type!.trim(), UDTS), kind, position }
  })
  return {
    keyspace: 'ks',
    name: 't',
    columns: all,
    partitionKey: all.slice(0, partitionKeys),
    clusteringKey: all.slice(partitionKeys, keys),
    isCounter: all.some(column => column.type.kind === 'counter'),
  }
}

const UDTS = (name: string): CqlType | undefined =>
  name === 'pair'
    ? {
        kind: 'udt',
        keyspace: 'ks',
        name: 'pair',
        frozen: true,
        fields: [
          { name: 'a', type: { kind: 'int' } },
          { name: 'b', type: { kind: 'text' } },
        ],
      }
    : undefined

export function settingsOf(mapping: string, rest: Partial<TableSettings> = {}): TableSettings {
  const parsed = parseMapping(mapping)
  if (!('mapping' in parsed)) throw new Error(JSON.stringify(parsed.problems))
  return {
    topic: 'topic',
    keyspace: 'ks',
    table: 't',
    mapping: parsed.mapping,
    consistency: 'LOCAL_ONE',
    ttlSeconds: -1,
    ttlTimeUnit: 'SECONDS',
    timestampTimeUnit: 'MICROSECONDS',
    nullToUnset: true,
    deletesEnabled: true,
    query: undefined,
    allowMissingFields: false,
    ...rest,
  }
}

export interface Setup extends Partial<Omit<TableSettings, 'mapping'>> {
  readonly schema: TableSchema
  readonly mapping: string
  readonly reference?: readonly string[]
  readonly canUnset?: boolean
  /** Types of the variables of a query. */
  readonly variables?: Readonly<Record<string, string>>
}

export interface Message {
  readonly key?: Value
  readonly value?: Value
  readonly keySchema?: Schema
  readonly valueSchema?: Schema
  readonly headers?: readonly Header[]
  readonly timestampMs?: number
  readonly keyBytes?: string
}

export interface BoundRow {
  readonly kind: 'insert' | 'delete'
  /** Decoded; `unset` and null apart; the timestamp as `ts`, the TTL as `ttl`. */
  readonly values: Readonly<Record<string, unknown>>
  readonly isOrdered: boolean
  readonly isRouted: boolean
  readonly token: readonly [number, number]
}

export const text = (value: string) => {
  const bytes = Buffer.from(`##${value}##`)
  return new RawText('string', bytes, 2, bytes.length - 2)
}
export const json = (value: string) => {
  const bytes = Buffer.from(`##${value}##`)
  return new RawText('json', bytes, 2, bytes.length - 2)
}

export class TestBinder {
  readonly plan: TablePlan
  readonly ranks = new TieRanks()
  readonly batch = new RowBatch()
  readonly #binder: RowBinder
  readonly #view = new RecordView()
  #offset = 0

  constructor(setup: Setup) {
    const reference = new Set(setup.reference ?? [])
    const { schema, mapping, reference: _reference, canUnset = true, variables, ...rest } = setup
    this.plan = compileTablePlan(settingsOf(mapping, rest), schema, reference)
    const types = (name: string) => typeOf(name, schema, variables)
    const insert = statementOf(this.plan.cql, types, schema)
    const { deleteCql } = this.plan
    const deletion = deleteCql === undefined ? undefined : statementOf(deleteCql, types, schema)
    const codecs = codecsOf({ topic: 'topic', codec: CODEC_DEFAULTS, tables: [] }, reference)
    const bound = bindVariables(this.plan, insert, codecs)
    const parts = { plan: this.plan, insert, variables: bound, delete: deletion, reference }
    this.#binder = new RowBinder({ ...parts, canUnset })
  }

  /** The row, or the code of the failure without its prefix. */
  bind(message: Message): BoundRow | string {
    const record = recordOf(message, this.#offset++)
    this.#view.open(record)
    const before = this.batch.arena.position
    const rows = this.batch.count
    try {
      this.#binder.bind(this.#view, this.batch, 7, this.ranks)
    } catch (error) {
      if (this.batch.arena.position !== before || this.batch.count !== rows) {
        throw new Error('a failed row left something behind')
      }
      return (error as { code: string }).code.replace('SCM_SINK_', '')
    }
    return this.#row(rows)
  }

  /** The failure itself. */
  failure(message: Message): Error {
    this.#view.open(recordOf(message, this.#offset++))
    try {
      this.#binder.bind(this.#view, this.batch, 7, this.ranks)
    } catch (error) {
      return error as Error
    }
    throw new Error('expected a failure')
  }

  #row(row: number): BoundRow {
    const { batch } = this
    const statement = batch.statements[row]!
    const flags = batch.flags[row]!
    return {
      kind: statement.cql === this.plan.cql ? 'insert' : 'delete',
      values: decode(batch.arena.bytes.subarray(batch.start[row], batch.end[row]), statement),
      isOrdered: (flags & FLAG_ORDERED) !== 0,
      isRouted: (flags & FLAG_UNROUTED) === 0,
      token: [batch.tokenHigh[row]!, batch.tokenLow[row]! >>> 0],
    }
  }
}

export function tokenOf(bytes: Buffer): readonly [number, number] {
  const token = { high: 0, low: 0 }
  murmur3Token(bytes, { start: 0, end: bytes.length }, token)
  return [token.high, token.low >>> 0]
}

function recordOf(message: Message, offset: number): FlowRecord {
  const { key = null, value = null, timestampMs = 1000, headers = [] } = message
  const bytes = Buffer.from(message.keyBytes ?? '')
  const data = { bytes, keyStart: 0, keyLength: bytes.length, valueStart: 0, valueLength: 0 }
  const origin = new RawMessage({ topic: 'topic', partition: 3 }, { offset, timestampMs }, data)
  const keys = { schema: message.keySchema ?? null, value: key }
  const values = { schema: message.valueSchema ?? null, value }
  return new FlowRecord(origin, keys, values, headers)
}

function typeOf(
  name: string,
  schema: TableSchema,
  variables: Readonly<Record<string, string>> | undefined,
): CqlType {
  if (name === TIMESTAMP_VARIABLE) return { kind: 'bigint' }
  if (name === TTL_VARIABLE) return { kind: 'int' }
  const given = variables?.[name]
  if (given !== undefined) return parseCqlType(given, UDTS)
  return schema.columns.find(column => column.name === name)!.type
}

function statementOf(
  cql: string,
  types: (name: string) => CqlType,
  schema: TableSchema,
): WriteStatement {
  const names = [...cql.matchAll(/:(?:"((?:[^"]|"")+)"|(\w+))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!,
  )
  const key = schema.partitionKey.map(column => names.indexOf(column.name))
  return {
    cql,
    variables: names.map(name => ({ name, type: types(name) })),
    partitionKeyIndexes: key.includes(-1) ? [] : key,
    id: Buffer.from(cql),
    resultMetadataId: undefined,
    isStale: false,
    consistency: 10,
    isIdempotent: true,
    isCounter: schema.isCounter,
    batchGroup: 0,
  }
}

function decode(region: Buffer, statement: WriteStatement): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  let at = 2
  if (region.readInt16BE(0) !== statement.variables.length) throw new Error('wrong value count')
  for (const { name, type } of statement.variables) {
    const length = region.readInt32BE(at)
    at += 4
    const label = name === TIMESTAMP_VARIABLE ? 'ts' : name === TTL_VARIABLE ? 'ttl' : name
    if (length === -2) values[label] = 'unset'
    else if (length === -1) values[label] = null
    else {
      const value = codecFor(type).decode(region, at, length)
      values[label] = Buffer.isBuffer(value) ? value.toString('hex') : value
      at += length
    }
  }
  if (at !== region.length) throw new Error('bytes behind the last value')
  return values
}
