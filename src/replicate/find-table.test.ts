/** Whether a table has rows of before. */
import { expect, it } from 'vitest'
import { hasRows } from './find-table.ts'

it.each([
  ['none', async () => [], false],
  ['one', async () => [{}], true],
  ['unknown', async () => Promise.reject(new Error('no right to read')), true],
])('%s', async (_, answer, has) => {
  const asked: string[] = []
  const execute = (cql: string) => {
    asked.push(cql)
    return answer()
  }
  expect(await hasRows({ execute }, 'ks', 'Odd')).toBe(has)
  expect(asked).toEqual(['SELECT * FROM ks."Odd" LIMIT 1'])
})
