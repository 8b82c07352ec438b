/**
 * What becomes a part of a statement about a queue: numbers, whoever asks.
 */
import { expect, it } from 'vitest'
import type { Stretch } from '../delivery/queue-cursor.ts'
import { readPage } from './queue-pages.ts'

function statementOf(done: readonly Stretch[], partitions: readonly number[]): string {
  let statement = ''
  const query = (sql: string) => {
    statement = sql
    return []
  }
  readPage(query, 1, { cursor: { after: 0, done }, partitions, limit: 10, sliceMs: undefined })
  return statement
}

it('reads around stretches that were taken', () => {
  expect(statementOf([[3, 9]], [0, 11])).toContain(
    'partition IN (0,11) AND NOT (seq BETWEEN 3 AND 9)',
  )
})

it.each([
  ['a text for a number', [['1', '2) UNION SELECT 1, 0, value FROM cdc_config --']], [0]],
  ['a list for a number', [[['1'], 2]], [0]],
  ['no number', [[1]], [0]],
  ['a partition that is none', [], [Number.NaN]],
])('takes nothing else: %s', (_, done, partitions) => {
  expect(() => statementOf(done as unknown as Stretch[], partitions)).toThrow(TypeError)
})
