/**
 * Kafka for a test: a topic of its own.
 * Used by integration and fault tests. The client library is used directly, as an outside producer would.
 * Invariant: topic names are unique, so test files never see each other's records.
 */
import { randomBytes } from 'node:crypto'
import { Admin } from '@platformatic/kafka'
import { inject } from 'vitest'
import type { KafkaDescription } from '../../src/sandbox/index.ts'

export interface TestTopic extends AsyncDisposable {
  readonly name: string
  readonly bootstrapServers: string
  drop(): Promise<void>
}

/** The Kafka of the shared sandbox. */
export function testKafka(): KafkaDescription {
  const { kafka } = inject('sandbox')
  if (kafka === undefined) throw new Error('the shared sandbox has no Kafka')
  return kafka
}

/** Makes a topic; `await using` or `drop` removes it. */
export async function testTopic(
  partitions = 1,
  kafka: KafkaDescription = testKafka(),
): Promise<TestTopic> {
  const name = `t-${randomBytes(6).toString('hex')}`
  const { bootstrapServers } = kafka
  const bootstrapBrokers = bootstrapServers.split(',')
  const admin = new Admin({ clientId: 'scamander-test', bootstrapBrokers })
  await admin.createTopics({ topics: [name], partitions, replicas: 1 })
  const drop = async () => {
    await admin.deleteTopics({ topics: [name] })
    await admin.close()
  }
  return { name, bootstrapServers, drop, [Symbol.asyncDispose]: drop }
}
