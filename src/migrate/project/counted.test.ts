import { expect, it } from 'vitest'
import { counted } from './counted.ts'

it.each([
  [0, '0 rows'],
  [1, '1 row'],
  [60, '60 rows'],
] as const)('%d', (count, text) => {
  expect(counted(count, 'row')).toBe(text)
})
