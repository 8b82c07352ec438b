/**
 * Beans under JMX names: what `/jmx` shows. Door of this folder within the telemetry room.
 * Sinks ask the registry for beans and keep them; nothing here does I/O or has timers.
 * Start with `jmx-registry.ts`.
 */
export type { Bean, BeanAttributes, EventCounter } from './bean.ts'
export type { DecayingHistogram } from './decaying-histogram.ts'
export * from './jmx-registry.ts'
export { mergeBeans } from './merge-beans.ts'
export type { Meter } from './meter.ts'
export { toObjectName } from './object-name.ts'
export type { Timer } from './timer.ts'
