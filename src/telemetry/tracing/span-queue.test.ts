import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MetricRegistry } from '../metric.ts'
import { type ExportEnd, SpanQueue } from './span-queue.ts'

/** An exporter that answers when it is told to. */
class Exporter {
  readonly sent: number[][] = []
  readonly answers: ((end: ExportEnd) => void)[] = []
  isShutDown = false
  answersAtOnce: ExportEnd | undefined = { code: 0 }
  throws = false

  export(spans: number[], done: (end: ExportEnd) => void): void {
    if (this.throws) throw new Error('cannot be written')
    this.sent.push(spans)
    if (this.answersAtOnce === undefined) this.answers.push(done)
    else done(this.answersAtOnce)
  }

  async shutdown(): Promise<void> {
    this.isShutDown = true
  }
}

let exporter: Exporter
let registry: MetricRegistry
let told: (string | undefined)[]
let queue: SpanQueue<number>

beforeEach(() => {
  vi.useFakeTimers()
  exporter = new Exporter()
  registry = new MetricRegistry()
  told = []
  queue = new SpanQueue<number>({
    exporter,
    registry,
    spansMax: 5,
    batchMax: 3,
    delayMs: 1000,
    told: failure => told.push(failure),
  })
})
afterEach(() => {
  vi.useRealTimers()
})

async function counted(): Promise<Record<string, number>> {
  const readings = await registry.read()
  return Object.fromEntries(
    readings.map(({ descriptor, labels, value }) => [
      [descriptor.name.replace('scamander_telemetry_spans_', ''), ...labels].join(' '),
      value as number,
    ]),
  )
}

const add = (...spans: number[]) => {
  for (const span of spans) queue.add(span)
}

describe('sending', () => {
  it('waits for the delay, or for a full batch', async () => {
    add(1, 2)
    await vi.advanceTimersByTimeAsync(999)
    expect(exporter.sent).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(exporter.sent).toEqual([[1, 2]])
    add(3, 4, 5)
    expect(exporter.sent).toEqual([
      [1, 2],
      [3, 4, 5],
    ])
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toEqual([undefined, undefined])
    expect(await counted()).toMatchObject({ exported_total: 5 })
  })

  it('is one at a time; what does not fit meanwhile is dropped and counted', async () => {
    exporter.answersAtOnce = undefined
    add(1, 2, 3, 4, 5, 6, 7, 8, 9)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(exporter.sent).toEqual([[1, 2, 3]])
    exporter.answersAtOnce = { code: 0 }
    exporter.answers[0]!({ code: 0 })
    await vi.advanceTimersByTimeAsync(2_000)
    expect(exporter.sent).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8],
    ])
    expect(await counted()).toMatchObject({ exported_total: 8, 'dropped_total queue': 1 })
  })

  it('drops what is not taken, and goes on', async () => {
    exporter.answersAtOnce = { code: 1, error: new Error('refused') }
    add(1, 2, 3)
    await vi.advanceTimersByTimeAsync(0)
    exporter.throws = true
    add(4, 5, 6)
    await vi.advanceTimersByTimeAsync(0)
    exporter.throws = false
    exporter.answersAtOnce = { code: 0 }
    add(7, 8, 9)
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toEqual(['refused', 'cannot be written', undefined])
    expect(await counted()).toMatchObject({ exported_total: 3, 'dropped_total export': 6 })
  })
})

describe('the end', () => {
  it('sends what waits', async () => {
    add(1, 2)
    await queue.close(1000)
    expect(exporter.sent).toEqual([[1, 2]])
    expect(exporter.isShutDown).toBe(true)
    add(3)
    expect(await counted()).toMatchObject({ exported_total: 2, 'dropped_total queue': 1 })
  })

  it('does not wait for an exporter that does not answer', async () => {
    exporter.answersAtOnce = undefined
    add(1, 2, 3, 4)
    const closed = queue.close(1000)
    await vi.advanceTimersByTimeAsync(1000)
    await closed
    expect(await counted()).toMatchObject({ 'dropped_total queue': 1 })
  })
})
