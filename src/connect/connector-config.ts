/**
 * Everything that can be said about a connector's configuration before it runs: framework keys,
 * the connector's own keys, converters, plugins and client overrides, all problems at once.
 * One evaluation serves `lint`, REST validation, creation and the start of tasks, so that they
 * never disagree. Nothing is opened here; only files that settings name are looked at.
 * Spec: connect-rest 5.1, 5.2, 9; cassandra-sink 1.3.
 */
import { type ConnectorClass, connectorClasses, findConnectorClass } from '../catalog.ts'
import {
  CONFIG_ERRORS,
  ConfigError,
  type ConfigInfos,
  type ConfigProviders,
  type ConfigSource,
  combineConfigInfos,
  defaultProviders,
  type Evaluation,
  evaluateConfig,
  type Fields,
  hasErrors,
  keysOf,
  type Lint,
  resolveProviders,
  sortLints,
  sourceOf,
  toConfigInfos,
} from '../config/index.ts'
import { overrideProblems } from './client-properties.ts'
import { converterEvaluations } from './converter-config.ts'
import { type ExactlyOnceWorker, exactlyOnceProblems } from './exactly-once.ts'
import {
  frameworkConfigOf,
  isFrameworkKey,
  isSourceFrameworkKey,
  type SinkFrameworkSettings,
  sinkFrameworkConfig,
} from './framework-config.ts'
import type { CommonFrameworkSettings } from './framework-fields.ts'
import { type SourceFrameworkSettings, sourceFrameworkConfig } from './source-framework-config.ts'
import { pluginEvaluations } from './transform-config.ts'

/** What a worker contributes; absent when a file is checked without its worker. */
export interface WorkerContext {
  readonly source: ConfigSource
  readonly providers: ConfigProviders
  /** Undefined: sources deliver at least once. */
  readonly exactlyOnce?: ExactlyOnceWorker | undefined
}

export interface ConnectorEvaluation {
  /** With references resolved: never shown. */
  readonly source: ConfigSource
  readonly framework: CommonFrameworkSettings
  /** Undefined for a source. */
  readonly sink: SinkFrameworkSettings | undefined
  /** Undefined unless the class is a source. */
  readonly sourceSettings: SourceFrameworkSettings | undefined
  readonly connectorClass: ConnectorClass | undefined
  /** Errors and warnings, sorted by place. */
  readonly lints: readonly Lint[]
  readonly infos: ConfigInfos
}

const NO_WORKER: WorkerContext = { source: sourceOf({}), providers: defaultProviders() }

export function evaluateConnector(
  given: ConfigSource,
  worker: WorkerContext = NO_WORKER,
): ConnectorEvaluation {
  const source = resolveProviders(given, worker.providers)
  const className = source.entries.get('connector.class')?.value.trim() ?? ''
  const found = lookUp(className, source)
  const { framework, sink, sourceSettings } = evaluateFramework(found.connectorClass, source)
  const { plugins, others } = pluginEvaluations(source, framework)
  const frameworkLints = [
    ...others,
    ...found.lints,
    ...overrideProblems({ connector: source, worker: worker.source }),
    ...transactionProblems(found.connectorClass, sourceSettings, { worker, source }),
  ]
  const converters = converterEvaluations(withoutLints(source))
  const own = found.connectorClass && evaluateOwn(found.connectorClass, source)
  const parts = [
    toConfigInfos(frameworkConfigOf(found.connectorClass?.type ?? 'sink'), {
      ...framework,
      lints: frameworkLints,
    }),
    ...plugins.map(one => toConfigInfos(one.config, one.evaluation)),
    ...(own === undefined ? [] : [toConfigInfos(own.connectorClass.config, own.evaluation)]),
    ...converters.map(one => toConfigInfos(one.config, one.evaluation)),
  ]
  const lints = [
    ...frameworkLints,
    ...plugins.flatMap(one => one.evaluation.lints),
    ...(own?.evaluation.lints ?? []),
    ...converters.flatMap(one => one.evaluation.lints),
  ]
  return {
    source,
    framework: framework.settings,
    sink,
    sourceSettings,
    connectorClass: found.connectorClass,
    lints: sortLints(inFile(distinct(lints), given)),
    infos: combineConfigInfos(className, parts),
  }
}

