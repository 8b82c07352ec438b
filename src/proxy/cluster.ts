/**
 * The two clusters by index, so that per-cluster state is an array of two and routing is arithmetic.
 * Used by every file of the room.
 * Invariant: SOURCE is the cluster in production when the migration starts; the indexes never swap
 * when reads are switched to the target.
 */
export const SOURCE = 0
export const TARGET = 1
export type Cluster = typeof SOURCE | typeof TARGET
export const CLUSTERS: readonly Cluster[] = [SOURCE, TARGET]

export type ClusterName = 'source' | 'target'

export function clusterName(cluster: Cluster): ClusterName {
  return cluster === SOURCE ? 'source' : 'target'
}

export function otherCluster(cluster: Cluster): Cluster {
  return cluster === SOURCE ? TARGET : SOURCE
}

/** One value per cluster. */
export type Pair<T> = [source: T, target: T]
