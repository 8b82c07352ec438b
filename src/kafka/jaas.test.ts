import { describe, expect, it } from 'vitest'
import { parseJaas } from './jaas.ts'

describe('parseJaas', () => {
  it.each([
    ['a.b.PlainLoginModule required username="u" password="p";', { username: 'u', password: 'p' }],
    ["PlainLoginModule REQUIRED username='u;' password=p ;  ", { username: 'u;', password: 'p' }],
    [
      'PlainLoginModule required\n  username = "a\\"b"\n  x="c\\\\d";',
      { username: 'a"b', x: 'c\\d' },
    ],
    ['PlainLoginModule required;', {}],
    ['PlainLoginModule required username="";', { username: '' }],
  ])('reads %j', (text, expected) => {
    const login = parseJaas(text)
    if ('problem' in login) throw new Error(login.problem)
    expect(login.module).toBe('PlainLoginModule')
    expect(Object.fromEntries(login.options)).toEqual(expected)
  })

  it.each([
    ['', /class of a login module/],
    ['PlainLoginModule username="u";', /"required" must follow/],
    ['PlainLoginModule required username="u"', /semicolon is missing/],
    ['PlainLoginModule required username="u;', /quote is not closed/],
    ['PlainLoginModule required username;', /option 1 is not of the form/],
    ['PlainLoginModule required a=b c "d";', /option 2 is not of the form/],
    ['A required; B required;', /more than one/],
  ])('tells what is wrong with %j', (text, problem) => {
    expect((parseJaas(text) as { problem: string }).problem).toMatch(problem)
  })
})
