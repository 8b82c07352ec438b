/**
 * The Kafka room's consumer against a real broker: membership, order, offsets, rebalances, faults.
 * The broker that is killed is one of this file's own; all other cases use the shared sandbox.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Producer } from '@platformatic/kafka'
import { afterEach, describe, expect, it } from 'vitest'
import type { RawMessage } from '../../src/flow/index.ts'
import { TopicConsumer } from '../../src/kafka/index.ts'
import { startSandbox } from '../../src/sandbox/index.ts'
import { MetricRegistry } from '../../src/telemetry/index.ts'
import {
  admin,
  bootstrapServers,
  closeAll,
  closing,
  logger,
  newTopic,
  produce,
  Reader,
  settingsOf,
  useBroker,
} from '../support/topic-reader.ts'

afterEach(closeAll)

describe('TopicConsumer', () => {
  it('reads everything once, in order, with keys, headers and timestamps', async () => {
    const topic = await newTopic(3)
    await produce(topic, 20_000)
    const reader = await new Reader({ topics: [topic] }, { 'max.poll.records': '700' }).open()
    const first = await reader
      .readOnce()
      .then(async items => (items.length > 0 ? items : reader.readOnce()))
    expect(first.length).toBeLessThanOrEqual(700)
    for (const message of first) {
      const n = message.timestampMs - 1_700_000_000_000
      expect(message.key()?.toString()).toBe(`key ${n}`)
      expect(message.value()?.toString()).toBe(`value ${n}`)
      expect(message.headers).toEqual(
        n % 10 === 0 ? [{ name: 'n', value: Buffer.from(`${n}`) }] : [],
      )
    }
    await reader.readUntil(() => reader.values.size === 20_000)
    expect([...reader.values.values()].every(times => times === 1)).toBe(true)
    expect(reader.given.map(position => position.offset)).toEqual([-1, -1, -1])
    expect(reader.consumer.lags().map(one => one.lag)).toEqual([0, 0, 0])
    expect(reader.consumer.totals.records).toBe(20_000)
  })

  it('resumes at the commit, and gives the metadata text back', async () => {
    const topic = await newTopic()
    await produce(topic, 1_000)
    const group = { 'group.id': `g-${topic}`, 'max.poll.records': '300' }
    const first = await new Reader({ topics: [topic] }, group).open()
    await first.readUntil(() => first.values.size >= 300)
    await first.commitAll('lowest 7')
    const committed = first.next.get(`${topic}-0`)!.offset
    await first.consumer.close()
    const second = await new Reader({ topics: [topic] }, group).open()
    await second.readUntil(() => second.values.size === 1_000 - committed)
    expect(second.given).toEqual([{ topic, partition: 0, offset: committed, metadata: 'lowest 7' }])
    expect(second.values.has(`value ${committed}`)).toBe(true)
    expect(second.values.has(`value ${committed - 1}`)).toBe(false)
  })

  it('seeks back and forth, dropping what was fetched', async () => {
    const topic = await newTopic()
    await produce(topic, 500)
    const reader = await new Reader({ topics: [topic] }, { 'max.poll.records': '50' }).open()
    await reader.readUntil(() => reader.values.size >= 50)
    reader.consumer.seek({ topic, partition: 0, offset: 10 })
    reader.next.clear()
    const again = await reader
      .readOnce()
      .then(async items => (items.length > 0 ? items : reader.readOnce()))
    expect(again[0]?.offset).toBe(10)
    reader.consumer.seek({ topic, partition: 0, offset: 490 })
    let items: readonly RawMessage[] = []
    while (items.length === 0) items = await reader.readOnce()
    expect(items[0]?.offset).toBe(490)
  })

  it('gives nothing while paused, and keeps its membership', async () => {
    const topic = await newTopic()
    const group = `g-${topic}`
    await produce(topic, 100)
    const reader = await new Reader({ topics: [topic] }, { 'group.id': group }).open()
    await reader.readUntil(() => reader.values.size === 100)
    reader.consumer.pause()
    await produce(topic, 50)
    for (let i = 0; i < 3; i++) expect(await reader.readOnce()).toEqual([])
    expect((await admin().describeGroup(group)).members).toHaveLength(1)
    reader.consumer.resume()
    await reader.readUntil(() => reader.values.size === 150)
    expect(reader.log).toEqual(['+1'])
  })

  it('picks up topics that match a pattern as a whole, also later ones', async () => {
    const prefix = `p${randomBytes(4).toString('hex')}`
    const first = await newTopic(1, {}, prefix)
    const other = await newTopic(1, {}, `x${prefix}`)
    await produce(first, 10)
    await produce(other, 10)
    const reader = await new Reader({ pattern: new RegExp(`${prefix}-.*`) }).open()
    await reader.readUntil(() => reader.values.size === 10)
    const later = await newTopic(2, {}, prefix)
    await produce(later, 30)
    await reader.readUntil(() => reader.values.size === 30)
    expect(new Set(reader.given.map(position => position.topic))).toEqual(new Set([first, later]))
  })

  it('waits for a topic that does not exist yet', async () => {
    const topic = `late-${randomBytes(4).toString('hex')}`
    const reader = new Reader({ topics: [topic] }, { 'allow.auto.create.topics': 'false' })
    await reader.open()
    expect(await reader.readOnce()).toEqual([])
    const made = admin()
    await made.createTopic({ name: topic, partitions: 1, replicationFactor: 1 })
    closing.push(() => made.deleteTopics([topic]))
    await produce(topic, 5)
    await reader.readUntil(() => reader.values.size === 5)
  })

  it('begins at the end with latest, and fails with none', async () => {
    const topic = await newTopic()
    await produce(topic, 100)
    const latest = await new Reader({ topics: [topic] }, { 'auto.offset.reset': 'latest' }).open()
    await latest.readUntil(() => latest.consumer.lags().some(one => one.position === 100))
    await produce(topic, 5)
    await latest.readUntil(() => latest.values.size === 5)
    expect(latest.values.has('value 99')).toBe(false)
    const none = await new Reader({ topics: [topic] }, { 'auto.offset.reset': 'none' }).open()
    const reading = none.readUntil(() => false)
    await expect(reading).rejects.toMatchObject({ code: 'SCM_KAFKA_NO_POSITION', kind: 'fatal' })
  })

  it('goes back to the first offset when its own lies outside the log', async () => {
    const topic = await newTopic()
    await produce(topic, 20)
    const reader = await new Reader({ topics: [topic] }).open()
    await reader.readUntil(() => reader.values.size === 20)
    reader.values.clear()
    reader.next.clear()
    reader.consumer.seek({ topic, partition: 0, offset: 5_000 })
    await reader.readUntil(() => reader.values.size === 20)
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])(
    'reads what the broker recompressed with %s',
    async name => {
      const topic = await newTopic(1, { 'compression.type': name })
      await produce(topic, 3_000)
      await produce(topic, 3_000, { 'compression.type': name })
      const reader = await new Reader({ topics: [topic] }).open()
      await reader.readUntil(() => reader.values.size === 6_000)
      expect([...reader.values.values()].every(times => times === 1)).toBe(true)
    },
  )

  it('leaves out aborted transactions with read_committed', async () => {
    const topic = await newTopic()
    const producer = new Producer({
      clientId: 'tx',
      bootstrapBrokers: bootstrapServers().split(','),
      transactionalId: `tx-${topic}`,
      idempotent: true,
    })
    closing.push(() => producer.close())
    for (const [name, commits] of [
      ['a', true],
      ['b', false],
      ['c', true],
    ] as const) {
      const transaction = await producer.beginTransaction()
      const messages = Array.from({ length: 10 }, (_, i) => ({
        topic,
        value: Buffer.from(`${name}${i}`),
      }))
      await transaction.send({ messages })
      await (commits ? transaction.commit() : transaction.abort())
    }
    const committed = await new Reader(
      { topics: [topic] },
      { 'isolation.level': 'read_committed' },
    ).open()
    await committed.readUntil(() => committed.values.size >= 20)
    expect(await committed.readOnce()).toEqual([])
    expect([...committed.values.keys()].some(value => value.startsWith('b'))).toBe(false)
    const all = await new Reader({ topics: [topic] }).open()
    await all.readUntil(() => all.values.size === 30)
    // Three markers lie behind the messages of their transactions.
    expect(all.consumer.lags()[0]).toMatchObject({ position: 33, lag: 0 })
  })

  it.each(['cooperative-sticky', 'range'])(
    'shares partitions with a second member, %s',
    async assignor => {
      const topic = await newTopic(6)
      const properties = {
        'group.id': `g-${topic}`,
        'max.poll.records': '100',
        'partition.assignment.strategy': assignor,
      }
      await produce(topic, 6_000)
      const first = await new Reader({ topics: [topic] }, properties).open()
      await first.readUntil(() => first.values.size > 500)
      const second = await new Reader({ topics: [topic] }, properties).open()
      const values = () => new Set([...first.values.keys(), ...second.values.keys()])
      const both = [first, second].map(one =>
        one.readUntil(() => values().size === 12_000 && one.consumer.lags().length === 3),
      )
      await sleep(1_500)
      await produce(topic, 6_000)
      await Promise.all(both)
      expect(first.log).toEqual(
        assignor === 'range' ? ['+6', '-6', '+3'] : ['+6', '-3', '+0', '+0'],
      )
      // Everything was committed before it moved: nothing twice.
      const twice = [...values()].filter(
        value => (first.values.get(value) ?? 0) + (second.values.get(value) ?? 0) !== 1,
      )
      expect(twice).toEqual([])
      await second.commitAll()
      await second.consumer.close()
      await produce(topic, 100)
      await first.readUntil(() => values().size === 12_100)
    },
  )

  it('gives a static member its place back without a rebalance', async () => {
    const topic = await newTopic(2)
    const group = `g-${topic}`
    const member = (id: string) =>
      new Reader({ topics: [topic] }, { 'group.id': group, 'group.instance.id': id })
    const stays = await member('a').open()
    await stays.readUntil(() => stays.consumer.lags().length === 2)
    const leaves = await member('b').open()
    const both = [stays, leaves].map(one => one.readUntil(() => one.consumer.lags().length === 1))
    await Promise.all(both)
    await leaves.consumer.close()
    const before = [...stays.log]
    const again = await member('b').open()
    await again.readUntil(() => again.consumer.lags().length === 1)
    await stays.readOnce()
    expect(stays.log).toEqual(before)
  })

  it('leaves the group when nobody reads, and joins again at the last commit', async () => {
    const topic = await newTopic()
    const group = `g-${topic}`
    await produce(topic, 100)
    const properties = { 'group.id': group, 'max.poll.interval.ms': '1500' }
    const reader = await new Reader({ topics: [topic] }, properties).open()
    reader.commitOnRevoke = false
    await reader.readUntil(() => reader.values.size === 100)
    reader.next.set(`${topic}-0`, { topic, partition: 0, offset: 40 })
    await reader.commitAll()
    await sleep(3_000)
    expect((await admin().describeGroup(group)).members).toEqual([])
    expect(reader.log).toEqual(['+1', '-1'])
    reader.values.clear()
    await reader.readUntil(() => reader.values.size === 60)
    expect(reader.log).toEqual(['+1', '-1', '+1'])
    expect(reader.values.has('value 39')).toBe(false)
  })

  it('counts in metrics', async () => {
    const topic = await newTopic()
    await produce(topic, 100)
    const registry = new MetricRegistry()
    const consumer = new TopicConsumer({
      settings: settingsOf(),
      selection: { topics: [topic] },
      logger,
      metrics: { registry, labels: { connector: 'c', task: '0' } },
    })
    closing.push(() => consumer.close())
    const listener = { assigned: () => undefined, revoked: () => Promise.resolve() }
    await consumer.open(listener, AbortSignal.timeout(30_000))
    while (consumer.totals.records < 100) await consumer.read(AbortSignal.timeout(30_000))
    const text = await registry.exposition()
    expect(text).toContain('scamander_kafka_consumed_records_total{connector="c",task="0"} 100')
    expect(text).toContain('scamander_kafka_lag_records{connector="c",task="0"} 0')
    expect(text).toContain('scamander_kafka_assigned_partitions{connector="c",task="0"} 1')
  })

  it('names what is wrong with the address', async () => {
    const open = (server: string) =>
      new Reader(
        { topics: ['t'] },
        { 'bootstrap.servers': server, 'default.api.timeout.ms': '500' },
      ).open()
    await expect(open('no-such-host.invalid:9092')).rejects.toMatchObject({
      code: expect.stringMatching(/SCM_KAFKA_(UNKNOWN_HOST|DISCONNECTED)/),
      message: expect.stringContaining('no-such-host.invalid'),
    })
    await expect(open('127.0.0.1:1')).rejects.toMatchObject({
      code: 'SCM_KAFKA_DISCONNECTED',
      message: expect.stringContaining('127.0.0.1:1'),
    })
  })
})

describe('a broker that goes away', () => {
  it('is waited for: no gap, no position lost, nothing unacknowledged', {
    timeout: 240_000,
  }, async () => {
    const sandbox = await startSandbox({ cassandra: false })
    closing.push(() => sandbox.stop())
    useBroker(sandbox.description.kafka!.bootstrapServers)
    const topic = `t-${randomBytes(6).toString('hex')}`
    await admin().createTopic({ name: topic, partitions: 2, replicationFactor: 1 })
    await produce(topic, 1_000)
    const reader = await new Reader({ topics: [topic] }, { 'session.timeout.ms': '45000' }).open()
    await reader.readUntil(() => reader.values.size === 1_000)
    await sandbox.kafka!.kill()
    for (let i = 0; i < 6; i++) expect(await reader.readOnce()).toEqual([])
    const sending = produce(topic, 500)
    await reader.readOnce()
    await sandbox.kafka!.start()
    await sending
    await reader.readUntil(() => reader.values.size === 1_500, 60_000)
    await reader.commitAll()
    await produce(topic, 10)
    await reader.readUntil(() => reader.values.size === 1_510)
  })
})
