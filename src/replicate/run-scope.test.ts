/** What tasks of a run share: requests that outlive their task, and the time of the run before. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { WriteSession } from '../cassandra/index.ts'
import { SETTINGS_DEFAULT } from './job-record.ts'
import { type RunJobOptions, RunScope } from './run-scope.ts'
import { LiveRun } from './run-state.ts'
import { Store } from './store.ts'

let folder: string
let store: Store
let run: LiveRun
let scope: RunScope

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-run-scope-'))
  store = new Store(folder)
  run = new LiveRun('r', {
    store,
    jobId: 'j',
    jobName: 'j',
    mode: 'incremental',
    logLevel: 'info',
    used: { product: '0', job: 1 },
    trigger: 'user',
    afterMs: 0,
    onChange: () => undefined,
  })
  const options = { store, run, job: { settings: SETTINGS_DEFAULT } } as unknown as RunJobOptions
  scope = new RunScope(options, {} as WriteSession)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

it('a task that failed stays so when a request that it left behind goes on', () => {
  const [failed, other] = [run.addTask('t', 'Issues'), run.addTask('u', 'Users')]
  const { onWait } = scope.caller([failed, other])
  onWait?.(500)
  expect([failed.state, other.state]).toEqual(['WAITING_RATE_LIMIT', 'WAITING_RATE_LIMIT'])
  Object.assign(failed, { state: 'FAILED', endedMs: Date.now() })
  onWait?.(0)
  expect([failed.state, other.state]).toEqual(['FAILED', 'RUNNING'])
})

it('a task whose rows are all read again was not run before', () => {
  const at = '2026-11-20T15:00:00.000Z'
  const ways = [(id: string) => store.doubtTask(id), (id: string) => store.forgetTask(id)]
  for (const forget of ways) {
    store.put('fresh', 't', at)
    expect(scope.facts('t').lastMs).toBe(Date.parse(at))
    forget('t')
    expect(scope.facts('t').lastMs).toBeNull()
  }
})
