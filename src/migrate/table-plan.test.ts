import { describe, expect, it } from 'vitest'
import type { TableSchema } from '../cassandra/index.ts'
import { parseCqlType } from '../cql/index.ts'
import { type PlanOptions, planTable, rangeSelect } from './table-plan.ts'
import { statementTexts } from './target-statements.ts'

const KINDS = { pk: 'partition_key', ck: 'clustering', st: 'static', re: 'regular' } as const

function table(name: string, ...specs: readonly string[]): TableSchema {
  const columns = specs.map(spec => {
    const [column, kind, type] = spec.split(' ') as [string, keyof typeof KINDS, string]
    return { name: column, kind: KINDS[kind], type: parseCqlType(type), position: 0 }
  })
  return {
    ...{ keyspace: 'ks', name, columns, isCounter: specs.some(spec => spec.endsWith('counter')) },
    partitionKey: columns.filter(one => one.kind === 'partition_key'),
    clusteringKey: columns.filter(one => one.kind === 'clustering'),
  }
}

const OPTIONS: PlanOptions = {
  ...{ renames: new Map(), skipColumns: new Set(), constants: new Map() },
  ...{ withTimes: true, withTtls: true, hasElementTimes: true },
}

describe('planTable', () => {
  const source = table('t', 'id pk int', 'C ck text', 's st int', 'a re int', 'm re map<text,int>')

  it('selects keys, cells and times, and writes them', () => {
    const plan = planTable(source, source, OPTIONS)
    expect(rangeSelect(plan, undefined)).toBe(
      'SELECT id, "C", a, m, s, writetime(a), ttl(a), writetime(m), ttl(m), writetime(s), ttl(s)' +
        ' FROM ks.t WHERE token(id) >= ? AND token(id) <= ?',
    )
    expect(rangeSelect(plan, 'a > 1')).toContain('<= ? AND a > 1 ALLOW FILTERING')
    const texts = statementTexts(plan, { timestamp: true, ttl: true })
    expect(texts.insert).toBe(
      'INSERT INTO ks.t (id, "C", a, m) VALUES (?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?',
    )
    expect(texts.update).toBe(
      'UPDATE ks.t USING TIMESTAMP ? AND TTL ? SET a = ?, m = ? WHERE id = ? AND "C" = ?',
    )
    expect(texts.statics).toBe('INSERT INTO ks.t (id, s) VALUES (?, ?) USING TIMESTAMP ? AND TTL ?')
    expect([...texts.elements.values()]).toEqual([
      'UPDATE ks.t USING TIMESTAMP ? AND TTL ? SET m = m + ? WHERE id = ? AND "C" = ?',
    ])
  })

  it('selects no times of collections before 5.0', () => {
    const plan = planTable(source, source, { ...OPTIONS, hasElementTimes: false })
    expect(rangeSelect(plan, undefined)).not.toContain('writetime(m)')
    expect(rangeSelect(plan, undefined)).toContain('writetime(a)')
  })

  it('renames, skips and adds', () => {
    const target = table('u', 'id pk bigint', 'C ck text', 'b re text', 'x re text', 'y re int')
    const plan = planTable(source, target, {
      ...OPTIONS,
      renames: new Map([['a', 'b']]),
      skipColumns: new Set(['m', 's']),
      constants: new Map([['x', "'old'"]]),
    })
    expect([plan.hasConversions, plan.targetOnly]).toEqual([true, ['y']])
    expect(statementTexts(plan, { timestamp: false, ttl: false }).insert).toBe(
      `INSERT INTO ks.u (id, "C", b, x) VALUES (?, ?, ?, 'old')`,
    )
    expect(plan.targetSelectors.slice(0, 4)).toEqual(['id', '"C"', 'b', 'writetime(b)'])
  })

  it.each([
    [table('u', 'id pk int', 'C ck text', 's st int', 'a re int'), /column m does not exist/],
    [
      table('u', 'id pk int', 'C ck text', 's st int', 'a re inet', 'm re map<text,int>'),
      /ks\.t\.a: expected inet, found int/,
    ],
    [
      table('u', 'id pk int', 'C re text', 's st int', 'a re int', 'm re map<text,int>'),
      /C is clustering/,
    ],
    [
      table('u', 'C pk text', 'id ck int', 's st int', 'a re int', 'm re map<text,int>'),
      /primary key/,
    ],
    [
      table('u', 'id pk int', 'C ck text', 's re int', 'a re int', 'm re map<text,int>'),
      /s is static/,
    ],
    [
      table('u', 'id pk int', 'C ck text', 's st int', 'a re int', 'm re frozen<map<text,int>>'),
      /frozen on one side/,
    ],
  ])('refuses tables that do not fit (%#)', (target, text) => {
    expect(() => planTable(source, target, OPTIONS)).toThrow(text)
  })

  it('refuses to skip a key and constants that have no column', () => {
    const skip = { ...OPTIONS, skipColumns: new Set(['id']) }
    expect(() => planTable(source, source, skip)).toThrow(/key column id/)
    const constant = { ...OPTIONS, constants: new Map([['nope', '1']]) }
    expect(() => planTable(source, source, constant)).toThrow(/constant column nope/)
  })
})
