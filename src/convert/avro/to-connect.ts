/**
 * Translates an Avro type into the Connect schema of the values that are read by it.
 * Called once per schema of the registry, before its reader is compiled. Spec: connect-rest 12.1.
 * Invariant: the fields of a record stand in Avro's order; a recursive record becomes a circle: the
 * schema inside shares the list of fields with the one outside.
 */
import { LOGICAL, Schema, type SchemaField, type SchemaOptions, STRING } from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import { defaultFromJson } from './avro-default.ts'
import {
  type AvroDataOptions,
  DECIMAL_PRECISION,
  DEFAULT_NAME,
  ENUM_DEFAULT,
  ENUM_DOC,
  ENUM_PARAMETER,
  FIELD_DEFAULT,
  FIELD_DOC,
  FIXED_SIZE,
  GENERAL_ENUM,
  GENERAL_FIELD_NAME,
  GENERAL_UNION,
  GENERAL_UNION_NAME,
  INTERNAL_TYPE,
  MAP_ENTRY,
  NAMESPACE,
  PRECISION_DEFAULT,
  RECORD_DOC,
  UNION_NAME,
} from './avro-names.ts'
import { type AvroField, type AvroType, schemaError } from './avro-schema.ts'

type Draft = { -readonly [K in keyof SchemaOptions]: SchemaOptions[K] }

interface Built {
  readonly type: Schema['type']
  readonly draft: Draft
  readonly parameters: Record<string, string>
}

interface Place {
  readonly optional?: boolean
  /** The field it is the type of. */
  readonly field?: AvroField
}

/** Null for `Anything`: data without a schema. */
export function toConnectSchema(
  type: AvroType,
  options: AvroDataOptions,
  version?: number,
): Schema | null {
  if (isAnything(type)) return null
  const schema = new ToConnect(options).schema(type, {})
  if (version === undefined || schema.version !== undefined) return schema
  return withOptions(schema, { version })
}

export function isAnything(type: AvroType): boolean {
  return type.kind === 'record' && type.fullName === `${NAMESPACE}.Anything`
}

/** The entry of a map with keys of any type. */
export function isMapEntry(type: AvroType): boolean {
  if (type.kind !== 'record') return false
  const isNamed = type.fullName === `${NAMESPACE}.${MAP_ENTRY}`
  return isNamed || type.text(INTERNAL_TYPE) === MAP_ENTRY
}

/** The one branch beside null, when there are just these two. */
export function nullableBranch(type: AvroType): AvroType | undefined {
  if (type.kind !== 'union' || type.branches.length !== 2) return undefined
  const others = type.branches.filter(branch => branch.kind !== 'null')
  return others.length === 1 ? others[0] : undefined
}

export function withOptions(schema: Schema, changes: SchemaOptions): Schema {
  return new Schema(schema.type, { ...optionsOf(schema), ...changes })
}

