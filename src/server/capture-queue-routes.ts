/**
 * The calls of workers elsewhere that deliver for connectors: take a page, name what was delivered, ask
 * for a definition. Part of the routes of capture; the counterpart is RemoteQueue.
 * Invariant: a page travels as the frames are; positions stay with the caller.
 * Spec: docs/adr/0023-destinations-and-delivery-elsewhere.md.
 */
import {
  type Capture,
  parseCursor,
  type SentDelivery,
  type SentPage,
  type SentPoll,
} from '../source/index.ts'
import { parseBody } from './capture-body.ts'
import { snapshotOrders } from './capture-snapshot-routes.ts'
import { empty, json, type Route } from './route.ts'

const WAIT_MS_MAX = 2000
const FRAMES_MAX = 2000

export function captureQueueRoutes(capture: Capture, base: string): Route[] {
  const path = `${base}/delivery/:destination`
  return [
    {
      method: 'GET',
      path,
      summary: 'Whether there is such a destination',
      handle: async call => {
        await capture.queue.checkDestination(call.params['destination'] ?? '')
        return json(200, {})
      },
    },
    {
      method: 'POST',
      path: `${path}/poll`,
      summary: 'A deliverer takes the next changes of a destination',
      takesBody: true,
      handle: async call => {
        const sent = parseBody(call) as unknown as SentPoll
        const request = {
          ...sent,
          destination: call.params['destination'] ?? '',
          partitions: sent.partitions.map(Number),
          cursors: new Map(
            sent.cursors.map(([id, offset, done]) => [
              id,
              parseCursor({ offset, done: done.map(([from, to]) => [from, to]) }),
            ]),
          ),
          framesMax: Math.min(FRAMES_MAX, Math.max(1, Math.trunc(Number(sent.framesMax)) || 1)),
          waitMs: Math.min(WAIT_MS_MAX, Math.max(0, Number(sent.waitMs) || 0)),
        }
        const polled = await capture.queue.poll(request, NEVER, true)
        const page: SentPage = {
          orders: snapshotOrders({
            channels: capture.channels({ destinations: [request.destination] }),
            snapshots: capture.snapshots,
          }),
          unknown: polled.unknown,
          channel: polled.channel ?? null,
          from: polled.from,
          frames: polled.frames.map(({ seq, partition, frame }) => {
            return [seq, partition, frame.bytes.toString('base64')]
          }),
        }
        return json(200, page)
      },
    },
    {
      method: 'POST',
      path: `${path}/delivered`,
      summary: 'A deliverer names what was delivered',
      takesBody: true,
      handle: async call => {
        const { connector, task, done } = parseBody(call) as unknown as SentDelivery
        const destination = call.params['destination'] ?? ''
        await capture.queue.delivered({ destination, connector, task }, done)
        return empty(204)
      },
    },
    {
      method: 'POST',
      path: `${path}/release`,
      summary: 'A deliverer ends',
      takesBody: true,
      handle: async call => {
        const { connector, task } = parseBody(call) as unknown as SentDelivery
        const destination = call.params['destination'] ?? ''
        await capture.queue.release({ destination, connector, task })
        return empty(204)
      },
    },
    {
      method: 'GET',
      path: `${base}/definitions/:tableId/:hash`,
      summary: 'The definition of a table that changes were made under',
      handle: call => {
        const { tableId = '', hash = '' } = call.params
        return json(200, capture.definitionText(tableId, hash))
      },
    },
  ]
}

/** A call that was given up ends with its waiting time. */
const NEVER = new AbortController().signal
