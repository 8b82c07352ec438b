/**
 * What happened to a connector: acts that succeeded with the name of who did them, and states that
 * changed, each told once.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { ConnectorState, ExpandedConnector } from '../api.ts'
import { ConnectorActivity } from './connector-activity.ts'
import { empty, type Route } from './route.ts'

let activity: ConnectorActivity
afterEach(() => activity.close())

const CALL = { query: new URLSearchParams(), body: '', method: 'PUT', url: '/', headers: {} }

function expanded(connector: ConnectorState, task: ConnectorState, trace = ''): ExpandedConnector {
  return {
    status: {
      ...{ name: 'a', type: 'sink', connector: { state: connector, worker_id: 'w' } },
      tasks: [{ id: 0, state: task, worker_id: 'w', trace }],
    },
  }
}

describe('activity', () => {
  it('tells changes of state once, with the first line of a failure', () => {
    activity = new ConnectorActivity(async () => ({}))
    activity.see({ a: expanded('RUNNING', 'RUNNING') })
    expect(activity.list('a')).toEqual([])
    for (let look = 0; look < 2; look++) {
      activity.see({ a: expanded('RUNNING', 'FAILED', 'Error: it broke\n at x') })
    }
    activity.see({ a: expanded('PAUSED', 'PAUSED') })
    expect(activity.list('a').map(one => one.text)).toEqual([
      'Task 0 FAILED → PAUSED',
      'Connector RUNNING → PAUSED',
      'Task 0 RUNNING → FAILED: Error: it broke',
    ])
  })

  it('notes acts that succeeded, with who did them', async () => {
    activity = new ConnectorActivity(async () => ({}))
    const route = (path: string, status: number): Route => ({
      ...{ method: 'PUT', path, summary: 'x', handle: () => empty(status) },
    })
    const watched = activity.watched(
      [
        route('/connectors/:name/pause', 202),
        route('/connectors/:name/stop', 409),
        route('/other/:name', 200),
      ],
      () => 'ann',
    )
    for (const one of watched) await one.handle({ ...CALL, params: { name: 'a' } })
    expect(activity.list('a')).toMatchObject([{ by: 'ann', kind: 'act', text: 'paused' }])
  })
})
