/** Leases of jobs: of two replicators on one database one has a job, until its time or its process ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Logger } from '../telemetry/index.ts'
import { JobLeases } from './job-leases.ts'
import { Store } from './store.ts'

const NOW = Date.UTC(2026, 10, 22)
const MINUTE_MS = 60_000
let folder: string
let stores: Store[]
let lost: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-leases-'))
  stores = []
  lost = []
})
afterEach(() => {
  for (const one of stores) one.close()
  rmSync(folder, { recursive: true, force: true })
})

/** As another process has it: on a connection of its own. */
function leases(name: string): JobLeases {
  const store = new Store(folder)
  stores.push(store)
  const onLost = (job: string) => void lost.push(`${name} lost ${job}`)
  return new JobLeases({ store, logger: Logger.silent(), onLost })
}

it('has one holder, who gives it back', () => {
  const [one, other] = [leases('one'), leases('other')]
  expect([one.take('a', NOW), other.take('a', NOW), other.take('b', NOW)]).toEqual([
    ...[true, false, true],
  ])
  expect(one.take('a', NOW)).toBe(true)
  expect(other.heldElsewhere('a', NOW)).toBe(`process ${process.pid} of ${hostname()}`)
  expect(one.heldElsewhere('a', NOW)).toBeUndefined()
  one.release('a')
  expect(other.take('a', NOW)).toBe(true)
  other.release('a')
  other.release('b')
})

it('ends without a sign of its holder, who is told when it was taken', () => {
  const [one, other] = [leases('one'), leases('other')]
  one.take('a', NOW)
  one.renew(NOW + MINUTE_MS / 2)
  expect(other.take('a', NOW + MINUTE_MS)).toBe(false)
  expect(other.take('a', NOW + 2 * MINUTE_MS)).toBe(true)
  one.renew(NOW + 2 * MINUTE_MS)
  expect(lost).toEqual(['one lost a'])
  // What is not its own any more it does not give back.
  one.release('a')
  expect(one.take('a', NOW + 2 * MINUTE_MS)).toBe(false)
  other.release('a')
})

it.each([
  ['that is gone', { pid: 2 ** 22 + 1, born: '1' }, true],
  [
    'whose number another one has now',
    { pid: process.pid, born: '1' },
    process.platform === 'linux',
  ],
  ['of another machine', { pid: 2 ** 22 + 1, born: '1', host: 'elsewhere' }, false],
])('of a process %s', (_, part, isFree) => {
  const mine = leases('mine')
  const lease = { owner: 'x', host: hostname(), untilMs: NOW + MINUTE_MS, ...part }
  stores[0]?.put('lease', 'a', lease)
  expect(mine.take('a', NOW)).toBe(isFree)
  mine.release('a')
})
