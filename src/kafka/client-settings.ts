/**
 * Turns Java client properties (`consumer.override.…`, worker keys) into the settings of our clients.
 * Called by connect and demo for every consumer, producer and admin.
 * Invariants: an unknown key is one warning and never fatal; a bad value is a config error that
 * names the key, what was found and what is expected; later sources of properties win before this.
 * Spec: connect-rest 10.
 */
import type { Logger } from '../telemetry/index.ts'
import { CLIENT_KEYS, SILENT_KEYS } from './client-keys.ts'
import { badValue, KeyValues } from './key-values.ts'
import { toSaslSettings, toTlsOptions } from './security-settings.ts'
import type {
  AssignorName,
  BrokerAddress,
  ConnectionSettings,
  ConsumerSettings,
  KafkaClientSettings,
  OffsetReset,
  ProducerSettings,
} from './settings.ts'

const MIB = 1024 * 1024

/** Limits without a Java name. */
const POLL_BYTES_MAX = 4 * MIB
const POLL_WAIT_MS = 500
const PREFETCH_BYTES_MAX = 1.5 * MIB
const UNREACHABLE_MS_MAX = 600_000

/** `properties` by Java name, without a prefix. */
export function toClientSettings(
  properties: Readonly<Record<string, string>>,
  logger: Logger,
): KafkaClientSettings {
  for (const key of Object.keys(properties)) {
    if (key in CLIENT_KEYS || SILENT_KEYS.has(key)) continue
    logger.warn(`Kafka client setting ${key} is not known and has no effect: remove it`, { key })
  }
  const values = new KeyValues(properties)
  values.checkAll()
  return {
    connection: toConnection(values),
    consumer: toConsumer(values, logger),
    producer: toProducer(values),
  }
}

function toConnection(values: KeyValues): ConnectionSettings {
  const backoffMs = values.int('retry.backoff.ms')
  return {
    bootstrapServers: toAddresses(values.list('bootstrap.servers')),
    clientId: values.text('client.id')!,
    tls: toTlsOptions(values),
    sasl: toSaslSettings(values),
    connectTimeoutMs: values.int('socket.connection.setup.timeout.ms'),
    requestTimeoutMs: values.int('request.timeout.ms'),
    retryBackoffMs: backoffMs,
    retryBackoffMsMax: Math.max(backoffMs, values.int('retry.backoff.max.ms')),
    metadataAgeMsMax: values.int('metadata.max.age.ms'),
    callTimeoutMs: values.int('default.api.timeout.ms'),
    rack: values.text('client.rack')!,
  }
}

function toConsumer(values: KeyValues, logger: Logger): ConsumerSettings {
  const sessionTimeoutMs = values.int('session.timeout.ms')
  const heartbeatIntervalMs = values.int('heartbeat.interval.ms')
  if (heartbeatIntervalMs >= sessionTimeoutMs) {
    const expected = `less than session.timeout.ms (${sessionTimeoutMs})`
    throw badValue('heartbeat.interval.ms', String(heartbeatIntervalMs), expected)
  }
  if (values.text('group.protocol') === 'consumer') {
    logger.warn('group.protocol=consumer is not supported: the classic protocol is used')
  }
  return {
    groupId: values.text('group.id')!,
    groupInstanceId: values.text('group.instance.id') || undefined,
    assignors: toAssignors(values.list('partition.assignment.strategy')),
    offsetReset: values.text('auto.offset.reset') as OffsetReset,
    readCommitted: values.text('isolation.level') === 'read_committed',
    sessionTimeoutMs,
    heartbeatIntervalMs,
    pollIntervalMsMax: values.int('max.poll.interval.ms'),
    pollRecordsMax: values.int('max.poll.records'),
    pollBytesMax: POLL_BYTES_MAX,
    pollWaitMs: POLL_WAIT_MS,
    fetchBytesMin: values.int('fetch.min.bytes'),
    fetchBytesMax: values.int('fetch.max.bytes'),
    fetchWaitMsMax: values.int('fetch.max.wait.ms'),
    partitionFetchBytesMax: values.int('max.partition.fetch.bytes'),
    prefetchBytesMax: Math.max(PREFETCH_BYTES_MAX, values.int('max.partition.fetch.bytes')),
    checkCrcs: values.flag('check.crcs'),
    allowAutoCreateTopics: values.flag('allow.auto.create.topics'),
    unreachableMsMax: UNREACHABLE_MS_MAX,
  }
}

function toProducer(values: KeyValues): ProducerSettings {
  const text = values.text('acks')!
  const acks = text === 'all' || text === '-1' ? -1 : text === '1' ? 1 : 0
  return {
    acks,
    compression: values.text('compression.type') as ProducerSettings['compression'],
    lingerMs: values.int('linger.ms'),
    batchBytesMax: values.int('batch.size'),
    bufferBytesMax: values.int('buffer.memory'),
    requestBytesMax: values.int('max.request.size'),
    deliveryTimeoutMs: values.int('delivery.timeout.ms'),
    blockMsMax: values.int('max.block.ms'),
    isIdempotent: acks === -1 && values.flag('enable.idempotence'),
    // No key: who does not end transactions must not begin one. See `ProducerSettings`.
    transactionalId: undefined,
    transactionTimeoutMs: values.int('transaction.timeout.ms'),
  }
}

function toAddresses(servers: readonly string[]): BrokerAddress[] {
  if (servers.length === 0) throw badValue('bootstrap.servers', '', 'at least one host:port')
  return servers.map(server => {
    // Java allows a protocol in front, and brackets around an IPv6 address.
    const match = /^(?:[A-Za-z_]+:\/\/)?(?:\[([^\]]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(server)
    const port = Number(match?.[3])
    if (match === null || port < 1 || port > 65_535) {
      throw badValue('bootstrap.servers', server, 'host:port')
    }
    return { host: match[1] ?? match[2]!, port }
  })
}

const ASSIGNORS: Readonly<Record<string, AssignorName>> = {
  range: 'range',
  roundrobin: 'roundrobin',
  'cooperative-sticky': 'cooperative-sticky',
  RangeAssignor: 'range',
  RoundRobinAssignor: 'roundrobin',
  CooperativeStickyAssignor: 'cooperative-sticky',
}

function toAssignors(names: readonly string[]): AssignorName[] {
  if (names.length === 0) throw badValue('partition.assignment.strategy', '', 'at least one')
  const known = names.map(name => {
    const assignor = ASSIGNORS[name.slice(name.lastIndexOf('.') + 1)]
    if (assignor !== undefined) return assignor
    const expected = "range, roundrobin or cooperative-sticky (or Kafka's class of that name)"
    throw badValue('partition.assignment.strategy', name, expected)
  })
  return [...new Set(known)]
}
