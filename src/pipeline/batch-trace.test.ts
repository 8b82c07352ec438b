import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RawMessage, SourceRecord } from '../flow/index.ts'
import { makeSpans, type Span, type SpanOptions } from '../telemetry/index.ts'
import { BatchTrace, beginBatch, CommitTrace, traceStartMs } from './batch-trace.ts'
import type { OutgoingRecord } from './record-encoder.ts'
import {
  bad,
  CountingSource,
  MemoryOffsets,
  MemoryWriter,
  runUntil,
  sourceTask,
} from './test-source.ts'

/** A span that remembers. */
class KeptSpan implements Span {
  readonly traceparent: string
  readonly options: SpanOptions
  readonly #isSampled: boolean
  attributes: Record<string, unknown>
  ends: unknown[] = []

  constructor(options: SpanOptions, number: number, isRecording: boolean) {
    this.options = options
    this.attributes = { ...options.attributes }
    this.#isSampled = isRecording
    this.traceparent = `00-${'a'.repeat(32)}-${String(number).padStart(16, '0')}-01`
  }

  /** As the SDK has it: false once it has ended. */
  get isRecording(): boolean {
    return this.#isSampled && this.ends.length === 0
  }

  set(attributes: SpanOptions['attributes'] = {}): void {
    Object.assign(this.attributes, attributes)
  }

  end(error?: unknown): void {
    this.ends.push(error)
  }
}

let spans: KeptSpan[]
let isRecording: boolean
let leave: () => void

beforeEach(() => {
  spans = []
  isRecording = true
  leave = makeSpans(options => {
    const span = new KeptSpan(options, spans.length + 1, isRecording)
    spans.push(span)
    return span
  })
})
afterEach(() => leave())

const sent = (number: number, flags = '01') =>
  `00-${'b'.repeat(32)}-${String(number).padStart(16, '0')}-${flags}`

function message(offset: number, traceparent?: string, topic = 't'): RawMessage {
  const headers =
    traceparent === undefined ? [] : [{ name: 'traceparent', value: Buffer.from(traceparent) }]
  return new RawMessage(
    { topic, partition: 3 },
    { offset, timestampMs: 1 },
    { bytes: Buffer.alloc(0), keyStart: 0, keyLength: -1, valueStart: 0, valueLength: -1, headers },
  )
}

const OPTIONS = { connector: 'c', task: 1, operation: 'process', startMs: 0 } as const
const names = () => spans.map(({ options }) => options.name)

describe('a batch', () => {
  it('is nothing while nobody listens', () => {
    leave()
    expect(traceStartMs()).toBe(0)
    expect(beginBatch([message(1)], OPTIONS)).toBeUndefined()
    expect(spans).toEqual([])
  })

  it('of one record goes on in the trace of that record', () => {
    const trace = beginBatch([message(7, sent(1))], OPTIONS)
    expect(names()).toEqual(['process t', 'receive'])
    const [root, receive] = spans
    expect(root!.options).toMatchObject({ kind: 'consumer', parent: sent(1), links: [] })
    expect(root!.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': 't',
      'messaging.destination.partition.id': '3',
      'messaging.kafka.offset': 7,
      'messaging.batch.message_count': 1,
      'scamander.connector': 'c',
      'scamander.task': 1,
    })
    expect(receive!.options.parent).toBe(root)
    expect(receive!.ends).toEqual([undefined])
    trace?.end({ 'scamander.records.written': 1 })
    expect(root!.attributes['scamander.records.written']).toBe(1)
    expect(root!.ends).toEqual([undefined])
  })

  it('of several is linked with those that are followed, and each has its own', () => {
    const items = [message(1, sent(1)), message(2, sent(2, '00')), message(3, sent(3)), message(4)]
    const trace = beginBatch(items, OPTIONS)
    expect(names()).toEqual(['process t', 'process t', 'process t', 'receive'])
    const [root, first, second] = spans
    expect(root!.options).toMatchObject({ parent: undefined, links: [sent(1), sent(3)] })
    expect(first!.options).toMatchObject({ parent: sent(1), links: [root] })
    const error = bad()
    trace?.failed(items[2]!, error)
    trace?.failed(items[3]!, error)
    trace?.end({})
    expect(root!.ends).toEqual([undefined])
    expect(first!.ends).toEqual([undefined])
    expect(second!.ends[0]).toBe(error)
  })

  it('names no topic when there are several', () => {
    beginBatch([message(1), message(1, undefined, 'u')], OPTIONS)
    expect(names()[0]).toBe('process')
    expect(spans[0]!.attributes['messaging.destination.name']).toBeUndefined()
  })

  it('that is not sampled has no steps, but its records may', () => {
    isRecording = false
    expect(beginBatch([message(1), message(2)], OPTIONS)).toBeUndefined()
    expect(names()).toEqual(['process t'])
    const trace = beginBatch([message(1, sent(1)), message(2)], OPTIONS)
    expect(trace?.step('write', 'client')).toBeUndefined()
    expect(names()).toEqual(['process t', 'process t', 'process t'])
  })
})

