/**
 * The constructors of fields, one per kind of value. Components call these in their declaration;
 * the type of a setting follows from them: required or defaulted fields are always there, others
 * may be undefined. New kinds are made with `fieldMaker`.
 */
import type {
  Alias,
  ConnectType,
  Field,
  FieldAttributes,
  FieldOptions,
  GivenOptions,
  Parsed,
  Problem,
  Width,
} from './field.ts'
import { HIDDEN, Secret } from './secret.ts'
import {
  invalid,
  parseBoolean,
  parseDouble,
  parseDurationMs,
  parseInteger,
  parseList,
  parseSizeBytes,
} from './value-text.ts'

export interface FieldMaker<T> {
  (name: string, options: GivenOptions<T>): Field<T>
  (name: string, options: FieldOptions<T>): Field<T | undefined>
}

interface Kind<T> {
  readonly type: ConnectType
  readonly parse: (text: string) => Parsed<T>
  readonly format: (value: T) => string
  readonly width: Width
  readonly schema?: Readonly<Record<string, unknown>>
  readonly expected?: string
  readonly indexed?: boolean
}

/** A constructor for fields of one kind of value. */
export function fieldMaker<T>(kind: Kind<T>): FieldMaker<T> {
  // One body serves both overloads: an absent default is undefined, which the second one allows.
  return ((name: string, options: GivenOptions<T> | FieldOptions<T>) =>
    makeField(kind, name, options)) as FieldMaker<T>
}

function makeField<T>(
  kind: Kind<T>,
  name: string,
  options: GivenOptions<T> | FieldOptions<T>,
): Field<T> {
  const defaultValue = 'default' in options ? options.default : undefined
  const parse = (text: string) => validated(kind.parse(text), options)
  return {
    kind: 'field',
    name,
    type: kind.type,
    required: options.required === true,
    defaultValue: defaultValue as T,
    defaultText: defaultValue === undefined ? null : kind.format(defaultValue),
    indexed: kind.indexed === true,
    parse,
    aliases: (options.aliases ?? []).map(alias => aliasOf(alias, parse)),
    ...facts(name, kind, options),
  }
}

function facts<T>(name: string, kind: Kind<T>, options: FieldAttributes<T>) {
  const validator = options.validator
  return {
    doc: options.doc,
    importance: options.importance ?? ('medium' as const),
    group: options.group,
    order: options.order,
    width: options.width ?? kind.width,
    displayName: options.displayName ?? name,
    dependents: options.dependents ?? [],
    recommended: options.recommended ?? validator?.choices ?? [],
    expected: validator?.expected ?? kind.expected,
    schema: { ...kind.schema, ...validator?.schema },
    nonNull: validator?.nonNull === true,
    examples: options.examples ?? [],
    unit: options.unit,
    since: options.since,
    deprecated: options.deprecated,
    noEffect: options.noEffect,
    internal: options.internal === true,
  }
}

function aliasOf<T>(alias: string | Alias<T>, parse: (text: string) => Parsed<T>): Alias<T> {
  return typeof alias === 'string' ? { key: alias, parse } : { parse, ...alias }
}

function validated<T>(parsed: Parsed<T>, options: FieldAttributes<T>): Parsed<T> {
  const { validator } = options
  if ('problems' in parsed || validator === undefined) return parsed
  const texts = validator.check(parsed.value)
  if (texts.length === 0) return parsed
  const { expected, what = 'value' } = validator
  return { problems: texts.map((text): Problem => ({ what, text, expected })) }
}

const integer = (type: 'SHORT' | 'INT' | 'LONG'): FieldMaker<number> =>
  fieldMaker({
    type,
    parse: text => parseInteger(type, text),
    format: String,
    width: 'SHORT',
    schema: { type: ['integer', 'string'] },
  })

export const shortField: FieldMaker<number> = integer('SHORT')
export const intField: FieldMaker<number> = integer('INT')
export const longField: FieldMaker<number> = integer('LONG')

