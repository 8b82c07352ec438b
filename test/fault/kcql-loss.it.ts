/**
 * Cassandra killed and the worker killed under a classic KCQL sink: nothing is lost, and rows end as
 * the last record of their key says, deletes included, although the sink's own clock times them.
 * The last number of each id shows the order of writes, the journal that every record was written.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Producer } from '@platformatic/kafka'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FaultScene, order } from '../support/faults.ts'
import { type Settings, until } from '../support/standalone.ts'

const PARTITIONS = 3
const IDS = 40
const RECORDS = 3_000
const PER_SEND = 60
let scene: FaultScene

beforeEach(async () => {
  scene = await FaultScene.open(PARTITIONS)
})
afterEach(async () => {
  await scene.close()
})

function classic(): Settings {
  const { contactPoints, port } = scene.cassandra
  const topic = scene.topic.name
  return {
    name: scene.name,
    'connector.class': 'io.lenses.streamreactor.connect.cassandra.sink.CassandraSinkConnector',
    topics: topic,
    'connect.cassandra.kcql': `INSERT INTO state SELECT id, seq, body FROM ${topic}; INSERT INTO journal SELECT part, seq FROM ${topic}`,
    'connect.cassandra.contact.points': contactPoints.join(','),
    'connect.cassandra.port': String(port),
    'connect.cassandra.key.space': scene.keyspace.name,
    'connect.cassandra.delete.enabled': 'true',
    'connect.cassandra.delete.statement': 'DELETE FROM state WHERE id = ?',
    'connect.cassandra.delete.struct_flds': 'id',
    'connect.cassandra.error.policy': 'RETRY',
    'connect.cassandra.max.retries': '-1',
    'connect.cassandra.retry.interval': '500',
  }
}

const isDelete = (seq: number) => seq % 13 === 12
const idOf = (part: number, seq: number) => `${part}-${(seq * 7) % IDS}`

/** The same number of records to each partition, slowly enough to last longer than the fault. */
async function produce(): Promise<void> {
  const bootstrapBrokers = scene.kafka.bootstrapServers.split(',')
  const producer = new Producer({ clientId: 'scamander-ledger', bootstrapBrokers })
  for (let from = 0; from < RECORDS; from += PER_SEND) {
    for (let part = 0; part < PARTITIONS; part++) {
      const messages = Array.from({ length: PER_SEND }, (_, i) => message(part, from + i))
      await producer.send({ messages, acks: -1 })
    }
    await sleep(250)
  }
  await producer.close()
}

function message(part: number, seq: number) {
  const id = idOf(part, seq)
  const value = JSON.stringify({ id, part, seq, body: `body ${seq}` })
  return {
    topic: scene.topic.name,
    partition: part,
    key: Buffer.from(JSON.stringify({ id })),
    ...(isDelete(seq) ? {} : { value: Buffer.from(value) }),
  }
}

async function finished(): Promise<void> {
  await until(
    'all offsets',
    async () => {
      const committed = await scene.committed().catch(() => [])
      return committed.length === PARTITIONS && committed.every(one => one === RECORDS)
    },
    90_000,
  )
}

async function verify(): Promise<void> {
  const { client, name } = scene.keyspace
  const expected = new Map<string, number>()
  let inserts = 0
  for (let part = 0; part < PARTITIONS; part++) {
    for (let seq = 0; seq < RECORDS; seq++) {
      if (isDelete(seq)) expected.delete(idOf(part, seq))
      else expected.set(idOf(part, seq), seq)
      inserts += isDelete(seq) ? 0 : 1
    }
  }
  const state = await client.execute(`SELECT id, seq FROM ${name}.state`, [], { fetchSize: 50_000 })
  const found = new Map(state.rows.map(row => [String(row['id']), Number(row['seq'])]))
  expect([...found].sort()).toEqual([...expected].sort())
  const journal = await client.execute(`SELECT count(*) AS n FROM ${name}.journal`)
  expect(Number(journal.first()['n'])).toBe(inserts)
}

const some = () =>
  until('progress', async () => (await scene.committed()).some(offset => offset > 200), 60_000)

it('kill -9 and restart of Cassandra', async () => {
  const worker = await scene.startWorker(classic())
  const producing = produce()
  await some()
  await order('cassandra', 'kill')
  await sleep(4_000)
  await order('cassandra', 'start')
  await producing
  await finished()
  expect(await scene.isRunning(worker)).toBe(true)
  await verify()
})

it('kill -9 of the worker, twice', async () => {
  const producing = produce()
  for (let round = 0; round < 2; round++) {
    const worker = await scene.startWorker(classic())
    await some()
    await sleep(500 + Math.random() * 1_500)
    await worker.kill('SIGKILL')
  }
  await scene.startWorker(classic())
  await producing
  await finished()
  await verify()
})
