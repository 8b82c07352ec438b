/** Which errors are worth another attempt, and that attempts end. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ScamanderError } from '../base/scamander-error.ts'
import { CASSANDRA_ERRORS } from '../cassandra/index.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import { patiently } from './patience.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const lost = new ScamanderError(CASSANDRA_ERRORS.CONNECTION_LOST, 'gone')
const misfit = new ScamanderError(MIGRATE_ERRORS.SCHEMA, 'other columns')

function failing(times: number, error: Error) {
  const retried: unknown[] = []
  let calls = 0
  const stop = new AbortController()
  const parts = { signal: stop.signal, onRetry: (one: unknown) => void retried.push(one) }
  const outcome = patiently(parts, () => {
    calls += 1
    return calls <= times ? Promise.reject(error) : Promise.resolve('done')
  }).catch((one: unknown) => one)
  return { outcome, retried, stop, calls: () => calls }
}

it('goes on when the cluster is back', async () => {
  const { outcome, retried } = failing(12, lost)
  await vi.runAllTimersAsync()
  expect([await outcome, retried.length]).toEqual(['done', 12])
})

it('gives up after minutes with the last error', async () => {
  const startMs = Date.now()
  const { outcome, calls } = failing(1_000, lost)
  await vi.runAllTimersAsync()
  expect([await outcome, calls()]).toEqual([lost, 40])
  expect(Date.now() - startMs).toBeGreaterThan(200_000)
})

it('does not repeat what cannot pass', async () => {
  const { outcome, calls } = failing(1, misfit)
  expect([await outcome, calls()]).toEqual([misfit, 1])
})

it('ends when the run is stopped', async () => {
  const { outcome, stop, calls } = failing(1_000, lost)
  await vi.advanceTimersByTimeAsync(1_000)
  stop.abort()
  await vi.runAllTimersAsync()
  expect(await outcome).toBeInstanceOf(Error)
  expect(calls()).toBeLessThan(10)
})
