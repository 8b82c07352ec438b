/**
 * What a retry of rejected rows reads: named places of the source where all are known, else everything,
 * and nothing that was tried already.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { RunInfo } from '../api-v1.ts'
import { noteRetry, retryPlan } from './retry-plan.ts'
import { Store } from './store.ts'

let folder: string
let store: Store

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-retry-'))
  store = new Store(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Tasks with their number of rejected rows. */
const run = (id: string, rejected: Record<string, number>, state = 'WARNING', error?: string) =>
  ({
    id,
    tasks: Object.entries(rejected).map(([taskId, count]) => ({
      ...{ taskId, state, error: error ?? null, rows: { rejected: count } },
    })),
  }) as unknown as RunInfo

function reject(task: string, scope?: string): void {
  const row = { task, key: '["1"]', column: 'a', error: 'does not fit' }
  store.addEvent('rejected', { ...row, ...(scope === undefined ? {} : { scope }) }, 'r')
}

it('names the places of rejected rows', () => {
  reject('a', '7')
  reject('a', '7')
  reject('a', '9')
  reject('b', '')
  const plan = retryPlan(store, run('r', { a: 3, b: 1, c: 0 }))
  expect([...plan]).toEqual([
    ['a', ['9', '7']],
    ['b', ['']],
  ])
})

it('reads everything of a task whose rows are not all known', () => {
  reject('a', '7')
  reject('b')
  expect([...retryPlan(store, run('r', { a: 2, b: 1, c: 5 }))]).toEqual([
    ['a', undefined],
    ['b', undefined],
    ['c', undefined],
  ])
})

it('has nothing left once they were tried, except in tasks that were not read', () => {
  reject('a', '7')
  reject('b', '8')
  const first = run('r', { a: 1, b: 1 })
  noteRetry(store, 'r', run('again', { a: 0 }, 'SUCCESS'))
  expect([...retryPlan(store, first)]).toEqual([['b', ['8']]])
  noteRetry(store, 'r', run('cut off', { b: 1 }, 'CANCELLED'))
  noteRetry(store, 'r', run('without rights', { b: 0 }, 'WARNING', 'refused: 403'))
  noteRetry(store, 'r', run('in the middle', { b: 1 }, 'FAILED', 'no answer'))
  expect(retryPlan(store, first).size).toBe(1)
  noteRetry(store, 'r', run('refused again', { b: 1 }))
  expect(retryPlan(store, first).size).toBe(0)
})
