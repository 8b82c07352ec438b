/**
 * Spans as the rooms know them: they begin one, add what they learn, and end it. Who listens on the
 * channel makes the span; while nobody does, nothing is made and nothing is paid.
 * Called once per batch or request, never per record; otlp-tracing.ts listens when traces are
 * switched on.
 * Invariants: attributes hold names, counts and codes, never a value of a row or a secret; a span
 * without an end is never delivered.
 * Spec: docs/adr/0029-traces.md; W3C Trace Context (traceparent).
 */
import { channel } from 'node:diagnostics_channel'

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>

export interface SpanOptions {
  /** Of few values: an operation and a topic or route. */
  readonly name: string
  /** @default 'internal' */
  readonly kind?: SpanKind
  /** A span of this thread, or the `traceparent` that somebody else sent. */
  readonly parent?: Span | string | undefined
  readonly links?: readonly (Span | string)[]
  readonly attributes?: SpanAttributes
  /** When it began before now: milliseconds since 1970. */
  readonly startMs?: number | undefined
}

export interface Span {
  /** As W3C writes it, for whom the work goes on. */
  readonly traceparent: string
  /** False: it is not sampled and nobody will see it, or it has ended. */
  readonly isRecording: boolean
  set(attributes: SpanAttributes): void
  /** With an error the span is told as failed. What comes after the end does not count. */
  end(error?: unknown): void
}

interface Begin {
  readonly options: SpanOptions
  /** Set by who listens. */
  span: Span | undefined
}

const BEGIN = channel('scamander.span.begin')

/** Whether spans are made at all in this thread. */
export function isTracing(): boolean {
  return BEGIN.hasSubscribers
}

/** Undefined: traces are off. */
export function beginSpan(options: SpanOptions): Span | undefined {
  if (!BEGIN.hasSubscribers) return undefined
  const begin: Begin = { options, span: undefined }
  BEGIN.publish(begin)
  return begin.span
}

/** Spans of this thread are made so until the answer is called; who came first makes them. */
export function makeSpans(make: (options: SpanOptions) => Span): () => void {
  const listen = (message: unknown) => {
    const begin = message as Begin
    try {
      begin.span ??= make(begin.options)
    } catch {
      // What listens on a channel and throws ends the process; work goes on without its span.
    }
  }
  BEGIN.subscribe(listen)
  return () => {
    BEGIN.unsubscribe(listen)
  }
}

const TRACEPARENT =
  /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-|$)/

export interface TraceContext {
  readonly traceId: string
  readonly spanId: string
  readonly flags: number
}

/** Undefined: not what W3C asks for. */
export function parseTraceparent(text: string): TraceContext | undefined {
  const match = TRACEPARENT.exec(text)
  if (match === null) return undefined
  const [, traceId = '', spanId = '', flags = ''] = match
  return { traceId, spanId, flags: Number.parseInt(flags, 16) }
}

/** Whether its sender asks that it be followed. */
export function isSampled(traceparent: string): boolean {
  return ((parseTraceparent(traceparent)?.flags ?? 0) & 1) === 1
}
