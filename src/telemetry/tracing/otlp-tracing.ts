/**
 * Spans by the OpenTelemetry SDK, sent by its exporter for OTLP over HTTP. The only file that knows
 * the SDK; loaded by open-tracing.ts when traces are switched on, once per thread.
 * Invariants: the exporter's own variables (certificates, headers, time limit, compression) count
 * where no key of the worker says otherwise; no span is a parent by accident: parents are given.
 * Spec: OpenTelemetry, trace SDK and semantic conventions for resources.
 */
import { hostname } from 'node:os'
import {
  type Attributes,
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Link as SdkLink,
  type Span as SdkSpan,
  SpanKind as SdkSpanKind,
  type SpanContext,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { PRODUCT_VERSION } from '../../base/product-version.ts'
import { isScamanderError, messageOf } from '../../base/scamander-error.ts'
import type { Logger } from '../logger.ts'
import type { MetricRegistry } from '../metric.ts'
import { tellExport } from './collector-watch.ts'
import {
  makeSpans,
  parseTraceparent,
  type Span,
  type SpanAttributes,
  type SpanKind,
  type SpanOptions,
} from './span.ts'
import { SpanQueue } from './span-queue.ts'
import type { TracingSettings } from './tracing-settings.ts'

const KINDS: Readonly<Record<SpanKind, SdkSpanKind>> = {
  internal: SdkSpanKind.INTERNAL,
  server: SdkSpanKind.SERVER,
  client: SdkSpanKind.CLIENT,
  producer: SdkSpanKind.PRODUCER,
  consumer: SdkSpanKind.CONSUMER,
}

export class OtlpTracing {
  readonly #queue: SpanQueue<ReadableSpan>
  readonly #tracer: Tracer
  readonly #leave: () => void

  constructor(settings: TracingSettings, parts: { registry: MetricRegistry; logger: Logger }) {
    const { queueMax: spansMax, batchMax, delayMs } = settings
    const exporter = makeExporter(settings, parts.logger)
    const { registry } = parts
    const queue = new SpanQueue<ReadableSpan>({
      exporter,
      registry,
      spansMax,
      batchMax,
      delayMs,
      told: tellExport,
    })
    const provider = new TracerProvider({
      resource: resourceOf(settings),
      sampler: samplerOf(settings),
      spanProcessors: [
        {
          onStart: () => undefined,
          onEnd: span => {
            if ((span.spanContext().traceFlags & 1) === 1) queue.add(span)
          },
          forceFlush: () => Promise.resolve(),
          shutdown: () => Promise.resolve(),
        },
      ],
    })
    this.#queue = queue
    this.#tracer = provider.getTracer('scamander', PRODUCT_VERSION)
    this.#leave = makeSpans(options => this.#begin(options))
  }

  async flush(timeoutMs: number): Promise<void> {
    await this.#queue.flush(timeoutMs)
  }

  async close(timeoutMs: number): Promise<void> {
    this.#leave()
    await this.#queue.close(timeoutMs)
  }

  #begin(options: SpanOptions): Span {
    const { name, kind = 'internal', parent, links = [], attributes = {}, startMs } = options
    const span = this.#tracer.startSpan(
      name,
      {
        kind: KINDS[kind],
        attributes: toAttributes(attributes),
        links: links.flatMap(toLink),
        ...(startMs === undefined ? {} : { startTime: startMs }),
      },
      contextOf(parent),
    )
    return new LibrarySpan(span)
  }
}

class LibrarySpan implements Span {
  readonly span: SdkSpan

  constructor(span: SdkSpan) {
    this.span = span
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.span.spanContext()
    return `00-${traceId}-${spanId}-${(traceFlags & 1).toString(16).padStart(2, '0')}`
  }

  get isRecording(): boolean {
    return this.span.isRecording()
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(toAttributes(attributes))
  }

  end(error?: unknown): void {
    if (error !== undefined) {
      const type = isScamanderError(error) ? error.code : nameOf(error)
      this.span.setAttribute('error.type', type)
      this.span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) })
    }
    this.span.end()
  }
}

function contextOf(parent: Span | string | undefined): Context {
  const context = parent === undefined ? undefined : spanContextOf(parent)
  if (context === undefined) return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, context)
}

function toLink(one: Span | string): SdkLink[] {
  const context = spanContextOf(one)
  return context === undefined ? [] : [{ context }]
}

/** Undefined: it is no traceparent. */
function spanContextOf(one: Span | string): SpanContext | undefined {
  if (one instanceof LibrarySpan) return one.span.spanContext()
  const parsed = parseTraceparent(typeof one === 'string' ? one : one.traceparent)
  if (parsed === undefined) return undefined
  const { traceId, spanId, flags } = parsed
  return { traceId, spanId, traceFlags: flags & 1, isRemote: true }
}

function toAttributes(attributes: SpanAttributes): Attributes {
  return attributes as Attributes
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '_OTHER'
}

function samplerOf({ sampler, ratio }: TracingSettings): Sampler {
  const isByParent = sampler.startsWith('parentbased_')
  const rootName = isByParent ? sampler.slice('parentbased_'.length) : sampler
  const root = rootSampler(rootName, ratio)
  return isByParent ? new ParentBasedSampler({ root }) : root
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler()
  return name === 'traceidratio' ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler()
}

/** All threads of a process are one instance of the service. */
function resourceOf({ serviceName }: TracingSettings): Resource {
  const own = resourceFromAttributes({
    'service.name': 'scamander',
    'service.version': PRODUCT_VERSION,
    'service.instance.id': `${hostname()}-${process.pid}`,
    'host.name': hostname(),
    'process.pid': process.pid,
  })
  const given = detectResources({ detectors: [envDetector] })
  const all = defaultResource().merge(own).merge(given)
  if (serviceName === undefined) return all
  return all.merge(resourceFromAttributes({ 'service.name': serviceName }))
}

/** What it says of its variables while it is made is passed on; later it is told by its results. */
function makeExporter({ protocol, url, headers }: TracingSettings, logger: Logger) {
  const tell = (message: string) => logger.warn(`traces: ${message}`)
  const nothing = () => undefined
  diag.setLogger(
    { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  const options = {
    ...(url === undefined ? {} : { url }),
    ...(headers === undefined ? {} : { headers: { ...headers } }),
    userAgent: `scamander/${PRODUCT_VERSION}`,
  }
  try {
    return protocol === 'http/json' ? new JsonExporter(options) : new ProtobufExporter(options)
  } finally {
    diag.disable()
  }
}
