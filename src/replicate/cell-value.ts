/**
 * Values between the source, SQL and CQL cells: which types fit, and the conversion of one value.
 * Called per cell by the table writer and the Cassandra reader.
 * Invariants: nothing is rounded or cut; a value that does not fit throws a data error that names the
 * column and type, never the value.
 * Spec: backlog-replication 2.7.
 */
import type { SourceType } from '../api-v1.ts'
import { Decimal } from '../base/decimal.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { type CqlType, type CqlValue, formatCqlType } from '../cql/index.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import type { Value } from './sql-engine.ts'

const DEFAULTS: Readonly<Record<SourceType, readonly string[]>> = {
  long: ['bigint', 'text', 'varint', 'decimal'],
  int: ['int', 'bigint', 'smallint', 'text'],
  string: ['text', 'ascii', 'uuid', 'timeuuid', 'inet'],
  boolean: ['boolean', 'text', 'int'],
  decimal: ['decimal', 'double', 'float', 'text'],
  double: ['double', 'float', 'decimal'],
  date: ['date', 'timestamp', 'text'],
  timestamp: ['timestamp', 'text', 'bigint', 'date'],
  json: ['text'],
  'list<long>': ['list<bigint>', 'set<bigint>', 'text'],
  'list<int>': ['list<int>', 'set<int>', 'text'],
  'list<string>': ['list<text>', 'set<text>', 'text'],
}

/** The first is the default. */
export function cqlTypesFor(type: SourceType): readonly string[] {
  return DEFAULTS[type]
}

/** Of a column of a query's result. */
export function cqlTypeOfSql(sql: string): string {
  if (sql.endsWith('[]')) return `list<${cqlTypeOfSql(sql.slice(0, -2))}>`
  if (/^(U?BIGINT|UINTEGER)$/.test(sql)) return 'bigint'
  if (/^U?(INTEGER|SMALLINT|TINYINT)$/.test(sql)) return 'int'
  if (sql === 'HUGEINT') return 'varint'
  if (sql.startsWith('DECIMAL')) return 'decimal'
  if (sql === 'DOUBLE' || sql === 'FLOAT') return 'double'
  if (sql === 'BOOLEAN' || sql === 'DATE') return sql.toLowerCase()
  return sql.startsWith('TIMESTAMP') ? 'timestamp' : 'text'
}

export function sourceTypeOf(type: CqlType): SourceType {
  switch (type.kind) {
    case 'bigint':
    case 'counter':
      return 'long'
    case 'int':
    case 'smallint':
    case 'tinyint':
      return 'int'
    case 'boolean':
    case 'date':
    case 'timestamp':
      return type.kind
    case 'decimal':
    case 'varint':
      return 'decimal'
    case 'double':
    case 'float':
      return 'double'
    case 'list':
    case 'set':
      return type.element.kind === 'bigint'
        ? 'list<long>'
        : type.element.kind === 'int'
          ? 'list<int>'
          : 'list<string>'
    default:
      return 'string'
  }
}

const DAY_MS = 86_400_000
const INT_LIMITS: Readonly<Record<string, number>> = {
  int: 2 ** 31,
  smallint: 2 ** 15,
  tinyint: 2 ** 7,
}

/** Throws when the value does not fit. */
export function toCql(value: Value, type: CqlType, column: string): CqlValue {
  if (value === null) return null
  const found = convert(value, type)
  if (found !== undefined) return found
  const message = `column ${column}: a value cannot become ${formatCqlType(type)}`
  throw new ScamanderError(REPLICATE_ERRORS.VALUE, message, { context: { column } })
}

function convert(value: Exclude<Value, null>, type: CqlType): CqlValue | undefined {
  switch (type.kind) {
    case 'text':
      return typeof value === 'string'
        ? value
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value)
    case 'ascii':
      return /^[\0-\x7f]*$/.test(String(value)) ? String(value) : undefined
    case 'bigint':
    case 'varint':
      return toInteger(value, type.kind)
    case 'int':
    case 'smallint':
    case 'tinyint':
      return toSmall(value, INT_LIMITS[type.kind]!)
    case 'boolean':
      return toBoolean(value)
    case 'decimal':
      return Decimal.parse(String(value))
    case 'double':
    case 'float':
      return String(value).trim() === '' || Number.isNaN(Number(value)) ? undefined : Number(value)
    case 'date':
      return toDays(value)
    case 'timestamp':
      return toMs(value)
    case 'uuid':
    case 'timeuuid':
      return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(String(value))
        ? String(value)
        : undefined
    case 'inet':
      return /^[\d.]+$|:/.test(String(value)) ? String(value) : undefined
    case 'list':
    case 'set':
      return toElements(value, type)
    default:
      return undefined
  }
}

function toElements(
  value: Exclude<Value, null>,
  type: CqlType & { kind: 'list' | 'set' },
): CqlValue | undefined {
  if (typeof value !== 'object') return undefined
  const elements = value.map(one => convert(one, type.element))
  return elements.includes(undefined) ? undefined : (elements as CqlValue[])
}

function toInteger(value: Exclude<Value, null>, kind: string): bigint | undefined {
  const text =
    kind === 'bigint' && typeof value === 'string' && value.includes(':')
      ? String(toMs(value) ?? '')
      : String(value)
  if (!/^-?\d{1,100}$/.test(text)) return Decimal.parse(text)?.toInteger(100)
  const number = BigInt(text)
  return kind === 'bigint' && BigInt.asIntN(64, number) !== number ? undefined : number
}

function toSmall(value: Exclude<Value, null>, limit: number): number | undefined {
  const number =
    typeof value === 'boolean'
      ? Number(value)
      : /^-?\d+(\.0+)?$/.test(String(value))
        ? Number(value)
        : Number.NaN
  return number >= -limit && number < limit ? number : undefined
}

function toBoolean(value: Exclude<Value, null>): boolean | undefined {
  const text = String(value).toLowerCase()
  return text === 'true' || text === '1'
    ? true
    : text === 'false' || text === '0'
      ? false
      : undefined
}

function toDays(value: Exclude<Value, null>): number | undefined {
  const text = String(value).slice(0, 10)
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms / DAY_MS
}

/** With milliseconds. */
const ISO_LENGTH = 24

/** ISO text, or the engine's form with a blank and without zone, which is UTC. */
function toMs(value: Exclude<Value, null>): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  if (typeof value === 'string' && value.length === ISO_LENGTH && value.endsWith('Z')) {
    const ms = Date.parse(value)
    return Number.isNaN(ms) ? undefined : BigInt(ms)
  }
  const text = String(value)
    .replace(' ', 'T')
    .replace(/([+-]\d\d)$/, '$1:00')
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const ms = Date.parse(text.length === 10 || /(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`)
  return Number.isNaN(ms) ? undefined : BigInt(ms)
}

/** A decoded cell as a value of the pipeline. */
export function fromCql(value: CqlValue, type: CqlType): Value {
  if (value === null) return null
  if (type.kind === 'date') return new Date(Number(value) * DAY_MS).toISOString().slice(0, 10)
  if (type.kind === 'timestamp') return new Date(Number(value)).toISOString()
  if (type.kind === 'list' || type.kind === 'set')
    return (value as readonly CqlValue[]).map(one => fromCql(one, type.element) as string | number)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Decimal) return value.toString()
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`
  return typeof value === 'object'
    ? JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? String(one) : one))
    : value
}
