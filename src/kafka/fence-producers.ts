/**
 * Ends the transactions of producers that may still run somewhere, and fences them: after it none of
 * them can commit anything.
 * Called by the leader of a cluster before the tasks of a source begin anew.
 * Spec: Kafka protocol, InitProducerId v4; connect-rest 2.6, 18.5.
 */
import { initProducerIdV4 } from '@platformatic/kafka'
import { Cluster } from './cluster.ts'
import type { ConnectionSettings } from './settings.ts'

/** At once: each may have a coordinator of its own. */
const CONCURRENT_MAX = 16
/** Of a producer that only fences. */
const TRANSACTION_TIMEOUT_MS = 10_000

/** Resolves when every producer with one of these transactional ids is fenced; rejects on abort. */
export async function fenceProducers(
  connection: ConnectionSettings,
  transactionalIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const cluster = new Cluster(connection)
  // Closed once more at the end, where a failure is told.
  const close = () => void cluster.close().catch(() => undefined)
  signal.addEventListener('abort', close)
  try {
    signal.throwIfAborted()
    for (let from = 0; from < transactionalIds.length; from += CONCURRENT_MAX) {
      const ids = transactionalIds.slice(from, from + CONCURRENT_MAX)
      await Promise.all(ids.map(id => fence(cluster, id)))
    }
  } finally {
    signal.removeEventListener('abort', close)
    await cluster.close()
  }
}

async function fence(cluster: Cluster, id: string): Promise<void> {
  const doing = `fence the producers of ${id}`
  const call = { doing, purpose: 'control', of: 'transaction' } as const
  await cluster.retry(doing, () =>
    cluster.callCoordinator(id, call, coordinator =>
      initProducerIdV4.api.async(coordinator, id, TRANSACTION_TIMEOUT_MS),
    ),
  )
}
