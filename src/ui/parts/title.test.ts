import { expect, it } from 'vitest'
import { titleOf } from './title.ts'

it.each([
  [['stocks-sink', 'Connectors'], 0, false, 'stocks-sink · Connectors · Scamander'],
  [['Home', undefined], 0, true, 'Home · Scamander (sandbox)'],
  [['Home', ''], 2, true, '(2) Home · Scamander (sandbox)'],
])('titles: %j', (parts, attention, isSandbox, expected) => {
  expect(titleOf(parts, { attention, isSandbox })).toBe(expected)
})
