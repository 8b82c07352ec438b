/**
 * Whether and how traces leave the process: the worker's keys, and where they say nothing the
 * environment variables of OpenTelemetry.
 * Called by the server's start and by each task thread, with the same result.
 * Invariants: off unless somebody asked; a variable that cannot be used is told and passed over, as
 * OpenTelemetry demands, and never stops a start.
 * Spec: OpenTelemetry, environment variables and OTLP exporter.
 */

/** Given by the user; undefined: not given. */
export interface TracingKeys {
  readonly exporter?: 'otlp' | 'none' | undefined
  readonly endpoint?: string | undefined
  /** `name=value`, separated by commas. */
  readonly headers?: string | undefined
  readonly protocol?: TracingProtocol | undefined
  readonly serviceName?: string | undefined
  readonly sampler?: TracingSampler | undefined
  readonly samplerArg?: number | undefined
  readonly queueMax?: number | undefined
}

export const TRACING_PROTOCOLS = ['http/protobuf', 'http/json'] as const
export type TracingProtocol = (typeof TRACING_PROTOCOLS)[number]

export const TRACING_SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const
export type TracingSampler = (typeof TRACING_SAMPLERS)[number]

export interface TracingSettings {
  /** With the path; undefined: as the variables of the exporter say. */
  readonly url: string | undefined
  /** Undefined: as the variables of the exporter say. */
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly protocol: TracingProtocol
  /** Undefined: as the variables say, else the product's name. */
  readonly serviceName: string | undefined
  readonly sampler: TracingSampler
  /** Of the root spans, for the samplers by ratio. */
  readonly ratio: number
  readonly queueMax: number
  readonly batchMax: number
  readonly delayMs: number
}

export type TracingEnv = Readonly<Record<string, string | undefined>>

export interface TracingChoice {
  /** Undefined: traces are off. */
  readonly settings: TracingSettings | undefined
  readonly warnings: readonly string[]
}

const QUEUE_MAX = 2_048
const BATCH_MAX = 512
/** OpenTelemetry says five seconds; a person who looks at a trace waits less. */
const DELAY_MS = 1_000

export function chooseTracing(keys: TracingKeys, env: TracingEnv): TracingChoice {
  const warnings: string[] = []
  if (!isOn(keys, env, warnings)) return { settings: undefined, warnings }
  const settings = {
    url: keys.endpoint === undefined ? undefined : `${keys.endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: keys.headers === undefined ? undefined : toHeaders(keys.headers),
    protocol: keys.protocol ?? protocolOf(env, warnings),
    serviceName: keys.serviceName,
    sampler: keys.sampler ?? samplerOf(env, warnings),
    ratio: keys.samplerArg ?? ratioOf(env, warnings),
    queueMax: keys.queueMax ?? countOf(env, 'OTEL_BSP_MAX_QUEUE_SIZE', QUEUE_MAX, warnings),
    batchMax: countOf(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', BATCH_MAX, warnings),
    delayMs: countOf(env, 'OTEL_BSP_SCHEDULE_DELAY', DELAY_MS, warnings),
  }
  return {
    settings: { ...settings, batchMax: Math.min(settings.batchMax, settings.queueMax) },
    warnings,
  }
}

/** The key wins; then the exporters that are named; then an endpoint, which nobody names for nothing. */
function isOn(keys: TracingKeys, env: TracingEnv, warnings: string[]): boolean {
  if (keys.exporter !== undefined) return keys.exporter === 'otlp'
  if (textOf(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return false
  const named = textOf(env, 'OTEL_TRACES_EXPORTER')
  if (named !== undefined) {
    const names = named.split(',').map(name => name.trim())
    const others = names.filter(name => name !== 'otlp' && name !== 'none')
    if (others.length > 0) {
      warnings.push(
        `OTEL_TRACES_EXPORTER: expected otlp or none, found ${others.join(', ')}, which has no effect`,
      )
    }
    return names.includes('otlp')
  }
  const endpoints = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']
  return keys.endpoint !== undefined || endpoints.some(name => textOf(env, name) !== undefined)
}

function protocolOf(env: TracingEnv, warnings: string[]): TracingProtocol {
  const names = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']
  const name = names.find(one => textOf(env, one) !== undefined)
  if (name === undefined) return 'http/protobuf'
  const text = textOf(env, name)
  const known = TRACING_PROTOCOLS.find(one => one === text)
  if (known !== undefined) return known
  warnings.push(
    `${name}: expected ${TRACING_PROTOCOLS.join(' or ')}, found ${text}; http/protobuf is used, which collectors take at port 4318`,
  )
  return 'http/protobuf'
}

function samplerOf(env: TracingEnv, warnings: string[]): TracingSampler {
  const text = textOf(env, 'OTEL_TRACES_SAMPLER')
  const known = TRACING_SAMPLERS.find(one => one === text)
  if (text !== undefined && known === undefined) {
    warnings.push(
      `OTEL_TRACES_SAMPLER: expected one of ${TRACING_SAMPLERS.join(', ')}, found ${text}; parentbased_always_on is used`,
    )
  }
  return known ?? 'parentbased_always_on'
}

function ratioOf(env: TracingEnv, warnings: string[]): number {
  const text = textOf(env, 'OTEL_TRACES_SAMPLER_ARG')
  if (text === undefined) return 1
  const ratio = Number(text)
  if (ratio >= 0 && ratio <= 1) return ratio
  warnings.push(`OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1, found ${text}; 1 is used`)
  return 1
}

function countOf(env: TracingEnv, name: string, byDefault: number, warnings: string[]): number {
  const text = textOf(env, name)
  if (text === undefined) return byDefault
  const count = Number(text)
  if (Number.isInteger(count) && count > 0) return count
  warnings.push(`${name}: expected a whole number above 0, found ${text}; ${byDefault} is used`)
  return byDefault
}

/** Of a variable that is empty nothing is said. */
function textOf(env: TracingEnv, name: string): string | undefined {
  const text = env[name]?.trim()
  return text === '' ? undefined : text
}

/** Names and values as in the header `baggage`: percent-encoded. */
function toHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const part of text.split(',')) {
    const at = part.indexOf('=')
    if (at > 0) headers[part.slice(0, at).trim()] = decoded(part.slice(at + 1).trim())
  }
  return headers
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
