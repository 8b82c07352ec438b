/**
 * A store whose changes are told to a log: what another process makes of the log is the same store,
 * wherever the first one ended. The log is written by the real writer of changes, into memory.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ScamanderError } from '../base/scamander-error.ts'
import { KAFKA_ERRORS, type LogEntry } from '../kafka/index.ts'
import { Logger } from '../telemetry/index.ts'
import { cutOffRuns, keepRequest } from './cut-off-runs.ts'
import { decodeChange, KafkaStateLog } from './kafka-state-log.ts'
import { SeenRows } from './seen-rows.ts'
import { Store } from './store.ts'

let folder: string
let open: Store[]
let kept: LogEntry[]
let fault: ScamanderError | undefined
let lost: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-shared-'))
  // The key that all workers of a group have.
  vi.stubEnv('SCAMANDER_MASTER_KEY', Buffer.alloc(32, 7).toString('base64'))
  ;[open, kept, fault, lost] = [[], [], undefined, 0]
})
afterEach(() => {
  for (const store of open) store.close()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** The next process: reads what was kept, as compaction leaves it. */
function take(): { store: Store; log: KafkaStateLog } {
  const log = new KafkaStateLog({
    logger: Logger.silent(),
    onLost: () => lost++,
    writer: {
      write: async entries => {
        await Promise.resolve()
        if (fault !== undefined) throw fault
        kept.push(...entries)
        return kept.length
      },
    },
  })
  const store = new Store(join(folder, String(open.length)), log)
  open.push(store)
  const last = new Map(kept.map((entry, at) => [entry.key.toString(), at]))
  kept.forEach(({ key, value }, at) => {
    if (last.get(key.toString()) === at) store.apply(decodeChange(key, value)!)
  })
  log.begin()
  store.checkKey()
  return { store, log }
}

const row = (key: string, scope = '', hash = key) => ({ key, scope, hash: Buffer.from(hash) })
const line = { level: 'info', task: null, text: 'read' }
const RUN = { id: 'r1', jobId: 'j', startedAt: '2026-11-20T00:00:00.000Z', finishedAt: null }

/** All rows of a task, as the next run finds them. */
function rowsOf(store: Store, task: string, keys: readonly string[]) {
  return [...store.rows.find(task, keys)].map(
    ([key, { scope, hash }]) => `${key} ${scope} ${Buffer.from(hash).toString()}`,
  )
}

