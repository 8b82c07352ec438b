/**
 * What is known of one cluster: where it is, what it supports, whether it answers.
 * Kept up to date by cluster-probe.ts, read by handshakes, SUPPORTED and readiness.
 * Invariant: what was learned stays when the cluster goes down.
 * Spec: live-migration 2.3, 2.13.
 */
import type { Endpoint } from '../link/endpoint.ts'

export interface ClusterState {
  readonly endpoint: Endpoint
  /** Of SUPPORTED; undefined until the cluster answered once. */
  supported: Readonly<Record<string, readonly string[]>> | undefined
  /** Of 3, 4, 5; empty until known. */
  versions: readonly number[]
  status: 'STARTUP' | 'UP' | 'DOWN'
  failureCount: number
}

export function newClusterState(endpoint: Endpoint): ClusterState {
  return { endpoint, supported: undefined, versions: [], status: 'STARTUP', failureCount: 0 }
}

const ALL = [3, 4, 5]

/** The versions that clients may use: common to the clusters that are known and to the setting. */
export function admittedVersions(
  clusters: readonly ClusterState[],
  wanted: readonly number[],
): number[] {
  let versions = wanted.length > 0 ? ALL.filter(version => wanted.includes(version)) : ALL
  for (const { versions: theirs } of clusters) {
    if (theirs.length > 0) versions = versions.filter(version => theirs.includes(version))
  }
  return versions
}

/** Does the cluster offer this algorithm? Names are matched without case. */
export function offersCompression(cluster: ClusterState, name: string): boolean {
  const offered = cluster.supported?.['COMPRESSION'] ?? []
  return offered.some(one => one.toLowerCase() === name)
}
