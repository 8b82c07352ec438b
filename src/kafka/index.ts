/**
 * The Kafka room: a thin adapter on the Kafka client library, with a hot path of its own for
 * fetching. The library appears nowhere else in the product.
 * Start with `toClientSettings`, then `TopicConsumer`, `RecordProducer` or `TopicAdmin`.
 */
export type { TopicPartition } from './assignors.ts'
export { kafkaNameOf, toKafkaError } from './classify.ts'
export { CLIENT_KEYS, type ClientKey, type ClientKeyName, SILENT_KEYS } from './client-keys.ts'
export { toClientSettings } from './client-settings.ts'
export { Cluster, type ClusterView, type PartitionView, type TopicView } from './cluster.ts'
export { KAFKA_ERRORS } from './errors.ts'
export { fenceProducers } from './fence-producers.ts'
export {
  type GroupHandler,
  GroupMember,
  type GroupSettings,
  type JoinedMember,
} from './group-member.ts'
export { KAFKA_METRICS, type MetricLabels } from './metrics.ts'
export type { ProducerRecord } from './producer-record.ts'
export { murmur2 } from './protocol/murmur2.ts'
export {
  RecordProducer,
  type RecordProducerOptions,
  type SendOutcome,
} from './record-producer.ts'
export { openRegistry } from './registry/registry-client.ts'
export type {
  ConnectionSettings,
  ConsumerSettings,
  KafkaClientSettings,
  ProducerSettings,
} from './settings.ts'
export type { TopicSelection } from './subscription.ts'
export { type GroupState, type NewTopic, type OffsetRange, TopicAdmin } from './topic-admin.ts'
export { type PartitionLag, TopicConsumer, type TopicConsumerOptions } from './topic-consumer.ts'
export { TopicFollower, type TopicFollowerOptions } from './topic-follower.ts'
export {
  type GroupName,
  type PartitionRecords,
  TopicInspector,
  type TopicSetting,
} from './topic-inspector.ts'
export {
  type LogEntry,
  TransactionalWriter,
  type TransactionalWriterOptions,
} from './transactional-writer.ts'
