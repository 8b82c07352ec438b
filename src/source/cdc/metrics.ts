/**
 * Metrics of capture: agents, queues, delivery. Fed per batch, or read when they are collected.
 * Spec: cdc-replication 9.2.
 * Labels: host ids of nodes, and channels as `labelOfChannel` names them.
 * Metrics of the specification about views of agents and their confirmations have no counterpart
 * (docs/adr/0012-capture-in-one-worker.md).
 */
import { declareMetric } from '../../telemetry/index.ts'

const node = ['node'] as const
const channel = ['channel'] as const

export const CDC_METRICS = {
  records: declareMetric({
    name: 'scamander_cdc_agent_records_read_total',
    kind: 'counter',
    help: 'Records of the commit log that an agent has looked at.',
    labels: node,
  }),
  updates: declareMetric({
    name: 'scamander_cdc_agent_updates_read_total',
    kind: 'counter',
    help: 'Partition updates of captured tables that an agent has read.',
    labels: node,
  }),
  bytes: declareMetric({
    name: 'scamander_cdc_agent_bytes_read_total',
    kind: 'counter',
    help: 'Bytes of the records that an agent has looked at.',
    labels: node,
  }),
  frames: declareMetric({
    name: 'scamander_cdc_agent_frames_enqueued_total',
    kind: 'counter',
    help: 'Partition updates put into the queue of a channel; copies of other replicas are left out.',
    labels: ['node', 'channel'],
  }),
  readLag: declareMetric({
    name: 'scamander_cdc_agent_read_lag_seconds',
    kind: 'gauge',
    help: 'Age of the moment up to which everything logged is queued; grows while an agent does not read.',
    labels: node,
  }),
  caughtUp: declareMetric({
    name: 'scamander_cdc_agent_caught_up_timestamp_seconds',
    kind: 'gauge',
    help: 'Everything logged before this moment is queued.',
    labels: node,
  }),
  copies: declareMetric({
    name: 'scamander_cdc_agent_copies_dropped_total',
    kind: 'counter',
    help: 'Partition updates that another replica had put into the queue before.',
    labels: node,
  }),
  corrupt: declareMetric({
    name: 'scamander_cdc_agent_corrupt_total',
    kind: 'counter',
    help: 'Damaged records, sections and files of the commit log.',
    labels: node,
  }),
  undecodable: declareMetric({
    name: 'scamander_cdc_agent_undecodable_total',
    kind: 'counter',
    help: 'Records of the commit log that no known schema fits.',
    labels: node,
  }),
  rawBytes: declareMetric({
    name: 'scamander_cdc_raw_bytes',
    kind: 'gauge',
    help: "Bytes on disk in a node's cdc_raw folder.",
    labels: node,
  }),
  rawFiles: declareMetric({
    name: 'scamander_cdc_raw_files',
    kind: 'gauge',
    help: "Segments in a node's cdc_raw folder.",
    labels: node,
  }),
  rawLimitBytes: declareMetric({
    name: 'scamander_cdc_raw_limit_bytes',
    kind: 'gauge',
    help: "Limit of a node's cdc_raw folder, at which it refuses writes or deletes segments; 0: not known.",
    labels: node,
  }),
  rawFullSeconds: declareMetric({
    name: 'scamander_cdc_raw_full_in_seconds',
    kind: 'gauge',
    help: "When a node's cdc_raw folder reaches its limit, at the pace of the last minutes; -1: it does not grow.",
    labels: node,
  }),
  overflowBytes: declareMetric({
    name: 'scamander_cdc_overflow_bytes',
    kind: 'gauge',
    help: 'Bytes of the segments that were moved out of cdc_raw and are not read yet.',
    labels: node,
  }),
  gaps: declareMetric({
    name: 'scamander_cdc_gaps',
    kind: 'gauge',
    help: 'Gaps: changes that were made and will not be delivered. No node: a table or a queue has it.',
    labels: ['node', 'state'],
  }),
  queued: declareMetric({
    name: 'scamander_cdc_queue_messages',
    kind: 'gauge',
    help: 'Partition updates that wait for delivery.',
    labels: channel,
  }),
  queuedBytes: declareMetric({
    name: 'scamander_cdc_queue_bytes',
    kind: 'gauge',
    help: 'Bytes of the partition updates that wait for delivery.',
    labels: channel,
  }),
  queueAge: declareMetric({
    name: 'scamander_cdc_queue_oldest_age_seconds',
    kind: 'gauge',
    help: 'Age of the oldest partition update that waits for delivery; 0: none waits.',
    labels: channel,
  }),
  delivered: declareMetric({
    name: 'scamander_cdc_events_delivered_total',
    kind: 'counter',
    help: 'Events handed on, by operation.',
    labels: ['channel', 'op'],
  }),
  duplicates: declareMetric({
    name: 'scamander_cdc_duplicates_dropped_total',
    kind: 'counter',
    help: 'Changes left out because they were given before: copies of other replicas (level update), or contained in the rows of a snapshot (level snapshot).',
    labels: ['channel', 'level'],
  }),
  late: declareMetric({
    name: 'scamander_cdc_late_total',
    kind: 'counter',
    help: 'Events logged ten minutes or more after their write time, and what was done with them: emit, park or drop.',
    labels: ['channel', 'action'],
  }),
  clamped: declareMetric({
    name: 'scamander_cdc_timestamp_clamped_total',
    kind: 'counter',
    help: 'Records that got the present as their time, because brokers refuse the write time.',
    labels: channel,
  }),
  rereads: declareMetric({
    name: 'scamander_cdc_rereads_total',
    kind: 'counter',
    help: 'Rows read again at the source, and why: collection, counter or full.',
    labels: ['channel', 'why'],
  }),
  invalid: declareMetric({
    name: 'scamander_cdc_invalid_messages_total',
    kind: 'counter',
    help: 'Changes that a destination in Cassandra does not take.',
    labels: channel,
  }),
  snapshotPart: declareMetric({
    name: 'scamander_cdc_snapshot_progress_ratio',
    kind: 'gauge',
    help: 'Part of a table that its snapshot has given, from 0 to 1.',
    labels: channel,
  }),
  snapshotRows: declareMetric({
    name: 'scamander_cdc_snapshot_rows_total',
    kind: 'counter',
    help: 'Rows given by snapshots.',
    labels: channel,
  }),
  latency: declareMetric({
    name: 'scamander_cdc_latency_seconds',
    kind: 'histogram',
    help: 'From the write time of a change to reading it (stage read), from there to taking it from the queue (stage queue), and from the write time to handing it on (stage deliver).',
    labels: ['channel', 'stage'],
    buckets: [0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60],
  }),
}
