/** Batches whose converters lack schemas: fetched once, written in order, read again when none comes. */
import { describe, expect, it } from 'vitest'
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'
import {
  type AssignmentListener,
  type FlowRecord,
  RawMessage,
  SchemaNeeded,
  type TopicPosition,
  type TopicSource,
} from '../flow/index.ts'
import { Logger, MetricRegistry } from '../telemetry/index.ts'
import { TaskMetrics } from './metrics.ts'
import { RecordDecoder } from './record-decoder.ts'
import type { RetryPolicy } from './retry-limit.ts'
import { decisive, fetchSchemas } from './schema-needs.ts'
import { SinkTask } from './sink-task.ts'

const ERRORS = declareErrors('schema_needs_test', {
  AWAY: { kind: 'retriable', summary: 'away', advice: 'none' },
  REFUSED: { kind: 'config', summary: 'refused', advice: 'none' },
})

function message(offset: number): RawMessage {
  const bytes = Buffer.from(String(offset % 3))
  return new RawMessage(
    { topic: 't', partition: 0 },
    { offset, timestampMs: 1 },
    { bytes, keyStart: 0, keyLength: -1, valueStart: 0, valueLength: 1 },
  )
}

/** Offsets 0..n-1 of one partition; the schema of a message is its value. */
class MemoryTopic implements TopicSource {
  readonly seeks: number[] = []
  committed = -1
  #next = 0
  readonly #count: number
  constructor(count: number) {
    this.#count = count
  }
  async open(listener: AssignmentListener) {
    listener.assigned([{ topic: 't', partition: 0, offset: 0 }])
  }
  async read() {
    await new Promise(resolve => setImmediate(resolve))
    const items = []
    while (items.length < 4 && this.#next < this.#count) items.push(message(this.#next++))
    return { items, sizeBytes: 0 }
  }
  async commit(positions: readonly TopicPosition[]) {
    this.committed = positions.at(-1)!.offset
  }
  seek({ offset }: TopicPosition) {
    this.seeks.push(offset)
    this.#next = offset
  }
  pause() {
    return undefined
  }
  resume() {
    return undefined
  }
  async close() {
    return undefined
  }
}

function setup(
  count: number,
  load: (schema: string) => Promise<void>,
  more: { tolerance?: 'none' | 'all'; retry?: RetryPolicy } = {},
) {
  const known = new Set<string>()
  const needs = new Map<string, SchemaNeeded>()
  const converter = {
    decode: (_topic: string, bytes: Buffer, start: number, length: number) => {
      if (length < 0) return { schema: null, value: null }
      const schema = bytes.toString('latin1', start, start + length)
      if (known.has(schema)) return { schema: null, value: schema }
      const need =
        needs.get(schema) ??
        new SchemaNeeded(schema, async () => {
          await load(schema)
          known.add(schema)
        })
      needs.set(schema, need)
      throw need
    },
    encode: () => null,
  }
  const source = new MemoryTopic(count)
  const written: number[] = []
  const named = { className: 'C', component: converter }
  const header = { decode: () => ({ name: '', schema: null, value: null }), encode: () => null }
  const task = new SinkTask({
    connector: 'c',
    task: 0,
    source,
    decoder: new RecordDecoder({
      key: named,
      value: named,
      header: { className: 'H', component: header },
      transforms: [],
    }),
    sink: {
      concurrentWritesMax: 2,
      open: async () => undefined,
      write: async (records: readonly FlowRecord[]) => {
        written.push(...records.map(record => record.origin.offset))
        return { failures: [] }
      },
      close: async () => undefined,
    },
    sinkClassName: 'Sink',
    policy: {
      tolerance: more.tolerance ?? 'all',
      hasDeadLetters: false,
      logErrors: false,
      logMessages: false,
      mapping: 'skip',
      driver: 'skip',
      attemptsMax: 1,
    },
    contextHeaders: false,
    commitIntervalMs: 1,
    clock: {
      nowMs: () => 0,
      monotonicMs: () => performance.now(),
      sleep: () => new Promise(resolve => setTimeout(resolve, 1)),
    },
    logger: Logger.silent(),
    metrics: new TaskMetrics(new MetricRegistry(), 'c', 0),
    rewindBackoff: { baseMs: 1, maxMs: 2 },
    retry: more.retry,
  })
  return { task, source, written }
}

async function runUntil(task: SinkTask, done: () => boolean): Promise<void> {
  const stop = new AbortController()
  const running = task.run(stop.signal)
  const ended = running.then(
    () => true,
    () => true,
  )
  while (!done()) {
    if (await Promise.race([ended, new Promise(r => setTimeout(() => r(false), 1))])) break
  }
  stop.abort()
  await running
}

const ALL = Array.from({ length: 10 }, (_, i) => i)

it('asks for every schema, whatever became of the others', async () => {
  const away = new ScamanderError(ERRORS.AWAY, 'away')
  const refused = new ScamanderError(ERRORS.REFUSED, 'refused')
  const asked: string[] = []
  const needOf = (what: string, error?: Error) =>
    new SchemaNeeded(what, async () => {
      asked.push(what)
      if (error !== undefined) throw error
    })
  const many = Array.from({ length: 9 }, (_, i) => needOf(`n${i}`))
  const needs = [needOf('a', away), ...many, needOf('r', refused)]
  const failures = await fetchSchemas(new Set(needs))
  expect([...failures]).toEqual([
    ['a', away],
    ['r', refused],
  ])
  expect(asked).toHaveLength(needs.length)
  expect(decisive(failures)).toBe(refused)
})

describe('a sink task whose converters lack schemas', () => {
  it('fetches each once and writes everything in order', async () => {
    const loaded: string[] = []
    const { task, source, written } = setup(10, async schema => {
      loaded.push(schema)
    })
    await runUntil(task, () => source.committed === 10)
    expect(written).toEqual(ALL)
    expect(loaded.sort()).toEqual(['0', '1', '2'])
    expect(source.seeks).toEqual([])
  })

  it('reads again while the registry is away, whatever the tolerance says', async () => {
    let attempts = 0
    const { task, source, written } = setup(10, async () => {
      attempts++
      if (attempts < 8) throw new ScamanderError(ERRORS.AWAY, 'away')
    })
    await runUntil(task, () => source.committed === 10)
    expect(new Set(written)).toEqual(new Set(ALL))
    expect(source.seeks.length).toBeGreaterThan(0)
  })

  const notOne = async (schema: string) => {
    if (schema === '1') throw new ScamanderError(ERRORS.AWAY, 'away')
  }

  it.each([0, 20])(
    'skips what lacks a schema after errors.retry.timeout of %d ms',
    async timeoutMs => {
      const retry = { timeoutMs, delayMaxMs: 5 }
      const { task, source, written } = setup(10, notOne, { retry })
      await runUntil(task, () => source.committed === 10)
      expect(written).toEqual(ALL.filter(offset => offset % 3 !== 1))
      expect(source.seeks).toEqual([])
    },
  )

  it('fails after errors.retry.timeout when nothing is tolerated', async () => {
    const retry = { timeoutMs: 20, delayMaxMs: 5 }
    const { task, source, written } = setup(10, notOne, { retry, tolerance: 'none' })
    const message =
      'Tolerance exceeded in error handler (VALUE_CONVERTER, topic t, partition 0, offset 1)'
    await expect(runUntil(task, () => false)).rejects.toThrow(message)
    expect(source.committed).toBe(1)
    expect(written).not.toContain(1)
  })

  it('goes on when the registry is back within errors.retry.timeout', async () => {
    let attempts = 0
    const load = async () => {
      attempts++
      if (attempts < 8) throw new ScamanderError(ERRORS.AWAY, 'away')
    }
    const retry = { timeoutMs: -1, delayMaxMs: 5 }
    const { task, source, written } = setup(10, load, { retry, tolerance: 'none' })
    await runUntil(task, () => source.committed === 10)
    expect(written).toEqual(ALL)
    expect(source.seeks).toEqual([])
  })

  it('stops when the registry refuses for good, and commits nothing', async () => {
    const { task, source, written } = setup(10, async () => {
      throw new ScamanderError(ERRORS.REFUSED, 'wrong login')
    })
    await expect(runUntil(task, () => false)).rejects.toThrow('wrong login')
    expect(written).toEqual([])
    expect(source.committed).toBe(-1)
  })
})

it('fetches many at a time, but not all at once', async () => {
  let running = 0
  let most = 0
  const needs = Array.from(
    { length: 30 },
    (_, i) =>
      new SchemaNeeded(String(i), async () => {
        most = Math.max(most, ++running)
        await new Promise(resolve => setImmediate(resolve))
        running--
      }),
  )
  expect(await fetchSchemas(new Set(needs))).toEqual(new Map())
  expect(most).toBe(8)
})