export function optionsOf(schema: Schema): SchemaOptions {
  const { optional, name, version, doc, parameters, defaultValue, values, keys, fields } = schema
  const all = { optional, name, version, doc, parameters, defaultValue, values, keys, fields }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

class ToConnect {
  readonly #options: AvroDataOptions
  /** Records whose fields are being translated. */
  readonly #open = new Map<AvroType, { fields: SchemaField[]; options: SchemaOptions }>()
  #unionCount = 0

  constructor(options: AvroDataOptions) {
    this.#options = options
  }

  schema(type: AvroType, place: Place): Schema {
    const open = this.#open.get(type)
    if (open !== undefined) {
      const optional = place.optional === true
      return new Schema('struct', { ...open.options, optional, fields: open.fields })
    }
    const { branches } = type
    if (type.kind === 'union') {
      const single = branches.length === 1 && this.#options.flattenSingletonUnions
      if (single) return this.schema(branches[0]!, place)
      const branch = nullableBranch(type)
      if (branch !== undefined) return this.schema(branch, { ...place, optional: true })
    }
    return this.#finish(type, this.#base(type), place)
  }

  #base(type: AvroType): Built {
    switch (type.kind) {
      case 'boolean':
        return built('boolean')
      case 'int':
        return this.#int(type)
      case 'long':
        return type.text('logicalType') === 'timestamp-millis'
          ? built('int64', { name: LOGICAL.TIMESTAMP, version: 1 })
          : built('int64')
      case 'float':
        return built('float32')
      case 'double':
        return built('float64')
      case 'string':
        return built('string')
      case 'bytes':
      case 'fixed':
        return this.#bytes(type)
      case 'array':
        return this.#array(type)
      case 'map':
        return built('map', { keys: STRING, values: this.schema(type.element!, {}) })
      case 'enum':
        return this.#enum(type)
      case 'union':
        return this.#union(type)
      case 'record':
        return this.#record(type)
      case 'null':
        throw schemaError('standalone null types are not supported: null stands in unions only')
    }
  }

  #int(type: AvroType): Built {
    const logical = type.text('logicalType')
    if (logical === 'date') return built('int32', { name: LOGICAL.DATE, version: 1 })
    if (logical === 'time-millis') return built('int32', { name: LOGICAL.TIME, version: 1 })
    const connectType = type.text('connect.type')
    if (logical !== undefined || connectType === undefined) return built('int32')
    if (connectType === 'int8' || connectType === 'int16') return built(connectType)
    throw schemaError(`expected connect.type int8 or int16 of an int, found ${connectType}`)
  }

  #bytes(type: AvroType): Built {
    const fixed = type.kind === 'fixed' ? { [FIXED_SIZE]: String(type.size) } : {}
    if (type.text('logicalType') !== 'decimal') return built('bytes', {}, fixed)
    const precision = type.integer('precision') ?? PRECISION_DEFAULT
    const told = precision === PRECISION_DEFAULT ? {} : { [DECIMAL_PRECISION]: String(precision) }
    const parameters = { scale: String(type.integer('scale') ?? 0), ...told, ...fixed }
    return built('bytes', { name: LOGICAL.DECIMAL, version: 1 }, parameters)
  }

  #array(type: AvroType): Built {
    const element = type.element!
    if (!isMapEntry(element)) return built('array', { values: this.schema(element, {}) })
    const key = element.fields.find(field => field.name === 'key')
    const value = element.fields.find(field => field.name === 'value')
    if (key === undefined || value === undefined || element.fields.length !== 2) {
      throw schemaError(`expected the fields key and value in the entries ${element.fullName}`)
    }
    return built('map', { keys: this.schema(key.type, {}), values: this.schema(value.type, {}) })
  }

  #enum(type: AvroType): Built {
    const { metaData, generalSumTypes, discardTypeDocDefault } = this.#options
    const parameters: Record<string, string> = {}
    if (metaData && type.doc !== undefined) {
      const key = discardTypeDocDefault ? 'connect.enum.doc' : ENUM_DOC + type.simpleName
      parameters[key] = type.doc
    }
    if (metaData && !discardTypeDocDefault && type.enumDefault !== undefined) {
      parameters[ENUM_DEFAULT + type.simpleName] = type.enumDefault
    }
    const prefix = generalSumTypes ? GENERAL_ENUM : ENUM_PARAMETER
    parameters[prefix] = type.fullName
    type.symbols.forEach((symbol, index) => {
      parameters[`${prefix}.${symbol}`] = generalSumTypes ? String(index) : symbol
    })
    return built('string', {}, parameters)
  }

  #union(type: AvroType): Built {
    const { generalSumTypes } = this.#options
    const name = generalSumTypes ? `${GENERAL_UNION_NAME}${this.#unionCount++}` : UNION_NAME
    const fields: SchemaField[] = []
    for (const [position, branch] of type.branches.entries()) {
      if (branch.kind === 'null') continue
      const fieldName = branchName(branch, position, this.#options)
      if (fields.some(field => field.name === fieldName)) {
        throw schemaError(`several branches of a union are called ${fieldName}`)
      }
      const schema = this.schema(branch, { optional: true })
      fields.push({ name: fieldName, index: fields.length, schema })
    }
    const optional = type.branches.some(branch => branch.kind === 'null')
    return built(
      'struct',
      { name, fields, optional },
      generalSumTypes ? { [GENERAL_UNION]: name } : {},
    )
  }

  #record(type: AvroType): Built {
    const { metaData, discardTypeDocDefault } = this.#options
    const parameters: Record<string, string> = {}
    const fields: SchemaField[] = []
    if (metaData && !discardTypeDocDefault) {
      if (type.doc !== undefined) parameters[RECORD_DOC] = type.doc
      for (const { name, doc } of type.fields) {
        if (doc !== undefined) parameters[FIELD_DOC + name] = doc
      }
    }
    const record = built('struct', { fields }, parameters)
    this.#open.set(type, { fields, options: this.#described(type, record, {}) })
    for (const field of type.fields) {
      fields.push({
        name: field.name,
        index: fields.length,
        schema: this.schema(field.type, { field }),
      })
    }
    this.#open.delete(type)
    return record
  }

  #finish(type: AvroType, made: Built, place: Place): Schema {
    const options = this.#described(type, made, place)
    const schema = new Schema(made.type, options)
    const { field } = place
    const connectDefault = type.properties.get('connect.default')
    const isOfField = field?.defaultValue !== undefined && field.defaultValue !== null
    const json = isOfField ? field.defaultValue : connectDefault
    if (json === undefined || json === null) return schema
    // A default that does not fit the type is left out, as in the reference.
    const value = defaultFromJson(json, { type, schema })
    return value === undefined ? schema : withOptions(schema, { defaultValue: value })
  }

  /** Name, version, doc and parameters; `made` has what follows from the kind alone. */
  #described(type: AvroType, { draft, parameters }: Built, place: Place): SchemaOptions {
    const { metaData, discardTypeDocDefault } = this.#options
    const all = { ...parameters }
    if (metaData && discardTypeDocDefault && type.doc !== undefined) {
      all['connect.record.doc'] = type.doc
    }
    if (metaData) Object.assign(all, textMap(type))
    for (const [name, value] of type.properties) {
      if (name.startsWith('avro') && typeof value === 'string') all[name] = value
    }
    const { field } = place
    const hasFieldDefault = field?.defaultValue !== undefined && field.defaultValue !== null
    if (hasFieldDefault && metaData && !discardTypeDocDefault) {
      if (!type.properties.has('connect.default')) all[FIELD_DEFAULT] = 'true'
    }
    const doc = discardTypeDocDefault
      ? (field?.doc ?? type.doc ?? type.text('connect.doc'))
      : metaData
        ? type.text('connect.doc')
        : undefined
    const version = type.integer('connect.version') ?? draft.version
    const name = this.#name(type, draft.name)
    return {
      ...draft,
      ...(name === undefined ? {} : { name }),
      ...(version === undefined ? {} : { version }),
      ...(doc === undefined ? {} : { doc }),
      ...(Object.keys(all).length === 0 ? {} : { parameters: all }),
      optional: place.optional === true || draft.optional === true,
    }
  }

  #name(type: AvroType, given: string | undefined): string | undefined {
    const isNamed = type.kind === 'record' || type.kind === 'enum' || type.kind === 'fixed'
    const name = type.text('connect.name') ?? (isNamed ? type.fullName : undefined)
    if (name === undefined || name.startsWith(`${NAMESPACE}.${DEFAULT_NAME}`)) return given
    if (given === undefined || given === name) return name
    // A fixed decimal has a name of its own; the logical type decides how it is read.
    if (type.kind === 'fixed' && type.text('connect.name') === undefined) return given
    throw dataError(
      CONVERT_ERRORS.SCHEMA,
      `Avro schema: expected connect.name ${given} for its logical type, found ${name}`,
    )
  }
}

/** The name of a union's field for one branch. */
export function branchName(branch: AvroType, position: number, options: AvroDataOptions): string {
  if (options.generalSumTypes) return `${GENERAL_FIELD_NAME}${position}`
  if (branch.fullName === '') return branch.kind
  return options.enhanced ? branch.fullName : branch.simpleName
}

function built(
  type: Schema['type'],
  draft: Draft = {},
  parameters: Record<string, string> = {},
): Built {
  return { type, draft, parameters }
}

function textMap(type: AvroType): Record<string, string> {
  const json = type.properties.get('connect.parameters')
  if (json === undefined) return {}
  if (!(json instanceof Map)) throw schemaError('expected connect.parameters to be an object')
  const entries = [...json].map(([name, value]): [string, string] => {
    if (typeof value === 'string') return [name, value]
    throw schemaError(`expected the value of connect.parameters ${name} to be a text`)
  })
  return Object.fromEntries(entries)
}
