/**
 * Requests that a cluster does not answer in time: settled as timed out, so that the client hears of it.
 * Called by sessions about twice a second. The stream id on the cluster's link stays taken until the
 * late answer comes or the link ends.
 * Spec: live-migration 2.9 (no answer within the request timeout).
 */
import { CLUSTERS } from '../cluster.ts'
import { type DualRequest, STATUS } from '../request/dual-request.ts'

export function expireRequests(
  requests: readonly (DualRequest | undefined)[],
  nowMs: number,
  timeoutMs: number,
): void {
  for (const request of requests) {
    if (request === undefined || nowMs - request.startedMs < timeoutMs) continue
    for (const cluster of CLUSTERS) {
      const isAwaited = (request.awaited & (1 << cluster)) !== 0
      if (!isAwaited || request.status[cluster] !== STATUS.WAITING) continue
      request.reasons[cluster] = 'no answer in time'
      request.settle(cluster, STATUS.TIMED_OUT)
    }
  }
}
