/**
 * Reads what `connect-standalone` is given: the worker's properties with references resolved, and
 * connector files, all problems of all files in one error.
 * Called by the command line, the demo and tests, before anything is opened.
 * Spec: connect-rest 6, 8, 16; cassandra-sink 1.2.
 */
import { isScamanderError } from '../base/scamander-error.ts'
import {
  CONFIG_ERRORS,
  ConfigError,
  type ConfigProviders,
  type ConfigSource,
  evaluateConfig,
  hasErrors,
  type Lint,
  type ProviderParts,
  providersOf,
  resolveProviders,
  sortLints,
} from '../config/index.ts'
import { workerClientSettings } from './client-properties.ts'
import { evaluateConnector, inFile, type WorkerContext } from './connector-config.ts'
import { converterEvaluations } from './converter-config.ts'
import { type StandaloneWorkerSettings, standaloneWorkerConfig } from './worker-config.ts'

/** A worker's configuration without errors. */
export interface WorkerConfig extends WorkerContext {
  readonly settings: StandaloneWorkerSettings
  /** With references resolved: never shown. */
  readonly source: ConfigSource
  readonly providers: ConfigProviders
  readonly warnings: readonly Lint[]
}

/** The worker's settings, or every problem in one error. */
export function parseWorker(given: ConfigSource, parts?: ProviderParts): WorkerConfig {
  const { config, lints } = evaluateWorker(given, parts)
  throwAll(lints, given.file ?? 'worker')
  return config
}

/** A connector's file as the worker takes it. */
export interface ConnectorFile {
  readonly name: string
  /** References not resolved. */
  readonly source: ConfigSource
}

/** Checks the worker and all connector files together; throws one error with all problems. */
export function checkStandalone(
  worker: ConfigSource,
  connectors: readonly ConfigSource[],
  parts?: ProviderParts,
): { config: WorkerConfig; connectors: ConnectorFile[] } {
  const { config, lints } = evaluateWorker(worker, parts)
  const all = [...lints]
  const seen = new Map<string, string>()
  const files = connectors.map(source => {
    all.push(...evaluateConnector(source, config).lints)
    const name = source.entries.get('name')?.value.trim() ?? ''
    const first = seen.get(name)
    if (name !== '' && first !== undefined) all.push(duplicateName(name, source, first))
    else seen.set(name, source.file ?? 'another file')
    return { name, source }
  })
  throwAll(all, connectors.length === 1 && lints.length === 0 ? titleOf(connectors[0]) : 'Start')
  return { config, connectors: files }
}

function titleOf(source: ConfigSource | undefined): string {
  return source?.file ?? 'connector'
}

function duplicateName(name: string, source: ConfigSource, first: string): Lint {
  const location = source.entries.get('name')?.location
  return {
    kind: 'conflict',
    severity: 'error',
    key: 'name',
    message: `Connector ${name} already exists: it is configured in ${first}`,
    advice: 'Give each connector its own name.',
    ...(location === undefined ? {} : { location }),
  }
}

function throwAll(lints: readonly Lint[], title: string): void {
  if (!hasErrors(lints)) return
  const errors = lints.filter(lint => lint.severity === 'error')
  throw new ConfigError(CONFIG_ERRORS.INVALID, errors, { title })
}

/** Settings and findings; with errors among them the settings are not to be used. */
export function evaluateWorker(
  given: ConfigSource,
  parts?: ProviderParts,
): { config: WorkerConfig; lints: readonly Lint[] } {
  const { providers, lints } = providersOf(given, parts)
  const source = resolveProviders(given, providers)
  const evaluation = evaluateConfig(standaloneWorkerConfig, source)
  const converters = converterEvaluations({ ...source, lints: [] })
  const found = [
    ...evaluation.lints,
    ...lints,
    ...converters.flatMap(one => one.evaluation.lints),
    ...clientProblems(source),
  ]
  const all = sortLints(inFile(found, given))
  const warnings = all.filter(lint => lint.severity === 'warning')
  return { config: { settings: evaluation.settings, source, providers, warnings }, lints: all }
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
    const at = entry?.location === undefined ? {} : { location: entry.location }
    return [{ kind: 'invalid', severity: 'error', key, message, advice: error.advice, ...at }]
  }
}
