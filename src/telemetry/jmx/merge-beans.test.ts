import { describe, expect, it } from 'vitest'
import { mergeBeans } from './merge-beans.ts'

const bean = (name: string, attributes: Record<string, number>) => ({ name, attributes })

describe('mergeBeans', () => {
  it('sums counts and rates, keeps extremes and weighs means by the counts', () => {
    const one = { Count: 3, MeanRate: 1.5, Min: 2, Max: 5, Mean: 4, '99thPercentile': 5 }
    const two = { Count: 1, MeanRate: 0.5, Min: 1, Max: 9, Mean: 8, '99thPercentile': 9 }
    const merged = mergeBeans([[bean('b', one)], [bean('a', { Count: 1 }), bean('b', two)]])
    expect(merged).toEqual([
      bean('a', { Count: 1 }),
      bean('b', { Count: 4, MeanRate: 2, Min: 1, Max: 9, Mean: 5, '99thPercentile': 6 }),
    ])
  })

  it('takes no minimum from a bean that counted nothing', () => {
    const empty = { Count: 0, Min: 0, Mean: 0 }
    const full = { Count: 2, Min: 7, Mean: 8 }
    expect(mergeBeans([[bean('b', empty)], [bean('b', full)]])).toEqual([bean('b', full)])
    expect(mergeBeans([[bean('b', empty)], [bean('b', empty)]])).toEqual([bean('b', empty)])
  })
})
