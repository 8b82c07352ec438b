/**
 * Metrics of capture: agents, queues, delivery. Fed per batch, or read when they are collected.
 * Spec: cdc-replication 9.2.
 * Labels: host ids of nodes, and channels as keyspace.table/destination.
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
  frames: declareMetric({
    name: 'scamander_cdc_agent_frames_enqueued_total',
    kind: 'counter',
    help: 'Partition updates put into queues.',
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
  gaps: declareMetric({
    name: 'scamander_cdc_gaps',
    kind: 'gauge',
    help: 'Segments that vanished unread and were not acknowledged yet.',
    labels: node,
  }),
  queued: declareMetric({
    name: 'scamander_cdc_queue_messages',
    kind: 'gauge',
    help: 'Partition updates that wait for delivery.',
    labels: channel,
  }),
  delivered: declareMetric({
    name: 'scamander_cdc_events_delivered_total',
    kind: 'counter',
    help: 'Events handed on, by operation.',
    labels: ['channel', 'op'],
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
    help: 'From the write time of a change to reading it (stage read), and to handing it on (stage deliver).',
    labels: ['channel', 'stage'],
    buckets: [0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60],
  }),
}
