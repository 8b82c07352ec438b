import { describe, expect, it } from 'vitest'
import { KcqlError } from './errors.ts'
import { parseKcql } from './parse-kcql.ts'
import { printKcql } from './print-kcql.ts'
import type { KcqlColumn, KcqlStatement } from './syntax-tree.ts'

function one(text: string): KcqlStatement {
  const [statement, ...others] = parseKcql(text)
  expect(others).toEqual([])
  return statement!
}

function columnText({ expression, alias }: KcqlColumn): string {
  const tail = alias === undefined ? '' : ` AS ${alias}`
  if (expression.kind === 'all') return '*'
  if (expression.kind === 'function')
    return `${expression.name}(${expression.arguments.length})${tail}`
  const { steps, wildcard } = expression.path
  return `${steps.join('|')}${wildcard ? '|*' : ''}${tail}`
}

function problemOf(text: string) {
  try {
    parseKcql(text)
  } catch (error) {
    if (error instanceof KcqlError) return error.problems
    throw error
  }
  return []
}

describe('parseKcql', () => {
  it.each<[string, object]>([
    ['INSERT INTO t SELECT * FROM s', { verb: 'INSERT', upsertKey: undefined }],
    ['insert into t select * from s', { verb: 'INSERT' }],
    ['Insert Into t Select * From s', { verb: 'INSERT' }],
    ['UPSERT INTO t SELECT * FROM s', { verb: 'UPSERT' }],
    ['UPSERT PK id INTO t SELECT * FROM s', { verb: 'UPSERT', upsertKey: 'id' }],
    ['UPDATE INTO t SELECT * FROM s', { verb: 'UPDATE' }],
  ])('reads the head of %s', (text, expected) => {
    const target = { text: 't' }
    expect(one(text)).toMatchObject({ kind: 'insert', target, source: { text: 's' }, ...expected })
  })

  it.each([
    ['my.topic-1', 'my.topic-1'],
    ['ks.t', 'ks.t'],
    ['ks . t', 'ks.t'],
    ['`my topic;x`', 'my topic;x'],
    ["'a b'", 'a b'],
    ['`ks`.`t`', 'ks.t'],
    ['{}/a:b+c', '{}/a:b+c'],
    ['limit-orders', 'limit-orders'],
    ['`limit`', 'limit'],
  ])('reads the name %s', (written, text) => {
    const statement = one(`INSERT INTO ${written} SELECT * FROM ${written};`)
    expect(statement.source.text).toBe(text)
    expect(statement.kind === 'insert' && statement.target.text).toBe(text)
  })

  it.each([
    ['*', ['*']],
    ['a', ['a']],
    ['a AS b', ['a AS b']],
    ['a.b.c as d', ['a|b|c AS d']],
    ['a.*', ['a|*']],
    ['*, a AS b', ['*', 'a AS b']],
    ['`a-b`, `limit`', ['a-b', 'limit']],
    ['Limit, Batch', ['Limit', 'Batch']],
    ["'a b' AS 'c d'", ['a b AS c d']],
    ['_key.x AS k, _header.h AS h, _value', ['_key|x AS k', '_header|h AS h', '_value']],
    ['now() AS id, f(a, g(b)) AS y', ['now(0) AS id', 'f(2) AS y']],
    ['a, a AS b', ['a', 'a AS b']],
    ['@type, x1', ['@type', 'x1']],
  ])('reads the columns %s', (text, expected) => {
    expect(one(`SELECT ${text} FROM s`).columns.map(columnText)).toEqual(expected)
  })

  it.each<[string, string, unknown]>([
    ['AUTOCREATE', 'AUTOCREATE', true],
    ['PK a, b.c', 'PK', [{ steps: ['a'] }, { steps: ['b', 'c'] }]],
    ['BATCH=100', 'BATCH', 100],
    ['batch = 100', 'BATCH', 100],
    ['Batch=100', 'BATCH', 100],
    ['TTL=2147483647', 'TTL', 2147483647],
    ['LIMIT 7', 'LIMIT', 7],
    ['WITHFORMAT json', 'WITHFORMAT', 'JSON'],
    ['INCREMENTALMODE=timeuuid', 'INCREMENTALMODE', 'timeuuid'],
    ['WITHKEY(a, `b-c`)', 'WITHKEY', ['a', 'b-c']],
    ["KEYDELIMITER='|'", 'KEYDELIMITER', '|'],
    ['PARTITIONBY a, _key.b', 'PARTITIONBY', [{ steps: ['a'] }, { steps: ['_key', 'b'] }]],
    ['DISTRIBUTEBY a, b INTO 4 BUCKETS', 'DISTRIBUTEBY', { names: ['a', 'b'], count: 4 }],
    ['WITHTIMESTAMP sys_time()', 'WITHTIMESTAMP', 'sys_time()'],
    ['WITHTIMESTAMP ts', 'WITHTIMESTAMP', 'ts'],
    [
      'STOREAS SS (score=ts, to="x")'.replaceAll('"', "'"),
      'STOREAS',
      {
        name: 'SS',
        settings: [
          { key: 'score', value: 'ts' },
          { key: 'to', value: 'x' },
        ],
      },
    ],
    ['WITHTAG (a, {b=c}, (d))', 'WITHTAG', 'a, {b=c}, (d)'],
    ['WITHTARGET = a.b', 'WITHTARGET', { steps: ['a', 'b'] }],
    ['WITHCONVERTER=`io.x.Y`', 'WITHCONVERTER', 'io.x.Y'],
    ['WITHTYPE io.x.Y', 'WITHTYPE', 'io.x.Y'],
    ['SAMPLE 10 EVERY 100', 'SAMPLE', { count: 10, every: 100 }],
    [
      "PROPERTIES('codec.locale'='en_US', ttl=-1, x.y=z)",
      'PROPERTIES',
      [
        { key: 'codec.locale', value: 'en_US' },
        { key: 'ttl', value: '-1' },
        { key: 'x.y', value: 'z' },
      ],
    ],
    ['PROPERTIES()', 'PROPERTIES', []],
  ])('reads the clause %s', (text, name, value) => {
    const { clauses } = one(`INSERT INTO t SELECT * FROM s ${text}`)
    expect(clauses).toMatchObject({ [name]: { value } })
  })

  it('reads clauses in any order (checklist 9)', () => {
    const clauses = [
      'TTL=5',
      'PK a',
      'INCREMENTALMODE=timestamp',
      'WITHFORMAT JSON',
      'IGNORE x, y.z',
    ]
    const expected = printKcql(parseKcql(`INSERT INTO t SELECT a FROM s ${clauses.join(' ')}`))
    for (let turn = 0; turn < clauses.length; turn++) {
      clauses.push(clauses.shift()!)
      const text = `INSERT INTO t SELECT a FROM s ${clauses.join(' ')}`
      expect(printKcql(parseKcql(text))).toBe(expected)
    }
    const { clauses: all, ignore } = one(`SELECT a FROM s ${clauses.join('\n')}`)
    expect([all.TTL?.value, all.PK?.value.length, all.WITHFORMAT?.value]).toEqual([5, 1, 'JSON'])
    expect(ignore.map(path => path.steps)).toEqual([['x'], ['y', 'z']])
  })

  it('reads several statements and knows their places', () => {
    const text = 'SELECT a FROM s;\n;INSERT INTO t SELECT b FROM u TTL=5 ;'
    expect(parseKcql(text).map(({ at }) => text.slice(at.start, at.end))).toEqual([
      'SELECT a FROM s',
      'INSERT INTO t SELECT b FROM u TTL=5',
    ])
  })

  it.each([
    ['', 1, 1, 'at least one statement'],
    [' ; ', 1, 1, 'at least one statement'],
    ['INSRT INTO t SELECT * FROM s', 1, 1, 'did you mean INSERT?'],
    ['INSERT t SELECT * FROM s', 1, 8, 'expected INTO after INSERT, found "t"'],
    ['INSERT INTO SELECT * FROM s', 1, 13, 'found the keyword SELECT'],
    ['INSERT INTO t SELECT FROM s', 1, 22, 'expected a column, found the keyword FROM'],
    ['INSERT INTO t SELECT * FORM s', 1, 24, 'did you mean FROM?'],
    ['INSERT INTO t SELECT a b FROM s', 1, 24, 'expected FROM or "," after a column, found "b"'],
    ['INSERT INTO t SELECT a, FROM s', 1, 25, 'expected a column, found the keyword FROM'],
    ['INSERT INTO t SELECT a-b FROM s', 1, 23, 'put the name in backticks'],
    ['INSERT INTO t SELECT limit FROM s', 1, 22, 'is written `limit`'],
    ['INSERT INTO t SELECT * FROM', 1, 28, 'expected a source after FROM, found the end'],
    [
      'INSERT INTO t SELECT * FROM s oops',
      1,
      31,
      'expected a clause, ";" or the end, found "oops"',
    ],
    ['INSERT INTO t SELECT * FROM s\n  TLL=5', 2, 3, 'did you mean TTL?'],
    ['INSERT INTO t SELECT * FROM s TTL=0', 1, 35, 'TTL must be from 1'],
    ['INSERT INTO t SELECT * FROM s TTL=x', 1, 35, 'a whole number for TTL, found "x"'],
    ['INSERT INTO t SELECT * FROM s BATCH=99999999999', 1, 37, 'a whole number for BATCH'],
    ['INSERT INTO t SELECT * FROM s TTL=5 TTL=6', 1, 37, 'TTL is given twice'],
    ['INSERT INTO t SELECT * FROM s IGNORE a IGNORE b', 1, 40, 'IGNORE is given twice'],
    ['INSERT INTO t SELECT * FROM s WITHFORMAT JSN', 1, 42, 'did you mean JSON?'],
    ['INSERT INTO t SELECT a, b, a FROM s', 1, 28, 'a is selected twice'],
    ['INSERT INTO t SELECT *, * FROM s', 1, 25, '* is selected twice'],
    ['INSERT INTO t SELECT * AS x FROM s', 1, 22, 'a wildcard cannot have a name'],
    ['INSERT INTO t SELECT `a FROM s', 1, 22, 'a quotation that is not closed'],
    ["SELECT * FROM s PROPERTIES('a'='b','a'='c')", 1, 36, 'the setting a is given twice'],
    ["SELECT * FROM s PROPERTIES('a'='b'", 1, 35, 'expected ")" or ","'],
    ['SELECT * FROM s WITHTAG (a', 1, 27, 'expected ")" to close WITHTAG'],
    [
      'SELECT * FROM s KEYDELIMITER=-',
      1,
      30,
      "expected a quoted text for KEYDELIMITER, such as '-'",
    ],
    [`SELECT ${'f('.repeat(20)}a`, 1, 40, 'nested too deeply'],
  ])('refuses %j', (text, line, column, message) => {
    const [problem, ...others] = problemOf(text)
    expect(others).toEqual([])
    expect(`${problem?.message}; ${problem?.hint}`).toContain(message)
    expect([problem?.line, problem?.column]).toEqual([line, column])
  })

  it('reports the problems of all statements together, each with a caret', () => {
    const text = 'INSERT INTO t SELECT * FROM s oops;\nSELECT a FROM u;\nSELECT b FORM v'
    expect(problemOf(text).map(one => [one.line, one.column, one.excerpt])).toEqual([
      [1, 31, `  INSERT INTO t SELECT * FROM s oops;\n${' '.repeat(32)}^`],
      [3, 10, `  SELECT b FORM v\n${' '.repeat(11)}^`],
    ])
  })

  it('shows the part of a long line around the place', () => {
    const [problem] = problemOf(
      `SELECT ${Array.from({ length: 100 }, (_, i) => `column_${i}`)} FROM s oops`,
    )
    const [line, caret] = problem!.excerpt.split('\n')
    expect(line!.length).toBeLessThan(110)
    expect(line!.slice(caret!.indexOf('^'))).toMatch(/^oops/)
  })
})
