/**
 * The messages of a Protobuf schema as a graph of our own: the one place that knows the parser's
 * library. Called once per schema of the registry or of a producer.
 * Invariants: messages, fields and enum values stand in the order of the text, which the message
 * path and the Connect schema follow; a type that is not found is a data error.
 * Spec: protobuf language guide (proto2, proto3); connect-rest 12, 12.2.
 */
import type protobuf from 'protobufjs'
import { lazyPackage } from '../../base/lazy-package.ts'
import { messageOf } from '../../base/scamander-error.ts'
import type { ImportedSchema } from '../../flow/index.ts'
import { CONVERT_ERRORS, dataError } from '../errors.ts'
import { BUILT_IN_FILES, OPTION_FILES } from './proto-names.ts'

const library = lazyPackage<typeof protobuf>('protobufjs')

export const SCALARS = [
  'double',
  'float',
  'int32',
  'uint32',
  'sint32',
  'fixed32',
  'sfixed32',
  'int64',
  'uint64',
  'sint64',
  'fixed64',
  'sfixed64',
  'bool',
  'string',
  'bytes',
] as const
export type ScalarKind = (typeof SCALARS)[number]

/** What a field, an element or a map's key or value is. */
export interface ProtoType {
  readonly kind: ScalarKind | 'message' | 'enum'
  readonly message: ProtoMessage | undefined
  readonly enumeration: ProtoEnum | undefined
}

export interface ProtoField extends ProtoType {
  readonly name: string
  readonly number: number
  readonly isRepeated: boolean
  readonly isPacked: boolean
  /** Of a map; the field's own type is then that of the values. */
  readonly key: ProtoType | undefined
  /** Undefined also for the oneof that proto3's `optional` stands for. */
  readonly oneof: string | undefined
  /** `optional` stands there: absent differs from zero. */
  readonly isOptional: boolean
  readonly isRequired: boolean
  /** Of the option confluent.field_meta. */
  readonly params: Readonly<Record<string, string>>
  /** proto2's default, as the library has it. */
  readonly defaultValue: unknown
}

export class ProtoMessage {
  readonly name: string
  readonly fullName: string
  readonly isProto2: boolean
  readonly fields: ProtoField[] = []
  readonly oneofs: string[] = []
  readonly nested: ProtoMessage[] = []

  constructor(name: string, fullName: string, isProto2: boolean) {
    this.name = name
    this.fullName = fullName
    this.isProto2 = isProto2
  }
}

export interface ProtoEnum {
  readonly name: string
  readonly fullName: string
  readonly numbers: ReadonlyMap<string, number>
  readonly names: ReadonlyMap<number, string>
}

export interface ProtoFile {
  readonly messages: readonly ProtoMessage[]
}

/** Parses a schema; `imports` are the texts it refers to, by their path. */
export function parseProtoFile(text: string, imports: readonly ImportedSchema[] = []): ProtoFile {
  try {
    return new FileReader(imports).read(text)
  } catch (error) {
    if (error instanceof ProtoProblem) throw schemaError(error.message)
    throw schemaError(`expected a .proto file: ${messageOf(error).slice(0, 200)}`, error)
  }
}

class ProtoProblem extends Error {}

class FileReader {
  readonly #root = new (library().Root)()
  readonly #given: ReadonlyMap<string, string>
  readonly #loaded = new Set<string>()
  readonly #messages = new Map<protobuf.Type, ProtoMessage>()

  constructor(imports: readonly ImportedSchema[]) {
    this.#given = new Map(imports.map(one => [one.name, one.text]))
  }

