import { describe, expect, it } from 'vitest'
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'
import {
  type AssignmentListener,
  type Batch,
  type Failure,
  type FlowRecord,
  type Outcome,
  RawMessage,
  type Sink,
  type TopicPartition,
  type TopicPosition,
  type TopicSource,
} from '../flow/index.ts'
import { Logger, MetricRegistry, makeSpans } from '../telemetry/index.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { ErrorPolicy } from './error-policy.ts'
import { TaskMetrics } from './metrics.ts'
import { RecordDecoder } from './record-decoder.ts'
import { SinkTask } from './sink-task.ts'

const ERRORS = declareErrors('pipeline_test', {
  BAD: { kind: 'data', summary: 'bad record', advice: 'none' },
  GONE: { kind: 'disconnected', summary: 'gone', advice: 'none' },
  ENDED: { kind: 'cancelled', summary: 'ended', advice: 'none' },
  FATAL: { kind: 'fatal', summary: 'fatal', advice: 'none' },
})

/** One partition `t/0` in memory with offsets 0..n-1, read `perRead` at a time. */
class MemoryTopic implements TopicSource {
  committed: TopicPosition[] = []
  seeks: number[] = []
  #next = 0
  #paused = false
  readonly count: number
  readonly perRead: number
  listener: AssignmentListener | undefined
  onCommit: (offset: number) => void = () => undefined

