/**
 * The one list of components that configurations name by class: connectors here, converters from
 * the convert room. Used by connect (to build them), by the server (to list plugins) and by `lint`.
 * A new component touches its own folder and one line of this file.
 * Invariant: classes are published under the names of the products they replace.
 * Spec: connect-rest 2.4; cassandra-sink 1.1.
 */
import { PRODUCT_VERSION } from './base/product-version.ts'
import { ScamanderError } from './base/scamander-error.ts'
import type { SchemaLinks } from './cassandra/index.ts'
import {
  type AnyConfig,
  CONFIG_ERRORS,
  type ConfigSource,
  type Lint,
  resolveClassName,
} from './config/index.ts'
import { type ConverterFactory, converterClasses } from './convert/index.ts'
import type { FlowRecord, RecordSource, Sink, SourcePosition } from './flow/index.ts'
import {
  COPY_CONNECTOR_CLASS,
  copyConnectorConfig,
  prepareCopyConnector,
  prepareValidationConnector,
  VALIDATION_CONNECTOR_CLASS,
  validationConnectorConfig,
} from './migrate/index.ts'
import type { ErrorPolicy } from './pipeline/index.ts'
import {
  CLASSIC_KCQL_SINK_CLASSES,
  classicKcqlSinkConfig,
  codecProblems,
  DATASTAX_SINK_CLASSES,
  datastaxSinkConfig,
  examineTables,
  KCQL_SINK_CLASS,
  kcqlSinkConfig,
  kcqlSinkProblems,
  type ParsedKcqlSink,
  parseClassicKcqlSink,
  parseDatastaxSink,
  parseKcqlSink,
  SharedSessions,
  TableSink,
  type TriedRecord,
  toDatastaxSourceConnection,
  toKcqlSourceConnection,
  tryRecord,
} from './sink/index.ts'
import {
  CDC_SOURCE_CLASS,
  cdcConnectorConfig,
  checkCdcConnector,
  checkReplicationConnector,
  divideRing,
  divideTables,
  examineKcqlSource,
  examineTokenRangeSource,
  KCQL_SOURCE_CLASSES,
  KcqlSource,
  kcqlSourceConfig,
  notesOf,
  parseKcqlSource,
  parseTokenRangeSource,
  prepareCdcConnector,
  prepareReplicationConnector,
  REPLICATION_CONNECTOR_CLASS,
  ReadSessions,
  replicationConnectorConfig,
  TOKEN_RANGE_SOURCE_CLASS,
  TokenRangeSource,
  tokenRangeSourceConfig,
} from './source/index.ts'
import type { Logger, MetricRegistry } from './telemetry/index.ts'
import { predicateClasses, transformClasses } from './transform/index.ts'

export type { TriedRecord } from './sink/index.ts'

/** What the dialect says about failed records; the framework's keys say the rest. */
export type PutPolicy = Pick<
  ErrorPolicy,
  'mapping' | 'driver' | 'attemptsMax' | 'retryIntervalMs' | 'coversOutages'
>

export interface SinkContext {
  readonly connector: string
  readonly logger: Logger
  readonly metrics: MetricRegistry
  /** The sink worked before in this process. */
  readonly wasOpen: boolean
}

/** A sink connector whose configuration is valid; its tasks share what they can. */
export interface PreparedSink {
  readonly putPolicy: PutPolicy
  /** Told once at start: what was derived from the settings. */
  readonly notes: readonly string[]
  createSink(context: SinkContext): Sink
}

export interface SourceContext {
  readonly connector: string
  readonly task: number
  readonly logger: Logger
  readonly metrics: MetricRegistry
  /** The source worked before in this process. */
  readonly wasOpen: boolean
}

