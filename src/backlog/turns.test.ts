/** Turns of jobs: one piece of work at a time, and nobody waits for all that another has. */
import { setImmediate as soon } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

function turns() {
  const all = new Turns()
  const done: string[] = []
  let underWay = 0
  const take = (job: string) =>
    all.take(job, async () => {
      expect(++underWay).toBe(1)
      await soon()
      underWay--
      done.push(job)
      if (job === 'bad') throw new Error('bad')
      return job
    })
  return { take, done }
}

const times = <T>(count: number, work: () => T): T[] => Array.from({ length: count }, work)

async function oneByOne(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let at = 0; at < count; at++) await work()
}

it('go round by job, whether it asks for much at once or for one after the other', async () => {
  const { take, done } = turns()
  const greedy = times(6, () => take('a'))
  await Promise.all([oneByOne(3, () => take('b')), oneByOne(3, () => take('c')), ...greedy])
  expect(done.join('')).toBe('abcabcabcaaa')
})

it('keep the order of one job, and go on after work that failed', async () => {
  const { take, done } = turns()
  const [first, bad, last] = [take('a'), take('bad'), take('a')]
  await expect(bad).rejects.toThrow('bad')
  expect(await Promise.all([first, last])).toEqual(['a', 'a'])
  expect(await take('b')).toBe('b')
  expect(done).toEqual(['a', 'bad', 'a', 'b'])
})
