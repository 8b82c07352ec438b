/**
 * `scamander dlq list`: which connectors of a worker have a dead-letter topic, and how many letters
 * are in it. Counts are differences of offsets; Kafka may have deleted some of them.
 * Asks the REST API for the configurations and Kafka for the topics.
 */
import type { ExpandedConnector } from '../../api.ts'
import { TopicAdmin } from '../../kafka/index.ts'
import { type CommandContext, type CommonOptions, loggerOf } from '../command-context.ts'
import { type ConnectOptions, clientOf } from '../connect/client-options.ts'
import { type KafkaOptions, kafkaSettings } from './kafka-options.ts'

const KEY = 'errors.deadletterqueue.topic.name'

interface LetterTopic {
  readonly topic: string
  readonly connector: string
  /** Undefined: the topic does not exist yet. */
  letters: number | undefined
}

export async function listLetterTopics(
  options: ConnectOptions & KafkaOptions & CommonOptions,
  context: CommandContext,
): Promise<void> {
  const client = clientOf(options, context)
  const expanded = await client.rest.call<Record<string, ExpandedConnector>>(
    'GET',
    '/connectors?expand=info',
  )
  const topics: LetterTopic[] = Object.entries(expanded).flatMap(([connector, { info }]) => {
    const topic = info?.config[KEY]?.trim() ?? ''
    return topic === '' ? [] : [{ topic, connector, letters: undefined }]
  })
  if (topics.length > 0) await count(topics, options)
  const rows = topics.map(one => [one.topic, one.connector, one.letters ?? 'no topic yet'])
  client.show(topics, ['TOPIC', 'CONNECTOR', 'LETTERS'], rows)
}

async function count(topics: LetterTopic[], options: KafkaOptions & CommonOptions): Promise<void> {
  const settings = kafkaSettings(options, 'scamander-dlq', loggerOf(options))
  const admin = new TopicAdmin(settings.connection)
  try {
    const ranges = await admin.offsetRanges([...new Set(topics.map(one => one.topic))])
    for (const one of topics) {
      const own = ranges.filter(range => range.topic === one.topic)
      if (own.length > 0) one.letters = own.reduce((sum, { start, end }) => sum + end - start, 0)
    }
  } finally {
    await admin.close()
  }
}
