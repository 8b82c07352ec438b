/**
 * Compiles a CQL type and a codec into the encoder of a column, nested types included.
 * Called once per column when a statement is planned.
 * Invariant: custom types have no encoder; every other type of the protocol has one.
 */
import type { CqlType } from '../../../cql/index.ts'
import { BlobEncoder } from './blob-encoder.ts'
import { BooleanEncoder } from './boolean-encoder.ts'
import type { CellEncoder } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'
import { ListEncoder, MapEncoder, VectorEncoder } from './collection-encoder.ts'
import { DurationEncoder } from './duration-encoder.ts'
import { BinaryEncoder, DecimalEncoder } from './floating-encoder.ts'
import { InetEncoder } from './inet-encoder.ts'
import { IntegerEncoder } from './integer-encoder.ts'
import { compileJsonRules } from './json-rules.ts'
import { JsonRulesEncoder } from './json-rules-encoder.ts'
import { TupleEncoder, UdtEncoder } from './product-encoder.ts'
import { DateEncoder, TimeEncoder, TimestampEncoder } from './temporal-encoder.ts'
import { TextEncoder } from './text-encoder.ts'
import { UuidEncoder } from './uuid-encoder.ts'

/** Types whose elements a vector holds without lengths. */
const FIXED_WIDTH: ReadonlySet<string> = new Set([
  'bigint',
  'boolean',
  'double',
  'float',
  'int',
  'timestamp',
  'timeuuid',
  'uuid',
])

/** The encoder; undefined for custom types, which no source converts to. */
export function compileCellEncoder(type: CqlType, codec: Codec): CellEncoder | undefined {
  if (codec.rules === 'json') {
    const fromJson = compileJsonRules(type)
    return fromJson && new JsonRulesEncoder(type, codec, fromJson)
  }
  switch (type.kind) {
    case 'custom':
      return undefined
    case 'list':
    case 'set': {
      const element = compileCellEncoder(type.element, codec)
      if (element === undefined) return undefined
      return new ListEncoder(`${type.kind}<${element.typeName}>`, codec, element)
    }
    case 'map':
      return compileMap(type, codec)
    case 'vector':
      return compileVector(type, codec)
    case 'tuple': {
      const members = compileAll(type.elements, codec)
      if (members === undefined) return undefined
      const names = members.map(member => member.typeName).join(', ')
      return new TupleEncoder(`tuple<${names}>`, codec, members)
    }
    case 'udt': {
      const members = compileAll(
        type.fields.map(field => field.type),
        codec,
      )
      if (members === undefined) return undefined
      const fields = type.fields.map(({ name }, i) => ({ name, encoder: members[i]! }))
      return new UdtEncoder(`${type.keyspace}.${type.name}`, codec, fields)
    }
    default:
      return compilePrimitive(type.kind, codec)
  }
}

function compileAll(types: readonly CqlType[], codec: Codec): CellEncoder[] | undefined {
  const encoders: CellEncoder[] = []
  for (const type of types) {
    const encoder = compileCellEncoder(type, codec)
    if (encoder === undefined) return undefined
    encoders.push(encoder)
  }
  return encoders
}

function compileMap(
  type: Extract<CqlType, { kind: 'map' }>,
  codec: Codec,
): CellEncoder | undefined {
  const key = compileCellEncoder(type.key, codec)
  const value = compileCellEncoder(type.value, codec)
  if (key === undefined || value === undefined) return undefined
  return new MapEncoder(`map<${key.typeName}, ${value.typeName}>`, codec, { key, value })
}

function compileVector(
  type: Extract<CqlType, { kind: 'vector' }>,
  codec: Codec,
): CellEncoder | undefined {
  const { dimension } = type
  const element = compileCellEncoder(type.element, codec)
  if (element === undefined) return undefined
  const name = `vector<${element.typeName}, ${dimension}>`
  return new VectorEncoder(name, codec, { element, dimension, isFixedWidth: isFixed(type.element) })
}

function isFixed(type: CqlType): boolean {
  return type.kind === 'vector' ? isFixed(type.element) : FIXED_WIDTH.has(type.kind)
}

type PrimitiveKind = Exclude<
  CqlType['kind'],
  'custom' | 'list' | 'set' | 'map' | 'vector' | 'tuple' | 'udt'
>

function compilePrimitive(kind: PrimitiveKind, codec: Codec): CellEncoder {
  switch (kind) {
    case 'text':
    case 'ascii':
      return new TextEncoder(kind, codec)
    case 'boolean':
      return new BooleanEncoder(codec)
    case 'float':
    case 'double':
      return new BinaryEncoder(kind, codec)
    case 'decimal':
      return new DecimalEncoder(kind, codec)
    case 'timestamp':
      return new TimestampEncoder(codec)
    case 'date':
      return new DateEncoder(codec)
    case 'time':
      return new TimeEncoder(codec)
    case 'uuid':
    case 'timeuuid':
      return new UuidEncoder(kind, codec)
    case 'inet':
      return new InetEncoder(codec)
    case 'blob':
      return new BlobEncoder(codec)
    case 'duration':
      return new DurationEncoder(codec)
    default:
      return new IntegerEncoder(kind, codec)
  }
}
