/**
 * Tables of every shape and of random ones, and random statements on them, for the comparison of a
 * replayed commit log with what the server itself says. Used by capture-oracle.it.ts.
 * Invariant: statements of one run depend on the seed only, their timestamps mostly too, so that
 * ties and old writes occur often.
 */
import { parseCqlType, type UdtLookup } from '../../src/cql/index.ts'
import { Random, randomLiteral } from './random-cql.ts'
import { RandomTable } from './random-tables.ts'

const SIMPLE = [
  ...['ascii', 'text', 'blob', 'boolean', 'tinyint', 'smallint', 'int', 'bigint', 'varint'],
  ...['decimal', 'float', 'double', 'timestamp', 'date', 'time', 'uuid', 'timeuuid', 'inet'],
  ...['duration', 'frozen<list<text>>', 'frozen<map<int, frozen<set<text>>>>', 'frozen<address>'],
  ...['tuple<int, text, frozen<list<int>>>', 'frozen<set<int>>'],
]
const VECTORS = ['vector<float, 3>', 'vector<text, 2>', 'frozen<list<vector<int, 2>>>']
const WIDE_COLUMNS = 90
const KEY_TYPES = [
  ...['bigint', 'boolean', 'tinyint', 'smallint', 'time', 'date', 'timestamp', 'uuid', 'inet'],
  ...['varint', 'double', 'blob', 'ascii', 'frozen<set<int>>'],
]
const BASE_TIMESTAMP = 1_700_000_000_000_000
/** Small, so that writers meet on the same microsecond. */
const TIMESTAMPS = 400
const RANDOM_TABLES = 6

export interface WorkloadTable {
  readonly name: string
  /** Of each clustering column. */
  readonly descending: readonly boolean[]
}

/** Those of one shape; each workload has some of random shape besides. */
const TABLES: readonly WorkloadTable[] = [
  { name: 'every', descending: [true, false] },
  { name: 'keys', descending: KEY_TYPES.map((_, i) => i % 2 === 1) },
  { name: 'wide', descending: [] },
  { name: 'counts', descending: [false] },
  { name: 'simple', descending: [] },
  { name: 'twin', descending: [] },
  { name: 'altered', descending: [] },
  { name: 'emptied', descending: [] },
]

export class Workload {
  readonly #random: Random
  readonly #types: readonly string[]
  readonly #tables: readonly RandomTable[]
  readonly #lookup: UdtLookup = name =>
    name === 'address'
      ? {
          ...{ kind: 'udt', keyspace: '', name, frozen: false },
          fields: [
            { name: 'street', type: { kind: 'text' } },
            { name: 'number', type: { kind: 'int' } },
            { name: 'tags', type: parseCqlType('frozen<set<text>>') },
          ],
        }
      : undefined

