/**
 * Keys that both KCQL sinks have, and the words their declarations share.
 * Part of `classicKcqlSinkConfig` and `kcqlSinkConfig`.
 * Spec: cassandra-sink 10.4, 10.6, 10.7.
 */
import {
  booleanField,
  checked,
  enumField,
  intField,
  listField,
  range,
  type Validator,
} from '../../../config/index.ts'
import { isHost } from '../datastax/contact-point.ts'

export const KCQL_KEY = 'connect.cassandra.kcql'
/** Names the first kcql key ever had, oldest last. */
export const KCQL_ALIASES = ['connect.cassandra.sink.kcql', 'connect.cassandra.export.route.query']

export const ERROR_POLICIES = ['NOOP', 'THROW', 'RETRY'] as const
export type KcqlErrorPolicy = (typeof ERROR_POLICIES)[number]

export const positive = range({ min: 1 })

/** Hosts only: the port has a key of its own. */
function hostsWithoutPort(): Validator<readonly string[]> {
  const expected = 'IP addresses or host names without port, separated by commas'
  return checked(expected, hosts => {
    const bad = hosts.filter(host => !isHost(host))
    if (bad.length === 0) return hosts.length === 0 ? [`expected ${expected}; found none`] : []
    const hint = bad.some(host => /:\d+$/.test(host))
      ? '; put the port into connect.cassandra.port'
      : ''
    return [`expected ${expected}; bad: ${bad.map(host => `"${host}"`).join(', ')}${hint}`]
  })
}

export const sharedFields = {
  contactPoints: listField('connect.cassandra.contact.points', {
    group: 'Connection',
    doc: 'Hosts to contact first: IP addresses or host names, without port.',
    importance: 'high',
    validator: hostsWithoutPort(),
    examples: ['10.0.0.1,10.0.0.2'],
    default: ['localhost'],
  }),
  port: intField('connect.cassandra.port', {
    group: 'Connection',
    doc: 'Native-protocol port of every contact point.',
    importance: 'high',
    validator: range({ min: 1, max: 65535 }),
    default: 9042,
  }),
  errorPolicy: enumField('connect.cassandra.error.policy', ERROR_POLICIES, {
    group: 'Errors',
    doc: 'What a record that cannot be written does. THROW: the task fails. RETRY: it is tried again after the retry interval. NOOP: it is logged and given up, which loses it.',
    importance: 'high',
    aliases: ['connect.cassandra.sink.error.policy'],
    dependents: ['connect.cassandra.max.retries', 'connect.cassandra.retry.interval'],
    ignoreCase: true,
    default: 'THROW',
  }),
  maxRetries: intField('connect.cassandra.max.retries', {
    group: 'Errors',
    doc: 'With RETRY: how often in a row a record is tried again before the task fails; -1: for ever. A success starts the count anew.',
    aliases: ['connect.cassandra.max.retires'],
    validator: range({ min: -1 }),
    default: 20,
  }),
  retryIntervalMs: intField('connect.cassandra.retry.interval', {
    group: 'Errors',
    doc: 'With RETRY: pause before the next attempt.',
    unit: 'milliseconds',
    validator: positive,
    default: 60_000,
  }),
  progress: booleanField('connect.progress.enabled', {
    group: 'Metrics',
    doc: 'Log at most once a minute how many records of each topic were delivered.',
    importance: 'low',
    default: false,
  }),
}
