/**
 * How much may be under way at once, in requests and in bytes, shared by all tasks of a connector.
 * Invariant: every `take` is followed by one `release` of the same bytes.
 * Spec: cassandra-sink 3.1 (maxConcurrentRequests), 6.3.
 */
export class RequestLimits {
  readonly requestsMax: number
  readonly bytesMax: number
  requests = 0
  bytes = 0
  /** The most requests that were ever under way; for tests and metrics. */
  requestsHigh = 0

  constructor(requestsMax: number, bytesMax: number) {
    this.requestsMax = requestsMax
    this.bytesMax = bytesMax
  }

  /** One request of any size is always let through when nothing is under way. */
  hasRoom(bytes: number): boolean {
    if (this.requests >= this.requestsMax) return false
    return this.requests === 0 || this.bytes + bytes <= this.bytesMax
  }

  take(bytes: number): void {
    this.requests += 1
    this.bytes += bytes
    if (this.requests > this.requestsHigh) this.requestsHigh = this.requests
  }

  release(bytes: number): void {
    this.requests -= 1
    this.bytes -= bytes
  }
}
