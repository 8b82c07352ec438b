import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FieldSource, type MappingProblem, parseMapping } from './mapping.ts'

function entriesOf(text: string): [string, FieldSource][] {
  const parsed = parseMapping(text)
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  return parsed.mapping.entries.map(entry => [entry.column, entry.source])
}

function problemsOf(text: string): readonly MappingProblem[] {
  const parsed = parseMapping(text)
  return 'problems' in parsed ? parsed.problems : []
}

const KEY: FieldSource = { kind: 'key' }
const VALUE: FieldSource = { kind: 'value' }

describe('parseMapping', () => {
  it.each<[string, [string, FieldSource][]]>([
    ['a=key', [['a', KEY]]],
    [
      ' a\t=\r\n value ,b=key ',
      [
        ['a', VALUE],
        ['b', KEY],
      ],
    ],
    [
      'a=key.__self,b=value.__self',
      [
        ['a', KEY],
        ['b', VALUE],
      ],
    ],
    ['a=value.x', [['a', { kind: 'value', field: 'x' }]]],
    ['a=value . x', [['a', { kind: 'value', field: 'x' }]]],
    ['a=value.a.b', [['a', { kind: 'value', field: 'a.b' }]]],
    ['a=value.my field', [['a', { kind: 'value', field: 'myfield' }]]],
    ['a="value.My Field"', [['a', { kind: 'value', field: 'My Field' }]]],
    ['a="value.x""y=,("', [['a', { kind: 'value', field: 'x"y=,(' }]]],
    ['a="key"', [['a', KEY]]],
    ['"My ""Col"""=key', [['My "Col"', KEY]]],
    [
      'A=key,a=key',
      [
        ['A', KEY],
        ['a', KEY],
      ],
    ],
    ['a=header.h', [['a', { kind: 'header', field: 'h' }]]],
    [
      'a=now(),b=now( )',
      [
        ['a', { kind: 'now' }],
        ['b', { kind: 'now' }],
      ],
    ],
    ['a=value.now', [['a', { kind: 'value', field: 'now' }]]],
    ['1=value.2', [['1', { kind: 'value', field: '2' }]]],
    [
      'a=value.x,b=value.x',
      [
        ['a', { kind: 'value', field: 'x' }],
        ['b', { kind: 'value', field: 'x' }],
      ],
    ],
  ])('reads %s', (text, expected) => {
    expect(entriesOf(text)).toEqual(expected)
  })

  it('tells pseudo-columns from quoted columns of the same name', () => {
    const parsed = parseMapping('__ttl=value.a,"__ttl"=value.b,__timestamp=header.t')
    expect('mapping' in parsed && parsed.mapping.entries).toEqual([
      { column: '__ttl', quoted: false, pseudo: 'ttl', source: { kind: 'value', field: 'a' } },
      { column: '__ttl', quoted: true, source: { kind: 'value', field: 'b' } },
      {
        column: '__timestamp',
        quoted: false,
        pseudo: 'timestamp',
        source: { kind: 'header', field: 't' },
      },
    ])
  })

  it.each([
    ['', 1, 1, '', 'at least one column=field'],
    ['  \n ', 2, 2, '', 'at least one column=field'],
    ['a', 1, 2, '', 'expected "=" after the column a'],
    ['a=', 1, 3, '', 'expected a field for the column a'],
    ['=key', 1, 1, '=', 'expected a column name'],
    ['a=key,', 1, 7, '', 'expected a column name'],
    ['a=key,,b=key', 1, 7, ',', 'expected a column name'],
    ['a=key b=key', 1, 8, '=', 'expected "," or the end'],
    ['a-b=key', 1, 2, '-', 'expected "=" after the column a'],
    ['a=value.x-y', 1, 10, '-', 'expected "," or the end'],
    ['a=$x', 1, 3, '$', 'expected a field'],
    ['a="value.x', 1, 3, '"value.x', 'a quotation that is not closed'],
    ['a=""', 1, 3, '""', 'a quotation that is not closed'],
    ['a=header', 1, 3, 'header', 'the field header is not allowed'],
    ['a=values.x', 1, 3, 'values.x', 'the field values.x is not allowed'],
    ['a=Key', 1, 3, 'Key', 'the field Key is not allowed'],
    ['a=value.', 1, 3, 'value.', 'the field value. is not allowed'],
    ['a=uuid()', 1, 3, 'uuid', 'the function uuid() is not allowed'],
    ['a=ks.f()', 1, 3, 'ks', 'the function ks.f() is not allowed'],
    ['a=now(x)', 1, 3, 'now', 'the function now(…) is not allowed'],
    ['a=now(', 1, 6, '(', 'expected ")"'],
    ['a=key,a=value', 1, 7, 'a', 'mapped more than once'],
    ['a=key,"a"=value', 1, 7, '"a"', 'mapped more than once'],
    ['__ttl=now()', 1, 1, '__ttl', 'takes a number'],
    ['message_internal_ttl=value.x', 1, 1, 'message_internal_ttl', 'is reserved'],
  ])('refuses %j', (text, line, column, offending, message) => {
    const [problem, ...others] = problemsOf(text)
    expect(others).toEqual([])
    expect(problem).toMatchObject({ line, column, text: offending })
    expect(problem?.message).toContain(message)
  })

  it('reports all bad entries together, with places over lines', () => {
    const problems = problemsOf('a=kay,\n b c,\nd=value.x,\n  e=foo(),d=key')
    expect(problems.map(({ line, column, text }) => [line, column, text])).toEqual([
      [1, 3, 'kay'],
      [2, 4, 'c'],
      [4, 5, 'foo'],
      [4, 11, 'd'],
    ])
  })

  it('never crashes, and accepts what it is built from', () => {
    const unit = fc.constantFrom(...'ab=,."() \n$_-é', 'key', 'value', 'now')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), text => {
        const parsed = parseMapping(text)
        if ('mapping' in parsed) expect(parsed.mapping.entries.length).toBeGreaterThan(0)
        else expect(parsed.problems.length).toBeGreaterThan(0)
      }),
      { numRuns: 200 },
    )
    const name = fc.string({ minLength: 1, maxLength: 5, unit: 'binary' })
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, name), {
          minLength: 1,
          maxLength: 5,
          selector: one => one[0],
        }),
        pairs => {
          const quote = (part: string) => `"${part.replaceAll('"', '""')}"`
          const text = pairs.map(([column, field]) => `${quote(column)}=${quote(`value.${field}`)}`)
          fc.pre(
            pairs.every(([column, field]) => !column.startsWith('message_') && field !== '__self'),
          )
          expect(entriesOf(text.join(' ,\n'))).toEqual(
            pairs.map(([column, field]) => [column, { kind: 'value', field }]),
          )
        },
      ),
      { numRuns: 50 },
    )
  })
})
