/**
 * Sections and fields of the form, out of answers of `validate`.
 */
import { expect, it } from 'vitest'
import type { ConfigInfos, ConfigKeyInfo } from '../../api.ts'
import { errorsIn, toFormModel, withoutErrors } from './form-model.ts'

function key(name: string, more: Partial<ConfigKeyInfo> = {}): ConfigKeyInfo {
  return {
    name,
    type: 'STRING',
    required: false,
    default_value: null,
    importance: 'HIGH',
    documentation: '',
    group: 'Connection',
    width: 'LONG',
    display_name: name,
    dependents: [],
    order: 1,
    ...more,
  }
}

function infos(...given: [ConfigKeyInfo | null, string, string[]?, boolean?][]): ConfigInfos {
  return {
    name: 'x',
    error_count: 0,
    groups: ['Connection', 'Common'],
    configs: given.map(([definition, name, errors = [], visible = true]) => ({
      definition,
      value: { name, value: null, recommended_values: [], errors, visible },
    })),
  }
}

it('has Common first, then the groups in their order, fields by order and name', () => {
  const { sections } = toFormModel(
    infos(
      [key('z', { order: 2 }), 'z'],
      [key('b'), 'b'],
      [key('a'), 'a'],
      [key('tasks.max', { group: 'Common' }), 'tasks.max'],
      [key('loose', { group: null }), 'loose'],
    ),
    {},
  )
  const names = sections.map(one => [one.title, ...one.fields.map(field => field.definition.name)])
  expect(names).toEqual([
    ['Common', 'tasks.max'],
    ['Connection', 'a', 'b', 'z'],
    ['Other', 'loose'],
  ])
})

it('folds what is of low importance, unless it is set or wrong', () => {
  const low = { importance: 'LOW' as const }
  const { sections } = toFormModel(
    infos([key('a', low), 'a'], [key('b', low), 'b'], [key('c', low), 'c', ['wrong']]),
    { b: '1' },
  )
  expect(sections[0]?.fields.map(field => field.definition.name)).toEqual(['b', 'c'])
  expect(sections[0]?.more.map(field => field.definition.name)).toEqual(['a'])
  expect(sections[0]?.errorCount).toBe(1)
})

it('keeps what has no field: hidden and unknown keys', () => {
  const given = infos([key('h'), 'h', [], false], [null, 'u', ['unknown key']])
  const { sections, other } = toFormModel(given, { h: '1', u: '2', name: 'n' })
  expect(sections).toEqual([])
  expect(other).toEqual([
    { key: 'h', errors: [] },
    { key: 'u', errors: ['unknown key'] },
  ])
  expect(errorsIn(given)).toEqual([{ key: 'u', message: 'unknown key' }])
})

it('tells no errors of a form that nobody typed into', () => {
  const given = infos([key('a'), 'a', ['It is missing.']], [null, 'b', ['Nobody knows it.']])
  const untouched = withoutErrors(given)
  expect(errorsIn(untouched)).toEqual([])
  const { sections } = toFormModel(untouched, {})
  expect(sections.map(one => [one.errorCount, one.fields[0]?.errors])).toEqual([[0, []]])
  expect(errorsIn(given).length).toBe(2)
})
