/**
 * Client: the same Kafka consumer feeding cassandra-driver, as a careful program would: one prepared
 * INSERT, 256 requests in flight over batch borders, JSON.parse, ISO text to Date, offsets committed
 * after their records are written.
 */
import { Client, types } from 'cassandra-driver'
import type { RawMessage } from '../../../src/flow/index.ts'
import { TopicConsumer, toClientSettings } from '../../../src/kafka/index.ts'
import { Logger } from '../../../src/telemetry/index.ts'
import { Progress, readJob } from './job.ts'
import { COLUMNS, KEYSPACE } from './record-shape.ts'

interface Order {
  readonly id: number
  readonly name: string
  readonly at: string
  readonly amount: number
  readonly quantity: number
  readonly active: boolean
  readonly note: string
}

const IN_FLIGHT_MAX = 256
const COMMIT_MS = 5_000

const job = readJob()
const logger = Logger.create({ level: 'warn' })
const client = new Client({
  contactPoints: ['127.0.0.1'],
  localDataCenter: job.localDc,
  protocolOptions: { port: job.cassandraPort },
})
await client.connect()
const holders = COLUMNS.map(() => '?').join(', ')
const insert = `INSERT INTO ${KEYSPACE}.${job.table} (${COLUMNS.join(', ')}) VALUES (${holders})`
const options = { prepare: true, isIdempotent: true, consistency: types.consistencies.localOne }

const consumer = new TopicConsumer({
  settings: toClientSettings(
    {
      'bootstrap.servers': job.bootstrapServers,
      'group.id': job.group,
      'auto.offset.reset': 'earliest',
    },
    logger,
  ),
  selection: { topics: [job.topic] },
  logger,
})
const ending = new AbortController()
const listener = { assigned: () => undefined, revoked: async () => undefined }
await consumer.open(listener, ending.signal)

const progress = new Progress(job)
let written = 0
let inFlight = 0
let wake: (() => void) | undefined
let failure: unknown

const onDone = () => {
  written += 1
  inFlight -= 1
  progress.update(written)
  wake?.()
}
const onError = (error: unknown) => {
  failure = error
  wake?.()
}

let batches: { done: Promise<unknown>; positions: Map<string, RawMessage> }[] = []
let committedMs = performance.now()
while (!progress.isDone) {
  const { items } = await consumer.read(ending.signal)
  const positions = new Map<string, RawMessage>()
  let last: Promise<unknown> = Promise.resolve()
  for (const item of items) {
    while (inFlight >= IN_FLIGHT_MAX && failure === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await promise
    }
    if (failure !== undefined) throw failure
    const order = JSON.parse(item.value()!.toString()) as Order
    const { id, name, at, amount, quantity, active, note } = order
    const params = [id, name, new Date(at), amount, quantity, active, note]
    inFlight += 1
    last = client.execute(insert, params, options).then(onDone, onError)
    positions.set(`${item.partition}`, item)
  }
  batches.push({ done: last, positions })
  if (performance.now() - committedMs > COMMIT_MS) await commit()
  if (items.length === 0 || batches.length > 1_000) await commit()
}
await commit()
await consumer.close()
await client.shutdown()
process.disconnect?.()

/** Everything that was sent is awaited first, so a committed offset never passes a record. */
async function commit(): Promise<void> {
  await Promise.all(batches.map(batch => batch.done))
  while (inFlight > 0 && failure === undefined) await new Promise(resolve => setTimeout(resolve, 1))
  if (failure !== undefined) throw failure
  const latest = new Map(batches.flatMap(batch => [...batch.positions]))
  batches = []
  committedMs = performance.now()
  await consumer.commit(
    [...latest.values()].map(({ topic, partition, offset }) => ({
      topic,
      partition,
      offset: offset + 1,
    })),
  )
}
