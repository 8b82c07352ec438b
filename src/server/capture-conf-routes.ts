/**
 * The calls on settings and numbers of capture: `conf` and `metrics` of the command line.
 * Part of the routes of capture.
 * Spec: cdc-replication 2.4, 2.7.
 */
import type { CaptureConfEntry, CaptureMetric } from '../api.ts'
import type { Capture } from '../source/index.ts'
import { parseBody, refused } from './capture-body.ts'
import { empty, json, type Route } from './route.ts'

export function captureConfRoutes(capture: Capture, base: string): Route[] {
  const list = (): CaptureConfEntry[] => capture.conf.list()
  return [
    {
      method: 'GET',
      path: `${base}/conf`,
      summary: 'Settings of capture',
      handle: () => json(200, list()),
    },
    {
      method: 'PATCH',
      path: `${base}/conf`,
      summary: 'Changes settings of capture',
      body: '`{"name": value}`; null: back to its default',
      takesBody: true,
      handle: call => {
        const changes: Record<string, string> = {}
        for (const [name, value] of Object.entries(parseBody(call))) {
          if (value === null) capture.conf.remove(name)
          else if (typeof value === 'object') throw refused(`${name}: expected a plain value`)
          else changes[name] = String(value)
        }
        capture.conf.update(changes)
        return json(200, list())
      },
    },
    {
      method: 'DELETE',
      path: `${base}/conf/:name`,
      summary: 'Sets one back to its default',
      handle: call => {
        capture.conf.remove(call.params['name'] ?? '')
        return empty(204)
      },
    },
    {
      method: 'GET',
      path: `${base}/metrics`,
      summary: 'Numbers of capture since the worker started',
      query: { group: 'only of this group', type: 'only of this type' },
      handle: ({ query }) => {
        const group = query.get('group')
        const type = query.get('type')
        const isWanted = (one: CaptureMetric) =>
          (group === null || one.group === group) && (type === null || one.type === type)
        return json(200, metricsOf(capture).filter(isWanted))
      },
    },
  ]
}

/** Groups and types as the replaced command prints them; `Dedup` and `Gaps` are ours. */
function metricsOf(capture: Capture): CaptureMetric[] {
  const { counters } = capture
  const queued = capture.channels().reduce((sum, one) => sum + capture.count(one).messages, 0)
  const rows: readonly (readonly [group: string, type: string, count: number])[] = [
    ['Tables', 'MessagesReceived', counters.sum(one => one.received)],
    ['Tables', 'MessagesDelivered', counters.sum(one => one.delivered)],
    ['Tables', 'MessagesInReplicationLog', queued],
    ['ReplicationLog', 'MessageAddErrors', counters.sum(one => one.addErrors)],
    ['ReplicationLogConsumer', 'Errors', counters.sum(one => one.invalid)],
    ['ReplicationChannel', 'DeliveryErrors', counters.sum(one => one.deliveryErrors)],
    ['ReplicationChannel', 'ReloadErrors', 0],
    ['ReplicationChannel', 'FastTrackPermitAcquisitionsDenied', counters.permitsDenied],
    ['ReplicationChannel', 'SlowTrackPermitAcquisitionsDenied', 0],
    ['Dedup', 'CopiesDropped', counters.sum(one => one.duplicates)],
    ['Queues', 'MessagesDropped', counters.sum(one => one.dropped)],
    ['Gaps', 'Open', capture.gaps.filter(one => one.state === 'open').length],
  ]
  return rows.map(([group, type, count]) => ({ group, type, count }))
}
