/**
 * Types as CQL text, the form of system_schema.columns: `frozen<map<text, frozen<list<int>>>>`,
 * `"Quoted udt"`, `vector<float, 3>`, `'custom.class'`.
 * Called when schema is read and when types are shown or compared.
 * Invariant: everything inside a collection, tuple, UDT or vector is frozen, as on the server.
 */
import type { CqlType } from './cql-type.ts'
import { parseMarshalClass } from './marshal-class.ts'
import { primitiveByKind } from './primitive-kinds.ts'
import { TypeScanner } from './type-scanner.ts'
import { freezeType } from './type-shape.ts'

/** Finds a user-defined type; `name` is without quotes, `keyspace` undefined where none is written. */
export type UdtLookup = (name: string, keyspace: string | undefined) => CqlType | undefined

const UNQUOTED = /[A-Za-z]\w*/y
const QUOTED = /"(?:[^"]|"")+"/y
const STRING = /'(?:[^']|'')+'/y
const INTEGER = /\d{1,9}/y

const KEYWORD_TYPES = new Set(['frozen', 'list', 'set', 'map', 'tuple', 'vector'])

/** Parses a type; names that are not built in go to `lookup`. */
export function parseCqlType(text: string, lookup: UdtLookup = () => undefined): CqlType {
  const scanner = new TypeScanner(text)
  const type = readType(scanner, lookup)
  scanner.expectEnd()
  return type
}

function readType(scanner: TypeScanner, lookup: UdtLookup): CqlType {
  return scanner.nested(() => readOneType(scanner, lookup))
}

function readOneType(scanner: TypeScanner, lookup: UdtLookup): CqlType {
  const custom = scanner.word(STRING)
  if (custom !== undefined) return parseMarshalClass(custom.slice(1, -1).replaceAll("''", "'"))
  const quoted = scanner.word(QUOTED)
  if (quoted !== undefined) return readUdt(scanner, unquote(quoted), lookup)
  const written = scanner.word(UNQUOTED)
  if (written === undefined) throw scanner.error('expected a type name')
  const name = written.toLowerCase()
  if (KEYWORD_TYPES.has(name) && scanner.accept('<')) return readGeneric(scanner, name, lookup)
  const primitive = primitiveByKind(name === 'varchar' ? 'text' : name)
  if (primitive !== undefined && scanner.text[scanner.position] !== '.') return primitive.type
  return readUdt(scanner, name, lookup)
}

function readUdt(scanner: TypeScanner, first: string, lookup: UdtLookup): CqlType {
  let name = first
  let keyspace: string | undefined
  if (scanner.accept('.')) {
    const quoted = scanner.word(QUOTED)
    const second = quoted === undefined ? scanner.word(UNQUOTED)?.toLowerCase() : unquote(quoted)
    if (second === undefined) throw scanner.error('expected the name of a user-defined type')
    keyspace = first
    name = second
  }
  const type = lookup(name, keyspace)
  if (type === undefined) throw scanner.error(`unknown type ${quoteName(name)}`)
  return type
}

/** The opening bracket is taken. */
function readGeneric(scanner: TypeScanner, name: string, lookup: UdtLookup): CqlType {
  if (name === 'vector') return readVector(scanner, lookup)
  const types = scanner.list('>', () => readType(scanner, lookup))
  const count = name === 'map' ? 2 : 1
  if (name === 'tuple' ? types.length === 0 : types.length !== count) {
    throw scanner.error(`expected ${count} parameters of ${name}, found ${types.length}`)
  }
  const [first, second] = types
  if (name === 'frozen') return freezeType(first!)
  if (name === 'tuple') return { kind: 'tuple', elements: types.map(freezeType) }
  if (name === 'map') {
    return { kind: 'map', key: freezeType(first!), value: freezeType(second!), frozen: false }
  }
  return { kind: name as 'list' | 'set', element: freezeType(first!), frozen: false }
}

function readVector(scanner: TypeScanner, lookup: UdtLookup): CqlType {
  const element = freezeType(readType(scanner, lookup))
  scanner.expect(',')
  const dimension = Number(scanner.word(INTEGER))
  if (!(dimension > 0)) throw scanner.error('expected the dimension of a vector')
  scanner.expect('>')
  return { kind: 'vector', element, dimension }
}

/** The type as the server's schema tables write it; UDTs without their keyspace. */
export function formatCqlType(type: CqlType): string {
  switch (type.kind) {
    case 'custom':
      return `'${type.className.replaceAll("'", "''")}'`
    case 'list':
    case 'set':
      return frozenText(type.frozen, `${type.kind}<${formatCqlType(type.element)}>`)
    case 'map':
      return frozenText(
        type.frozen,
        `map<${formatCqlType(type.key)}, ${formatCqlType(type.value)}>`,
      )
    case 'tuple':
      return `frozen<tuple<${type.elements.map(formatCqlType).join(', ')}>>`
    case 'udt':
      return frozenText(type.frozen, quoteName(type.name))
    case 'vector':
      return `vector<${formatCqlType(type.element)}, ${type.dimension}>`
    default:
      return type.kind
  }
}

function frozenText(isFrozen: boolean, text: string): string {
  return isFrozen ? `frozen<${text}>` : text
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('""', '"')
}

/** A name with the quotes it needs; a type named like a built-in one needs them too. */
function quoteName(name: string): string {
  const plain = /^[a-z][a-z0-9_]*$/.test(name)
  if (plain && !KEYWORD_TYPES.has(name) && primitiveByKind(name) === undefined) return name
  return `"${name.replaceAll('"', '""')}"`
}
