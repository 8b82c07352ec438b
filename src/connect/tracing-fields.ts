/**
 * The worker's keys of traces, and how they become the choice of the telemetry room. Part of the
 * declarations in worker-fields.ts; read at the start of a worker and of its task threads.
 * Keys that are not given leave the word to the environment variables of OpenTelemetry.
 * See docs/operating/traces.md.
 */
import {
  booleanField,
  checked,
  doubleField,
  enumField,
  intField,
  passwordField,
  range,
  type Secret,
  stringField,
} from '../config/index.ts'
import { TRACING_PROTOCOLS, TRACING_SAMPLERS, type TracingKeys } from '../telemetry/index.ts'

const tracing = { group: 'Traces', since: '0.1' }

const webAddress = checked<string>('http://host:port or https://host:port', text => {
  const url = URL.parse(text)
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  return isWeb ? [] : ['expected http://host:port or https://host:port']
})

export const tracingFields = {
  tracingExporter: enumField('scamander.tracing.exporter', ['otlp', 'none'], {
    ...tracing,
    doc: 'otlp: traces are sent to an OpenTelemetry collector. none: no traces. Not given: as OTEL_TRACES_EXPORTER says; without it, on when an endpoint is set.',
  }),
  tracingEndpoint: stringField('scamander.tracing.endpoint', {
    ...tracing,
    doc: 'Base address of the collector for OTLP over HTTP; /v1/traces is added. Not given: OTEL_EXPORTER_OTLP_ENDPOINT, else http://localhost:4318.',
    validator: webAddress,
    examples: ['http://collector:4318'],
  }),
  tracingHeaders: passwordField('scamander.tracing.headers', {
    ...tracing,
    doc: 'Headers sent along, as name=value separated by commas, for a login. Not given: OTEL_EXPORTER_OTLP_HEADERS.',
  }),
  tracingProtocol: enumField('scamander.tracing.protocol', TRACING_PROTOCOLS, {
    ...tracing,
    doc: 'Encoding of what is sent. Not given: OTEL_EXPORTER_OTLP_PROTOCOL, else http/protobuf.',
  }),
  tracingService: stringField('scamander.tracing.service.name', {
    ...tracing,
    doc: 'Name of the service in traces. Not given: OTEL_SERVICE_NAME, else scamander.',
  }),
  tracingSampler: enumField('scamander.tracing.sampler', TRACING_SAMPLERS, {
    ...tracing,
    doc: 'Which batches and calls are traced. Not given: OTEL_TRACES_SAMPLER, else parentbased_always_on.',
  }),
  tracingSamplerArg: doubleField('scamander.tracing.sampler.arg', {
    ...tracing,
    doc: 'Share of traces that is kept by the samplers with ratio in their name, 0 to 1. Not given: OTEL_TRACES_SAMPLER_ARG, else 1.',
    validator: range({ min: 0, max: 1 }),
  }),
  tracingQueueMax: intField('scamander.tracing.queue.spans.max', {
    ...tracing,
    doc: 'Spans that wait to be sent, in each thread; more are dropped and counted. Not given: OTEL_BSP_MAX_QUEUE_SIZE, else 2048.',
    validator: range({ min: 1, max: 100_000 }),
  }),
  tracingPropagate: booleanField('scamander.tracing.propagate', {
    ...tracing,
    doc: 'Records that source connectors produce get a header traceparent, when their batch is traced and they have none.',
    default: false,
  }),
}

export interface TracingWorkerSettings {
  readonly tracingExporter: TracingKeys['exporter']
  readonly tracingEndpoint: string | undefined
  readonly tracingHeaders: Secret | undefined
  readonly tracingProtocol: TracingKeys['protocol']
  readonly tracingService: string | undefined
  readonly tracingSampler: TracingKeys['sampler']
  readonly tracingSamplerArg: number | undefined
  readonly tracingQueueMax: number | undefined
}

export function tracingKeysOf(settings: TracingWorkerSettings): TracingKeys {
  return {
    exporter: settings.tracingExporter,
    endpoint: settings.tracingEndpoint,
    headers: settings.tracingHeaders?.reveal(),
    protocol: settings.tracingProtocol,
    serviceName: settings.tracingService,
    sampler: settings.tracingSampler,
    samplerArg: settings.tracingSamplerArg,
    queueMax: settings.tracingQueueMax,
  }
}
