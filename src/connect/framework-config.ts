/**
 * The framework's keys of a sink connector: names, converters, transforms, error handling, topics,
 * dead letters, client overrides. Parsed by the runtime beside the connector's own declaration;
 * their order is the order of the REST validation answer.
 * Class names and sub-keys of plugins are checked by converter-config.ts and transform-config.ts.
 * Spec: connect-rest 5.1, 5.2, 9; cassandra-sink 2.1.
 */
import { JavaRegex } from '../base/java-regex.ts'
import {
  booleanField,
  type ConfigSource,
  classField,
  defineConfig,
  enumField,
  intField,
  isKnownKey,
  listField,
  longField,
  nameText,
  patternField,
  range,
  type SettingsOf,
  stringField,
  subSource,
} from '../config/index.ts'
import { checkAliases, checkDeadLetters, checkTopics } from './framework-checks.ts'

const COMMON = { group: 'Common' }
const ERRORS = { group: 'Error Handling' }
const plain = (doc: string) => stringField('value', { doc, internal: true, default: '' })

export const sinkFrameworkConfig = defineConfig(
  'sink-connector',
  {
    name: stringField('name', {
      ...COMMON,
      doc: 'Name of the connector, unique in the cluster; also part of its consumer group.',
      importance: 'high',
      validator: nameText(),
      examples: ['users-to-cassandra'],
      required: true,
    }),
    connectorClass: classField('connector.class', {
      ...COMMON,
      doc: 'Class of the connector: the full name, or a short name that only one has.',
      importance: 'high',
      examples: ['com.datastax.oss.kafka.sink.CassandraSinkConnector'],
      required: true,
    }),
    pluginVersion: stringField('connector.plugin.version', {
      ...COMMON,
      doc: 'Version range of the connector.',
      noEffect: 'every class is built in, in one version',
    }),
    tasksMax: intField('tasks.max', {
      ...COMMON,
      doc: 'Most tasks of this connector; no more work in parallel than there are partitions.',
      importance: 'high',
      displayName: 'Tasks max',
      validator: range({ min: 1 }),
      default: 1,
    }),
    tasksMaxEnforce: booleanField('tasks.max.enforce', {
      ...COMMON,
      doc: 'Fail the connector when it asks for more tasks than tasks.max.',
      importance: 'low',
      deprecated: {},
      default: true,
    }),
    keyConverter: classField('key.converter', {
      ...COMMON,
      doc: "Converter of record keys; not given: the worker's. Its own settings follow below key.converter.",
      importance: 'low',
    }),
    keyConverterVersion: stringField('key.converter.plugin.version', {
      ...COMMON,
      doc: 'Version range of the key converter.',
      noEffect: 'every class is built in, in one version',
      importance: 'low',
    }),
    valueConverter: classField('value.converter', {
      ...COMMON,
      doc: "Converter of record values; not given: the worker's. Its own settings follow below value.converter.",
      importance: 'low',
    }),
    valueConverterVersion: stringField('value.converter.plugin.version', {
      ...COMMON,
      doc: 'Version range of the value converter.',
      noEffect: 'every class is built in, in one version',
      importance: 'low',
    }),
    headerConverter: classField('header.converter', {
      ...COMMON,
      doc: "Converter of record headers; not given: the worker's.",
      importance: 'low',
    }),
    headerConverterVersion: stringField('header.converter.plugin.version', {
      ...COMMON,
      doc: 'Version range of the header converter.',
      noEffect: 'every class is built in, in one version',
      importance: 'low',
    }),
    transforms: listField('transforms', {
      group: 'Transforms',
      doc: 'Aliases of the transforms, in the order they apply.',
      importance: 'low',
      default: [],
    }),
    predicates: listField('predicates', {
      group: 'Predicates',
      doc: 'Aliases of the predicates that transforms use.',
      importance: 'low',
      default: [],
    }),
    configAction: enumField('config.action.reload', ['none', 'restart'], {
      ...COMMON,
      doc: 'What happens when a value of a config provider runs out.',
      noEffect: 'values of config providers are read when a task starts',
      importance: 'low',
      default: 'restart',
    }),
    retryTimeoutMs: longField('errors.retry.timeout', {
      ...ERRORS,
      doc: 'How long a failed operation is repeated; 0: not at all, -1: for ever.',
      noEffect: 'conversions never fail for a while only, and writes are repeated until they pass',
      unit: 'milliseconds',
      default: 0,
    }),
    retryDelayMaxMs: longField('errors.retry.delay.max.ms', {
      ...ERRORS,
      doc: 'Longest wait between repetitions.',
      noEffect: 'conversions never fail for a while only; waits of writes grow from 1 s to 60 s',
      unit: 'milliseconds',
      default: 60_000,
    }),
    tolerance: enumField('errors.tolerance', ['none', 'all'], {
      ...ERRORS,
      doc: 'none: a record that cannot be converted fails the task. all: it is skipped or dead-lettered.',
      default: 'none',
    }),
    logErrors: booleanField('errors.log.enable', {
      ...ERRORS,
      doc: 'Log every failed operation.',
      default: false,
    }),
    logMessages: booleanField('errors.log.include.messages', {
      ...ERRORS,
      doc: 'Log topic, partition, offset and timestamp of failed records.',
      default: false,
    }),
    topics: listField('topics', {
      ...COMMON,
      doc: 'Topics to read, separated by commas; or give topics.regex.',
      importance: 'high',
      default: [],
    }),
    topicsRegex: stringField('topics.regex', {
      ...COMMON,
      doc: 'Regular expression that the whole name of a topic must match.',
      importance: 'high',
      validator: {
        expected: 'a regular expression',
        check: text => (toTopicRegex(text) === undefined ? ['Invalid regular expression'] : []),
      },
      default: '',
    }),
    deadLetterTopic: stringField('errors.deadletterqueue.topic.name', {
      ...ERRORS,
      doc: 'Topic for records that cannot be processed; empty: none.',
      default: '',
    }),
    deadLetterReplication: intField('errors.deadletterqueue.topic.replication.factor', {
      ...ERRORS,
      doc: 'Replication factor of the dead-letter topic when it is created.',
      default: 3,
    }),
    deadLetterHeaders: booleanField('errors.deadletterqueue.context.headers.enable', {
      ...ERRORS,
      doc: 'Add headers that tell where and why a record failed.',
      default: false,
    }),
    consumerOverrides: patternField('consumer.override.<property*>', plain('Consumer property.')),
    producerOverrides: patternField('producer.override.<property*>', plain('Producer property.')),
    adminOverrides: patternField('admin.override.<property*>', plain('Admin client property.')),
    keyConverterOptions: patternField('key.converter.<option*>', plain('Converter option.')),
    valueConverterOptions: patternField('value.converter.<option*>', plain('Converter option.')),
    headerConverterOptions: patternField('header.converter.<option*>', plain('Converter option.')),
    transformOptions: patternField('transforms.<alias>.<option*>', plain('Transform option.')),
    predicateOptions: patternField('predicates.<alias>.<option*>', plain('Predicate option.')),
    bootstrapServers: listField('bootstrap.servers', {
      doc: "Kafka brokers, when not the worker's.",
      internal: true,
      default: [],
    }),
    groupId: stringField('group.id', { doc: 'Consumer group.', internal: true }),
    flushIntervalMs: longField('offset.flush.interval.ms', {
      doc: 'Commit interval.',
      internal: true,
      validator: range({ min: 1 }),
    }),
    taskClass: classField('task.class', { doc: 'Set by the runtime.', internal: true }),
  },
  {
    summary: 'Keys of every sink connector, whatever it writes to.',
    description:
      'These stand beside the keys of the connector itself. Exactly one of topics and topics.regex is needed. ' +
      'Sub-keys of converters, transforms and predicates follow their prefix; consumer.override.* goes to the Kafka consumer.',
    crossChecks: [
      (settings, context) => checkTopics({ ...settings, regex: regexOf(settings) }, context),
      (settings, context) => checkDeadLetters({ ...settings, regex: regexOf(settings) }, context),
      (settings, context) => checkAliases(settings, context),
    ],
  },
)

