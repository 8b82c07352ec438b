/**
 * Traces: spans for the rooms that work, and the switch for who starts them.
 * Part of the telemetry room's door. `otlp-tracing.ts` is left out on purpose: it loads the SDK.
 * See docs/adr/0029-traces.md.
 */
export * from './collector-watch.ts'
export * from './open-tracing.ts'
export * from './span.ts'
export * from './span-queue.ts'
export * from './tracing-settings.ts'
