/**
 * Chooses the codec of a type, recursively. Called once per column; the caller keeps the result.
 * Primitive codecs are shared, codecs of composed types are built anew.
 * Invariant: every kind of CqlType has a codec; the compiler checks the table.
 */
import type { CqlType, PrimitiveKind } from '../type/cql-type.ts'
import { fixedBytesOf } from '../type/type-shape.ts'
import { formatCqlType } from '../type/type-text.ts'
import {
  blobCodec,
  booleanCodec,
  bytesCodec,
  inetCodec,
  timeuuidCodec,
  uuidCodec,
} from './binary-codecs.ts'
import type { Codec } from './codec.ts'
import { listCodec, mapCodec } from './collection-codecs.ts'
import { durationCodec } from './duration-codec.ts'
import { doubleCodec, floatCodec } from './float-codecs.ts'
import {
  bigintCodec,
  counterCodec,
  dateCodec,
  intCodec,
  smallintCodec,
  timeCodec,
  timestampCodec,
  tinyintCodec,
} from './integer-codecs.ts'
import { asciiCodec, textCodec } from './text-codecs.ts'
import { tupleCodec } from './tuple-codec.ts'
import { decimalCodec, varintCodec } from './varint-codecs.ts'
import { vectorCodec } from './vector-codec.ts'

const PRIMITIVE_CODECS: Readonly<Record<PrimitiveKind, Codec>> = {
  ascii: asciiCodec,
  bigint: bigintCodec,
  blob: blobCodec,
  boolean: booleanCodec,
  counter: counterCodec,
  date: dateCodec,
  decimal: decimalCodec,
  double: doubleCodec,
  duration: durationCodec,
  float: floatCodec,
  inet: inetCodec,
  int: intCodec,
  smallint: smallintCodec,
  text: textCodec,
  time: timeCodec,
  timestamp: timestampCodec,
  timeuuid: timeuuidCodec,
  tinyint: tinyintCodec,
  uuid: uuidCodec,
  varint: varintCodec,
}

/** The codec of a type. */
export function codecFor(type: CqlType): Codec {
  switch (type.kind) {
    case 'list':
    case 'set':
      return listCodec(formatCqlType(type), codecFor(type.element))
    case 'map':
      return mapCodec(formatCqlType(type), codecFor(type.key), codecFor(type.value))
    case 'tuple':
      return tupleCodec(formatCqlType(type), type.elements.map(codecFor))
    case 'udt': {
      const fields = type.fields.map(f => codecFor(f.type))
      return tupleCodec(formatCqlType(type), fields)
    }
    case 'vector': {
      const { dimension } = type
      const fixedBytes = fixedBytesOf(type.element)
      const shape = { typeName: formatCqlType(type), dimension, fixedBytes }
      return vectorCodec(shape, codecFor(type.element))
    }
    case 'custom':
      return bytesCodec(formatCqlType(type))
    default:
      return PRIMITIVE_CODECS[type.kind]
  }
}
