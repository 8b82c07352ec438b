import { describe, expect, it } from 'vitest'
import { ScamanderError } from '../../base/scamander-error.ts'
import { sourceOf } from '../../config/index.ts'
import {
  KAFKA_ERRORS,
  type ProducerRecord,
  type TopicFollowerOptions,
  toClientSettings,
} from '../../kafka/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import type { OffsetEntry, OffsetStore } from './offset-store.ts'
import { OwnTopic, type OwnTopicClients } from './own-topic.ts'
import { OwnTopicOffsets } from './own-topic-offsets.ts'

const P = { b: 2, z: 1 }
/** As Kafka Connect spells the key of P. */
const SPELLED = '["c",{"z":1,"b":2}]'
const NEVER = new Promise<never>(() => undefined)
const late = () => new ScamanderError(KAFKA_ERRORS.RETRIABLE, 'late')

/** One topic, in memory, and the clients of each opening. */
function kafka() {
  const log: [key: string, value: string][] = []
  const control = {
    /** For the first look at the topic. */
    described: undefined as Promise<unknown> | undefined,
    /** One for each time that the topic is read to its end. */
    reads: [] as (() => Promise<unknown>)[],
    sent: undefined as Promise<unknown> | undefined,
    /** Until a broker that is away takes note of the end. */
    disconnected: undefined as Promise<unknown> | undefined,
    openings: 0,
    closed: [] as string[],
  }
  const clients = (opening: number): OwnTopicClients => {
    const closing = Promise.withResolvers<never>()
    closing.promise.catch(() => undefined)
    const close = (name: string) => async () => {
      control.closed.push(`${name} ${opening}`)
      await control.disconnected
    }
    const follower = ({ onMessage }: TopicFollowerOptions) => {
      let position = 0
      return {
        open: async () => undefined,
        readToEnd: async () => {
          await control.reads.shift()?.()
          for (const [key, value] of log.slice(position)) {
            onMessage({ key: () => Buffer.from(key), value: () => Buffer.from(value) } as never)
          }
          position = log.length
        },
        close: close('follower'),
      }
    }
    return {
      admin: () => ({
        describeTopic: async () => {
          await Promise.race([control.described, closing.promise])
          return { name: 'own', isInternal: false, partitions: [] }
        },
        createTopic: async () => true,
        topicConfigs: async () => new Map([['cleanup.policy', 'compact']]),
        // The only one that ends a look at the topic.
        close: async () => closing.reject(late()),
      }),
      follower,
      producer: () => ({
        send: async (records: readonly ProducerRecord[]) => {
          await control.sent
          for (const { key, value } of records) log.push([String(key), String(value)])
          return { failures: [] }
        },
        close: close('producer'),
      }),
    }
  }
  return { log, control, clients }
}

function ownOffsets(workers: Partial<OffsetStore> = {}) {
  const { log, control, clients } = kafka()
  const logger = Logger.silent()
  const worker = sourceOf({})
  const client = toClientSettings({ 'bootstrap.servers': '127.0.0.1:1' }, logger)
  const offsets = new OwnTopicOffsets({
    topic: 'own',
    newTopic: () => {
      control.openings += 1
      const parts = { topic: 'own', client, worker, logger }
      return new OwnTopic({ ...parts, clients: clients(control.openings) })
    },
    workers: {
      readAll: async () => [],
      read: async (_connector, partitions) => partitions.map(() => undefined),
      write: async () => undefined,
      close: async () => undefined,
      ...workers,
    },
    logger,
  })
  return { offsets, log, control }
}

const entries = (n: number): OffsetEntry[] => [{ partition: P, offset: { n } }]
const CUT_OFF = { code: CONNECT_ERRORS.CUT_OFF.code }

describe('positions in a topic of their own', () => {
  it('hold up no cut-off while the topic is being opened', async () => {
    const { offsets, control } = ownOffsets()
    control.described = NEVER
    control.disconnected = NEVER
    const reading = expect(offsets.read('c', [P])).rejects.toMatchObject(CUT_OFF)
    await offsets.close(0)
    expect(control.closed.sort()).toEqual(['follower 1', 'producer 1'])
    await reading
    await expect(offsets.write('c', entries(1))).rejects.toMatchObject(CUT_OFF)
    expect(control.openings).toBe(1)
  })

  it('hold up no cut-off while one is being written', async () => {
    const { offsets, control } = ownOffsets()
    await offsets.read('c', [P])
    control.sent = NEVER
    void offsets.write('c', entries(1))
    await new Promise(resolve => setImmediate(resolve))
    await offsets.close(0)
    expect(control.closed.sort()).toEqual(['follower 1', 'producer 1'])
  })

  it('keep the spelling of their keys, also where the first call writes', async () => {
    const { offsets, log } = ownOffsets()
    log.push([SPELLED, '{"n":1}'])
    await offsets.write('c', entries(2))
    expect(log.at(-1)).toEqual([SPELLED, '{"n":2}'])
    expect(await offsets.keysOf('c', [P])).toEqual([SPELLED])
  })

  it('are opened anew after a failure, which ends no other call', async () => {
    const { offsets, control, log } = ownOffsets()
    await offsets.read('c', [P])
    const sent = Promise.withResolvers<void>()
    control.sent = sent.promise
    const writing = offsets.write('c', entries(1))
    control.reads.push(() => Promise.reject(late()))
    await expect(offsets.read('c', [P])).rejects.toMatchObject({ message: 'late' })
    expect(control.closed).toEqual([])
    sent.resolve()
    await writing
    expect(control.closed.sort()).toEqual(['follower 1', 'producer 1'])
    expect(log.length).toBe(1)
    expect(await offsets.read('c', [P])).toEqual([{ n: 1 }])
    expect(control.openings).toBe(2)
  })

  it("are stored whether or not the worker's store can be reached", async () => {
    const copied: (readonly OffsetEntry[])[] = []
    const { offsets, log } = ownOffsets({
      write: (_connector, ones) => {
        copied.push(ones)
        return NEVER
      },
    })
    for (const n of [1, 2, 3]) await offsets.write('c', entries(n))
    await offsets.written('c', entries(4))
    expect(log.length).toBe(3)
    expect(copied).toEqual([entries(1)])
    await offsets.close(0)
  })

  it("are removed from the worker's store first, and no older copy follows", async () => {
    const calls: (number | undefined)[] = []
    const first = Promise.withResolvers<void>()
    const { offsets, log } = ownOffsets({
      write: async (_connector, [one]) => {
        calls.push(one?.offset?.['n'] as number | undefined)
        if (calls.length === 1) await first.promise
        if (one?.offset === null) expect(log.at(-1)?.[1]).toBe('{"n":2}')
      },
    })
    await offsets.write('c', entries(1))
    await offsets.write('c', entries(2))
    await offsets.write('c', [{ partition: P, offset: null }])
    first.resolve()
    await new Promise(resolve => setImmediate(resolve))
    expect(calls).toEqual([1, undefined])
    expect(log.at(-1)?.[1]).toBe('null')
    expect(await offsets.read('c', [P])).toEqual([undefined])
  })
})