/** Throws one error with all problems. */
export function throwOnProblems(title: string, evaluation: ConnectorEvaluation): void {
  if (!hasErrors(evaluation.lints)) return
  const errors = evaluation.lints.filter(lint => lint.severity === 'error')
  throw new ConfigError(CONFIG_ERRORS.INVALID, errors, { title })
}

export function warningsOf(evaluation: ConnectorEvaluation): readonly Lint[] {
  return evaluation.lints.filter(lint => lint.severity === 'warning')
}

/** Connect's text for a class that no connector has. */
export function unknownConnectorMessage(className: string): string {
  const known = connectorClasses.map(one => one.className).join(', ')
  return `Failed to find any class that implements Connector and which name matches ${className}, available connectors are: ${known}`
}

function lookUp(
  className: string,
  source: ConfigSource,
): { connectorClass: ConnectorClass | undefined; lints: readonly Lint[] } {
  // A missing class is told by the framework's declaration.
  if (className === '') return { connectorClass: undefined, lints: [] }
  const connectorClass = findConnectorClass(className, source)
  if (connectorClass !== undefined) return { connectorClass, lints: [] }
  return {
    connectorClass,
    lints: [problem('connector.class', unknownConnectorMessage(className), source)],
  }
}

function transactionProblems(
  connectorClass: ConnectorClass | undefined,
  settings: SourceFrameworkSettings | undefined,
  around: { readonly worker: WorkerContext; readonly source: ConfigSource },
): Lint[] {
  if (connectorClass?.type !== 'source' || settings === undefined) return []
  return exactlyOnceProblems(settings, connectorClass, { ...around.worker, given: around.source })
}

/** A class that is not known is judged as a sink's, which most are. */
function evaluateFramework(connectorClass: ConnectorClass | undefined, source: ConfigSource) {
  const options = { isForeignKey: () => true }
  if (connectorClass?.type === 'source') {
    const framework = evaluateConfig(sourceFrameworkConfig, source, options)
    return { framework, sink: undefined, sourceSettings: framework.settings }
  }
  const framework = evaluateConfig(sinkFrameworkConfig, source, options)
  return { framework, sink: framework.settings, sourceSettings: undefined }
}

function evaluateOwn(connectorClass: ConnectorClass, source: ConfigSource) {
  const { config, type } = connectorClass
  const evaluation: Evaluation<Fields> = evaluateConfig(config, withoutLints(source), {
    isForeignKey: type === 'source' ? isSourceFrameworkKey : isFrameworkKey,
    foreignKeys: keysOf(frameworkConfigOf(type)),
  })
  const lints = [...evaluation.lints, ...connectorClass.check(source)]
  return { connectorClass, evaluation: { ...evaluation, lints } }
}

function problem(key: string, message: string, source: ConfigSource): Lint {
  const location = source.entries.get(key)?.location
  const at = location === undefined ? {} : { location }
  return { kind: 'invalid', severity: 'error', key, message, ...at }
}

/** A finding without a place is at least in its file. */
export function inFile(lints: readonly Lint[], { file }: ConfigSource): readonly Lint[] {
  if (file === undefined) return lints
  return lints.map(one => (one.location === undefined ? { ...one, location: { file } } : one))
}

/** The reader's findings are told once, by the first declaration. */
function withoutLints(source: ConfigSource): ConfigSource {
  return { ...source, lints: [] }
}

/** Two declarations may know one key (topics): the same finding is told once. */
function distinct(lints: readonly Lint[]): Lint[] {
  return [...new Map(lints.map(lint => [`${lint.key} ${lint.message}`, lint])).values()]
}
