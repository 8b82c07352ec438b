/**
 * The calls of capture agents in other processes: how they are, what they read, what they have to do.
 * Part of the routes of capture; the counterpart is RemoteLedger.
 * Invariant: an agent that has not reported is answered 404, and then reports.
 * Spec: cdc-replication 1.5; docs/adr/0012-capture-in-one-worker.md.
 */
import {
  type AgentReport,
  type Capture,
  Frame,
  type LedgerBatch,
  type NodePosition,
} from '../source/index.ts'
import { type Body, parseBody, refused, required, textOf } from './capture-body.ts'
import { type Call, json, type Route } from './route.ts'

/** The largest mutation of Cassandra, as text, and what stands around it. */
const AGENT_BODY_BYTES_MAX = 64 * 1024 * 1024

export function captureAgentRoutes(capture: Capture, base: string): Route[] {
  const hostIdOf = (call: Call) => call.params['hostId'] ?? ''
  const post = (
    what: string,
    summary: string,
    handle: (call: Call, body: Body) => unknown,
  ): Route => ({
    method: 'POST',
    path: `${base}/agents/:hostId/${what}`,
    summary,
    takesBody: true,
    bodyBytesMax: AGENT_BODY_BYTES_MAX,
    handle: async call => json(200, (await handle(call, parseBody(call))) ?? {}),
  })
  return [
    post('report', 'An agent tells how it is and asks what to do', (_call, body) =>
      capture.takeReport(body as unknown as AgentReport),
    ),
    post('settle', 'An agent gives what it read', async (call, body) => {
      const batch = toLedgerBatch(body)
      return { copies: await capture.ledgerOfReported(hostIdOf(call)).settle(batch) }
    }),
    post('position', 'An agent tells how far it is', (call, body) =>
      capture.ledgerOfReported(hostIdOf(call)).savePosition(body as unknown as NodePosition),
    ),
    post('gap', 'An agent tells of changes that are lost', (call, body) =>
      capture.ledgerOfReported(hostIdOf(call)).reportGap({
        from: required(body, 'from'),
        to: required(body, 'to'),
        reason: required(body, 'reason'),
      }),
    ),
  ]
}

/** The counterpart of RemoteLedger. */
function toLedgerBatch(body: Body): LedgerBatch {
  const { definitions, ends, position } = body as Partial<SentBatch>
  if (!Array.isArray(definitions) || !Array.isArray(ends) || position === undefined) {
    throw refused('expected definitions, frames, ends and a position')
  }
  const bytes = Buffer.from(textOf(body, 'frames') ?? '', 'base64')
  let start = 0
  const frames = ends.map(end => {
    const frame = new Frame(bytes.subarray(start, end))
    start = end
    return frame
  })
  return {
    definitions: definitions.map(one => ({ ...one, hash: BigInt(one.hash) })),
    ...{ frames, position },
  }
}

interface SentBatch {
  readonly definitions: readonly { tableId: string; hash: string; text: string }[]
  readonly ends: readonly number[]
  readonly position: NodePosition
}
