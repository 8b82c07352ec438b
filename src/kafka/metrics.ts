/**
 * Metrics of the Kafka room. Counters are fed per batch; lag is read when metrics are collected.
 * Labels `connector` and `task` are given by the owner of the consumer or producer.
 * Spec: style, "Logs and metrics".
 */
import { declareMetric } from '../telemetry/index.ts'

const labels = ['connector', 'task'] as const
/** Names that dashboards of Kafka's own clients query. */
const clientLabels = ['clientid', ...labels] as const

export const KAFKA_METRICS = {
  consumedRecords: declareMetric({
    name: 'scamander_kafka_consumed_records_total',
    kind: 'counter',
    help: 'Messages handed out by the consumer.',
    labels,
  }),
  consumedBytes: declareMetric({
    name: 'scamander_kafka_consumed_bytes_total',
    kind: 'counter',
    help: 'Bytes of the messages handed out by the consumer, decompressed.',
    labels,
  }),
  fetchedBytes: declareMetric({
    name: 'scamander_kafka_fetched_bytes_total',
    kind: 'counter',
    help: 'Bytes received from brokers by fetches.',
    labels,
  }),
  lagRecords: declareMetric({
    name: 'scamander_kafka_lag_records',
    kind: 'gauge',
    help: 'Messages behind the end of the log, over all assigned partitions.',
    labels,
  }),
  assignedPartitions: declareMetric({
    name: 'scamander_kafka_assigned_partitions',
    kind: 'gauge',
    help: 'Partitions assigned to the consumer.',
    labels,
  }),
  rebalances: declareMetric({
    name: 'scamander_kafka_rebalances_total',
    kind: 'counter',
    help: 'Assignments received from the consumer group.',
    labels,
  }),
  producedRecords: declareMetric({
    name: 'scamander_kafka_produced_records_total',
    kind: 'counter',
    help: 'Records acknowledged by brokers.',
    labels,
  }),
  produceFailures: declareMetric({
    name: 'scamander_kafka_produce_failures_total',
    kind: 'counter',
    help: 'Records given up by the producer.',
    labels,
  }),
  clientIncoming: declareMetric({
    name: 'kafka_consumer_incoming_byte_total',
    kind: 'counter',
    help: 'Bytes received from brokers by fetches of a consumer.',
    labels: clientLabels,
  }),
  clientOutgoing: declareMetric({
    name: 'kafka_producer_outgoing_byte_total',
    kind: 'counter',
    help: 'Bytes of record batches sent to brokers by a producer.',
    labels: clientLabels,
  }),
  consumerConnections: declareMetric({
    name: 'kafka_consumer_connection_count',
    kind: 'gauge',
    help: 'Open connections of a consumer.',
    labels: clientLabels,
  }),
  producerConnections: declareMetric({
    name: 'kafka_producer_connection_count',
    kind: 'gauge',
    help: 'Open connections of a producer.',
    labels: clientLabels,
  }),
}

/** Where a client's metrics go. */
export interface MetricLabels {
  readonly connector: string
  readonly task: string
}
