/**
 * Cost of reading a topic: our consumer beside the client library's stream, same broker, one run.
 * Usage: node bench/micro/kafka-fetch.ts BOOTSTRAP_SERVERS [RECORDS] [COMPRESSION]
 * Prints records/s and CPU seconds per million records of this process for each, in turns, so that
 * a busy machine hits both. The topic is made and removed.
 */
import { Consumer } from '@platformatic/kafka'
import {
  RecordProducer,
  TopicAdmin,
  TopicConsumer,
  toClientSettings,
} from '../../src/kafka/index.ts'
import { Logger } from '../../src/telemetry/index.ts'

const [servers, countText = '1000000', compression = 'none'] = process.argv.slice(2)
if (servers === undefined)
  throw new Error('usage: kafka-fetch.ts BOOTSTRAP_SERVERS [RECORDS] [CODEC]')
const count = Number(countText)
const topic = `bench-fetch-${process.pid}`
const logger = Logger.create({ level: 'warn' })
const ROUNDS = 3
const VALUE_BYTES = 130

function settingsOf(group: string) {
  const properties = {
    'bootstrap.servers': servers!,
    'group.id': group,
    'compression.type': compression,
  }
  return toClientSettings({ ...properties, 'linger.ms': '2' }, logger)
}

async function fill(): Promise<void> {
  const producer = new RecordProducer({ settings: settingsOf('none'), logger })
  const value = Buffer.from('0123456789abcdef'.repeat(9).slice(0, VALUE_BYTES))
  const batch = 10_000
  for (let i = 0; i < count; i += batch) {
    const records = Array.from({ length: Math.min(batch, count - i) }, (_, j) => ({
      topic,
      key: Buffer.from(`key-${i + j}`),
      value,
      headers: [],
    }))
    const { failures } = await producer.send(records)
    if (failures[0] !== undefined) throw failures[0].error
  }
  await producer.close()
}

async function readOurs(group: string): Promise<number> {
  const consumer = new TopicConsumer({
    settings: settingsOf(group),
    selection: { topics: [topic] },
    logger,
  })
  const { signal } = new AbortController()
  await consumer.open({ assigned: () => undefined, revoked: () => Promise.resolve() }, signal)
  let seen = 0
  let bytes = 0
  while (seen < count) {
    const { items } = await consumer.read(signal)
    for (const message of items) bytes += message.valueLength
    seen += items.length
  }
  await consumer.close()
  return bytes
}

async function readByStream(group: string): Promise<number> {
  const consumer = new Consumer({
    groupId: group,
    clientId: 'bench',
    bootstrapBrokers: servers!.split(','),
    maxBytes: 8 * 1024 * 1024,
  })
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false })
  let seen = 0
  let bytes = 0
  for await (const message of stream) {
    bytes += (message.value as Buffer).length
    if (++seen === count) break
  }
  await stream.close()
  await consumer.close(true)
  return bytes
}

async function measure(name: string, read: (group: string) => Promise<number>): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    const before = process.cpuUsage()
    const start = performance.now()
    const bytes = await read(`${topic}-${name}-${round}`)
    const seconds = (performance.now() - start) / 1000
    const used = process.cpuUsage(before)
    const cpu = ((used.user + used.system) / 1e6 / count) * 1e6
    const rate = Math.round(count / seconds)
    const mib = (bytes / 2 ** 20 / seconds).toFixed(0)
    const rss = (process.memoryUsage.rss() / 2 ** 20).toFixed(0)
    process.stdout.write(
      `${name} round ${round}: ${rate} records/s, ${mib} MiB/s of values, ` +
        `${cpu.toFixed(2)} CPU s per million, RSS ${rss} MiB\n`,
    )
  }
}

const admin = new TopicAdmin(settingsOf('none').connection)
await admin.createTopic({ name: topic, partitions: 4, replicationFactor: 1 })
try {
  await fill()
  await measure('scamander', readOurs)
  await measure('stream', readByStream)
} finally {
  await admin.deleteTopics([topic])
  await admin.close()
}
