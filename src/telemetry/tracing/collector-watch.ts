/**
 * Whether traces arrive, told to the user once for all threads of the process: when they no longer
 * do, and when they do again. Threads tell the main thread, which keeps the watch.
 * Invariant: one line per change; a collector that comes and goes gives a line a minute at most.
 */
import { channel } from 'node:diagnostics_channel'
import type { Logger } from '../logger.ts'

const EXPORTED = channel('scamander.span.exported')
const REPEAT_MS = 60_000

/** Undefined: the collector took what it was sent. */
export function tellExport(failure: string | undefined): void {
  EXPORTED.publish({ failure })
}

/** Hears of every export of this thread until the answer is called. */
export function onExport(hear: (failure: string | undefined) => void): () => void {
  const listen = (message: unknown) => hear((message as { failure: string | undefined }).failure)
  EXPORTED.subscribe(listen)
  return () => {
    EXPORTED.unsubscribe(listen)
  }
}

/** Tells the log, until the answer is called. */
export function watchCollector(logger: Logger, nowMs: () => number = Date.now): () => void {
  let isAway = false
  let toldMs = Number.NEGATIVE_INFINITY
  return onExport(failure => {
    if (failure !== undefined && !isAway && nowMs() - toldMs >= REPEAT_MS) {
      isAway = true
      toldMs = nowMs()
      logger.warn(
        `traces are not delivered and are dropped, everything else goes on: ${failure}; check scamander.tracing.endpoint or OTEL_EXPORTER_OTLP_ENDPOINT`,
      )
    } else if (failure === undefined && isAway) {
      isAway = false
      logger.info('traces are delivered again')
    }
  })
}