/** What is asked of a source connector before its tasks exist. */
export interface SourcePlanning {
  readonly connector: string
  /** tasks.max: no more configurations than that. */
  readonly tasksMax: number
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** A source connector whose configuration is valid; its tasks share what they can. */
export interface PreparedSource {
  /** Told once at start: what was derived from the settings. */
  readonly notes: readonly string[]
  /** A restart at a stored position gives exactly the records that come after it. */
  readonly supportsExactlyOnce: boolean
  /**
   * What each task does, as keys beside the connector's own: one map per task, at least one, as
   * few as there is work for. May look at a cluster; called again at every start of the connector.
   */
  taskConfigs(planning: SourcePlanning): Promise<readonly Readonly<Record<string, string>>[]>
  /** `taskConfig` has at least the keys that `taskConfigs` gave for this task. */
  createSource(taskConfig: Readonly<Record<string, string>>, context: SourceContext): RecordSource
  /**
   * Checks positions that a user wants stored (offset null: removed); throws kind `config` or
   * `request` with the reason. Not given: any are stored, unchecked.
   */
  checkOffsets?(
    positions: readonly (Omit<SourcePosition, 'offset'> & {
      readonly offset: SourcePosition['offset'] | null
    })[],
  ): void
}

interface AnyConnectorClass {
  readonly className: string
  readonly version: string
  readonly config: AnyConfig
  /** Its tasks work with what this process holds: they cannot run in another thread. */
  readonly needsMainThread?: true
  /** Problems that the declaration does not find by itself. */
  check(source: ConfigSource): readonly Lint[]
  /**
   * What only the servers know, the tables that are named for instance. Called only with a source
   * in which nothing else is wrong; rejects when the servers do not answer within seconds.
   */
  examine?(source: ConfigSource, links: SchemaLinks): Promise<readonly Lint[]>
}

export interface SinkConnectorClass extends AnyConnectorClass {
  readonly type: 'sink'
  /** Throws a config error; called only with a source in which `config` finds no error. */
  prepare(source: ConfigSource, isForeignKey: (key: string) => boolean): PreparedSink
  /**
   * What one record would become, without writing it. Called only with a source in which nothing is
   * wrong; rejects when the servers do not answer within seconds.
   */
  tryRecord(source: ConfigSource, links: SchemaLinks, record: FlowRecord): Promise<TriedRecord>
}

export interface SourceConnectorClass extends AnyConnectorClass {
  readonly type: 'source'
  /** Throws a config error; called only with a source in which `config` finds no error. */
  prepare(source: ConfigSource, isForeignKey: (key: string) => boolean): PreparedSource
}

export type ConnectorClass = SinkConnectorClass | SourceConnectorClass

const CONNECTORS: readonly ConnectorClass[] = [
  ...DATASTAX_SINK_CLASSES.map(datastaxSink),
  ...CLASSIC_KCQL_SINK_CLASSES.map(classicKcqlSink),
  currentKcqlSink(),
  tokenRangeSource(),
  ...KCQL_SOURCE_CLASSES.map(kcqlSource),
  cdcSource(),
  tableCopy(),
  tableValidation(),
  replication(),
]

/** Every connector class, by class name. */
export const connectorClasses: readonly ConnectorClass[] = [...CONNECTORS].sort((a, b) =>
  a.className < b.className ? -1 : 1,
)

/** Unknown keys were judged before. */
const ANY_KEY = { isForeignKey: () => true }

/** Short names that fit several classes mean the current one. */
const PREFERRED = new Map([
  ['CassandraSinkConnector', DATASTAX_SINK_CLASSES[0]],
  ['CassandraSink', DATASTAX_SINK_CLASSES[0]],
])

/**
 * The class of a full name or alias; undefined when there is none. The keys of a configuration tell
 * which dialect a short name means; throws when they are of both.
 */
export function findConnectorClass(
  name: string,
  source?: Pick<ConfigSource, 'entries'>,
): ConnectorClass | undefined {
  const known = CONNECTORS.map(one => one.className)
  const byKeys = source && PREFERRED.has(name) ? sinkClassByKeys(name, source) : undefined
  const className = byKeys ?? PREFERRED.get(name) ?? resolveClassName(name, known)
  return CONNECTORS.find(one => one.className === className)
}

/** Spec: cassandra-sink 1.1 (short forms). */
function sinkClassByKeys(name: string, { entries }: Pick<ConfigSource, 'entries'>) {
  const keys = [...entries.keys()]
  const isKcql = keys.some(key => key.startsWith('connect.cassandra.'))
  if (!isKcql) return undefined
  if (keys.some(key => key === 'contactPoints' || /^topic\..+\.mapping$/.test(key))) {
    const message = `connector.class: ${name} may mean two sinks, and keys of both are set; give the full name`
    throw new ScamanderError(CONFIG_ERRORS.AMBIGUOUS_CLASS, message)
  }
  return entries.has('connect.cassandra.key.space') ? CLASSIC_KCQL_SINK_CLASSES[0] : KCQL_SINK_CLASS
}

/** The converter of a full name or alias; undefined when there is none. */
export function findConverterClass(name: string): ConverterFactory | undefined {
  return converterClasses.get(name) ?? converterClasses.get(`${name}Converter`)
}

/** Every converter class once, by class name. */
export function converterFactories(): ConverterFactory[] {
  const all = [...new Set(converterClasses.values())]
  return all.sort((a, b) => (a.className < b.className ? -1 : 1))
}

/** A transform or predicate, as lists and help need it. */
export interface StepClass {
  readonly className: string
  readonly config: AnyConfig
}

/** Every transform class once, by class name. */
export function transformFactories(): StepClass[] {
  return byClassName(transformClasses.values())
}

/** Every predicate class once, by class name. */
export function predicateFactories(): StepClass[] {
  return byClassName(predicateClasses.values())
}

function byClassName(classes: Iterable<StepClass>): StepClass[] {
  return [...new Set(classes)].sort((a, b) => (a.className < b.className ? -1 : 1))
}

/** The transform or predicate of a full name or its last part; undefined when there is none. */
export function findStepClass(name: string): StepClass | undefined {
  return transformClasses.get(name) ?? predicateClasses.get(name)
}

function cdcSource(): SourceConnectorClass {
  return {
    className: CDC_SOURCE_CLASS,
    type: 'source',
    needsMainThread: true,
    version: PRODUCT_VERSION,
    config: cdcConnectorConfig,
    prepare: prepareCdcConnector,
    check: checkCdcConnector,
  }
}

function tableCopy(): SourceConnectorClass {
  return {
    className: COPY_CONNECTOR_CLASS,
    type: 'source',
    version: PRODUCT_VERSION,
    config: copyConnectorConfig,
    prepare: prepareCopyConnector,
    check: () => [],
  }
}

function tableValidation(): SourceConnectorClass {
  return {
    className: VALIDATION_CONNECTOR_CLASS,
    type: 'source',
    version: PRODUCT_VERSION,
    config: validationConnectorConfig,
    prepare: prepareValidationConnector,
    check: () => [],
  }
}

function replication(): SourceConnectorClass {
  return {
    className: REPLICATION_CONNECTOR_CLASS,
    type: 'source',
    needsMainThread: true,
    version: PRODUCT_VERSION,
    config: replicationConnectorConfig,
    prepare: prepareReplicationConnector,
    check: checkReplicationConnector,
  }
}

function datastaxSink(className: string): SinkConnectorClass {
  return {
    className,
    type: 'sink',
    version: PRODUCT_VERSION,
    config: datastaxSinkConfig,
    prepare: (source, isForeignKey) => {
      const { settings, notes } = parseDatastaxSink(source, { isForeignKey })
      const sessions = new SharedSessions()
      return {
        putPolicy: putPolicyOf(settings.ignoreErrors, settings.errorAttemptsMax),
        notes,
        createSink: context => new TableSink({ ...context, settings, sessions }),
      }
    },
    check: codecProblems,
    examine: (source, links) => examineTables(parseDatastaxSink(source, ANY_KEY).settings, links),
    tryRecord: (source, links, record) =>
      tryRecord(parseDatastaxSink(source, ANY_KEY).settings, links, record),
  }
}

function classicKcqlSink(className: string): SinkConnectorClass {
  return {
    className,
    type: 'sink',
    version: PRODUCT_VERSION,
    config: classicKcqlSinkConfig,
    prepare: (source, isForeignKey) => preparedKcql(parseClassicKcqlSink(source, { isForeignKey })),
    check: () => [],
    examine: (source, links) =>
      examineTables(parseClassicKcqlSink(source, ANY_KEY).settings, links),
    tryRecord: (source, links, record) =>
      tryRecord(parseClassicKcqlSink(source, ANY_KEY).settings, links, record),
  }
}

function currentKcqlSink(): SinkConnectorClass {
  return {
    className: KCQL_SINK_CLASS,
    type: 'sink',
    version: PRODUCT_VERSION,
    config: kcqlSinkConfig,
    prepare: (source, isForeignKey) => preparedKcql(parseKcqlSink(source, { isForeignKey })),
    check: kcqlSinkProblems,
    examine: (source, links) => examineTables(parseKcqlSink(source, ANY_KEY).settings, links),
    tryRecord: (source, links, record) =>
      tryRecord(parseKcqlSink(source, ANY_KEY).settings, links, record),
  }
}

function preparedKcql({ settings, putRules, notes }: ParsedKcqlSink): PreparedSink {
  const sessions = new SharedSessions()
  const retriesStart = putRules.retryIntervalMs !== undefined
  return {
    putPolicy: putRules,
    notes,
    createSink: context => new TableSink({ ...context, settings, sessions, retriesStart }),
  }
}

function kcqlSource(className: string): SourceConnectorClass {
  return {
    className,
    type: 'source',
    version: PRODUCT_VERSION,
    config: kcqlSourceConfig,
    prepare: (source, isForeignKey) => {
      const { settings, statements } = parseKcqlSource(source, { isForeignKey })
      const name = source.entries.get('name')?.value ?? 'scamander'
      const sessions = new ReadSessions(() => toKcqlSourceConnection(settings, name))
      return {
        notes: notesOf(statements, settings),
        // A table that is read as a whole begins anew after a restart.
        supportsExactlyOnce: statements.every(({ mode }) => mode !== 'bulk'),
        taskConfigs: async ({ tasksMax }) => divideTables(statements, tasksMax),
        createSource: (taskConfig, { logger }) =>
          new KcqlSource({ settings, statements, sessions, logger }, taskConfig),
      }
    },
    check: () => [],
    examine: (source, links) => examineKcqlSource(parseKcqlSource(source, ANY_KEY), links),
  }
}

function tokenRangeSource(): SourceConnectorClass {
  return {
    className: TOKEN_RANGE_SOURCE_CLASS,
    type: 'source',
    version: PRODUCT_VERSION,
    config: tokenRangeSourceConfig,
    prepare: (source, isForeignKey) => {
      const settings = parseTokenRangeSource(source, { isForeignKey })
      const name = source.entries.get('name')?.value ?? 'scamander'
      const sessions = new ReadSessions(() => toDatastaxSourceConnection(settings, name))
      return {
        notes: [],
        supportsExactlyOnce: true,
        taskConfigs: ({ tasksMax, logger, signal }) =>
          divideRing({ settings, sessions, logger }, { tasksMax, signal }),
        createSource: (taskConfig, { logger }) =>
          new TokenRangeSource({ settings, sessions, logger }, taskConfig),
      }
    },
    check: () => [],
    examine: (source, links) =>
      examineTokenRangeSource(parseTokenRangeSource(source, ANY_KEY), links),
  }
}

/** Spec: cassandra-sink 7. */
function putPolicyOf(ignoreErrors: 'none' | 'driver' | 'all', attemptsMax: number): PutPolicy {
  return {
    mapping: ignoreErrors === 'all' ? 'skip' : 'rewind',
    driver: ignoreErrors === 'none' ? 'rewind' : 'skip',
    attemptsMax,
  }
}
