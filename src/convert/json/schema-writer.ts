/**
 * Writes a Schema as the `schema` member of a JSON envelope. Spec: connect-rest 11.2.
 * Member order: type, (items | keys, values | fields), optional, name, version, doc, parameters,
 * default, and `field` last. The converter keeps the result per schema object.
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import type { Schema } from '../../flow/index.ts'
import { schemaError } from './json-errors.ts'
import { PayloadWriter, type PayloadWriterOptions, writeJsonString } from './payload-writer.ts'
import { TYPE_NAMES } from './schema-reader.ts'

/** The JSON text of a schema; the options govern its default values. */
export function writeSchema(schema: Schema, options: PayloadWriterOptions): Buffer {
  const writer = new ByteWriter(512)
  const target = { writer, payload: new PayloadWriter(writer, options) }
  writeNode(target, schema, undefined)
  return Buffer.from(writer.view())
}

interface Target {
  readonly writer: ByteWriter
  readonly payload: PayloadWriter
}

function writeNode(target: Target, schema: Schema, field: string | undefined): void {
  const { writer } = target
  writer.writeUtf8(`{"type":"${TYPE_NAMES.get(schema.type)}"`)
  writeInner(target, schema)
  writer.writeUtf8(`,"optional":${schema.optional}`)
  writeText(writer, 'name', schema.name)
  if (schema.version !== undefined) writer.writeUtf8(`,"version":${schema.version}`)
  writeText(writer, 'doc', schema.doc)
  if (schema.parameters !== undefined) writeParameters(writer, schema.parameters)
  if (schema.defaultValue != null) {
    writer.writeUtf8(',"default":')
    target.payload.write(schema, schema.defaultValue)
  }
  writeText(writer, 'field', field)
  writer.writeUInt8(0x7d)
}

function writeInner(target: Target, schema: Schema): void {
  const { writer } = target
  if (schema.type === 'array') {
    writer.writeUtf8(',"items":')
    writeNode(target, part(schema.values, 'element'), undefined)
  } else if (schema.type === 'map') {
    writer.writeUtf8(',"keys":')
    writeNode(target, part(schema.keys, 'key'), undefined)
    writer.writeUtf8(',"values":')
    writeNode(target, part(schema.values, 'value'), undefined)
  } else if (schema.type === 'struct') {
    writer.writeUtf8(',"fields":[')
    for (const field of schema.fields) {
      if (field.index > 0) writer.writeUInt8(0x2c)
      writeNode(target, field.schema, field.name)
    }
    writer.writeUInt8(0x5d)
  }
}

function part(schema: Schema | undefined, what: string): Schema {
  if (schema !== undefined) return schema
  throw schemaError(`Expected a schema for every ${what} of a collection, found none`)
}

function writeText(writer: ByteWriter, name: string, text: string | undefined): void {
  if (text === undefined) return
  writer.writeUtf8(`,"${name}":`)
  writeJsonString(writer, text)
}

function writeParameters(writer: ByteWriter, parameters: Readonly<Record<string, string>>): void {
  writer.writeUtf8(',"parameters":{')
  let separator = ''
  for (const [name, text] of Object.entries(parameters)) {
    writer.writeUtf8(separator)
    separator = ','
    writeJsonString(writer, name)
    writer.writeUInt8(0x3a)
    writeJsonString(writer, text)
  }
  writer.writeUInt8(0x7d)
}
