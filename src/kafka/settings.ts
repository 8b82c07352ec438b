/**
 * The settings of the Kafka clients as the rest of the room uses them: parsed, checked, in our units.
 * Made by `client-settings.ts` from Java client properties; read by the cluster, consumer, producer
 * and admin. All times are milliseconds, all sizes bytes.
 */
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { CompressionName } from './protocol/compression.ts'

export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

export type SaslSettings =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  | {
      readonly mechanism: 'OAUTHBEARER'
      /** A fresh token for each connection. */
      readonly token: () => Promise<string>
    }

/** How to reach the cluster; shared by consumers, producers and admins. */
export interface ConnectionSettings {
  readonly bootstrapServers: readonly BrokerAddress[]
  readonly clientId: string
  /** Undefined: no TLS. */
  readonly tls: TlsOptions | undefined
  /** Undefined: no SASL. */
  readonly sasl: SaslSettings | undefined
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMsMax: number
  readonly metadataAgeMsMax: number
  /** Limit for one call with all its retries (commit, offsets, admin). */
  readonly callTimeoutMs: number
  /** Nearest replicas are preferred for fetching; empty: none. */
  readonly rack: string
}

export type AssignorName = 'range' | 'roundrobin' | 'cooperative-sticky'
export type OffsetReset = 'earliest' | 'latest' | 'none'

export interface ConsumerSettings {
  readonly groupId: string
  readonly groupInstanceId: string | undefined
  readonly assignors: readonly AssignorName[]
  readonly offsetReset: OffsetReset
  readonly readCommitted: boolean
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** Longest time between two reads, and for giving partitions up in a rebalance. */
  readonly pollIntervalMsMax: number
  /** Most messages of one read. */
  readonly pollRecordsMax: number
  /** `read` stops adding messages once a batch holds this many bytes. */
  readonly pollBytesMax: number
  /** `read` returns an empty batch after this time without a message. */
  readonly pollWaitMs: number
  readonly fetchBytesMin: number
  readonly fetchBytesMax: number
  readonly fetchWaitMsMax: number
  readonly partitionFetchBytesMax: number
  /** Fetching stops while this much is buffered. */
  readonly prefetchBytesMax: number
  readonly checkCrcs: boolean
  readonly allowAutoCreateTopics: boolean
  /** `read` throws `disconnected` after this time without any broker. */
  readonly unreachableMsMax: number
}

export interface ProducerSettings {
  /** -1: all in-sync replicas. */
  readonly acks: -1 | 0 | 1
  readonly compression: CompressionName
  readonly lingerMs: number
  readonly batchBytesMax: number
  readonly bufferBytesMax: number
  readonly requestBytesMax: number
  readonly deliveryTimeoutMs: number
  readonly blockMsMax: number
  /** Batches are numbered, so that a repeated one is not written twice. */
  readonly isIdempotent: boolean
  /** Records are part of transactions. */
  readonly transactionalId: string | undefined
  /** The coordinator aborts a transaction that is open for longer. */
  readonly transactionTimeoutMs: number
}

export interface KafkaClientSettings {
  readonly connection: ConnectionSettings
  readonly consumer: ConsumerSettings
  readonly producer: ProducerSettings
}
