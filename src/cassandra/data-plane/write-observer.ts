/**
 * Told of the requests of a write session, for metrics; given by the owner of the session.
 * Called by the dispatcher once per request, on the hot path: implementations only count.
 * Times are monotonic milliseconds.
 */
export interface WriteObserver {
  /** Confirmed; the latency includes retries within the request's time. */
  onWritten(latencyMs: number, nowMs: number): void
  /** Given up because no answer came in time. */
  onTimeout(): void
}
