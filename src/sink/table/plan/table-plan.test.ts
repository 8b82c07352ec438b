/** Statement texts and start checks of a table plan: cassandra-sink 4.2, 5.1-5.4. */
import { describe, expect, it } from 'vitest'
import { isScamanderError } from '../../../base/scamander-error.ts'
import { schemaOf, settingsOf } from '../bind/test-bind.ts'
import type { TableSettings } from '../datastax/settings.ts'
import { compileTablePlan } from './table-plan.ts'

const NONE: ReadonlySet<string> = new Set()
const AB = schemaOf('a int, b text')

function planOf(mapping: string, rest: Partial<TableSettings> = {}, schema = AB) {
  return compileTablePlan(settingsOf(mapping, rest), schema, NONE)
}

function problemOf(mapping: string, rest: Partial<TableSettings> = {}, schema = AB) {
  try {
    planOf(mapping, rest, schema)
  } catch (error) {
    if (isScamanderError(error)) return error
    throw error
  }
  throw new Error('expected a problem')
}

const TS = ':message_internal_timestamp'

describe('insert', () => {
  it.each([
    ['a=key, b=value', {}, `(a,b) VALUES (:a,:b) USING TIMESTAMP ${TS}`],
    ['b=value, a=key', {}, `(b,a) VALUES (:b,:a) USING TIMESTAMP ${TS}`],
    ['a=key', {}, `(a) VALUES (:a) USING TIMESTAMP ${TS}`],
    ['a=key', { ttlSeconds: 60 }, `(a) VALUES (:a) USING TIMESTAMP ${TS} AND TTL 60`],
    ['a=key', { ttlSeconds: 0 }, `(a) VALUES (:a) USING TIMESTAMP ${TS} AND TTL 0`],
    [
      'a=key, __ttl=value.t',
      {},
      `(a) VALUES (:a) USING TIMESTAMP ${TS} AND TTL :message_internal_ttl`,
    ],
    [
      'a=key, __ttl=value.t, __timestamp=value.s',
      { ttlSeconds: 60 },
      `(a) VALUES (:a) USING TIMESTAMP ${TS} AND TTL :message_internal_ttl`,
    ],
  ])('%s %j', (mapping, rest, tail) => {
    expect(planOf(mapping, rest).cql).toBe(`INSERT INTO ks.t${tail}`)
  })

  it('quotes only what needs it', () => {
    const schema = {
      ...schemaOf('"Id" int, "add" text, "a""b" text, plain_1 text, "1x" int'),
      keyspace: 'MyKs',
      name: 'My Table',
    }
    const mapping = '"Id"=key, add=value.a, "a""b"=value.b, plain_1=value.c, "1x"=value.d'
    expect(planOf(mapping, {}, schema)).toMatchObject({
      cql:
        'INSERT INTO "MyKs"."My Table"("Id","add","a""b",plain_1,"1x") ' +
        `VALUES (:"Id",:"add",:"a""b",:plain_1,:"1x") USING TIMESTAMP ${TS}`,
      deleteCql: `DELETE FROM "MyKs"."My Table" USING TIMESTAMP ${TS} WHERE "Id" = :"Id"`,
    })
  })

  it('warns of a static TTL beside __ttl', () => {
    const { warnings } = planOf('a=key, __ttl=value.t', { ttlSeconds: 5 })
    expect(warnings).toEqual([expect.stringContaining('topic.topic.ks.t.ttl has no effect')])
    expect(planOf('a=key, __ttl=value.t').warnings).toEqual([])
  })
})

describe('delete', () => {
  const schema = schemaOf('p int, q int, c text, v int', 3, 2)
  const mapping = 'v=value.v, c=key.c, q=key.q, p=key.p'

  it('names the whole primary key in its order', () => {
    expect(planOf(mapping, {}, schema).deleteCql).toBe(
      `DELETE FROM ks.t USING TIMESTAMP ${TS} WHERE p = :p AND q = :q AND c = :c`,
    )
    const reference = compileTablePlan(settingsOf(mapping), schema, new Set(['D4']))
    expect(reference.deleteCql).toBe('DELETE FROM ks.t WHERE p = :p AND q = :q AND c = :c')
  })

  it.each([
    ['deletes disabled', mapping, { deletesEnabled: false }],
    ['a column is not mapped', 'p=key.p, q=key.q, c=key.c', {}],
    ['a query', mapping, { query: 'X', deletesEnabled: false }],
  ])('none: %s', (_name, text, rest) => {
    expect(planOf(text, rest, schema).deleteCql).toBeUndefined()
  })

  it('none for a table that is all key', () => {
    expect(planOf('a=key, b=value', {}, schemaOf('a int, b text', 2)).deleteCql).toBeUndefined()
  })
})

describe('counter', () => {
  const schema = schemaOf('p int, c text, hits counter, "Add" counter', 2)

  it('adds to the counters that are mapped', () => {
    const all = planOf('hits=value.h, "Add"=value.a, c=key.c, p=key.p', {}, schema)
    expect(all).toMatchObject({
      kind: 'counter',
      cql:
        'UPDATE ks.t SET hits = hits + :hits, "Add" = "Add" + :"Add" ' + 'WHERE p = :p AND c = :c',
      deleteCql: undefined,
    })
    expect(planOf('hits=value.h, c=key.c, p=key.p', {}, schema).cql).toBe(
      'UPDATE ks.t SET hits = hits + :hits WHERE p = :p AND c = :c',
    )
  })

  it.each([
    ['hits=value.h, c=key.c, p=key.p', { ttlSeconds: 0 }, 'SCM_SINK_COUNTER_TTL'],
    ['hits=value.h, c=key.c, p=key.p, __ttl=value.t', {}, 'SCM_SINK_COUNTER_TTL'],
    ['c=key.c, p=key.p', {}, 'SCM_SINK_MAPPING_COLUMNS'],
  ])('%s %j is refused', (mapping, rest, code) => {
    expect(problemOf(mapping, rest, schema).code).toBe(code)
  })
})

describe('query', () => {
  it('is taken as it is; neither columns nor keys are checked; pseudo-columns do nothing', () => {
    const query = 'UPDATE ks.t SET b = :x WHERE a = :y'
    const rest = { query, deletesEnabled: false, ttlSeconds: 5 }
    const plan = planOf('x=value, zzz=key, __ttl=value.t, __timestamp=value.s', rest)
    expect(plan).toMatchObject({
      kind: 'query',
      cql: query,
      ttlEntry: undefined,
      timestampEntry: undefined,
    })
    expect([...plan.entries.keys()]).toEqual(['x', 'zzz'])
  })
})

describe('columns', () => {
  it('tells unknown columns and unmapped keys, all together, with the key at fault', () => {
    const schema = schemaOf('p int, q int, Name text', 2, 2)
    const { message, code } = problemOf('name=value.a, x=value.b, p=key', {}, schema)
    expect(code).toBe('SCM_SINK_MAPPING_COLUMNS')
    const [unknown, missing] = message.split('\n')
    expect(unknown).toContain('topic.topic.ks.t.mapping: expected columns of ks.t, found name, x')
    expect(unknown).toContain('did you mean Name? names are case-sensitive')
    expect(missing).toContain('every primary key column must be mapped')
    expect(missing).toMatch(/: q$/)
  })
})
