/**
 * Events of jobs with a real store: called once each in their order, stopping a run, chains that end.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunInfo, RunState } from '../api-v1.ts'
import type { HookDraft } from '../api-v1-alerts.ts'
import { Logger } from '../telemetry/index.ts'
import { HookDesk } from './hook-desk.ts'
import type { JobRecord } from './job-record.ts'
import { RunChains } from './run-cause.ts'
import { Store } from './store.ts'

const job = (id: string) => ({ id, name: id, source: 's', destination: 'd' }) as JobRecord
let folder: string
let store: Store
let desk: HookDesk
let done: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-hooks-'))
  store = new Store(folder)
  done = []
  for (const id of ['a', 'b']) store.put('job', id, job(id))
  store.put('alert-channel', 'ops', { id: 'ops' })
  desk = new HookDesk({
    ...{ store, logger: Logger.silent() },
    execute: (of, cql) => {
      done.push(`${of.name}: ${cql}`)
      return cql === 'wrong' ? Promise.reject(new Error('no such table')) : Promise.resolve()
    },
    tellChannel: async (id, { event, text }, signal) => {
      done.push(`${id} ${event} ${text}`)
      if (id !== 'slow') return 'answered 200'
      return await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('given up')))
      })
    },
    onCalled: () => undefined,
    chains: new RunChains(),
    startRun: id => {
      done.push(`start ${id}`)
      return `run-of-${id}`
    },
  })
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

function hook(part: Partial<HookDraft>): HookDraft {
  const preset = { when: 'after_run', on: 'always', kind: 'cql', onFailure: 'stop' } as const
  return { ...preset, target: 'INSERT', enabled: true, ...part }
}

function run(id: string, jobId: string, state: RunState, tasks: Record<string, RunState> = {}) {
  const isEnded = state !== 'RUNNING'
  return {
    ...{ id, jobId, state, startedAt: '2026-11-20T00:00:00.000Z' },
    finishedAt: isEnded ? '2026-11-20T00:01:00.000Z' : null,
    tasks: Object.entries(tasks).map(([table, one]) => ({ taskId: table, table, state: one })),
  } as unknown as RunInfo
}

describe('events of a job', () => {
  it('are called once after each task and once after the run, in order', async () => {
    desk.put('a', [
      hook({ when: 'after_task', kind: 'webhook', target: 'ops' }),
      hook({ target: 'DONE' }),
      hook({ target: 'BAD', on: 'problem' }),
      hook({ target: 'OFF', enabled: false }),
    ])
    desk.onRun(run('1', 'a', 'RUNNING', { x: 'SUCCESS', y: 'RUNNING' }))
    desk.onRun(run('1', 'a', 'RUNNING', { x: 'SUCCESS', y: 'FAILED' }))
    desk.onRun(run('1', 'a', 'SUCCESS', { x: 'SUCCESS', y: 'FAILED' }))
    desk.onRun(run('1', 'a', 'SUCCESS', { x: 'SUCCESS', y: 'FAILED' }))
    await desk.close()
    const tasks = ['ops after_task a: success', 'ops after_task a: failed']
    expect(done).toEqual([...tasks, 'a: DONE'])
    expect(desk.list('a').map(one => one.last?.ok ?? null)).toEqual([true, true, null, null])
  })

  it('stop a run that they must not be missing from, and no other', async () => {
    const before = hook({ when: 'before_run', target: 'wrong' })
    desk.put('a', [before])
    const { signal } = new AbortController()
    const first = desk.before(run('1', 'a', 'RUNNING'), job('a'), signal)
    await expect(first).rejects.toThrow('no such table')
    desk.put('a', [{ ...before, onFailure: 'continue' }])
    await desk.before(run('2', 'a', 'RUNNING'), job('a'), signal)
    expect(desk.list('a')[0]?.last).toMatchObject({ ok: false, text: 'no such table' })
  })

  it('hold up no stop of a run while a receiver is slow', async () => {
    store.put('alert-channel', 'slow', { id: 'slow' })
    desk.put('a', [hook({ when: 'before_run', kind: 'webhook', target: 'slow' })])
    const stop = new AbortController()
    const before = desk.before(run('1', 'a', 'RUNNING'), job('a'), stop.signal)
    await new Promise(setImmediate)
    expect(done).toEqual(['slow before_run a starts'])
    stop.abort(new Error('stopped'))
    await expect(before).rejects.toThrow('stopped')
  })

  it('stay, and can be changed, when the channel or job that they name is gone', () => {
    const drafts = [hook({ kind: 'webhook', target: 'ops' }), hook({ kind: 'job', target: 'b' })]
    const kept = desk.put('a', drafts)
    store.delete('alert-channel', 'ops')
    store.delete('job', 'b')
    const more = desk.put('a', [...kept.map(one => ({ ...one, enabled: false })), hook({})])
    expect(more.map(one => one.enabled)).toEqual([false, false, true])
    const [first] = more
    expect(() => desk.put('a', [{ ...first!, target: 'other' }])).toThrow('a channel')
  })

  it('end a chain of jobs that leads back to itself', async () => {
    desk.put('a', [hook({ kind: 'job', target: 'b' })])
    desk.put('b', [hook({ kind: 'job', target: 'a' })])
    desk.onRun(run('1', 'a', 'SUCCESS'))
    await new Promise(setImmediate)
    desk.onRun(run('run-of-b', 'b', 'SUCCESS'))
    await desk.close()
    expect(done).toEqual(['start b'])
    expect(desk.list('b')[0]?.last?.text).toContain('led to this run already')
  })

  it('start no job once the desk was stopped, and are called for runs that end then', async () => {
    desk.put('a', [hook({ kind: 'job', target: 'b' }), hook({ target: 'DONE' })])
    desk.stop()
    desk.onRun(run('1', 'a', 'CANCELLED'))
    await desk.close()
    expect(done).toEqual(['a: DONE'])
    expect(desk.list('a')[0]?.last).toMatchObject({ ok: false, text: 'the server ends' })
  })

  it('never throw out of a run when they cannot be kept', async () => {
    desk.put('a', [hook({ target: 'DONE' })])
    desk.onRun(run('1', 'a', 'SUCCESS'))
    store.close()
    await desk.close()
    expect(done).toEqual(['a: DONE'])
  })

  it.each([
    [{ target: ' ' }, 'one CQL statement'],
    [{ kind: 'webhook', target: 'none' }, 'a channel'],
    [{ kind: 'job', target: 'a' }, 'another job'],
    [{ when: 'never' as 'after_run' }, 'before_run, after_run, after_task'],
  ] as const)('are refused when they cannot be: %o', (part, message) => {
    expect(() => desk.put('a', [hook(part)])).toThrow(message)
    expect(desk.list('a')).toEqual([])
  })
})
