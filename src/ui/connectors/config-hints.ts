/**
 * What a configuration of a sink does that people seldom want, and the keys that mend it. Pure.
 * Used by the Config tab and the review.
 * Spec: ui 5.4 (config tab).
 */
import type { Config } from './connector-queries.ts'

const TOPIC = 'errors.deadletterqueue.topic.name'
const HEADERS = 'errors.deadletterqueue.context.headers.enable'
const REPLICAS = 'errors.deadletterqueue.topic.replication.factor'

/** Only sinks have dead letters. */
export function dropsSilently(config: Config): boolean {
  const reads = (config['topics'] ?? config['topics.regex'] ?? '') !== ''
  const tolerates = config['errors.tolerance']?.trim().toLowerCase() === 'all'
  return reads && tolerates && (config[TOPIC] ?? '').trim() === ''
}

/** What is set already stays. */
export function withDeadLetters(name: string, config: Config): Config {
  const topic = `${name.replaceAll(/[^\w.-]/g, '-').slice(0, 200)}-dead-letters`
  // Of the broker: the default of 3 fails where there are fewer.
  return { [HEADERS]: 'true', [REPLICAS]: '-1', ...config, [TOPIC]: topic }
}
