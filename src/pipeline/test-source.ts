/**
 * A source, a producer and an offset store in memory, for the tests of the source task: the source
 * counts upwards and can be made to fail, the producer can delay and refuse, the store can fail.
 * Used by source-task.test.ts and source-task.prop.test.ts.
 */
import { systemClock } from '../base/clock.ts'
import { canonicalJson } from '../base/json/canonical-json.ts'
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'
import {
  type Converter,
  type FlowRecord,
  type RecordSource,
  type SourceBatch,
  type SourceOpening,
  type SourcePosition,
  SourceRecord,
  type Transform,
} from '../flow/index.ts'
import { Logger, MetricRegistry } from '../telemetry/index.ts'
import { type OutgoingRecord, RecordEncoder } from './record-encoder.ts'
import { SourceTaskMetrics } from './source-metrics.ts'
import {
  type RecordWriter,
  SourceTask,
  type SourceTaskParts,
  type WriteFailure,
} from './source-task.ts'

export const SOURCE_TEST_ERRORS = declareErrors('source_task_test', {
  BAD: { kind: 'data', summary: 'bad record', advice: 'none' },
  GONE: { kind: 'disconnected', summary: 'gone', advice: 'none' },
  WRONG: { kind: 'config', summary: 'wrong', advice: 'none' },
  FATAL: { kind: 'fatal', summary: 'fatal', advice: 'none' },
})

export const PARTITION = { table: 'numbers' }

/** Numbers from 0 to count - 1, `perRead` at a time. */
export class CountingSource implements RecordSource {
  readonly count: number
  readonly perRead: number
  /** Called before each read; may throw. */
  beforeRead: (next: number) => void = () => undefined
  opens = 0
  committed: SourcePosition[] = []
  #next = 0

  constructor(count: number, perRead: number) {
    this.count = count
    this.perRead = perRead
  }

  async open({ offsets }: SourceOpening): Promise<void> {
    this.opens += 1
    const [stored] = await offsets.read([PARTITION])
    this.#next = stored === undefined ? 0 : Number(stored['next'])
  }

  async read(): Promise<SourceBatch | undefined> {
    await new Promise(resolve => setImmediate(resolve))
    this.beforeRead(this.#next)
    if (this.#next >= this.count) return undefined
    const items: SourceRecord[] = []
    while (items.length < this.perRead && this.#next < this.count)
      items.push(numbered(this.#next++))
    const positions = [{ partition: PARTITION, offset: { next: this.#next } }]
    return { items, sizeBytes: items.length * 10, positions }
  }

  async commit(positions: readonly SourcePosition[]): Promise<void> {
    this.committed.push(...positions)
  }

  async close(): Promise<void> {
    return undefined
  }
}

function numbered(n: number): SourceRecord {
  return new SourceRecord({
    topic: 'out',
    keySchema: null,
    key: null,
    valueSchema: null,
    value: `v${n}`,
    position: null,
  })
}

export class MemoryWriter implements RecordWriter {
  readonly values: number[] = []
  /** Called for each call; decides what fails. */
  onWrite: (numbers: readonly number[]) => Promise<readonly WriteFailure[]> = async () => []
  isClosed = false

  async open(): Promise<void> {
    return undefined
  }

  async write(records: readonly OutgoingRecord[]) {
    const numbers = records.map(record => Number(record.value!.toString().slice(1)))
    const failures = await this.onWrite(numbers)
    const failed = new Set(failures.map(one => one.index))
    numbers.forEach((n, index) => {
      if (!failed.has(index)) this.values.push(n)
    })
    return { failures }
  }

  async close(): Promise<void> {
    this.isClosed = true
  }
}

export class MemoryOffsets {
  readonly stored = new Map<string, SourcePosition>()
  /** Called before each write with the positions; may throw. */
  beforeWrite: (positions: readonly SourcePosition[]) => void = () => undefined

  get next(): number {
    return Number(this.stored.get(canonicalJson(PARTITION))?.offset['next'] ?? 0)
  }

  readonly reader: SourceOpening['offsets'] = {
    read: async partitions =>
      partitions.map(partition => this.stored.get(canonicalJson(partition))?.offset),
    readAll: async () => [...this.stored.values()],
  }

  async write(positions: readonly SourcePosition[]): Promise<void> {
    this.beforeWrite(positions)
    for (const one of positions) this.stored.set(canonicalJson(one.partition), one)
  }
}

export const textConverter: Converter = {
  decode: () => ({ schema: null, value: null }),
  encode: (_topic, _schema, value) => (value === null ? null : Buffer.from(String(value))),
}

export interface TestTask {
  readonly task: SourceTask
  readonly metrics: SourceTaskMetrics
  readonly logs: string[]
}

export function sourceTask(
  source: RecordSource,
  writer: RecordWriter,
  offsets: MemoryOffsets,
  more: Partial<SourceTaskParts> & { transforms?: readonly Transform[]; value?: Converter } = {},
): TestTask {
  const logs: string[] = []
  const logger = Logger.create({ sink: line => logs.push(JSON.stringify(line)) })
  const metrics = new SourceTaskMetrics(new MetricRegistry(), 'c', 0)
  const named = { className: 'TextConverter', component: more.value ?? textConverter }
  const header = { decode: () => ({ name: '', schema: null, value: null }), encode: () => null }
  const transforms = (more.transforms ?? []).map(component => ({ className: 'T', component }))
  const task = new SourceTask({
    connector: 'c',
    task: 0,
    source,
    encoder: new RecordEncoder({
      key: named,
      value: named,
      header: { className: 'H', component: header },
      transforms,
    }),
    writer,
    stored: offsets.reader,
    offsets,
    policy: { tolerance: 'none', retryDelayMaxMs: 60_000, logErrors: false },
    flushIntervalMs: 0,
    clock: systemClock,
    logger,
    metrics,
    reopenBackoff: { baseMs: 1, maxMs: 2 },
    ...more,
  })
  return { task, metrics, logs }
}

export function bad(message = 'bad'): ScamanderError {
  return new ScamanderError(SOURCE_TEST_ERRORS.BAD, message)
}

export function gone(): ScamanderError {
  return new ScamanderError(SOURCE_TEST_ERRORS.GONE, 'gone')
}

/** Runs until the condition holds, then stops the task. */
export async function runUntil(task: SourceTask, isDone: () => boolean): Promise<void> {
  const stop = new AbortController()
  const running = task.run(stop.signal)
  const ended = running.then(
    () => undefined,
    (error: unknown) => error,
  )
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  const deadlineMs = performance.now() + 5_000
  while (!isDone() && !isOver) {
    if (performance.now() > deadlineMs) throw new Error('waited in vain')
    await new Promise(resolve => setImmediate(resolve))
  }
  stop.abort()
  await running
}

/** Drops what the predicate says. */
export function dropping(isDropped: (record: FlowRecord) => boolean): Transform {
  return { apply: record => (isDropped(record) ? undefined : record) }
}
