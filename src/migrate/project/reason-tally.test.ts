import { expect, it } from 'vitest'
import { ReasonTally } from './reason-tally.ts'

it('counts every reason, the most frequent first', () => {
  const tally = new ReasonTally()
  expect(tally.text).toBeUndefined()
  for (const reason of ['rare', 'often', 'often', 'often']) tally.add(reason)
  expect(tally.text).toBe('often (3 times); rare')
})

it('keeps a bounded number of reasons and counts the others', () => {
  const tally = new ReasonTally()
  for (let i = 0; i < 25; i++) tally.add(`reason ${i}`)
  tally.add('reason 3')
  expect(tally.text).toMatch(/^reason 3 \(2 times\); reason 0; /)
  expect(tally.text).toMatch(/reason 19; 5 for other reasons$/)
})