export const doubleField: FieldMaker<number> = fieldMaker({
  type: 'DOUBLE',
  parse: parseDouble,
  format: String,
  width: 'SHORT',
  schema: { type: ['number', 'string'] },
})

export const booleanField: FieldMaker<boolean> = fieldMaker({
  type: 'BOOLEAN',
  parse: parseBoolean,
  format: String,
  width: 'SHORT',
  schema: { enum: [true, false, 'true', 'false'] },
})

export const stringField: FieldMaker<string> = fieldMaker({
  type: 'STRING',
  parse: text => ({ value: text.trim() }),
  format: value => value,
  width: 'MEDIUM',
  schema: { type: ['string', 'number', 'boolean'] },
})

/** The full or short name of a plugin class; whether it exists is checked where plugins are known. */
export const classField: FieldMaker<string> = fieldMaker({
  type: 'CLASS',
  parse: text => ({ value: text.trim() }),
  format: value => value,
  width: 'LONG',
  schema: { type: 'string' },
})

export const passwordField: FieldMaker<Secret> = fieldMaker({
  type: 'PASSWORD',
  parse: text => ({ value: new Secret(text) }),
  format: value => (value.isEmpty ? '' : HIDDEN),
  width: 'MEDIUM',
  schema: { type: 'string', writeOnly: true },
})

const LIST = {
  type: 'LIST' as const,
  parse: (text: string): Parsed<readonly string[]> => ({ value: parseList(text) }),
  format: (value: readonly string[]) => value.join(','),
  width: 'LONG' as const,
  schema: { type: 'string' },
}

export const listField: FieldMaker<readonly string[]> = fieldMaker(LIST)

/** A list that may also be written element by element: `key.0`, `key.1`, … */
export const indexedListField: FieldMaker<readonly string[]> = fieldMaker({
  ...LIST,
  indexed: true,
})

/** A duration with its unit; the value is in milliseconds. */
export const durationField: FieldMaker<number> = fieldMaker({
  type: 'STRING',
  parse: parseDurationMs,
  format: value => `${value} milliseconds`,
  width: 'SHORT',
  expected: 'a duration such as "30 seconds"',
  schema: { type: ['string', 'integer'] },
})

/** A size with its unit; the value is in bytes. */
export const sizeField: FieldMaker<number> = fieldMaker({
  type: 'STRING',
  parse: parseSizeBytes,
  format: value => `${value} bytes`,
  width: 'SHORT',
  expected: 'a size such as "256 MB"',
  schema: { type: ['string', 'integer'] },
})

interface EnumOptions {
  /** Any case is accepted; the value has the declared spelling. */
  readonly ignoreCase?: boolean
}

/** One word of a closed list. */
export function enumField<const V extends string>(
  name: string,
  values: readonly V[],
  options: GivenOptions<V> & EnumOptions,
): Field<V>
export function enumField<const V extends string>(
  name: string,
  values: readonly V[],
  options: FieldOptions<V> & EnumOptions,
): Field<V | undefined>
export function enumField<const V extends string>(
  name: string,
  values: readonly V[],
  options: (GivenOptions<V> | FieldOptions<V>) & EnumOptions,
): Field<V | undefined> {
  const fold = (text: string) => (options.ignoreCase === true ? text.toLowerCase() : text)
  const list = values.join(', ')
  const rule = options.ignoreCase === true ? 'one of (case insensitive)' : 'one of'
  const kind: Kind<V> = {
    type: 'STRING',
    parse: text => {
      const value = values.find(one => fold(one) === fold(text.trim()))
      if (value !== undefined) return { value }
      return invalid('value', `String must be ${rule}: ${list}`, `one of ${list}`)
    },
    format: value => value,
    width: 'SHORT',
    expected: `one of ${list}`,
    schema: options.ignoreCase === true ? { type: 'string' } : { enum: values },
  }
  return makeField(kind, name, { recommended: values, ...options })
}
