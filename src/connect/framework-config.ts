/**
 * The framework's keys of a sink connector: those of every connector, topics and dead letters.
 * Parsed by the runtime beside the connector's own declaration; their order is the order of the
 * REST validation answer. Sources: source-framework-config.ts.
 * Class names and sub-keys of plugins are checked by converter-config.ts and transform-config.ts.
 * Spec: connect-rest 5.1, 5.2, 9; cassandra-sink 2.1.
 */
import { JavaRegex } from '../base/java-regex.ts'
import {
  type AnyConfig,
  booleanField,
  type ConfigSource,
  defineConfig,
  intField,
  isKnownKey,
  listField,
  type SettingsOf,
  stringField,
  subSource,
} from '../config/index.ts'
import { checkAliases, checkDeadLetters, checkTopics } from './framework-checks.ts'
import {
  type CommonFrameworkSettings,
  commonFrameworkFields,
  ERRORS,
  trailingFrameworkFields,
} from './framework-fields.ts'
import { sourceFrameworkConfig } from './source-framework-config.ts'

const COMMON = { group: 'Common' }

export const sinkFrameworkConfig = defineConfig(
  'sink-connector',
  {
    ...commonFrameworkFields,
    topics: listField('topics', {
      ...COMMON,
      displayName: 'Topics',
      doc: 'Topics to read, separated by commas; or give topics.regex.',
      importance: 'high',
      default: [],
    }),
    topicsRegex: stringField('topics.regex', {
      ...COMMON,
      displayName: 'Topics regex',
      width: 'LONG',
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
      displayName: 'Dead Letter Queue Topic Name',
      doc: 'Topic for records that cannot be processed; empty: none.',
      default: '',
    }),
    deadLetterReplication: intField('errors.deadletterqueue.topic.replication.factor', {
      ...ERRORS,
      displayName: 'Dead Letter Queue Topic Replication Factor',
      width: 'MEDIUM',
      doc: 'Replication factor of the dead-letter topic when it is created.',
      default: 3,
    }),
    deadLetterHeaders: booleanField('errors.deadletterqueue.context.headers.enable', {
      ...ERRORS,
      displayName: 'Enable Error Context Headers',
      width: 'MEDIUM',
      doc: 'Add headers that tell where and why a record failed.',
      default: false,
    }),
    ...trailingFrameworkFields,
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

/** The framework's declaration for a kind of connector. */
export function frameworkConfigOf(type: 'sink' | 'source'): AnyConfig {
  return type === 'source' ? sourceFrameworkConfig : sinkFrameworkConfig
}

/** For `isForeignKey` of a sink connector's own declaration. */
export function isFrameworkKey(key: string): boolean {
  return isKnownKey(sinkFrameworkConfig, key)
}

/** For `isForeignKey` of a source connector's own declaration. */
export function isSourceFrameworkKey(key: string): boolean {
  return isKnownKey(sourceFrameworkConfig, key)
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
  settings: CommonFrameworkSettings,
  source: ConfigSource,
): PluginChoice[] {
  return settings[kind].map(alias => {
    const options = subSource(source, `${kind}.${alias}.`)
    return { alias, className: options.entries.get('type')?.value.trim() ?? '', options }
  })
}
