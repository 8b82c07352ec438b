/**
 * Types as the server's marshal class strings, which the wire uses for types its version has no id
 * for and for vectors: `org.apache.cassandra.db.marshal.VectorType(…FloatType , 3)`.
 * Reversed and frozen wrappers disappear; composites and unknown classes stay `custom`, verbatim.
 * Invariant: parseMarshalClass(toMarshalClass(t)) has the encoding of t.
 */
import type { CqlType, UdtField } from './cql-type.ts'
import { MARSHAL_PACKAGE, primitiveByClass, primitiveByKind } from './primitive-kinds.ts'
import { TypeScanner } from './type-scanner.ts'
import { freezeType } from './type-shape.ts'

const CLASS_NAME = /[\w.$]+/y
const HEX = /[0-9a-fA-F]*/y
const INTEGER = /\d{1,9}/y

/** The type of a marshal class string; names without a package are taken as the server's own. */
export function parseMarshalClass(text: string): CqlType {
  const scanner = new TypeScanner(text)
  const type = readClass(scanner)
  scanner.expectEnd()
  return type
}

function readClass(scanner: TypeScanner): CqlType {
  return scanner.nested(() => readOneClass(scanner))
}

function readOneClass(scanner: TypeScanner): CqlType {
  scanner.skipBlanks()
  const start = scanner.position
  const name = scanner.word(CLASS_NAME)
  if (name === undefined) throw scanner.error('expected a class name')
  const simple = simpleName(name)
  const primitive = simple === undefined ? undefined : primitiveByClass(simple)
  if (primitive !== undefined) return primitive.type
  const afterName = scanner.position
  if (simple !== undefined && scanner.accept('(')) {
    const type = readParameterized(scanner, simple)
    if (type !== undefined) return type
  }
  scanner.position = afterName
  skipParameters(scanner)
  return { kind: 'custom', className: scanner.text.slice(start, scanner.position) }
}

function simpleName(name: string): string | undefined {
  if (name.startsWith(MARSHAL_PACKAGE)) return name.slice(MARSHAL_PACKAGE.length)
  return name.includes('.') ? undefined : name
}

/** The opening parenthesis is taken; undefined for classes this product does not interpret. */
function readParameterized(scanner: TypeScanner, name: string): CqlType | undefined {
  switch (name) {
    case 'ReversedType':
      return one(scanner)
    case 'FrozenType':
      return freezeType(one(scanner))
    case 'ListType':
      return { kind: 'list', element: freezeType(one(scanner)), frozen: false }
    case 'SetType':
      return { kind: 'set', element: freezeType(one(scanner)), frozen: false }
    case 'MapType': {
      const [key, value] = several(scanner, 2)
      return { kind: 'map', key: key!, value: value!, frozen: false }
    }
    case 'TupleType':
      return { kind: 'tuple', elements: several(scanner) }
    case 'UserType':
      return readUserType(scanner)
    case 'VectorType':
      return readVector(scanner)
    default:
      return undefined
  }
}

function one(scanner: TypeScanner): CqlType {
  const type = readClass(scanner)
  scanner.expect(')')
  return type
}

function several(scanner: TypeScanner, count?: number): CqlType[] {
  const types = scanner.list(')', () => freezeType(readClass(scanner)))
  if (count !== undefined && types.length !== count) {
    throw scanner.error(`expected ${count} parameters, found ${types.length}`)
  }
  return types
}

function readVector(scanner: TypeScanner): CqlType {
  const element = freezeType(readClass(scanner))
  scanner.expect(',')
  const dimension = Number(scanner.word(INTEGER))
  if (!(dimension > 0)) throw scanner.error('expected the dimension of a vector')
  scanner.expect(')')
  return { kind: 'vector', element, dimension }
}

/** UserType(keyspace,<name in hex>,<field in hex>:<class>,…) */
function readUserType(scanner: TypeScanner): CqlType {
  const keyspace = scanner.word(CLASS_NAME)
  if (keyspace === undefined) throw scanner.error('expected a keyspace')
  scanner.expect(',')
  const name = readHexText(scanner)
  const fields: UdtField[] = []
  while (scanner.accept(',')) {
    const fieldName = readHexText(scanner)
    scanner.expect(':')
    fields.push({ name: fieldName, type: freezeType(readClass(scanner)) })
  }
  scanner.expect(')')
  return { kind: 'udt', keyspace, name, fields, frozen: false }
}

function readHexText(scanner: TypeScanner): string {
  const hex = scanner.word(HEX) ?? ''
  if (hex.length % 2 !== 0) throw scanner.error('expected pairs of hexadecimal digits')
  return Buffer.from(hex, 'hex').toString('utf8')
}

/** Passes over balanced parentheses, whatever is inside. */
function skipParameters(scanner: TypeScanner): void {
  if (scanner.text[scanner.position] !== '(') return
  let depth = 0
  do {
    const character = scanner.text[scanner.position]
    if (character === undefined) throw scanner.error(`expected ')'`)
    if (character === '(') depth++
    else if (character === ')') depth--
    scanner.position++
  } while (depth > 0)
}

/** The server's class string of a type. */
export function toMarshalClass(type: CqlType): string {
  return format(type, false)
}

function format(type: CqlType, insideFrozen: boolean): string {
  switch (type.kind) {
    case 'custom':
      return type.className
    case 'list':
      return frozen(type.frozen, insideFrozen, inner => named('ListType', [type.element], inner))
    case 'set':
      return frozen(type.frozen, insideFrozen, inner => named('SetType', [type.element], inner))
    case 'map':
      return frozen(type.frozen, insideFrozen, inner =>
        named('MapType', [type.key, type.value], inner),
      )
    case 'tuple':
      return named('TupleType', type.elements, true)
    case 'vector':
      return `${MARSHAL_PACKAGE}VectorType(${format(type.element, insideFrozen)} , ${type.dimension})`
    case 'udt': {
      const inner = insideFrozen || type.frozen
      const fields = type.fields.map(f => `,${hexOf(f.name)}:${format(f.type, inner)}`).join('')
      const text = `${MARSHAL_PACKAGE}UserType(${type.keyspace},${hexOf(type.name)}${fields})`
      return frozen(type.frozen, insideFrozen, () => text)
    }
    default:
      return MARSHAL_PACKAGE + primitiveByKind(type.kind)!.marshalClass
  }
}

function named(name: string, parameters: readonly CqlType[], insideFrozen: boolean): string {
  return `${MARSHAL_PACKAGE}${name}(${parameters.map(p => format(p, insideFrozen)).join(',')})`
}

function frozen(is: boolean, insideFrozen: boolean, text: (inner: boolean) => string): string {
  if (!is || insideFrozen) return text(insideFrozen)
  return `${MARSHAL_PACKAGE}FrozenType(${text(true)})`
}

function hexOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex')
}
