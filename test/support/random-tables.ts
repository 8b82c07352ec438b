/**
 * Tables of random shape and random statements on them: keys, orders, static and regular columns of
 * random types, nested ones too. Used by Workload.
 * Invariants: shapes and statements depend on the seed only; key columns take few values, so that
 * writes meet; types whose equal values have several encodings are in no key.
 */
import { type CqlType, parseCqlType, type UdtLookup } from '../../src/cql/index.ts'
import { type Random, randomLiteral } from './random-cql.ts'

const KEYS = [
  ...['ascii', 'text', 'blob', 'boolean', 'tinyint', 'smallint', 'int', 'bigint', 'varint'],
  ...['timestamp', 'date', 'time', 'uuid', 'timeuuid', 'inet'],
]
const PLAIN = [...KEYS, 'decimal', 'float', 'double', 'duration']
const VALUES_PER_KEY = 3
const DEPTH_MAX = 2

interface Column {
  readonly name: string
  readonly type: CqlType
  readonly text: string
}

interface KeyColumn extends Column {
  readonly isDescending: boolean
  /** What it is ever set to. */
  readonly literals: readonly string[]
}

/** The clause `USING …`; without TTL for deletions. */
export type Using = (withTtl: boolean) => string

export class RandomTable {
  readonly name: string
  readonly #partition: readonly KeyColumn[]
  readonly #clustering: readonly KeyColumn[]
  readonly #statics: readonly Column[]
  readonly #regulars: readonly Column[]
  readonly #random: Random

  constructor(
    name: string,
    random: Random,
    { hasVectors, lookup }: { readonly hasVectors: boolean; readonly lookup: UdtLookup },
  ) {
    this.name = name
    this.#random = random
    const column = (prefix: string, i: number, text: string): Column => ({
      ...{ name: `${prefix}${i}`, text, type: parseCqlType(text, lookup) },
    })
    const key = (prefix: string) => (_: unknown, i: number) => {
      const one = column(prefix, i, random.pick(KEYS))
      const literals = Array.from({ length: VALUES_PER_KEY }, () => literalOf(one.type, random))
      return { ...one, literals, isDescending: random.chance(50) }
    }
    const other = (prefix: string) => (_: unknown, i: number) =>
      column(prefix, i, randomType(random, hasVectors))
    const list = (length: number) => Array.from({ length })
    this.#partition = list(1 + random.below(3)).map(key('p'))
    this.#clustering = list(random.below(4)).map(key('c'))
    this.#statics = list(this.#clustering.length === 0 ? 0 : random.below(3)).map(other('s'))
    this.#regulars = list(1 + random.below(12)).map(other('r'))
  }

  get descending(): boolean[] {
    return this.#clustering.map(one => one.isDescending)
  }