describe('a commit', () => {
  it('is a step of the last batch, linked with those before it', () => {
    const commits = new CommitTrace()
    expect(commits.begin({})).toBeUndefined()
    const roots = [1, 2, 3].map(number => new KeptSpan({ name: 'r' }, number, true))
    for (const root of roots) commits.add(new BatchTrace(root, new Map()))
    commits.add(undefined)
    commits.begin({ 'scamander.partitions.count': 1 })
    expect(spans).toHaveLength(1)
    expect(spans[0]!.options).toMatchObject({ parent: roots[2], links: roots.slice(0, 2) })
    expect(commits.begin({})).toBeUndefined()
  })

  it('is linked with a bounded number', () => {
    const commits = new CommitTrace()
    const root = new KeptSpan({ name: 'r' }, 1, true)
    for (let i = 0; i < 100; i++) commits.add(new BatchTrace(root, new Map()))
    commits.begin({})
    expect(spans[0]!.options.links).toHaveLength(31)
  })
})

describe('a source', () => {
  class HeaderWriter extends MemoryWriter {
    readonly headers: OutgoingRecord['headers'][] = []

    override async write(records: readonly OutgoingRecord[]) {
      this.headers.push(...records.map(record => record.headers))
      return await super.write(records)
    }
  }

  it('tells its steps, and ends every span', async () => {
    const writer = new HeaderWriter()
    const offsets = new MemoryOffsets()
    const { task } = sourceTask(new CountingSource(20, 10), writer, offsets)
    await runUntil(task, () => offsets.next === 20)
    const roots = spans.filter(({ options }) => options.name === 'publish out')
    expect(roots).toHaveLength(2)
    for (const root of roots) {
      const steps = spans.filter(({ options }) => options.parent === root)
      expect(steps.map(({ options }) => options.name)).toEqual(
        expect.arrayContaining(['receive', 'convert', 'send']),
      )
      expect(root.options.kind).toBe('producer')
      expect(root.attributes).toMatchObject({ 'scamander.records.written': 10 })
    }
    expect(names()).toContain('commit')
    expect(spans.filter(({ ends }) => ends.length === 0)).toEqual([])
    expect(writer.headers.flat()).toEqual([])
  })

  it('sends its context along when it is asked to, where there is none', async () => {
    const writer = new HeaderWriter()
    const offsets = new MemoryOffsets()
    const more = { propagatesTraces: true }
    const { task } = sourceTask(new CountingSource(2, 2), writer, offsets, more)
    await runUntil(task, () => offsets.next === 2)
    const [root] = spans
    const header = { name: 'traceparent', value: Buffer.from(root!.traceparent) }
    expect(writer.headers).toEqual([[header], [header]])
  })

  it('tells what made it fail', async () => {
    const writer = new MemoryWriter()
    const error = bad()
    writer.onWrite = async () => [{ index: 0, error }]
    const { task } = sourceTask(new CountingSource(5, 5), writer, new MemoryOffsets())
    await expect(runUntil(task, () => false)).rejects.toThrow()
    expect(spans[0]!.ends[0]).toBeInstanceOf(Error)
    expect(spans.filter(({ ends }) => ends.length === 0)).toEqual([])
  })

  it('reads records of its own that belong to a trace', () => {
    const record = new SourceRecord({
      topic: 'out',
      keySchema: null,
      key: null,
      valueSchema: null,
      value: 'v',
      headers: [{ name: 'traceparent', schema: null, value: sent(5) }],
      position: null,
    })
    beginBatch([record], { ...OPTIONS, operation: 'publish' })
    expect(spans[0]!.options).toMatchObject({ kind: 'producer', parent: sent(5) })
  })
})
