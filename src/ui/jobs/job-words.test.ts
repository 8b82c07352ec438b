/** What of a job is told when two people change it: nothing that differs is left out. */
import { expect, it } from 'vitest'
import type { ColumnSpec, ScheduleSpec } from '../../api-v1.ts'
import { columnWords, differences, scheduleWords, toWords } from './job-words.ts'

const id: ColumnSpec = {
  ...{ on: true, source: 'Id', expression: null, name: 'id', type: 'bigint', key: 'partition' },
}
const title: ColumnSpec = {
  ...{ on: true, source: 'Summary', expression: null, name: 'title', type: 'text', key: 'none' },
}
const daily: ScheduleSpec = { on: true, interval: 'daily', time: '02:00', timeZone: 'UTC' }

it.each<[what: string, other: readonly ColumnSpec[], differs: readonly string[]]>([
  ['nothing', [id, title], []],
  ['a name', [id, { ...title, name: 'summary' }], ['Summary', 'Order']],
  ['off', [id, { ...title, on: false }], ['Summary']],
  ['an expression', [id, { ...title, expression: 'upper(Summary)' }], ['Summary']],
  ['a type', [{ ...id, type: 'text' }, title], ['Id']],
  ['a key', [{ ...id, key: 'clustering' }, title], ['Id']],
  ['what does not fit', [id, { ...title, onError: 'fail_row' }], ['Summary']],
  ['the order', [title, id], ['Order']],
  ['one less', [id], ['Summary', 'Order']],
  ['the same source twice', [id, title, { ...title, name: 'again' }], ['Order', 'again']],
])('of columns: %s', (_what, other, differs) => {
  const found = differences(columnWords([id, title]), columnWords(other))
  expect(new Set(Object.keys(found))).toEqual(new Set(differs))
})

it.each<[other: ScheduleSpec, differs: object]>([
  [daily, {}],
  [{ ...daily, time: '03:00' }, { Time: '03:00' }],
  [{ ...daily, on: false }, { 'Schedule is on': 'false' }],
  [
    { on: true, interval: 'none', timeZone: 'UTC' },
    { 'Schedule is on': null, Interval: 'none', Time: null, 'Time zone': null },
  ],
])('of a schedule: %j', (other, differs) => {
  expect(differences(scheduleWords(daily), scheduleWords(other))).toEqual(differs)
})

it('names a field as the form does, and its lists', () => {
  const labels = { rejectedMax: 'Rejected rows' }
  expect(toWords({ rejectedMax: '5', labels: ['a', 'b'], keyspace: undefined }, labels)).toEqual({
    'Rejected rows': '5',
    labels: '["a","b"]',
  })
})