  constructor(seed: number, hasVectors: boolean) {
    this.#random = new Random(seed)
    this.#types = hasVectors ? [...SIMPLE, ...VECTORS] : SIMPLE
    const shape = { hasVectors, lookup: this.#lookup }
    this.#tables = Array.from(
      { length: RANDOM_TABLES },
      (_, i) => new RandomTable(`random${i}`, this.#random, shape),
    )
  }

  /** All that statements are on. */
  get tables(): readonly WorkloadTable[] {
    return [...TABLES, ...this.#tables]
  }

  ddl(): string[] {
    const cdc = 'cdc = true'
    const wide = Array.from(
      { length: WIDE_COLUMNS },
      (_, i) => `w${i} ${i % 3 === 0 ? 'int' : 'text'}`,
    )
    const keys = KEY_TYPES.map((type, i) => `k${i} ${type}`)
    const order = KEY_TYPES.map((_, i) => `k${i} ${i % 2 === 1 ? 'DESC' : 'ASC'}`)
    const names = KEY_TYPES.map((_, i) => `k${i}`)
    return [
      'CREATE TYPE address (street text, number int, tags frozen<set<text>>)',
      `CREATE TABLE every (p text, q int, c1 int, c2 text, ss text static, sm map<int, text> static,
        l list<int>, se set<text>, m map<text, int>, u address, lu list<frozen<address>>,
        ${this.#types.map((type, i) => `r${i} ${type}`).join(', ')}, PRIMARY KEY ((p, q), c1, c2))
        WITH CLUSTERING ORDER BY (c1 DESC, c2 ASC) AND ${cdc}`,
      `CREATE TABLE keys (p inet, ${keys.join(', ')}, v int, PRIMARY KEY (p, ${names.join(', ')}))
        WITH CLUSTERING ORDER BY (${order.join(', ')}) AND ${cdc}`,
      `CREATE TABLE wide (k int PRIMARY KEY, ${wide.join(', ')}) WITH ${cdc}`,
      `CREATE TABLE counts (k int, c text, n counter, o counter, s counter static,
        PRIMARY KEY (k, c)) WITH ${cdc}`,
      `CREATE TABLE simple (k text PRIMARY KEY, v text) WITH ${cdc}`,
      'CREATE TABLE twin (k text PRIMARY KEY, v int)',
      `CREATE TABLE altered (k int PRIMARY KEY, a text, b int) WITH ${cdc}`,
      `CREATE TABLE emptied (k int PRIMARY KEY, v int) WITH ${cdc}`,
      `CREATE TABLE gone (k int PRIMARY KEY, v int) WITH ${cdc}`,
      ...this.#tables.map(table => table.ddl()),
    ]
  }

  /** A random statement on one of the tables. */
  statement(): string {
    const random = this.#random
    const roll = random.below(100)
    if (roll < 25) return this.#every()
    if (roll < 60) return random.pick(this.#tables).statement(withTtl => this.#using(withTtl))
    if (roll < 68) return this.#keys()
    if (roll < 78) return this.#wide()
    if (roll < 86) return this.#count()
    return this.#simple()
  }

  #using(withTtl = true): string {
    const random = this.#random
    const at = BASE_TIMESTAMP + random.below(TIMESTAMPS)
    if (!withTtl || !random.chance(20)) return `USING TIMESTAMP ${at}`
    return `USING TIMESTAMP ${at} AND TTL ${100_000 + random.below(100_000)}`
  }

  #literal(type: string): string {
    return randomLiteral(parseCqlType(type, this.#lookup), this.#random)
  }

  #partition(): string {
    const random = this.#random
    return `p = 'p${random.below(4)}' AND q = ${random.below(3)}`
  }

  #every(): string {
    const random = this.#random
    const where = this.#partition()
    const row = `${where} AND c1 = ${random.below(5)} AND c2 = '${random.below(3)}'`
    const columns = [...this.#types.entries()]
    const roll = random.below(100)
    if (roll < 30) return this.#insertEvery(columns)
    if (roll < 55) {
      const sets = random.some(columns, 10).map(([i, type]) => {
        return `r${i} = ${random.chance(10) ? 'null' : this.#literal(type)}`
      })
      return `UPDATE every ${this.#using()} SET ${sets.join(', ')} WHERE ${row}`
    }
    if (roll < 75) return `UPDATE every ${this.#using()} SET ${this.#collections()} WHERE ${row}`
    if (roll < 80) {
      const set = random.pick([
        `ss = '${random.hex(2)}'`,
        `sm[${random.below(4)}] = 'x'`,
        'ss = null',
      ])
      return `UPDATE every ${this.#using()} SET ${set} WHERE ${where}`
    }
    const using = this.#using(false)
    if (roll < 88) {
      const names = random.some([
        'l',
        'se',
        'm',
        'u',
        'r1',
        'r3',
        `m['${random.below(4)}']`,
        'u.number',
      ])
      return `DELETE ${names.join(', ')} FROM every ${using} WHERE ${row}`
    }
    if (roll < 92) return `DELETE FROM every ${using} WHERE ${row}`
    const c1 = random.below(5)
    const bounds = random.pick([
      `c1 = ${c1}`,
      `c1 >= ${c1} AND c1 < ${c1 + 2}`,
      `c1 > ${c1}`,
      `c1 <= ${c1}`,
      `c1 = ${c1} AND c2 > '0'`,
      `c1 = ${c1} AND c2 >= '0' AND c2 < '2'`,
    ])
    if (roll < 99) return `DELETE FROM every ${using} WHERE ${where} AND ${bounds}`
    return `DELETE FROM every ${using} WHERE ${where}`
  }

  #insertEvery(columns: readonly [number, string][]): string {
    const random = this.#random
    const pairs = random
      .some(columns, random.pick([5, 30, 100]))
      .map(([i, type]) => [`r${i}`, random.chance(5) ? 'null' : this.#literal(type)])
    if (random.chance(40)) pairs.push(['l', this.#literal('list<int>')])
    if (random.chance(40)) pairs.push(['m', "{'0': 1, '1': 2}"])
    if (random.chance(20)) pairs.push(['se', "{'a', 'b'}"])
    if (random.chance(30)) pairs.push(['u', this.#literal('address')])
    if (random.chance(20)) pairs.push(['lu', this.#literal('list<frozen<address>>')])
    if (random.chance(20)) pairs.push(['ss', this.#literal('text')])
    const names = ['p', 'q', 'c1', 'c2', ...pairs.map(pair => pair[0])].join(', ')
    const key = `'p${random.below(4)}', ${random.below(3)}, ${random.below(5)}, '${random.below(3)}'`
    const values = [key, ...pairs.map(pair => pair[1])].join(', ')
    return `INSERT INTO every (${names}) VALUES (${values}) ${this.#using()}`
  }

  #collections(): string {
    const random = this.#random
    const n = random.below(4)
    return random
      .some([
        random.pick([`l = l + [${n}]`, `l = [${n}] + l`, `l = [${n}, 1]`, 'l = null']),
        random.pick([`se = se + {'${n}', 'x'}`, `se = se - {'${n}'}`, `se = {'${n}'}`, 'se = {}']),
        random.pick([
          `m = m + {'${n}': 7}`,
          `m['${n}'] = ${n}`,
          `m['${n}'] = null`,
          `m = {'n': 1}`,
        ]),
        random.pick([`u.number = ${n}`, 'u.street = null', `u = {street: 's', number: 1}`]),
      ])
      .join(', ')
  }

  #keys(): string {
    const random = this.#random
    const values = KEY_TYPES.map(type => this.#literal(type))
    const p = `'10.0.0.${random.below(5)}'`
    if (random.chance(15)) return `DELETE FROM keys ${this.#using(false)} WHERE p = ${p}`
    const names = KEY_TYPES.map((_, i) => `k${i}`).join(', ')
    const value = random.chance(80) ? '1' : 'null'
    return `INSERT INTO keys (p, ${names}, v) VALUES (${p}, ${values.join(', ')}, ${value}) ${this.#using()}`
  }

  #wide(): string {
    const random = this.#random
    const all = Array.from({ length: WIDE_COLUMNS }, (_, i) => i)
    const chosen = random.some(all, random.pick([2, 45, 70, 95, 100]))
    const value = (i: number) => (i % 3 === 0 ? String(random.below(100)) : `'${random.hex(3)}'`)
    const k = random.below(20)
    if (random.chance(30)) {
      const sets = chosen.map(i => `w${i} = ${random.chance(10) ? 'null' : value(i)}`)
      return `UPDATE wide ${this.#using()} SET ${sets.join(', ')} WHERE k = ${k}`
    }
    const insert = (columns: number[], key: number) =>
      `INSERT INTO wide (k, ${columns.map(i => `w${i}`).join(', ')})
        VALUES (${key}, ${columns.map(value).join(', ')}) ${this.#using()}`
    return insert(chosen, k)
  }

  #count(): string {
    const random = this.#random
    const by = `${random.pick(['+', '-'])} ${random.below(1000)}`
    const k = random.below(5)
    if (random.chance(15)) return `UPDATE counts SET s = s ${by} WHERE k = ${k}`
    const names = random.some(['n', 'o'], 60).map(name => `${name} = ${name} ${by}`)
    return `UPDATE counts SET ${names.join(', ')} WHERE k = ${k} AND c = '${random.below(4)}'`
  }

  #simple(): string {
    const random = this.#random
    const k = `'k${random.below(30)}'`
    const v = this.#literal('text')
    const roll = random.below(100)
    if (roll < 40) return `INSERT INTO simple (k, v) VALUES (${k}, ${v}) ${this.#using()}`
    if (roll < 50) return `DELETE FROM simple ${this.#using(false)} WHERE k = ${k}`
    if (roll < 55) {
      const far = random.pick(['9000000000000000000', '-9000000000000000000', '-1', '0'])
      return `INSERT INTO simple (k, v) VALUES ('far${random.below(9)}', ${v}) USING TIMESTAMP ${far}`
    }
    if (roll < 65)
      return `INSERT INTO simple (k, v) VALUES ('cas${random.below(9)}', ${v}) IF NOT EXISTS`
    if (roll < 75) {
      return `UPDATE altered ${this.#using()} SET a = ${v}, b = ${roll} WHERE k = ${random.below(9)}`
    }
    if (roll < 80) return `INSERT INTO simple (k, v) VALUES (${k}, ${v})`
    const at = BASE_TIMESTAMP + random.below(TIMESTAMPS)
    const twin = `UPDATE twin SET v = ${random.below(99)} WHERE k = ${k}`
    const other = random.pick([
      `DELETE v FROM simple WHERE k = ${k}`,
      `UPDATE simple SET v = ${v} WHERE k = ${k}`,
      `DELETE FROM simple WHERE k = ${k}`,
    ])
    const logged = random.pick(['', 'UNLOGGED'])
    return `BEGIN ${logged} BATCH USING TIMESTAMP ${at} ${twin}; ${other}; APPLY BATCH`
  }
}
