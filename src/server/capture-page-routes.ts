/**
 * What the page asks of capture beside its configuration: all of it at one glance, the tail of changes,
 * what a new channel may be made of, and what speaks against one.
 * Served with the routes of capture, and told as the live topics `capture` and `tail:capture`.
 * Invariant: a check changes nothing; a table is altered only when it is asked for by name.
 * Shapes: src/api-v1-capture.ts. Spec: ui 5.5, 6.
 */
import type { CaptureOverview, CaptureSource } from '../api-v1-capture.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { Capture } from '../source/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { snapshotActivity } from './activity/activity-items.ts'
import { parseBody, textOf } from './capture-body.ts'
import { checkChannel } from './capture-check.ts'
import { shownAgents } from './capture-cluster-routes.ts'
import type { CaptureWindow } from './capture-figures.ts'
import { shownChannel, shownDestination, shownGap } from './capture-views.ts'
import type { LiveHub } from './live/live-hub.ts'
import { type LiveSink, polledTopic } from './live/live-topic.ts'
import { empty, json, type Route } from './route.ts'

const BASE = '/api/v1/cdc'
const ROWS_MAX = 200
const LIVE_MS = 1_000
const TAIL_MS = 250

export function capturePageRoutes(capture: Capture, window: CaptureWindow): Route[] {
  return [
    {
      method: 'GET',
      path: `${BASE}/overview`,
      summary: 'Destinations, channels, agents, gaps, and figures of the last minute',
      handle: async () => json(200, await overviewOf(capture, window)),
    },
    {
      method: 'GET',
      path: `${BASE}/tail`,
      summary: 'The last changes that were queued',
      query: { after: 'what `next` was the last time', limit: 'rows at most' },
      handle: ({ query }) => {
        const limit = Math.min(ROWS_MAX, Number(query.get('limit')) || ROWS_MAX)
        return json(200, capture.tail.read({ after: Number(query.get('after')) || 0, limit }))
      },
    },
    {
      method: 'GET',
      path: `${BASE}/source`,
      summary: 'Data centers and tables that channels may be made for',
      handle: async () => json(200, await sourceOf(capture)),
    },
    {
      method: 'POST',
      path: `${BASE}/channels/check`,
      summary: 'What speaks against a new channel; nothing is made',
      takesBody: true,
      handle: async call => {
        const body = parseBody(call)
        const draft = {
          dataCenter: textOf(body, 'dataCenterId') ?? '',
          keyspace: textOf(body, 'sourceKeyspace') ?? '',
          table: textOf(body, 'sourceTable') ?? '',
          destination: textOf(body, 'destination') ?? '',
        }
        return json(200, await checkChannel(capture, draft))
      },
    },
    {
      method: 'POST',
      path: `${BASE}/tables/:keyspace/:table/enable`,
      summary: 'Alters a table so that its changes are logged for capture',
      handle: async ({ params }) => {
        const { keyspace = '', table = '' } = params
        await capture.cluster.table(keyspace, table)
        await capture.cluster.enableCdc(keyspace, table)
        return empty(204)
      },
    },
  ]
}

export function provideCapture(
  live: LiveHub,
  { capture, window, logger }: { capture: Capture; window: CaptureWindow; logger: Logger },
): void {
  const overview = () => overviewOf(capture, window)
  live.provide('capture', polledTopic(overview, { everyMs: LIVE_MS, logger }))
  live.activity.add(() => {
    const copied = capture.channels().filter(one => capture.snapshots.given(one) !== undefined)
    return snapshotActivity(copied.map(one => shownChannel(capture, one)))
  })
  const open = (_key: string, sink: LiveSink) => {
    let after = 0
    const timer = setInterval(() => {
      try {
        const { items, next, skipped } = capture.tail.read({ after, limit: ROWS_MAX })
        after = next
        if (items.length + skipped > 0) sink.items(items, skipped)
      } catch (error) {
        // Who looks on must not end the worker.
        logger.warnLimited('tail', `the last changes cannot be shown: ${messageOf(error)}`)
      }
    }, TAIL_MS)
    return { close: () => clearInterval(timer) }
  }
  // Rows of users.
  live.provide('tail', { least: 'job_creator', keys: ['capture'], keep: ROWS_MAX, open })
}

async function overviewOf(capture: Capture, window: CaptureWindow): Promise<CaptureOverview> {
  return {
    figures: await window.figures(),
    destinations: capture.destinations.map(shownDestination),
    channels: capture.channels().map(channel => shownChannel(capture, channel)),
    agents: shownAgents(capture),
    gaps: capture.gaps.map(shownGap),
  }
}

async function sourceOf({ cluster }: Capture): Promise<CaptureSource> {
  const { name, dataCenter, nodes } = await cluster.facts()
  const tables = await cluster.tables()
  return {
    cluster: name,
    dataCenterId: dataCenter,
    dataCenterIds: [...new Set(nodes.map(node => node.dataCenter))].sort(),
    tables,
  }
}