  read(text: string): ProtoFile {
    const before = new Set<protobuf.ReflectionObject>()
    const parsed = library().parse(text, new (library().Root)(), { keepCase: true })
    for (const name of [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])]) this.#load(name)
    collect(this.#root, before)
    const isProto2 = !/^\s*(syntax|edition)\s*=\s*"(proto3|\d{4})"/m.test(withoutComments(text))
    library().parse(text, this.#root, { keepCase: true })
    this.#root.resolveAll()
    const own = new Set<protobuf.ReflectionObject>()
    collect(this.#root, own)
    const top = [...own].filter(
      (one): one is protobuf.Type =>
        one instanceof library().Type &&
        !before.has(one) &&
        !(one.parent instanceof library().Type),
    )
    if (top.length === 0) throw new ProtoProblem('expected a message, found none')
    return { messages: top.map(type => this.#message(type, isProto2)) }
  }

  #load(name: string): void {
    if (this.#loaded.has(name) || OPTION_FILES.has(name)) return
    this.#loaded.add(name)
    const text = this.#given.get(name) ?? BUILT_IN_FILES.get(name)
    if (text === undefined) {
      const common = library().common.get(name)
      if (common?.nested == null) throw new ProtoProblem(`import ${name} is not registered`)
      this.#root.addJSON(common.nested)
      return
    }
    const parsed = library().parse(text, new (library().Root)(), { keepCase: true })
    for (const inner of parsed.imports ?? []) this.#load(inner)
    library().parse(text, this.#root, { keepCase: true })
  }

  #message(type: protobuf.Type, isProto2: boolean): ProtoMessage {
    const known = this.#messages.get(type)
    if (known !== undefined) return known
    const message = new ProtoMessage(type.name, type.fullName.replace(/^\./, ''), isProto2)
    this.#messages.set(type, message)
    for (const one of type.oneofsArray) {
      if (!one.isProto3Optional) message.oneofs.push(one.name)
    }
    for (const field of type.fieldsArray) message.fields.push(this.#field(field, isProto2))
    for (const nested of type.nestedArray) {
      if (nested instanceof library().Type) message.nested.push(this.#message(nested, isProto2))
    }
    return message
  }

  #field(field: protobuf.Field, isProto2: boolean): ProtoField {
    const oneof = field.partOf
    const isSynthetic = oneof?.isProto3Optional === true
    const own = this.#type(field, isProto2)
    const entry = field.repeated ? entryOf(own.message) : undefined
    const key = field instanceof library().MapField ? scalarType(field.keyType) : entry?.[0]
    return {
      ...(entry?.[1] ?? own),
      name: field.name,
      number: field.id,
      isRepeated: field.repeated && entry === undefined,
      isPacked: field.packed,
      key,
      oneof: oneof === null || isSynthetic ? undefined : oneof.name,
      isOptional: isSynthetic || (isProto2 && field.optional && oneof === null),
      isRequired: field.required,
      params: paramsOf(field),
      defaultValue: field.options?.['default'],
    }
  }

  #type(field: protobuf.Field, isProto2: boolean): ProtoType {
    const { resolvedType } = field
    if (resolvedType instanceof library().Type) {
      const message = this.#message(resolvedType, isProto2)
      return { kind: 'message', message, enumeration: undefined }
    }
    if (resolvedType instanceof library().Enum) {
      return { kind: 'enum', message: undefined, enumeration: enumOf(resolvedType) }
    }
    return scalarType(field.type)
  }
}

/** Maps whose entries are written out: repeated messages of a key and a value, named so. */
function entryOf(message: ProtoMessage | undefined): readonly [ProtoType, ProtoType] | undefined {
  if (message === undefined || !message.name.endsWith('Entry')) return undefined
  const [key, value, ...more] = message.fields
  const isEntry = key?.name === 'key' && value?.name === 'value' && more.length === 0
  if (!isEntry || key.isRepeated || value.isRepeated) return undefined
  if (key.number !== 1 || value.number !== 2) return undefined
  return [typeOnly(key), typeOnly(value)]
}

function typeOnly({ kind, message, enumeration }: ProtoField): ProtoType {
  return { kind, message, enumeration }
}

function scalarType(name: string): ProtoType {
  const kind = SCALARS.find(one => one === name)
  if (kind === undefined) throw new ProtoProblem(`type ${name} is not known`)
  return { kind, message: undefined, enumeration: undefined }
}

function enumOf(type: protobuf.Enum): ProtoEnum {
  const entries = Object.entries(type.values)
  return {
    name: type.name,
    fullName: type.fullName.replace(/^\./, ''),
    numbers: new Map(entries),
    // Of several names of one number the first counts.
    names: new Map([...entries].reverse().map(([name, number]) => [number, name])),
  }
}

/** `[(confluent.field_meta) = { params: [ { key: "…", value: "…" } ] }]` */
function paramsOf(field: protobuf.Field): Record<string, string> {
  const found: Record<string, string> = {}
  const visit = (json: unknown): void => {
    if (Array.isArray(json)) for (const one of json) visit(one)
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return
    const { key, value } = json as { key?: unknown; value?: unknown }
    if (typeof key === 'string' && typeof value === 'string') found[key] = value
    else for (const one of Object.values(json)) visit(one)
  }
  for (const option of field.parsedOptions ?? []) visit(option['(confluent.field_meta)'])
  return found
}

function collect(at: protobuf.NamespaceBase, found: Set<protobuf.ReflectionObject>): void {
  for (const one of at.nestedArray) {
    found.add(one)
    if (one instanceof library().Namespace) collect(one, found)
  }
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
}

export function schemaError(message: string, cause?: unknown) {
  return dataError(CONVERT_ERRORS.SCHEMA, `Protobuf schema: ${message}`, cause)
}
