import { describe, expect, it } from 'vitest'
import type { FlowCounters } from '../../api-v1-home.ts'
import { toRows } from '../connectors/connector-state.ts'
import { connectorFlows, rateOf, rateText, sumOfRates, tablesOf, toSample } from './home-model.ts'

const counters = (name: string, written: number): FlowCounters => ({
  ...{ name, written, read: written, lag: 3, failed: 0, deadLetters: 2 },
  ...{ troubles: [], waits: [] },
})
const sample = (time: string, ...connectors: FlowCounters[]) =>
  toSample({
    ...{ time, connectors },
    worker: { version: '1', kafkaClusterId: 'k', bytes: 1, upSeconds: 1 },
  })
const rows = (
  type: 'sink' | 'source',
  config: Record<string, string>,
  state = 'RUNNING' as const,
) =>
  toRows({
    a: {
      info: { name: 'a', config, tasks: [], type },
      status: {
        ...{ name: 'a', type, connector: { state, worker_id: 'w' } },
        tasks: [{ id: 0, state, worker_id: 'w' }],
      },
    },
  })

describe('rates', () => {
  const before = sample('2026-01-01T00:00:00Z', counters('a', 100))
  it.each([
    ['two readings', before, 300, 100],
    ['one reading', undefined, 300, undefined],
    ['a counter that began again', before, 50, undefined],
  ])('%s', (_what, old, written, expected) => {
    expect(
      rateOf('a', { before: old, now: sample('2026-01-01T00:00:02Z', counters('a', written)) }),
    ).toBe(expected)
  })

  it('of a connector that was not there are unknown', () => {
    const now = sample('2026-01-01T00:00:02Z', counters('b', 1))
    expect(rateOf('b', { before, now })).toBeUndefined()
  })

  it.each([
    [undefined, '–'],
    [0, 'idle'],
    [0.04, '<0.1/s'],
    [0.44, '0.4/s'],
    [1203.4, '1,203/s'],
  ])('%s reads %s', (rate, text) => expect(rateText(rate)).toBe(text))
})

describe('ends of flows', () => {
  it('of a sink are its topics and the tables of its mappings and KCQL', () => {
    const config = { topics: 't.1', 'topic.t.1.ks.tab.mapping': 'k=key' }
    expect(tablesOf(config)).toEqual(['ks.tab'])
    const kcql = {
      'connect.cassandra.kcql':
        'INSERT INTO orders SELECT * FROM o; UPSERT INTO "B"."c" SELECT * FROM p',
      'connect.cassandra.key.space': 'demo',
    }
    expect(tablesOf(kcql)).toEqual(['demo.orders', 'B.c'])
    const [flow] = connectorFlows(rows('sink', config), { before: undefined, now: undefined })
    expect(flow).toMatchObject({
      kind: 'sink',
      text: 'sink, 1 task',
      rate: undefined,
      state: 'RUNNING',
    })
    expect([flow?.from, flow?.to]).toEqual([
      [{ kind: 'topic', name: 't.1' }],
      [{ kind: 'table', name: 'ks.tab' }],
    ])
  })

  it('of a source are the other way round', () => {
    const config = {
      'connect.cassandra.kcql': 'INSERT INTO out SELECT * FROM orders PK created',
      'connect.cassandra.key.space': 'demo',
    }
    const now = sample('2026-01-01T00:00:02Z', counters('a', 1))
    const [flow] = connectorFlows(rows('source', config), { before: undefined, now })
    expect([flow?.from, flow?.to]).toEqual([
      [{ kind: 'table', name: 'demo.orders' }],
      [{ kind: 'topic', name: 'out' }],
    ])
    expect(flow).toMatchObject({ lag: 3, deadLetters: 2 })
    expect(sumOfRates([flow!])).toBeUndefined()
  })

  it('of a reader of a capture destination are those of its channels', () => {
    const samples = { before: undefined, now: undefined }
    const config = { destination: 'd', topic: 'all' }
    const captured = new Map([['a', { tables: ['ks.t'], topics: ['ks.t', 'u'] }]])
    const [flow] = connectorFlows(rows('source', config), samples, captured)
    expect([flow?.from, flow?.to]).toEqual([
      [{ kind: 'table', name: 'ks.t' }],
      [
        { kind: 'topic', name: 'ks.t' },
        { kind: 'topic', name: 'u' },
      ],
    ])
  })
})
