/** What statements of a source are refused or warned about before any table is known. */
import { describe, expect, it } from 'vitest'
import { type KcqlInsert, parseKcql } from '../../../kcql/index.ts'
import { toSourceStatement } from './source-plan.ts'

function planOf(text: string) {
  return toSourceStatement(parseKcql(text)[0] as KcqlInsert, 'bulk')
}

const JSON_FORM = 'WITHUNWRAP WITHFORMAT JSON'

describe('statements of a source', () => {
  it.each<[string, string, string]>([
    ['SELECT a, b AS a FROM t', 'b AS a', 'two columns are called a'],
    [`SELECT a FROM t ${JSON_FORM} WITHKEY(b)`, 'WITHKEY', 'the column of WITHKEY, b,'],
    [`SELECT * FROM t IGNORE b ${JSON_FORM} WITHKEY(b)`, 'WITHKEY', 'the column of WITHKEY, b,'],
  ])('refuses %s', (select, place, message) => {
    const text = `INSERT INTO topic ${select}`
    const [problem, ...others] = planOf(text).problems
    expect(problem).toMatchObject({ offset: text.indexOf(place) })
    expect(problem!.message).toContain(message)
    expect(problem!.isWarning).toBeUndefined()
    expect(others).toEqual([])
  })

  it.each([
    ['LIMIT 10', 'LIMIT has no effect in this source'],
    ['TTL=5', 'TTL has no effect in this source'],
    ['WITHKEY(a)', 'WITHKEY has no effect without WITHUNWRAP and WITHFORMAT JSON'],
    ["KEYDELIMITER='-'", 'KEYDELIMITER has no effect without WITHUNWRAP and WITHFORMAT JSON'],
  ])('warns of %s', (clause, message) => {
    const text = `INSERT INTO topic SELECT a FROM t ${clause}`
    const offset = text.indexOf(clause)
    expect(planOf(text).problems).toEqual([{ offset, message, isWarning: true }])
  })

  it('accepts keys by column and by alias, and any of *', () => {
    for (const select of ['a AS b, c', '*']) {
      const text = `INSERT INTO topic SELECT ${select} FROM t ${JSON_FORM} WITHKEY(a, b)`
      const { statement, problems } = planOf(text)
      expect(problems).toEqual([])
      expect(statement.withKey).toEqual(['a', 'b'])
    }
  })

  it('knows where a name stands', () => {
    const text = `INSERT INTO topic SELECT a, bc FROM t IGNORE d PK e INCREMENTALMODE=TOKEN`
    const { statement } = planOf(text)
    for (const [name, place] of Object.entries({
      a: 'a,',
      bc: 'bc',
      t: 't IGN',
      d: 'd PK',
      e: 'e INC',
    })) {
      expect(statement.places.get(name)).toBe(text.indexOf(place))
    }
  })
})
