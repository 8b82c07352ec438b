/**
 * Reads what `connect-distributed` is given: the worker's properties with references resolved, all
 * problems in one error. Called by the server's start and tests, before anything is opened.
 * Spec: connect-rest 7, 8, 16.
 */
import { isScamanderError } from '../../base/scamander-error.ts'
import {
  CONFIG_ERRORS,
  ConfigError,
  type ConfigSource,
  evaluateConfig,
  hasErrors,
  type Lint,
  providersOf,
  resolveProviders,
  sortLints,
} from '../../config/index.ts'
import { workerClientSettings } from '../client-properties.ts'
import { inFile } from '../connector-config.ts'
import { converterEvaluations } from '../converter-config.ts'
import type { WorkerConfig } from '../standalone-config.ts'
import { type DistributedWorkerSettings, distributedWorkerConfig } from '../worker-config.ts'
import { isKnownAlgorithm } from './session-key.ts'

/** A worker's configuration without errors. */
export interface DistributedConfig {
  readonly settings: DistributedWorkerSettings
  /** The same as connectors and tasks take it. */
  readonly worker: WorkerConfig
  readonly warnings: readonly Lint[]
}

/** The worker's settings, or every problem in one error. */
export function parseDistributed(
  given: ConfigSource,
  env?: Readonly<Record<string, string | undefined>>,
): DistributedConfig {
  const { providers, lints } = providersOf(given, { env })
  const source = resolveProviders(given, providers)
  const { settings, lints: own } = evaluateConfig(distributedWorkerConfig, source)
  const converters = converterEvaluations({ ...source, lints: [] })
  const found = [
    ...own,
    ...lints,
    ...converters.flatMap(one => one.evaluation.lints),
    ...clientProblems(source).filter(
      ({ key }) => !own.some(lint => lint.key === key && lint.severity === 'error'),
    ),
    ...topicProblems(source),
    ...(hasErrors(own) ? [] : timeProblems(settings)),
    ...(hasErrors(own) ? [] : algorithmProblems(settings)),
  ]
  const all = sortLints(inFile(found, given))
  if (hasErrors(all)) {
    const errors = all.filter(lint => lint.severity === 'error')
    throw new ConfigError(CONFIG_ERRORS.INVALID, errors, { title: given.file ?? 'worker' })
  }
  const warnings = all.filter(lint => lint.severity === 'warning')
  // Positions are in a topic: the file of a worker that is alone is never opened.
  const alone = { settings: { ...settings, offsetFile: '' }, source, providers, warnings }
  const { exactlyOnce: support, groupId, offsetTopic } = settings
  const exactlyOnce = support === 'enabled' ? { groupId, offsetTopic } : undefined
  return { settings, worker: { ...alone, exactlyOnce }, warnings }
}

const TOPICS = ['config.storage.topic', 'offset.storage.topic', 'status.storage.topic']

/** Each has records of its own kind, so no two may be one. */
function topicProblems({ entries }: ConfigSource): Lint[] {
  return TOPICS.flatMap((key, i): Lint[] => {
    const name = entries.get(key)?.value.trim()
    const same = TOPICS.slice(0, i).find(other => entries.get(other)?.value.trim() === name)
    if (name === undefined || (name !== '' && same === undefined)) return []
    const found = name === '' ? 'nothing' : `${name}, as in ${same}`
    const message = `${key}: expected the name of a topic of its own, found ${found}`
    return [{ kind: 'conflict', severity: 'error', key, message }]
  })
}

function timeProblems(settings: DistributedWorkerSettings): Lint[] {
  const { heartbeatMs, sessionTimeoutMs } = settings
  // The lease ends after two thirds of the session: a heartbeat must fit in more than once.
  if (heartbeatMs * 2 <= sessionTimeoutMs) return []
  const message = `heartbeat.interval.ms: expected at most half of session.timeout.ms (${sessionTimeoutMs}), found ${heartbeatMs}`
  return [{ kind: 'conflict', severity: 'error', key: 'heartbeat.interval.ms', message }]
}

function algorithmProblems(settings: DistributedWorkerSettings): Lint[] {
  const key = 'inter.worker.signature.algorithm'
  const { signatureAlgorithm, keyAlgorithm, verificationAlgorithms } = settings
  const names = [signatureAlgorithm, keyAlgorithm, ...verificationAlgorithms]
  const problems = names
    .filter(name => !isKnownAlgorithm(name))
    .map(name => `expected HmacSHA256, HmacSHA384 or HmacSHA512, found ${name}`)
  if (!verificationAlgorithms.includes(signatureAlgorithm)) {
    problems.push(
      `expected one of inter.worker.verification.algorithms, found ${signatureAlgorithm}`,
    )
  }
  return [...new Set(problems)].map(message => ({
    kind: 'invalid',
    severity: 'error',
    key,
    message: `${key}: ${message}`,
  }))
}

function clientProblems(source: ConfigSource): Lint[] {
  try {
    workerClientSettings(source, {})
    return []
  } catch (error) {
    if (!isScamanderError(error)) throw error
    const key = String(error.context['key'] ?? 'bootstrap.servers')
    const entry = source.entries.get(key)
    const message = entry?.hidden === true ? `the value of ${key} cannot be used` : error.message
    return [{ kind: 'invalid', severity: 'error', key, message, advice: error.advice }]
  }
}
