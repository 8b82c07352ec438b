import { describe, expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'
import {
  type Failure,
  FlowRecord,
  RawMessage,
  type SchemaNeeded,
  type TopicSource,
} from '../flow/index.ts'
import { Logger, MetricRegistry } from '../telemetry/index.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { ErrorPolicy } from './error-policy.ts'
import { TaskMetrics } from './metrics.ts'
import { PositionTracker } from './position-tracker.ts'
import { Rewinds } from './rewinds.ts'
import { Settler } from './settler.ts'

const { BAD } = declareErrors('settler_test', {
  BAD: { kind: 'data', summary: 'bad record', advice: 'none' },
})
const error = new ScamanderError(BAD, 'bad')
const source = { pause: () => undefined, seek: () => undefined, resume: () => undefined }

/** A settler for the partitions `t/0` and `t/1`, both at offset 0. */
function setup(policy: Partial<ErrorPolicy>) {
  const positions = new PositionTracker()
  for (const partition of [0, 1]) positions.assign({ topic: 't', partition, offset: 0 })
  const metrics = new TaskMetrics(new MetricRegistry(), 'c', 0)
  const { troubles } = metrics
  const rewinds = new Rewinds({
    source: source as unknown as TopicSource,
    positions,
    clock: systemClock,
    backoff: { baseMs: 1, maxMs: 1 },
    troubles,
  })
  const letters: DeadLetter[] = []
  const settler = new Settler({
    policy: {
      tolerance: 'none',
      hasDeadLetters: false,
      logErrors: false,
      logMessages: false,
      mapping: 'rewind',
      driver: 'rewind',
      attemptsMax: 0,
      ...policy,
    },
    positions,
    rewinds,
    deadLetters: {
      write: async some => {
        letters.push(...some)
      },
      close: async () => undefined,
    },
    context: { connector: 'c', task: 0, contextHeaders: false },
    sinkClassName: 'Sink',
    logger: Logger.silent(),
    metrics,
  })
  const committable = () => positions.committable().map(at => [at.partition, at.offset])
  return { settler, letters, committable, positions, rewinds, troubles }
}

function message(partition: number, offset: number): RawMessage {
  const data = {
    bytes: Buffer.alloc(0),
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: -1,
  }
  return new RawMessage({ topic: 't', partition }, { offset, timestampMs: 1 }, data)
}

const record = (partition: number, offset: number) => {
  const nothing = { schema: null, value: null }
  return new FlowRecord(message(partition, offset), nothing, nothing)
}
const reach = (partition: number, nextOffset: number) =>
  ({
    topic: 't',
    partition,
    epoch: partition + 1,
    firstOffset: 0,
    nextOffset,
    timestampMs: 1,
  }) as const
const unconverted = (partition: number, offset: number) =>
  ({
    message: message(partition, offset),
    stage: 'VALUE_CONVERTER',
    className: 'C',
    error,
  }) as const

describe('Settler', () => {
  it('passes no record that stops the task, in whichever partition it is', async () => {
    const { settler, committable } = setup({})
    const delivery = {
      records: [],
      decodeFailures: [unconverted(0, 5), unconverted(1, 7)],
      reaches: [reach(0, 10), reach(1, 10)],
      messageCount: 20,
      needs: new Set<SchemaNeeded>(),
      trace: undefined,
    }
    await expect(settler.settle(delivery, { failures: [] })).rejects.toThrow(
      /partition 0, offset 5/,
    )
    expect(committable()).toEqual([
      [0, 5],
      [1, 7],
    ])
  })

  it('passes no record given up by attempts before one that was not converted', async () => {
    const { settler, committable } = setup({ attemptsMax: 1 })
    const delivery = {
      records: [record(0, 3)],
      decodeFailures: [unconverted(0, 5)],
      reaches: [reach(0, 10)],
      messageCount: 10,
      needs: new Set<SchemaNeeded>(),
      trace: undefined,
    }
    const failures: Failure[] = [{ index: 0, origin: 'driver', error }]
    await expect(settler.settle(delivery, { failures })).rejects.toThrow(/Tolerance exceeded/)
    expect(committable()).toEqual([[0, 3]])
  })

  const forTwoTables = (first: Failure['origin'], second: Failure['origin']) => ({
    failures: [
      { index: 0, origin: first, error },
      { index: 0, origin: second, error },
    ],
  })
  const one = {
    records: [record(0, 0)],
    decodeFailures: [],
    reaches: [reach(0, 1)],
    messageCount: 1,
    needs: new Set<SchemaNeeded>(),
    trace: undefined,
  }

  it('tells of the record that fails now, not of one that was written meanwhile', async () => {
    const { settler, positions, rewinds, troubles } = setup({})
    const failAt = async (index: number) => {
      const delivery = {
        records: [record(0, 3), record(0, 5)],
        decodeFailures: [],
        reaches: [{ ...reach(0, 10), epoch: positions.epoch('t', 0)! }],
        messageCount: 10,
        needs: new Set<SchemaNeeded>(),
        trace: undefined,
      }
      await settler.settle(delivery, { failures: [{ index, origin: 'driver', error }] })
      rewinds.carryOut()
      return troubles.list().map(({ offset, attempts }) => [offset, attempts])
    }
    expect(await failAt(0)).toEqual([[3, 1]])
    expect(await failAt(0)).toEqual([[3, 2]])
    expect(await failAt(1)).toEqual([[5, 1]])
    rewinds.close()
  })

  it('a dead letter for one table does not give up the write to another', async () => {
    const { settler, letters, committable } = setup({ tolerance: 'all', hasDeadLetters: true })
    await settler.settle(one, forTwoTables('mapping', 'driver'))
    expect(committable()).toEqual([])
    expect(letters).toEqual([])
    const {
      settler: again,
      letters: written,
      committable: moved,
    } = setup({
      tolerance: 'all',
      hasDeadLetters: true,
    })
    await again.settle(one, forTwoTables('mapping', 'mapping'))
    expect(moved()).toEqual([[0, 1]])
    expect(written).toHaveLength(1)
  })
})
