/**
 * Ended spans on their way to the exporter: bounded, one export at a time, at a full batch or after
 * a delay. It stands where the SDK's batch processor would and counts what is lost.
 * Made by otlp-tracing.ts, one per thread.
 * Invariants: `onEnd` never waits and never throws; at most `spansMax` spans wait; every span is
 * counted once, as exported or as dropped; no timer keeps the process alive.
 */
import { declareMetric, type MetricRegistry, type Series } from '../metric.ts'

export const SPANS_EXPORTED = declareMetric({
  name: 'scamander_telemetry_spans_exported_total',
  kind: 'counter',
  help: 'Spans that the collector of traces took.',
  labels: [],
})
export const SPANS_DROPPED = declareMetric({
  name: 'scamander_telemetry_spans_dropped_total',
  kind: 'counter',
  help: 'Spans that were lost: the queue was full, or the collector did not take them.',
  labels: ['reason'],
})

export interface ExportEnd {
  /** 0: the collector has them. */
  readonly code: number
  readonly error?: Error | undefined
}

/** As much of the SDK's exporter as is used. */
export interface SpanExport<T> {
  export(spans: T[], done: (end: ExportEnd) => void): void
  shutdown(): Promise<void>
}

export interface SpanQueueParts<T> {
  readonly exporter: SpanExport<T>
  readonly registry: MetricRegistry
  readonly spansMax: number
  readonly batchMax: number
  readonly delayMs: number
  /** After every export; undefined: it worked. */
  readonly told: (failure: string | undefined) => void
}

export class SpanQueue<T> {
  readonly #parts: SpanQueueParts<T>
  readonly #exported: Series
  readonly #full: Series
  readonly #refused: Series
  #waiting: T[] = []
  #timer: NodeJS.Timeout | undefined
  #exporting: Promise<void> | undefined
  #isClosed = false

  constructor(parts: SpanQueueParts<T>) {
    this.#parts = parts
    const { registry } = parts
    this.#exported = registry.series(SPANS_EXPORTED)
    this.#full = registry.series(SPANS_DROPPED, 'queue')
    this.#refused = registry.series(SPANS_DROPPED, 'export')
  }

  add(span: T): void {
    const { spansMax, batchMax, delayMs } = this.#parts
    if (this.#isClosed || this.#waiting.length >= spansMax) {
      this.#full.add()
      return
    }
    this.#waiting.push(span)
    if (this.#exporting !== undefined) return
    if (this.#waiting.length >= batchMax) void this.#export()
    else this.#timer ??= setTimeout(() => void this.#export(), delayMs).unref()
  }

  /** Resolves when all that waits now was tried, or the time is up. */
  async flush(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, timeoutMs)
    })
    await Promise.race([this.#drain(), late])
    clearTimeout(timer)
  }

  /** What was not sent in that time is dropped. */
  async close(timeoutMs: number): Promise<void> {
    await this.flush(timeoutMs)
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#full.add(this.#waiting.length)
    this.#waiting = []
    // It would wait for an export that is being repeated.
    this.#parts.exporter.shutdown().catch(() => undefined)
  }

  async #drain(): Promise<void> {
    await this.#exporting
    const roundsMax = Math.ceil(this.#parts.spansMax / this.#parts.batchMax)
    for (let round = 0; this.#waiting.length > 0 && round < roundsMax; round++) await this.#export()
  }

  #export(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#exporting ??= this.#exportOne().finally(() => {
      this.#exporting = undefined
      const { batchMax, delayMs } = this.#parts
      if (this.#isClosed || this.#waiting.length === 0) return
      const waitMs = this.#waiting.length >= batchMax ? 0 : delayMs
      this.#timer ??= setTimeout(() => void this.#export(), waitMs).unref()
    })
    return this.#exporting
  }

  async #exportOne(): Promise<void> {
    const { exporter, batchMax, told } = this.#parts
    const spans = this.#waiting.splice(0, batchMax)
    if (spans.length === 0) return
    const { code, error } = await new Promise<ExportEnd>(resolve => {
      try {
        exporter.export(spans, resolve)
      } catch (error) {
        resolve({ code: 1, error: error as Error })
      }
    })
    const series = code === 0 ? this.#exported : this.#refused
    series.add(spans.length)
    told(code === 0 ? undefined : (error?.message ?? 'no reason was given'))
  }
}
