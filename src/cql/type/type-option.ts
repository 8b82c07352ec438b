/**
 * Types as the protocol's [option], in the metadata of results and prepared statements.
 *
 *     [short] id, then by id:  0x0000 custom   [string] class
 *                              0x0020 list     [option] element      0x0022 set   [option] element
 *                              0x0021 map      [option] key [option] value
 *                              0x0030 udt      [string] keyspace [string] name [short] n (… name type)
 *                              0x0031 tuple    [short] n [option]*
 *
 * The wire does not say frozen: the outermost type is read as not frozen, everything inside as frozen.
 * Spec: native protocol v5, section 4.2.5.2.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import { malformed } from '../errors.ts'
import { type ByteReader, readShort, readString } from '../primitive/byte-reader.ts'
import type { ProtocolVersion } from '../primitive/protocol-version.ts'
import { writeString } from '../primitive/writers.ts'
import type { CqlType, UdtField } from './cql-type.ts'
import { parseMarshalClass, toMarshalClass } from './marshal-class.ts'
import { primitiveByKind, primitiveByOption } from './primitive-kinds.ts'

const CUSTOM = 0x00
/** An old id of text, which some servers still send. */
const OLD_TEXT = 0x0a
const LIST = 0x20
const MAP = 0x21
const SET = 0x22
const UDT = 0x30
const TUPLE = 0x31
const DEPTH_MAX = 64

/** Reads an [option]. */
export function readTypeOption(reader: ByteReader): CqlType {
  return readOption(reader, false, 0)
}

function readOption(reader: ByteReader, frozen: boolean, depth: number): CqlType {
  if (depth > DEPTH_MAX) throw malformed(`expected at most ${DEPTH_MAX} levels of a type`)
  const id = readShort(reader)
  const inner = () => readOption(reader, true, depth + 1)
  switch (id) {
    case CUSTOM:
      return parseMarshalClass(readString(reader))
    case OLD_TEXT:
      return primitiveByKind('text')!.type
    case LIST:
      return { kind: 'list', element: inner(), frozen }
    case SET:
      return { kind: 'set', element: inner(), frozen }
    case MAP: {
      const key = inner()
      return { kind: 'map', key, value: inner(), frozen }
    }
    case UDT:
      return readUdt(reader, frozen, inner)
    case TUPLE: {
      const elements: CqlType[] = []
      for (let i = readShort(reader); i > 0; i--) elements.push(inner())
      return { kind: 'tuple', elements }
    }
    default: {
      const primitive = primitiveByOption(id)
      if (primitive === undefined) throw malformed(`unknown type id 0x${id.toString(16)}`)
      return primitive.type
    }
  }
}

function readUdt(reader: ByteReader, frozen: boolean, inner: () => CqlType): CqlType {
  const keyspace = readString(reader)
  const name = readString(reader)
  const fields: UdtField[] = []
  for (let i = readShort(reader); i > 0; i--) {
    fields.push({ name: readString(reader), type: inner() })
  }
  return { kind: 'udt', keyspace, name, fields, frozen }
}

/** Writes an [option]; types that the version has no id for go as their marshal class. */
export function writeTypeOption(writer: ByteWriter, type: CqlType, version: ProtocolVersion): void {
  switch (type.kind) {
    case 'custom':
    case 'vector':
      writeCustom(writer, type)
      return
    case 'list':
    case 'set':
      writer.writeInt16(type.kind === 'list' ? LIST : SET)
      writeTypeOption(writer, type.element, version)
      return
    case 'map':
      writer.writeInt16(MAP)
      writeTypeOption(writer, type.key, version)
      writeTypeOption(writer, type.value, version)
      return
    case 'tuple':
      writer.writeInt16(TUPLE)
      writer.writeInt16(type.elements.length)
      for (const element of type.elements) writeTypeOption(writer, element, version)
      return
    case 'udt':
      writer.writeInt16(UDT)
      writeString(writer, type.keyspace)
      writeString(writer, type.name)
      writer.writeInt16(type.fields.length)
      for (const field of type.fields) {
        writeString(writer, field.name)
        writeTypeOption(writer, field.type, version)
      }
      return
    default: {
      const primitive = primitiveByKind(type.kind)!
      if (primitive.since > version) writeCustom(writer, type)
      else writer.writeInt16(primitive.option)
    }
  }
}

function writeCustom(writer: ByteWriter, type: CqlType): void {
  writer.writeInt16(CUSTOM)
  writeString(writer, toMarshalClass(type))
}
