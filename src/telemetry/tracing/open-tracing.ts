/**
 * Switches traces on for this thread, when they are asked for: only then the OpenTelemetry SDK is
 * loaded. Called at the start of a worker and of each of its task threads.
 * Invariant: what is closed sends what it has within a second, or drops it.
 * See docs/adr/0029-traces.md.
 */
import { messageOf } from '../../base/scamander-error.ts'
import type { Logger } from '../logger.ts'
import type { MetricRegistry } from '../metric.ts'
import { chooseTracing, type TracingEnv, type TracingKeys } from './tracing-settings.ts'

export interface Tracing {
  /** What was ended is sent now. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface TracingParts {
  readonly registry: MetricRegistry
  readonly logger: Logger
  /** @default the environment of the process */
  readonly env?: TracingEnv
}

/** For a collector that does not answer; its exporter would wait longer. */
const CLOSE_MS = 1_000

/** Undefined: traces are off. */
export async function openTracing(
  keys: TracingKeys,
  { registry, logger, env = process.env }: TracingParts,
): Promise<Tracing | undefined> {
  const { settings, warnings } = chooseTracing(keys, env)
  for (const warning of warnings) logger.warn(warning)
  if (settings === undefined) return undefined
  try {
    const { OtlpTracing } = await import('./otlp-tracing.ts')
    const tracing = new OtlpTracing(settings, { registry, logger })
    return { flush: () => tracing.flush(CLOSE_MS), close: () => tracing.close(CLOSE_MS) }
  } catch (error) {
    logger.warn(`there are no traces, everything else goes on: ${messageOf(error)}`)
    return undefined
  }
}