describe('a store that is shared', () => {
  it('is the same at the next process', async () => {
    const { store } = take()
    store.put('connection', 'c', { secret: store.secrets.seal('s', 'c') })
    store.put('job', 'gone', {})
    store.delete('job', 'gone')
    store.putRun(RUN)
    store.log('r1', line)
    const { id } = store.addEvent('notice', { read: false })
    store.putEvent(id, { read: true })
    store.addEvent('rejected', { key: 1 }, 'r1')
    await store.settled()
    const next = take().store
    expect(next.secrets.open(next.get<{ secret: string }>('connection', 'c')!.secret, 'c')).toBe(
      's',
    )
    expect(next.ids('job')).toEqual([])
    expect(next.runs({ limit: 9 })).toEqual([RUN])
    expect(next.logOf('r1', 9)).toMatchObject([line])
    expect(next.events('notice', { limit: 9 })).toEqual(store.events('notice', { limit: 9 }))
    expect(next.events('rejected', { run: 'r1', limit: 9 })).toHaveLength(1)
  })

  it('knows the rows of tasks, and which may have been written without being noted', async () => {
    const { store } = take()
    const { rows } = store
    rows.put('t', [row('a', '1'), row('b', '1'), row('c', '2'), row('d', '2')])
    rows.update('t', [row('a', '3', 'A')])
    rows.forget('t', ['b'])
    rows.bury('t', ['c'])
    rows.put('other', [row('x'), row('y')])
    rows.doubt('other')
    rows.update('other', [row('y')])
    rows.put('left', [row('z')])
    rows.forgetTask('left')
    rows.intend('t', [row('e', '4'), row('a', '3')])
    await store.settled()
    const next = take().store
    next.rows.recover('t')
    expect(rowsOf(next, 't', ['a', 'b', 'c', 'd', 'e'])).toEqual([
      'a 3 ',
      'c ~buried ',
      'd 2 d',
      'e 4 ',
    ])
    expect(rowsOf(next, 'other', ['x', 'y'])).toEqual(['x  ', 'y  y'])
    expect(next.rows.count('left')).toBe(0)
    expect([...next.rows.missing('t', new SeenRows(next.rows.last()))]).toEqual([['a', 'd', 'e']])
    await next.settled()
    // What was recovered is not recovered a second time.
    const third = take().store
    third.rows.put('t', [row('e', '4')])
    third.rows.recover('t')
    expect(rowsOf(third, 't', ['e'])).toEqual(['e 4 e'])
  })

  it('keeps nothing of a transaction that was undone', async () => {
    const { store } = take()
    const work = () =>
      store.transaction(() => {
        store.put('job', 'a', {})
        throw new Error('undone')
      })
    expect(work).toThrow('undone')
    store.put('job', 'b', {})
    await store.settled()
    expect(take().store.ids('job')).toEqual(['b'])
  })

  it('waits while the topic cannot be written, and keeps every change in order', async () => {
    const { store } = take()
    await store.settled()
    fault = new ScamanderError(KAFKA_ERRORS.RETRIABLE, 'no leader')
    store.put('job', 'a', 1)
    store.put('job', 'a', 2)
    setTimeout(() => {
      fault = undefined
    }, 20)
    await store.settled()
    expect(take().store.get('job', 'a')).toBe(2)
  })

  it('keeps nothing more once another process has the work', async () => {
    const { store, log } = take()
    await store.settled()
    fault = new ScamanderError(KAFKA_ERRORS.PRODUCER_FENCED, 'fenced')
    store.put('job', 'a', 1)
    await expect(store.settled()).rejects.toThrow('another worker')
    expect(lost).toBe(1)
    fault = undefined
    store.put('job', 'b', 1)
    await expect(store.settled()).rejects.toThrow('another worker')
    log.leave()
    expect(take().store.ids('job')).toEqual([])
  })

  it('forgets runs with their logs at the next process too, and in the topic', async () => {
    const { store } = take()
    store.put('job', 'j', {})
    for (const id of ['r1', 'r2']) {
      store.putRun({ ...RUN, ...{ id, finishedAt: RUN.startedAt } })
      store.log(id, line)
      store.addEvent('rejected', { key: '1' }, id)
    }
    expect(store.history.remove(['r1'])).toBeGreaterThan(100)
    await store.settled()
    const values = new Map(kept.map(({ key, value }) => [key.toString(), value]))
    expect([...values].filter(([, value]) => value === null).map(([key]) => key)).toEqual([
      ...['["run","r1"]', '["log",1]', '["event",1]'],
    ])
    const next = take().store
    expect([next.run('r1'), next.logOf('r1', 9)]).toEqual([undefined, []])
    expect(next.events('rejected', { run: 'r1', limit: 9 })).toEqual([])
    expect(next.run('r2')).toBeDefined()
    expect([next.logOf('r2', 9).length, next.events('rejected', { limit: 9 }).length]).toEqual([
      ...[1, 1],
    ])
  })

  it('takes up a run whose worker ended before it took it up', async () => {
    const { store } = take()
    store.putRun({ ...RUN, id: 'r1', startedAt: '2026-11-20T00:01:00.000Z' })
    keepRequest(store, 'r1', { mode: 'full' })
    keepRequest(store, 'gone', { mode: 'full' })
    expect(cutOffRuns(store)).toHaveLength(1)
    await store.settled()
    const next = take().store
    expect(cutOffRuns(next)).toMatchObject([{ id: 'r1', state: 'CANCELLED' }])
    next.delete('run-request', 'r1')
    expect([cutOffRuns(next), next.ids('run-request')]).toEqual([[], []])
  })

  it('finds an open run however many came after it', () => {
    const { store } = take()
    store.putRun({ ...RUN, id: 'long', startedAt: '2026-11-01T00:00:00.000Z' })
    for (let at = 0; at < 201; at++) {
      const startedAt = new Date(Date.UTC(2026, 10, 2) + at * 1000).toISOString()
      const run = { ...RUN, id: `r${at}`, startedAt, finishedAt: startedAt }
      store.putRun(run)
    }
    expect(cutOffRuns(store).map(one => one.id)).toEqual(['long'])
  })

  it('takes up a run that was cut off, but not for ever', async () => {
    const { store } = take()
    for (let at = 1; at <= 3; at++) {
      const startedAt = `2026-11-20T00:0${at}:00.000Z`
      store.putRun({ ...RUN, id: `r${at}`, startedAt })
      const [run] = cutOffRuns(store)
      expect(run).toMatchObject({ id: `r${at}`, state: at < 3 ? 'CANCELLED' : 'FAILED' })
    }
  })
})
