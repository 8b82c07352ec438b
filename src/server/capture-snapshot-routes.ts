/**
 * What deliverers elsewhere ask while they give the rows of a table: is it captured everywhere, how far
 * is that, what waits in the queue, what does the table look like.
 * Part of the routes of capture; the counterpart is RemoteSnapshots.
 * Spec: cdc-replication 5; docs/adr/0024-snapshots-and-reading-ahead.md.
 */
import type { Capture, Channel, SentAnswer, SentOrder, SentQuestion } from '../source/index.ts'
import { parseBody, refused } from './capture-body.ts'
import { json, type Route } from './route.ts'

export function captureSnapshotRoutes(capture: Capture, base: string): Route[] {
  return [
    {
      method: 'POST',
      path: `${base}/delivery/:destination/snapshot`,
      summary: 'A deliverer asks what it must know to give the rows of a table',
      takesBody: true,
      handle: async call => {
        const question = parseBody(call) as unknown as SentQuestion
        const destinations = [call.params['destination'] ?? '']
        const channel = capture.channels({ destinations }).find(one => one.id === question.channel)
        const gone: SentAnswer = { isGone: true }
        return json(200, channel === undefined ? gone : await answer(capture, channel, question))
      },
    },
  ]
}

/** Of every channel of a destination that is transmitted now. */
export function snapshotOrders({ channels, snapshots }: OrderParts): SentOrder[] {
  return channels.flatMap(channel => {
    const order = snapshots.order(channel)
    return order === undefined ? [] : [[channel.id, order.run, order.isCancelled] as const]
  })
}

interface OrderParts {
  readonly channels: readonly Channel[]
  readonly snapshots: Capture['snapshots']
}

async function answer(
  { snapshots }: Capture,
  channel: Channel,
  question: SentQuestion,
): Promise<SentAnswer> {
  switch (question.ask) {
    case 'barrier': {
      const why = await snapshots.barrier(channel)
      return why === undefined ? {} : { why }
    }
    case 'standing':
      return { standing: await snapshots.standing(channel) }
    case 'queued':
      return { isQueued: await snapshots.isQueued(channel, question) }
    case 'definition':
      return { definition: await snapshots.definitionText(channel) }
    case 'progress':
      await snapshots.progress(channel, question)
      return {}
    default:
      throw refused('ask: expected barrier, standing, queued, definition or progress')
  }
}
