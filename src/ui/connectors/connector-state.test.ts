/**
 * The shown state of connectors, their order, and the first line of a trace.
 */
import { describe, expect, it } from 'vitest'
import type { ConnectorState, ConnectorStateInfo } from '../../api.ts'
import { causeOf, shownState, toRows } from './connector-state.ts'

function status(own: ConnectorState, ...tasks: ConnectorState[]): ConnectorStateInfo {
  return {
    name: 'c',
    connector: { state: own, worker_id: 'w' },
    tasks: tasks.map((state, id) => ({ id, state, worker_id: 'w' })),
    type: 'sink',
  }
}

describe('the shown state', () => {
  it.each([
    [status('RUNNING', 'RUNNING', 'RUNNING'), 'RUNNING', undefined],
    [status('RUNNING'), 'RUNNING', undefined],
    [
      status('RUNNING', 'RUNNING', 'FAILED', 'RUNNING'),
      'DEGRADED',
      'Degraded: 1 of 3 tasks failed',
    ],
    [status('RUNNING', 'FAILED'), 'FAILED', 'Failed: its task'],
    [status('RUNNING', 'FAILED', 'FAILED'), 'FAILED', 'Failed: all 2 tasks'],
    [status('FAILED', 'RUNNING'), 'FAILED', undefined],
    [status('RUNNING', 'RUNNING', 'RESTARTING'), 'RESTARTING', undefined],
    [status('RUNNING', 'UNASSIGNED'), 'UNASSIGNED', undefined],
    [status('PAUSED', 'PAUSED'), 'PAUSED', undefined],
    [status('PAUSED', 'PAUSED', 'FAILED'), 'DEGRADED', 'Degraded: 1 of 2 tasks failed'],
    [status('STOPPED'), 'STOPPED', undefined],
    [undefined, 'UNKNOWN', undefined],
  ])('case %#', (given, state, text) => {
    expect(shownState(given)).toEqual({ state, text })
  })
})

it('puts attention first, then names in natural order', () => {
  const rows = toRows({
    'b-10': { status: status('RUNNING') },
    'b-2': { status: status('RUNNING') },
    z: { status: status('FAILED') },
    a: { status: status('STOPPED') },
  })
  expect(rows.map(row => row.name)).toEqual(['z', 'b-2', 'b-10', 'a'])
})

it.each([
  [
    'org.apache.kafka.connect.errors.ConnectException: no table\n\tat x',
    'ConnectException: no table',
  ],
  ['a.B: outer\n\tat x\nCaused by: c.D: inner\n\tat y', 'D: inner'],
  ['plain words', 'plain words'],
  ['', ''],
])('the cause of %j is %j', (trace, cause) => {
  expect(causeOf(trace)).toBe(cause)
})
