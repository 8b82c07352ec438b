/**
 * What the worker says of a configuration before there is a connector: findings, and what becomes of the
 * last records of its topics. Used by the review, the paste page and the Config tab.
 * Invariant: nothing is created, written or moved by asking.
 * Spec: ui 5.4 (review, paste).
 */
import { queryOptions } from '@tanstack/react-query'
import type { List } from '../../api-v1.ts'
import type { ConfigLint, ConfigPattern, RecordSample } from '../../api-v1-connectors.ts'
import { call, part } from '../api-client.ts'
import type { Config } from './connector-queries.ts'

export async function lint(config: Config): Promise<readonly ConfigLint[]> {
  return (await call<List<ConfigLint>>('POST', '/api/v1/config/lint', { config })).items
}

export function lintQuery(config: Config) {
  return queryOptions({
    queryKey: ['config-lint', config],
    queryFn: () => lint(config),
    gcTime: 0,
  })
}

export function samplesQuery(config: Config) {
  return queryOptions({
    queryKey: ['connector-sample', config],
    queryFn: async () =>
      (await call<List<RecordSample>>('POST', '/api/v1/connector-sample', { config })).items,
    retry: false,
    gcTime: 0,
  })
}

/** Topics that a sink names and Kafka does not have; asking makes none. Empty when it cannot be asked. */
export async function missingTopicsOf(config: Config): Promise<readonly string[]> {
  try {
    const { items } = await call<List<RecordSample>>('POST', '/api/v1/connector-sample', { config })
    return items.filter(one => one.state === 'missing').map(one => one.topic)
  } catch {
    // A broker that does not answer is told by the connector, once it starts.
    return []
  }
}

export function missingTopicText(topic: string): string {
  return `topic ${topic} does not exist; the broker may make it when the connector starts.`
}

/** Declared by the class: the same until the server is another. */
export function patternsQuery(plugin: string) {
  return queryOptions({
    queryKey: ['config-patterns', plugin],
    queryFn: async () =>
      (await call<List<ConfigPattern>>('GET', `/api/v1/config/patterns/${part(plugin)}`)).items,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: plugin !== '',
    retry: false,
  })
}

/** What is wrong and what to do, as sentences. */
export function lintText({ message, advice }: ConfigLint): string {
  const end = /[.!?]$/.test(message) ? '' : '.'
  return advice === null ? `${message}${end}` : `${message}${end} ${advice}`
}
