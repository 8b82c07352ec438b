/**
 * The ways of a first run: which step is the present one, and where a way ends.
 */
import { describe, expect, it } from 'vitest'
import {
  type Chosen,
  currentStep,
  type Facts,
  isNothing,
  namesOf,
  type PathKey,
} from './guide-model.ts'
import { wayOf } from './guide-ways.ts'

const NOTHING: Facts = {
  ...{ connections: [], jobs: [], connectors: [], destinations: 0, channels: [], migrations: [] },
  canBrowse: true,
}
const chosen = (path: PathKey, before: readonly string[] = []): Chosen => ({
  ...{ path, before, seen: [] },
})
const cassandra = { id: 'c', name: 'ops', connector: 'cassandra' } as const
const space = { id: 'b', name: 'acme', connector: 'backlog' } as const
const job = (tasks: number, state?: string) =>
  ({
    ...{ id: 'j', name: 'nightly', sourceConnector: 'backlog', destination: 'c' },
    tasks: Array.from({ length: tasks }, () => ({})),
    lastRun: state === undefined ? null : { state },
  }) as unknown as Facts['jobs'][number]
const sink = (isRunning: boolean, written = 0) => ({
  ...{ name: 's', isSink: true, isRunning, topic: 't', written },
})
const at = (path: PathKey, facts: Partial<Facts>, before: readonly string[] = []) => {
  const way = wayOf(chosen(path, before), { ...NOTHING, ...facts })
  const step = way.steps[currentStep(way)]
  return [step?.key ?? 'end', (step ?? way.end).place]
}

describe('the way of Backlog', () => {
  it.each([
    ['nothing', {}, 'cassandra', { kind: 'new-connection', of: 'cassandra' }],
    [
      'Cassandra',
      { connections: [cassandra] },
      'backlog',
      { kind: 'new-connection', of: 'backlog' },
    ],
    ['both', { connections: [cassandra, space] }, 'tables', { kind: 'add-job', source: 'b' }],
    [
      'a job without tables',
      { connections: [cassandra, space], jobs: [job(0)] },
      'tables',
      { kind: 'job', id: 'j', tab: 'task' },
    ],
    [
      'a job that failed',
      { connections: [cassandra, space], jobs: [job(3, 'FAILED')] },
      'run',
      { kind: 'job', id: 'j', tab: 'overview' },
    ],
    [
      'a job that ran',
      { connections: [cassandra, space], jobs: [job(3, 'SUCCESS')] },
      'end',
      { kind: 'tables', connection: 'c' },
    ],
  ])('after %s', (_after, facts, key, place) => {
    expect(at('backlog', facts as Partial<Facts>)).toEqual([key, place])
  })

  it('does not take a job of before for its own', () => {
    const facts = { connections: [cassandra, space], jobs: [job(3, 'SUCCESS')] }
    expect(at('backlog', facts, ['job j'])[0]).toBe('tables')
  })
})

describe('other ways', () => {
  it.each([
    ['no connector', {}, 'connector'],
    ['one that failed', { connectors: [sink(false)] }, 'running'],
    ['one without records', { connectors: [sink(true)] }, 'records'],
    ['one that wrote', { connectors: [sink(true, 1)] }, 'end'],
  ])('of a stream with %s', (_with, facts, key) => {
    expect(at('stream', facts)[0]).toBe(key)
    expect(at('paste', facts)[0]).toBe(key === 'connector' ? 'config' : key)
  })

  it('of a stream end with a connection, without which no row is seen', () => {
    expect(at('stream', { connectors: [sink(true, 1)] })[1]).toEqual({
      ...{ kind: 'new-connection', of: 'cassandra' },
    })
    expect(at('stream', { connectors: [sink(true, 1)], connections: [cassandra] })[1]).toEqual({
      ...{ kind: 'tables', connection: 'c' },
    })
  })

  it('of a stream end at the connector where the server shows no tables', () => {
    const facts = { connectors: [sink(true, 1)], canBrowse: false }
    expect(at('stream', facts)[1]).toEqual({ kind: 'connector', name: 's', tab: 'overview' })
    const waiting = { connectors: [sink(true)], canBrowse: false }
    expect(at('stream', waiting)[1]).toEqual({ kind: 'connector', name: 's', tab: 'overview' })
    expect(at('stream', { connectors: [sink(true)] })[1]).toEqual({ kind: 'topic', name: 't' })
  })

  it('of capture wait for the first change', () => {
    const channels = [{ id: 'x', isDelivering: false }]
    expect(at('capture', { destinations: 1, channels })[0]).toBe('change')
    expect(at('capture', { destinations: 1, channels: [] })[0]).toBe('channel')
  })

  it('of a migration need two clusters', () => {
    const two = [cassandra, { ...cassandra, id: 'd' }]
    expect(at('migrate', { connections: [cassandra] })[0]).toBe('clusters')
    expect(at('migrate', { connections: two })[0]).toBe('plan')
    expect(at('migrate', { connections: two, migrations: [{ name: 'm', phase: 0 }] })).toEqual([
      ...['checks', { kind: 'migration', name: 'm' }],
    ])
  })

  it('of the demo are looked at one after the other', () => {
    const way = wayOf({ path: 'try', before: [], seen: ['flows', 'connectors'] }, NOTHING)
    expect(way.steps[currentStep(way)]?.key).toBe('connectors')
    expect(way.steps).toHaveLength(4)
  })
})

describe('nothing', () => {
  it('is neither a connection nor anything that moves', () => {
    expect(isNothing(NOTHING)).toBe(true)
    expect(isNothing({ ...NOTHING, connections: [space] })).toBe(false)
    expect(isNothing({ ...NOTHING, destinations: 1 })).toBe(false)
    const facts = { ...NOTHING, connectors: [sink(true)], jobs: [job(0)] }
    expect([isNothing(facts), namesOf(facts)]).toEqual([false, ['connector s', 'job j']])
  })
})
