/**
 * Descriptors of every metric of the proxy, both families: the names of the Azure proxy, so that its
 * dashboards work, and ours. docs/reference/metrics.md is generated from them.
 * Invariant: labels come from closed sets, tables are capped.
 * Spec: live-migration 1.6, 2.13.
 */
import { declareMetric, type MetricDescriptor } from '../telemetry/index.ts'

const OPERATION_LABELS = ['requestOpcode', 'requestState']
const BOUNDS_MS = [
  1, 4, 7, 10, 25, 40, 60, 80, 100, 150, 250, 500, 1000, 2500, 5000, 10_000, 15_000,
]
const BOUNDS = BOUNDS_MS.map(ms => ms / 1000)

/** A timer of the Azure proxy: count, sum and the longest, without buckets. */
function timer(name: string, help: string, labels: readonly string[]): MetricDescriptor {
  return declareMetric({ name: `${name}_seconds`, kind: 'histogram', help, labels, buckets: [] })
}

function counter(name: string, help: string, labels: readonly string[] = []): MetricDescriptor {
  return declareMetric({ name: `${name}_total`, kind: 'counter', help, labels })
}

function ours(
  name: string,
  kind: MetricDescriptor['kind'],
  help: string,
  labels: readonly string[] = [],
): MetricDescriptor {
  const buckets = kind === 'histogram' ? { buckets: BOUNDS } : {}
  return declareMetric({ name: `scamander_proxy_${name}`, kind, help, labels, ...buckets })
}

export const METRICS = {
  operation: timer(
    'cassandraProxy_cqlOperation_timer',
    'Requests until the client has its answer.',
    OPERATION_LABELS,
  ),
  operationSource: timer(
    'cassandraProxy_cqlOperationSourceCassandra_timer',
    'Round trips to the source.',
    OPERATION_LABELS,
  ),
  operationTarget: timer(
    'cassandraProxy_cqlOperationTargetCassandra_timer',
    'Round trips to the target.',
    OPERATION_LABELS,
  ),
  serverErrors: counter(
    'cassandraProxy_cqlOperation_cqlServerErrorCount',
    'Errors that clients got.',
  ),
  differentResults: counter(
    'cassandraProxy_cqlOperation_cqlDifferentResultCount',
    'Answers of the clusters that differed.',
  ),
  clientPaused: timer(
    'cassandraProxy_clientSocket_paused',
    'Clusters not read because of a slow client.',
    [],
  ),
  serverPaused: timer(
    'cassandraProxy_serverSocket_paused',
    'Clients not read because of a slow cluster.',
    ['severIdentifier', 'serverIdentifier'],
  ),
  clients: ours('client_connections', 'gauge', 'Client connections.'),
  sourceLinks: ours('source_connections', 'gauge', 'Connections to the source.'),
  targetLinks: ours('target_connections', 'gauge', 'Connections to the target.'),
  asyncLinks: ours('async_connections', 'gauge', 'Connections for reads that are not waited for.'),
  inFlight: ours('inflight_requests', 'gauge', 'Requests without an answer yet.', ['class']),
  failedConnections: ours('failed_connections_total', 'counter', 'Connections refused or lost.', [
    'cluster',
  ]),
  requests: ours('requests_total', 'counter', 'Requests answered.', ['opcode', 'class', 'routed']),
  duration: ours(
    'request_duration_seconds',
    'histogram',
    'Requests until the client has its answer.',
    ['class'],
  ),
  clusterDuration: ours(
    'cluster_request_duration_seconds',
    'histogram',
    'Round trips to a cluster.',
    ['cluster'],
  ),
  failedReads: ours('failed_reads_total', 'counter', 'Reads that failed on a cluster.', [
    'cluster',
  ]),
  failedWrites: ours(
    'failed_writes_total',
    'counter',
    'Writes that failed on one cluster or both.',
    ['failed_on'],
  ),
  clusterErrors: ours('cluster_errors_total', 'counter', 'Errors of a cluster by kind.', [
    'cluster',
    'error',
  ]),
  usedStreams: ours('used_stream_ids', 'gauge', 'Requests in flight on cluster connections.', [
    'cluster',
  ]),
  cacheEntries: ours('prepared_cache_entries', 'gauge', 'Prepared statements remembered.'),
  cacheMisses: ours(
    'prepared_cache_miss_total',
    'counter',
    'EXECUTE and BATCH with an unknown id.',
  ),
  metadataMismatches: ours(
    'prepare_metadata_mismatch_total',
    'counter',
    'Statements whose variables differ between the clusters.',
  ),
  lwt: ours('lwt_total', 'counter', 'Conditional writes.'),
  appliedMismatches: ours(
    'lwt_applied_mismatch_total',
    'counter',
    'Conditional writes applied by one cluster only.',
  ),
  nondeterministic: ours(
    'nondeterministic_write_total',
    'counter',
    'Writes that call now(), uuid() or the like.',
  ),
  sourceOnlyWrites: ours(
    'source_only_writes_total',
    'counter',
    'Writes that the target was not asked for.',
    ['reason'],
  ),
  asyncQueue: ours('async_queue_length', 'gauge', 'Writes that the target still owes an answer.'),
  asyncOldest: ours(
    'async_oldest_seconds',
    'gauge',
    'Age of the oldest write that waits for the target.',
  ),
  journalEntries: ours('journal_entries', 'gauge', 'Entries written to the journal.'),
  journalLost: ours(
    'journal_lost_total',
    'counter',
    'Writes that the journal could not keep: it was full or the disk refused.',
  ),
  journalRefused: ours(
    'journal_refused_total',
    'counter',
    'Writes refused because the journal was full.',
  ),
  okByTable: ours('writes_ok_total', 'counter', 'Writes by table that a cluster took.', [
    'cluster',
    'keyspace',
    'table',
  ]),
  failedByTable: ours('writes_failed_total', 'counter', 'Writes by table that a cluster failed.', [
    'cluster',
    'keyspace',
    'table',
  ]),
  skippedByTable: ours(
    'writes_skipped_total',
    'counter',
    'Writes by table that the target was not asked for.',
    ['keyspace', 'table'],
  ),
} as const
