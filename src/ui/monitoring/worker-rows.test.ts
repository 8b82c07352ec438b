/**
 * Workers made of the states of connectors: counted once per task, failed ones apart, in order.
 */
import { expect, it } from 'vitest'
import type { ExpandedConnector } from '../../api.ts'
import { workersOf } from './worker-rows.ts'

const one = (connector: string, tasks: readonly (readonly [string, string])[]) =>
  ({
    status: {
      ...{ name: 'x', type: 'sink', connector: { state: 'RUNNING', worker_id: connector } },
      tasks: tasks.map(([worker_id, state], id) => ({ id, state, worker_id })),
    },
  }) as unknown as ExpandedConnector

it('adds up what each worker has', () => {
  const rows = workersOf({
    b: one('w2:1', [
      ['w1:1', 'RUNNING'],
      ['w2:1', 'FAILED'],
    ]),
    a: one('w1:1', [
      ['w1:1', 'RUNNING'],
      ['', 'UNASSIGNED'],
    ]),
  })
  expect(rows).toEqual([
    { id: 'w1:1', connectors: 1, tasks: 2, failed: 0, names: ['a', 'b'] },
    { id: 'w2:1', connectors: 1, tasks: 1, failed: 1, names: ['b'] },
  ])
})
