/**
 * The ledger of an agent where queues are kept in topics as well: agents are answered when the topics
 * have what they gave, so that neither the loss of the worker's machine loses it.
 * Made by Capture around its own ledger.
 * Invariant: a position is in the topics before an agent deletes what it covers.
 * Spec: docs/adr/0032-queues-in-topics.md.
 */
import type { AgentLedger } from '../agent/agent-ledger.ts'
import type { QueueReplica } from './queue-replica.ts'

export function replicatedLedger(ledger: AgentLedger, replica: QueueReplica): AgentLedger {
  return {
    load: () => ledger.load(),
    settle: async batch => {
      const copies = await ledger.settle(batch)
      // Also of a batch that is given again: its answer may have been lost before the topics had it.
      if (batch.frames.length > 0) await replica.flush()
      return copies
    },
    savePosition: async position => {
      await ledger.savePosition(position)
      await replica.flushPositions()
    },
    reportGap: async gap => {
      await ledger.reportGap(gap)
      await replica.flush()
    },
  }
}
