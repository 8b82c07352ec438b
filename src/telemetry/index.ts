/**
 * Loggers, metrics and traces. The only door of the room; used by every room above level 1.
 * Nothing here does I/O except the default log sink, which writes to standard error, and traces
 * when they are switched on.
 * Spec: style, "Logs and metrics".
 */
export * from './jmx/index.ts'
export * from './log-levels.ts'
export * from './logger.ts'
export * from './metric.ts'
export * from './metric-changes.ts'
export * from './tracing/index.ts'
