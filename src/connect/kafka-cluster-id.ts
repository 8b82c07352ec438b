/**
 * Asks Kafka who it is. Called once when a worker that runs alone starts: a worker whose brokers do
 * not answer does not start.
 * Invariant: the error names the addresses that were tried, never a login.
 * Spec: connect-rest 2.1 (kafka_cluster_id), 6.
 */
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import type { ConfigSource } from '../config/index.ts'
import { TopicAdmin } from '../kafka/index.ts'
import { workerClientSettings } from './client-properties.ts'
import { CONNECT_ERRORS } from './errors.ts'

const TIMEOUT_MS = 10_000

export async function fetchKafkaClusterId(worker: ConfigSource): Promise<string> {
  const timeout = { 'default.api.timeout.ms': String(TIMEOUT_MS) }
  const { connection } = workerClientSettings(worker, timeout)
  const admin = new TopicAdmin(connection)
  try {
    return await admin.clusterId()
  } catch (error) {
    if (!isScamanderError(error) || error.kind === 'config') throw error
    const servers = connection.bootstrapServers.map(({ host, port }) => `${host}:${port}`)
    const message = `bootstrap.servers: expected a Kafka broker at ${servers.join(', ')}, found none: ${error.message}`
    throw new ScamanderError(CONNECT_ERRORS.BOOTSTRAP, message, { cause: error })
  } finally {
    await admin.close()
  }
}
