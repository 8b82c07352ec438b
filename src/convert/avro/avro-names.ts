/**
 * Names by which Avro schemas and Connect schemas tell each other what one of them lacks, and the
 * rules that both directions share. Spec: connect-rest 12.1.
 * Invariant: spelled as Confluent's converter spells them, since both read each other's schemas.
 */
import type { Schema } from '../../flow/index.ts'

export const NAMESPACE = 'io.confluent.connect.avro'
export const DEFAULT_NAME = 'ConnectDefault'
export const MAP_ENTRY = 'MapEntry'
export const UNION_NAME = `${NAMESPACE}.Union`
export const ENUM_PARAMETER = `${NAMESPACE}.Enum`
export const ENUM_DOC = `${NAMESPACE}.enum.doc.`
export const ENUM_DEFAULT = `${NAMESPACE}.enum.default.`
export const RECORD_DOC = `${NAMESPACE}.record.doc`
export const FIELD_DOC = `${NAMESPACE}.field.doc.`
/** Says that a default was written at an Avro field and not by Connect. */
export const FIELD_DEFAULT = `${NAMESPACE}.field.default`
export const FIXED_SIZE = 'connect.fixed.size'
export const DECIMAL_PRECISION = 'connect.decimal.precision'
export const PRECISION_DEFAULT = 64
export const INTERNAL_TYPE = 'connect.internal.type'

/** Generalised sum types: one spelling for all formats. */
export const GENERAL_ENUM = 'org.apache.kafka.connect.data.Enum'
export const GENERAL_UNION = 'org.apache.kafka.connect.data.Union'
export const GENERAL_UNION_NAME = 'connect_union_'
export const GENERAL_FIELD_NAME = 'connect_union_field_'

export interface AvroDataOptions {
  readonly enhanced: boolean
  readonly metaData: boolean
  readonly scrubInvalidNames: boolean
  readonly allowOptionalMapKeys: boolean
  readonly generalSumTypes: boolean
  readonly flattenSingletonUnions: boolean
  readonly ignoreDefaultForNullables: boolean
  readonly discardTypeDocDefault: boolean
}

export function isUnion(schema: Schema): boolean {
  return schema.name === UNION_NAME || schema.parameters?.[GENERAL_UNION] !== undefined
}

export function isFixed(schema: Schema): boolean {
  return (
    schema.type === 'bytes' &&
    schema.name !== undefined &&
    schema.parameters?.[FIXED_SIZE] !== undefined
  )
}

/** Is it written as an Avro map and not as an array of entries? */
export function isStringMap(schema: Schema, options: AvroDataOptions): boolean {
  const { keys } = schema
  return keys?.type === 'string' && (!keys.optional || options.allowOptionalMapKeys)
}

/** A name of letters, digits and `_`, made of any text as URL encoding would, `%` as `_`. */
export function scrubName(name: string, options: AvroDataOptions): string {
  if (!options.scrubInvalidNames || name === '' || /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return name
  }
  // Java's URL encoding: a blank becomes +, the marks ! ' ( ) ~ are encoded too.
  const encoded = encodeURIComponent(name).replace(/[!'()~]|%20/g, mark =>
    mark === '%20' ? '+' : `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const begun = /^[0-9]/.test(encoded) ? `x${encoded}` : encoded
  return begun.replace(/[^A-Za-z0-9_]/g, '_')
}

/** Every part of a dotted name scrubbed. */
export function scrubFullName(name: string, options: AvroDataOptions): string {
  if (!options.scrubInvalidNames) return name
  return name
    .split('.')
    .map(part => scrubName(part, options))
    .join('.')
}
