/**
 * What one thread of the proxy tells about itself; data only, posted between threads and merged.
 * Made by proxy-node.ts, read by the control server.
 * Invariant: holds numbers and names, nothing that a client sent.
 */
import type { SeriesSnapshot } from './meters.ts'

export interface ClusterReport {
  readonly label: string
  readonly address: string
  readonly status: 'STARTUP' | 'UP' | 'DOWN'
  readonly failureCount: number
  readonly versions: readonly number[]
}

export interface ProxyReport {
  readonly series: readonly SeriesSnapshot[]
  readonly clusters: readonly ClusterReport[]
}