export type SinkFrameworkSettings = SettingsOf<typeof sinkFrameworkConfig>

function regexOf(settings: { topicsRegex: string }): RegExp | undefined {
  return settings.topicsRegex === '' ? undefined : toTopicRegex(settings.topicsRegex)
}

/** A Java regular expression that must match the whole name; undefined when it is not valid. */
export function toTopicRegex(text: string): RegExp | undefined {
  try {
    return new JavaRegex(text).whole
  } catch {
    return undefined
  }
}

/** For `isForeignKey` of a connector's own declaration. */
export function isFrameworkKey(key: string): boolean {
  return isKnownKey(sinkFrameworkConfig, key)
}

/** A converter and its own settings, prefix taken off. */
export interface ConverterChoice {
  readonly className: string
  readonly options: ConfigSource
}

/**
 * The converter of one role. Naming a converter in the connector discards the worker's settings
 * for that role, as the framework does; undefined when neither names one.
 */
export function converterOf(
  role: 'key.converter' | 'value.converter' | 'header.converter',
  connector: ConfigSource,
  worker: ConfigSource,
): ConverterChoice | undefined {
  for (const source of [connector, worker]) {
    const className = source.entries.get(role)?.value.trim()
    if (className) return { className, options: subSource(source, `${role}.`) }
  }
  return undefined
}

/** One step of the chain: alias, class and its own settings. */
export interface PluginChoice {
  readonly alias: string
  readonly className: string
  readonly options: ConfigSource
}

/** Transforms or predicates in the order of their aliases. */
export function pluginsOf(
  kind: 'transforms' | 'predicates',
  settings: SinkFrameworkSettings,
  source: ConfigSource,
): PluginChoice[] {
  return settings[kind].map(alias => {
    const options = subSource(source, `${kind}.${alias}.`)
    return { alias, className: options.entries.get('type')?.value.trim() ?? '', options }
  })
}
