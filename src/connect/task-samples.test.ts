import { afterEach, describe, expect, it } from 'vitest'
import { type SampledTask, TaskSamples } from './task-samples.ts'

const present = new Map<string, SampledTask>()
const samples = new TaskSamples(() => present)
afterEach(() => present.clear())

describe('TaskSamples', () => {
  it('gives rates over the last minute, also when a task begins anew at zero', () => {
    for (let second = 0; second <= 120; second += 5) {
      present.set('a', { state: 'RUNNING', counts: { read: second * 10 } })
      samples.take(second * 1_000)
    }
    expect(samples.rate('a', 'read', 1_200, 120_000)).toBe(10)
    expect(samples.rate('a', 'read', 600, 120_000)).toBe(0)
    expect(samples.rate('a', 'read', 300, 120_000)).toBe(5)
    expect(samples.rate('a', 'nothing', 60, 120_000)).toBe(1)
    expect(samples.rate('unknown', 'read', 60, 120_000)).toBe(0)
  })

  it('gives the share of time in a state, and forgets tasks that are gone', () => {
    for (const [second, state] of [
      [0, 'RUNNING'],
      [5, 'RUNNING'],
      [10, 'PAUSED'],
    ] as const) {
      present.set('b', { state, counts: {} })
      samples.take(200_000 + second * 1_000)
    }
    expect(samples.ratio('b', 'RUNNING', 'PAUSED')).toBe(0.5)
    expect(samples.ratio('b', 'PAUSED', 'PAUSED')).toBe(0.5)
    present.clear()
    samples.take(220_000)
    expect(samples.ratio('b', 'RUNNING', 'PAUSED')).toBe(0)
    samples.close()
  })
})
