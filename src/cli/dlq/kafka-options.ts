/**
 * How the commands below `scamander dlq` reach Kafka, and which letters are meant.
 * The properties are those of Kafka's own tools (`--command-config`).
 * Invariant: whatever the file says, a walk begins at the oldest letter and a replay waits for all replicas.
 */
import { readPropertiesFile, toRecord } from '../../config/index.ts'
import type { LetterFilter } from '../../connect/index.ts'
import { type KafkaClientSettings, toClientSettings } from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'

export interface KafkaOptions {
  readonly bootstrapServer?: string
  readonly commandConfig?: string
}

export interface FilterOptions {
  readonly connector?: string
  readonly topic?: string
  readonly stage?: string
  readonly error?: string
  readonly since?: number
  readonly until?: number
}

/** Of a consumer that begins with the oldest letter, and of a producer that waits for all. */
export function kafkaSettings(
  { bootstrapServer, commandConfig }: KafkaOptions,
  groupId: string,
  logger: Logger,
): KafkaClientSettings {
  const given = commandConfig === undefined ? {} : toRecord(readPropertiesFile(commandConfig))
  const servers = bootstrapServer ?? given['bootstrap.servers'] ?? 'localhost:9092'
  const fixed = {
    'bootstrap.servers': servers,
    'group.id': groupId,
    'client.id': 'scamander-dlq',
    'auto.offset.reset': 'earliest',
    acks: 'all',
  }
  return toClientSettings({ ...given, ...fixed }, logger)
}

export function filterOf(options: FilterOptions): LetterFilter {
  const { connector, topic, stage, error, since, until } = options
  return { connector, topic, stage, error, sinceMs: since, untilMs: until }
}