  constructor(count: number, perRead: number) {
    this.count = count
    this.perRead = perRead
  }
  async open(listener: AssignmentListener) {
    this.listener = listener
    listener.assigned([{ topic: 't', partition: 0, offset: -1 }])
  }
  async read(): Promise<Batch<RawMessage>> {
    await new Promise(resolve => setImmediate(resolve))
    const items: RawMessage[] = []
    while (!this.#paused && items.length < this.perRead && this.#next < this.count) {
      items.push(message(this.#next++))
    }
    return { items, sizeBytes: 0 }
  }
  async commit(positions: readonly TopicPosition[]) {
    this.committed.push(...positions)
    for (const { offset } of positions) this.onCommit(offset)
  }
  seek({ offset }: TopicPosition) {
    this.seeks.push(offset)
    this.#next = offset
  }
  pause(_partitions?: readonly TopicPartition[]) {
    this.#paused = true
  }
  resume(_partitions?: readonly TopicPartition[]) {
    this.#paused = false
  }
  async close() {
    return undefined
  }
  get lastCommitted() {
    return this.committed.at(-1)?.offset
  }
}

function message(offset: number): RawMessage {
  const bytes = Buffer.from(`v${offset}`)
  return new RawMessage(
    { topic: 't', partition: 0 },
    { offset, timestampMs: 1000 + offset },
    { bytes, keyStart: 0, keyLength: -1, valueStart: 0, valueLength: bytes.length },
  )
}

const converter = {
  decode: (_topic: string, bytes: Buffer, start: number, length: number) => {
    if (length < 0) return { schema: null, value: null }
    const text = bytes.toString('utf8', start, start + length)
    if (text === 'v666') throw new ScamanderError(ERRORS.BAD, 'not convertible')
    return { schema: null, value: text }
  },
  encode: () => null,
}

function decoder(): RecordDecoder {
  const named = { className: 'TextConverter', component: converter }
  const header = { decode: () => ({ name: '', schema: null, value: null }), encode: () => null }
  return new RecordDecoder({
    key: named,
    value: named,
    header: { className: 'H', component: header },
    transforms: [],
  })
}

type Write = (records: readonly FlowRecord[], call: number) => Promise<Outcome>

class ScriptedSink implements Sink {
  readonly concurrentWritesMax: number
  offsets: number[] = []
  opens = 0
  #calls = 0
  readonly #write: Write
  constructor(write: Write, concurrentWritesMax = 2) {
    this.#write = write
    this.concurrentWritesMax = concurrentWritesMax
  }
  async open() {
    this.opens += 1
  }
  async write(records: readonly FlowRecord[]) {
    const outcome = await this.#write(records, this.#calls++)
    const failed = new Set(outcome.failures.map(one => one.index))
    records.forEach((record, index) => {
      if (!failed.has(index)) this.offsets.push(record.origin.offset)
    })
    return outcome
  }
  async close() {
    return undefined
  }
}

const fast = { baseMs: 1, maxMs: 2 }
const base: ErrorPolicy = {
  tolerance: 'none',
  hasDeadLetters: false,
  logErrors: false,
  logMessages: false,
  mapping: 'rewind',
  driver: 'rewind',
  attemptsMax: 0,
}

function task(source: MemoryTopic, sink: Sink, policy: Partial<ErrorPolicy> = {}) {
  const letters: DeadLetter[] = []
  const metrics = new TaskMetrics(new MetricRegistry(), 'c', 0)
  const made = new SinkTask({
    connector: 'c',
    task: 0,
    source,
    decoder: decoder(),
    sink,
    sinkClassName: 'Sink',
    policy: { ...base, ...policy },
    deadLetters: {
      write: async some => {
        letters.push(...some)
      },
      close: async () => undefined,
    },
    contextHeaders: true,
    commitIntervalMs: 5,
    clock: {
      nowMs: () => Date.now(),
      monotonicMs: () => performance.now(),
      sleep: ms => new Promise(resolve => setTimeout(resolve, Math.min(ms, 2))),
    },
    logger: Logger.silent(),
    metrics,
    rewindBackoff: fast,
  })
  return { task: made, letters, counters: metrics.counters }
}

async function runUntil(sinkTask: SinkTask, done: () => boolean): Promise<void> {
  const stop = new AbortController()
  const running = sinkTask.run(stop.signal)
  const deadline = Date.now() + 3000
  const settled = running.then(
    () => true,
    () => true,
  )
  while (!done() && Date.now() < deadline) {
    if (await Promise.race([settled, new Promise(r => setTimeout(() => r(false), 2))])) break
  }
  stop.abort()
  await running
}

const failAt = (records: readonly FlowRecord[], offset: number, origin: Failure['origin']) => ({
  failures: records.flatMap((record, index) =>
    record.origin.offset === offset
      ? [{ index, origin, error: new ScamanderError(ERRORS.BAD, 'cannot map') }]
      : [],
  ),
})

describe('SinkTask', () => {
  it('commits the offset after the last written record and nothing beyond', async () => {
    const source = new MemoryTopic(100, 7)
    const sink = new ScriptedSink(async () => ({ failures: [] }))
    const { task: one, counters } = task(source, sink)
    await runUntil(one, () => sink.offsets.length === 100)
    expect(source.lastCommitted).toBe(100)
    expect(sink.offsets).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(counters).toMatchObject({ read: 100, written: 100, failed: 0 })
  })

  it('tells its steps and commits to who traces, and ends every span', async () => {
    const open = new Set<string>()
    const told: { name: string; attributes: Record<string, unknown> }[] = []
    const leave = makeSpans(({ name, attributes }) => {
      const key = `${name} ${told.length}`
      const span = { name, attributes: { ...attributes } as Record<string, unknown> }
      open.add(key)
      told.push(span)
      return {
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
        get isRecording() {
          return open.has(key)
        },
        set: more => void Object.assign(span.attributes, more),
        end: () => void open.delete(key),
      }
    })
    try {
      const source = new MemoryTopic(20, 10)
      const sink = new ScriptedSink(async records => failAt(records, 12, 'driver'))
      const { task: one } = task(source, sink, { driver: 'skip' })
      await runUntil(one, () => source.lastCommitted === 20)
    } finally {
      leave()
    }
    const sums = (what: string) =>
      told.reduce((sum, { attributes }) => sum + Number(attributes[what] ?? 0), 0)
    const names = new Set(told.map(({ name }) => name))
    expect([...names].sort()).toEqual([
      'commit',
      'convert',
      'process t',
      'receive',
      'settle',
      'write',
    ])
    expect(sums('scamander.records.read')).toBe(20)
    expect(sums('scamander.records.written')).toBe(19)
    expect([...open]).toEqual([])
  })

  it('never commits past a record that is rewound, and reads it again until it passes', async () => {
    const source = new MemoryTopic(50, 10)
    let failures = 0
    const passedTooEarly: number[] = []
    source.onCommit = offset => {
      if (offset > 23 && !sink.offsets.includes(23)) passedTooEarly.push(offset)
    }
    const sink = new ScriptedSink(async records => {
      const outcome = failures < 3 ? failAt(records, 23, 'mapping') : { failures: [] }
      failures += outcome.failures.length
      return outcome
    })
    const { task: one } = task(source, sink)
    await runUntil(one, () => sink.offsets.includes(49) && source.lastCommitted === 50)
    expect(source.seeks).toEqual([23, 23, 23])
    expect(passedTooEarly).toEqual([])
    expect(sink.offsets.filter(offset => offset === 23)).toEqual([23])
    expect(source.lastCommitted).toBe(50)
  })

  it('settles in reading order when a later write finishes first', async () => {
    const source = new MemoryTopic(20, 10)
    let release: (() => void) | undefined
    const sink = new ScriptedSink(async (_records, call) => {
      if (call === 0) await new Promise<void>(resolve => (release = resolve))
      return { failures: [] }
    })
    const { task: one } = task(source, sink)
    const stop = new AbortController()
    const running = one.run(stop.signal)
    await new Promise(resolve => setTimeout(resolve, 40))
    expect(source.committed).toEqual([])
    release?.()
    await new Promise(resolve => setTimeout(resolve, 40))
    stop.abort()
    await running
    expect(source.lastCommitted).toBe(20)
  })

  it('skips what the policy ignores', async () => {
    const source = new MemoryTopic(30, 10)
    const sink = new ScriptedSink(async records => failAt(records, 5, 'driver'))
    const { task: one, counters } = task(source, sink, { driver: 'skip' })
    await runUntil(one, () => source.lastCommitted === 30)
    expect(source.lastCommitted).toBe(30)
    expect(counters).toMatchObject({ skipped: 1, written: 29 })
  })

  it('dead-letters mapping errors with context headers when tolerance is all', async () => {
    const source = new MemoryTopic(10, 10)
    const sink = new ScriptedSink(async records => failAt(records, 4, 'mapping'))
    const { task: one, letters } = task(source, sink, { tolerance: 'all', hasDeadLetters: true })
    await runUntil(one, () => source.lastCommitted === 10)
    expect(letters).toHaveLength(1)
    expect(letters[0]!.value!.toString()).toBe('v4')
    const headers = Object.fromEntries(letters[0]!.headers.map(h => [h.name, String(h.value)]))
    expect(headers['__connect.errors.offset']).toBe('4')
    expect(headers['__connect.errors.stage']).toBe('TASK_PUT')
    expect(headers['__connect.errors.exception.message']).toBe('cannot map')
  })

  it('fails on a record that cannot be converted, with what came before committed', async () => {
    const source = new MemoryTopic(700, 10)
    const sink = new ScriptedSink(async () => ({ failures: [] }))
    const { task: one } = task(source, sink)
    await expect(one.run(new AbortController().signal)).rejects.toThrow(
      /VALUE_CONVERTER.*offset 666/,
    )
    expect(source.lastCommitted).toBe(666)
  })

  it('gives a record up after the configured attempts', async () => {
    const source = new MemoryTopic(10, 10)
    const sink = new ScriptedSink(async records => failAt(records, 3, 'mapping'))
    const { task: one } = task(source, sink, { attemptsMax: 3 })
    await expect(one.run(new AbortController().signal)).rejects.toThrow(/Tolerance exceeded/)
    expect(source.seeks).toEqual([3, 3])
    expect(source.lastCommitted).toBe(3)
  })

  it('counts attempts also while later deliveries settle', async () => {
    const source = new MemoryTopic(400, 10)
    const sink = new ScriptedSink(async records => failAt(records, 3, 'mapping'))
    const { task: one } = task(source, sink, { attemptsMax: 3 })
    await expect(one.run(new AbortController().signal)).rejects.toThrow(/Tolerance exceeded/)
    expect(source.seeks).toEqual([3, 3])
    expect(source.lastCommitted).toBe(3)
  })

  it('does not count an unreachable target as an attempt', async () => {
    const source = new MemoryTopic(10, 10)
    let failures = 0
    const gone = new ScamanderError(ERRORS.GONE, 'gone')
    const sink = new ScriptedSink(async records => {
      const index = records.findIndex(record => record.origin.offset === 4)
      if (index < 0 || failures++ >= 6) return { failures: [] }
      return { failures: [{ index, origin: 'driver', error: gone }] }
    })
    const { task: one } = task(source, sink, { attemptsMax: 3 })
    await runUntil(one, () => source.lastCommitted === 10)
    expect(source.seeks).toEqual([4, 4, 4, 4, 4, 4])
    expect(source.lastCommitted).toBe(10)
  })

  it('reopens the sink and reads again after a lost connection', async () => {
    const source = new MemoryTopic(20, 10)
    const sink = new ScriptedSink(async (_records, call) => {
      if (call === 1) throw new ScamanderError(ERRORS.GONE, 'gone')
      return { failures: [] }
    })
    const { task: one } = task(source, sink)
    await runUntil(one, () => source.lastCommitted === 20)
    expect(sink.opens).toBe(2)
    expect(source.seeks).toEqual([10])
    expect(sink.offsets).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('reads again what a write left undone that ended by itself', async () => {
    const source = new MemoryTopic(6, 3)
    const sink = new ScriptedSink(async (_records, call) => {
      if (call === 0) throw new ScamanderError(ERRORS.ENDED, 'the session was closed')
      return { failures: [] }
    })
    const { task: one } = task(source, sink)
    await runUntil(one, () => source.lastCommitted === 6)
    expect(source.lastCommitted).toBe(6)
    expect(source.seeks).toEqual([0])
  })

  it('lets nothing settle after a fatal failure', async () => {
    const source = new MemoryTopic(40, 10)
    const sink = new ScriptedSink(async (_records, call) => {
      if (call === 1) throw new ScamanderError(ERRORS.FATAL, 'broken')
      return { failures: [] }
    })
    const { task: one } = task(source, sink)
    await expect(one.run(new AbortController().signal)).rejects.toThrow('broken')
    expect(source.lastCommitted).toBe(10)
  })

  it('commits revoked partitions after their writes are settled', async () => {
    const source = new MemoryTopic(10, 10)
    const sink = new ScriptedSink(async () => {
      await new Promise(resolve => setTimeout(resolve, 10))
      return { failures: [] }
    })
    const { task: one } = task(source, sink)
    const stop = new AbortController()
    const running = one.run(stop.signal)
    await new Promise(resolve => setTimeout(resolve, 8))
    await source.listener!.revoked([{ topic: 't', partition: 0 }])
    expect(source.lastCommitted).toBe(10)
    stop.abort()
    await running
  })

  it('keeps a partition that was given again before its revocation was finished', async () => {
    const source = new MemoryTopic(30, 10)
    let release: (() => void) | undefined
    const sink = new ScriptedSink(async (_records, call) => {
      if (call === 0) await new Promise<void>(resolve => (release = resolve))
      return { failures: [] }
    })
    const { task: one } = task(source, sink)
    const stop = new AbortController()
    const running = one.run(stop.signal)
    while (release === undefined) await new Promise(resolve => setImmediate(resolve))
    const revoked = source.listener!.revoked([{ topic: 't', partition: 0 }])
    source.listener!.assigned([{ topic: 't', partition: 0, offset: 0 }])
    source.seek({ topic: 't', partition: 0, offset: 0 })
    release()
    await revoked
    await new Promise(resolve => setTimeout(resolve, 60))
    stop.abort()
    await running
    expect(source.lastCommitted).toBe(30)
  })
})