  ddl(): string {
    const columns = [...this.#partition, ...this.#clustering, ...this.#regulars]
    const texts = [
      ...columns.map(one => `${one.name} ${one.text}`),
      ...this.#statics.map(one => `${one.name} ${one.text} static`),
    ]
    const names = (of: readonly Column[]) => of.map(one => one.name).join(', ')
    const clustering = this.#clustering.length === 0 ? '' : `, ${names(this.#clustering)}`
    const order = this.#clustering.map(one => `${one.name} ${one.isDescending ? 'DESC' : 'ASC'}`)
    const ordered = order.length === 0 ? '' : `CLUSTERING ORDER BY (${order.join(', ')}) AND `
    const key = `PRIMARY KEY ((${names(this.#partition)})${clustering})`
    return `CREATE TABLE ${this.name} (${texts.join(', ')}, ${key}) WITH ${ordered}cdc = true`
  }

  statement(using: Using): string {
    const random = this.#random
    const roll = random.below(100)
    if (roll < 45) return this.#insert(using(true))
    if (roll < 75) return this.#update(using(true))
    const partition = this.#where(this.#partition)
    const row = [...partition, ...this.#where(this.#clustering)]
    if (roll < 85) {
      const names = random.some(this.#regulars).map(one => one.name)
      return this.#delete(` ${names.join(', ')}`, using(false), row)
    }
    if (roll < 92) return this.#delete('', using(false), row)
    const prefix = row.slice(0, partition.length + random.below(this.#clustering.length + 1))
    return this.#delete('', using(false), prefix)
  }

  #delete(columns: string, using: string, where: readonly string[]): string {
    return `DELETE${columns} FROM ${this.name} ${using} WHERE ${where.join(' AND ')}`
  }

  #insert(using: string): string {
    const random = this.#random
    const keys = [...this.#partition, ...this.#clustering]
    const others = random.some([...this.#statics, ...this.#regulars], random.pick([10, 50, 100]))
    const names = [...keys, ...others].map(one => one.name)
    const values = [
      ...keys.map(one => random.pick(one.literals)),
      ...others.map(one => this.#value(one)),
    ]
    return `INSERT INTO ${this.name} (${names.join(', ')}) VALUES (${values.join(', ')}) ${using}`
  }

  #update(using: string): string {
    const random = this.#random
    const isStatic = this.#statics.length > 0 && random.chance(25)
    const columns = random.some(isStatic ? this.#statics : this.#regulars, 40)
    const sets = columns.map(one => this.#change(one))
    const keys = isStatic ? this.#partition : [...this.#partition, ...this.#clustering]
    return `UPDATE ${this.name} ${using} SET ${sets.join(', ')} WHERE ${this.#where(keys).join(' AND ')}`
  }

  #value({ type }: Column): string {
    return this.#random.chance(8) ? 'null' : literalOf(type, this.#random)
  }

  /** An assignment; to collections mostly one of elements. */
  #change(column: Column): string {
    const { name, type } = column
    const random = this.#random
    const isMultiCell = 'frozen' in type && !type.frozen && type.kind !== 'udt'
    if (!isMultiCell || random.chance(30)) return `${name} = ${this.#value(column)}`
    if (type.kind === 'map' && random.chance(40)) {
      return `${name} = ${name} - {${literalOf(type.key, random)}}`
    }
    const sign = type.kind === 'set' && random.chance(40) ? '-' : '+'
    return `${name} = ${name} ${sign} ${literalOf(type, random)}`
  }

  #where(columns: readonly KeyColumn[]): string[] {
    return columns.map(one => `${one.name} = ${this.#random.pick(one.literals)}`)
  }
}

/** Neither empty nor so: no key is. */
function literalOf(type: CqlType, random: Random): string {
  for (;;) {
    const literal = randomLiteral(type, random)
    if (literal !== "''" && literal !== '0x') return literal
  }
}

function randomType(random: Random, hasVectors: boolean): string {
  const roll = random.below(100)
  if (roll < 50) return random.pick(PLAIN)
  if (roll < 58) return random.pick(['address', 'frozen<address>'])
  const [list, set, map] = [
    `list<${inner(random, hasVectors)}>`,
    `set<${random.pick(KEYS)}>`,
    `map<${random.pick(KEYS)}, ${inner(random, hasVectors)}>`,
  ]
  if (roll < 82) return random.pick([list, set, map])
  return random.pick([`frozen<${list}>`, `frozen<${map}>`, inner(random, hasVectors)])
}

/** A type that may stand inside another. */
function inner(random: Random, hasVectors: boolean, depth = 1): string {
  if (depth > DEPTH_MAX || random.chance(50)) return random.pick(PLAIN)
  const below = () => inner(random, hasVectors, depth + 1)
  const composed = [
    () => `frozen<list<${below()}>>`,
    () => `frozen<set<${random.pick(KEYS)}>>`,
    () => `frozen<map<${random.pick(KEYS)}, ${below()}>>`,
    () => `frozen<tuple<${below()}, ${below()}>>`,
    () => 'frozen<address>',
    ...(hasVectors ? [() => `vector<${below()}, ${1 + random.below(4)}>`] : []),
  ]
  return random.pick(composed)()
}
