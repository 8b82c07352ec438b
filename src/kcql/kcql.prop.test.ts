import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLAUSE_SHAPES, type ClauseName, type ClauseShape } from './clause-shapes.ts'
import { KcqlError } from './errors.ts'
import { parseKcql } from './parse-kcql.ts'
import { printKcql } from './print-kcql.ts'
import type { KcqlStatement } from './syntax-tree.ts'

const at = { start: 0, end: 0 }
const bare = fc.string({ unit: fc.constantFrom(...'abzAZ019_@'), minLength: 1, maxLength: 5 })
const odd = fc.string({
  unit: fc.constantFrom(...'ab-. ;,()=*"/{}+:é\n'),
  minLength: 1,
  maxLength: 6,
})
const keyword = fc.constantFrom('limit', 'FROM', 'Batch', 'ttl', 'as', 'PROPERTIES')
const name = fc.oneof({ weight: 4, arbitrary: bare }, odd, keyword)
const count = fc.integer({ min: 1, max: 2147483647 })
const steps = fc.array(name, { minLength: 1, maxLength: 3 })
const path = steps.map(one => ({ steps: one, wildcard: false, at }))
const some = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 3 })
const setting = fc.record({ key: name, value: fc.oneof(name, fc.constant(''), fc.constant('-1')) })
const settings = fc
  .uniqueArray(setting, { maxLength: 3, selector: one => one.key })
  .map(list => list.map(one => ({ ...one, at })))

const VALUES: { readonly [S in ClauseShape]: fc.Arbitrary<unknown> } = {
  flag: fc.constant(true),
  count,
  word: name,
  format: fc.constantFrom('AVRO', 'JSON', 'MAP'),
  delimiter: fc.constantFrom('-', '|', '.', ' '),
  path,
  paths: some(path),
  names: some(name),
  buckets: fc.record({ names: some(name), count }),
  timestamp: fc.oneof(bare, fc.constant('sys_time()')),
  store: fc.record({ name, settings }),
  settings,
  raw: fc.constantFrom('', 'a, b', '(x) y', 'a AS b, {c=d}'),
  sample: fc.record({ count, every: count }),
}

const clauseNames = Object.keys(CLAUSE_SHAPES) as ClauseName[]
const clauses = fc
  .subarray(clauseNames, { maxLength: 6 })
  .chain(names =>
    fc.record(
      Object.fromEntries(
        names.map(one => [one, VALUES[CLAUSE_SHAPES[one]].map(value => ({ value, at }))]),
      ),
    ),
  )

const pathColumn = fc.record({
  expression: fc.record({
    kind: fc.constant('path' as const),
    path,
  }),
  alias: fc.option(name, { nil: undefined }),
  at: fc.constant(at),
})
const functionColumn = fc.record({
  expression: fc.record({
    kind: fc.constant('function' as const),
    name: bare,
    arguments: fc.array(pathColumn, { maxLength: 2 }),
  }),
  alias: fc.option(name, { nil: undefined }),
  at: fc.constant(at),
})
const wildcardColumn = fc.oneof(
  fc.constant({ expression: { kind: 'all' as const }, alias: undefined, at }),
  steps.map(one => ({
    expression: { kind: 'path' as const, path: { steps: one, wildcard: true, at } },
    alias: undefined,
    at,
  })),
)
const columns = fc.uniqueArray(fc.oneof(pathColumn, functionColumn, wildcardColumn), {
  minLength: 1,
  maxLength: 4,
  selector: one => JSON.stringify(one),
})
const target = name.map(text => ({ text, at }))
const selection = { columns, source: target, ignore: fc.array(path, { maxLength: 2 }), clauses }
const statement = fc.oneof(
  fc.record({ kind: fc.constant('select' as const), ...selection, at: fc.constant(at) }),
  fc.record({
    kind: fc.constant('insert' as const),
    verb: fc.constantFrom('INSERT', 'UPDATE'),
    upsertKey: fc.constant(undefined),
    target,
    ...selection,
    at: fc.constant(at),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    verb: fc.constant('UPSERT' as const),
    upsertKey: fc.option(name, { nil: undefined }),
    target,
    ...selection,
    at: fc.constant(at),
  }),
) as fc.Arbitrary<KcqlStatement>

function withoutPlaces(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value) => (key === 'at' ? undefined : value)))
}

describe('KCQL as text and tree', () => {
  it('gives back every tree that it prints', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), tree => {
        expect(withoutPlaces(parseKcql(printKcql(tree)))).toEqual(withoutPlaces(tree))
      }),
      { numRuns: 200 },
    )
  })

  it('throws its own error only, with a place inside the text', () => {
    const words = fc.constantFrom(
      ...['INSERT', 'INTO', 'SELECT', 'FROM', 'select', 'from', 'AS', 'PK', 'TTL', '=', '5', '*'],
      ...['a', 'b', ',', '.', ';', '(', ')', "'", '`', "'x'", '`y`', 'WITHTAG', 'PROPERTIES', '\n'],
      ...['IGNORE', 'BATCH', 'WITHKEY', 'STOREAS', 'KEYDELIMITER', 'é', '\u{1f600}', '-', '\0'],
    )
    const text = fc.oneof(
      fc.array(words, { maxLength: 25 }).map(list => list.join(' ')),
      fc.array(words, { maxLength: 25 }).map(list => list.join('')),
      fc.string({ unit: 'binary', maxLength: 40 }),
    )
    fc.assert(
      fc.property(text, random => {
        try {
          expect(parseKcql(random).length).toBeGreaterThan(0)
        } catch (error) {
          if (!(error instanceof KcqlError)) throw error
          for (const { offset, line, column } of error.problems) {
            expect(offset).toBeLessThanOrEqual(random.length)
            expect(Math.min(line, column)).toBeGreaterThan(0)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  it('prints a random text that it understood so that it means the same', () => {
    fc.assert(
      fc.property(statement, tree => {
        const text = printKcql([tree]).toLowerCase()
        let first: readonly KcqlStatement[]
        try {
          first = parseKcql(text)
        } catch (error) {
          // In lower case two different names may have become one.
          expect(error).toBeInstanceOf(KcqlError)
          return
        }
        expect(withoutPlaces(parseKcql(printKcql(first)))).toEqual(withoutPlaces(first))
      }),
      { numRuns: 100 },
    )
  })
})
