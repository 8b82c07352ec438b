/**
 * The framework's keys that sink and source connectors share: names, converters, transforms, error
 * handling, client overrides. Spread into the declarations of framework-config.ts and
 * source-framework-config.ts; their order is the order of the REST validation answer.
 * Spec: connect-rest 5.1, 9.
 */
import { converterFactories } from '../catalog.ts'
import {
  booleanField,
  classField,
  enumField,
  intField,
  listField,
  longField,
  nameText,
  patternField,
  range,
  type Settings,
  stringField,
} from '../config/index.ts'

const COMMON = { group: 'Common' }
const HEADER_CONVERTERS = converterFactories().map(one => one.className)
const CONVERTERS = converterFactories()
  .filter(one => one.createConverter !== undefined)
  .map(one => one.className)
export const ERRORS = { group: 'Error Handling' }
const plain = (doc: string) => stringField('value', { doc, internal: true, default: '' })

export const commonFrameworkFields = {
  name: stringField('name', {
    ...COMMON,
    displayName: 'Connector name',
    doc: 'Name of the connector, unique in the cluster; also part of its consumer group.',
    importance: 'high',
    validator: nameText(),
    examples: ['users-to-cassandra'],
    required: true,
  }),
  connectorClass: classField('connector.class', {
    ...COMMON,
    displayName: 'Connector class',
    doc: 'Class of the connector: the full name, or a short name that only one has.',
    importance: 'high',
    examples: ['com.datastax.oss.kafka.sink.CassandraSinkConnector'],
    required: true,
  }),
  pluginVersion: stringField('connector.plugin.version', {
    ...COMMON,
    displayName: 'Connector version',
    doc: 'Version range of the connector.',
    noEffect: 'every class is built in, in one version',
  }),
  tasksMax: intField('tasks.max', {
    ...COMMON,
    doc: 'Most tasks of this connector. A sink works on as many partitions in parallel as there are; a source may make fewer tasks.',
    importance: 'high',
    displayName: 'Tasks max',
    validator: range({ min: 1 }),
    default: 1,
  }),
  tasksMaxEnforce: booleanField('tasks.max.enforce', {
    ...COMMON,
    displayName: 'Enforce tasks max',
    doc: 'Fail the connector when it asks for more tasks than tasks.max.',
    importance: 'low',
    deprecated: {},
    default: true,
  }),
  keyConverter: classField('key.converter', {
    ...COMMON,
    recommended: CONVERTERS,
    displayName: 'Key converter class',
    width: 'SHORT',
    doc: "Converter of record keys; not given: the worker's. Its own settings follow below key.converter.",
    importance: 'low',
  }),
  keyConverterVersion: stringField('key.converter.plugin.version', {
    ...COMMON,
    displayName: 'Key converter version',
    width: 'SHORT',
    doc: 'Version range of the key converter.',
    noEffect: 'every class is built in, in one version',
    importance: 'low',
  }),
  valueConverter: classField('value.converter', {
    ...COMMON,
    recommended: CONVERTERS,
    displayName: 'Value converter class',
    width: 'SHORT',
    doc: "Converter of record values; not given: the worker's. Its own settings follow below value.converter.",
    importance: 'low',
  }),
  valueConverterVersion: stringField('value.converter.plugin.version', {
    ...COMMON,
    displayName: 'Value converter version',
    width: 'SHORT',
    doc: 'Version range of the value converter.',
    noEffect: 'every class is built in, in one version',
    importance: 'low',
  }),
  headerConverter: classField('header.converter', {
    ...COMMON,
    recommended: HEADER_CONVERTERS,
    displayName: 'Header converter class',
    width: 'SHORT',
    doc: "Converter of record headers; not given: the worker's.",
    importance: 'low',
  }),
  headerConverterVersion: stringField('header.converter.plugin.version', {
    ...COMMON,
    displayName: 'Header converter version',
    width: 'SHORT',
    doc: 'Version range of the header converter.',
    noEffect: 'every class is built in, in one version',
    importance: 'low',
  }),
  transforms: listField('transforms', {
    group: 'Transforms',
    displayName: 'Transforms',
    doc: 'Aliases of the transforms, in the order they apply.',
    importance: 'low',
    default: [],
  }),
  predicates: listField('predicates', {
    group: 'Predicates',
    displayName: 'Predicates',
    doc: 'Aliases of the predicates that transforms use.',
    importance: 'low',
    default: [],
  }),
  configAction: enumField('config.action.reload', ['none', 'restart'], {
    ...COMMON,
    displayName: 'Reload Action',
    width: 'MEDIUM',
    doc: 'What happens when a value of a config provider runs out.',
    noEffect: 'values of config providers are read when a task starts',
    importance: 'low',
    default: 'restart',
  }),
  retryTimeoutMs: longField('errors.retry.timeout', {
    ...ERRORS,
    displayName: 'Retry Timeout for Errors',
    width: 'MEDIUM',
    doc: 'How long a conversion that fails for a while (no schema registry) is repeated; 0: not at all, -1: for ever. Then errors.tolerance decides. Not given: until it passes. Writes are repeated as the settings of the connector say.',
    unit: 'milliseconds',
    default: 0,
  }),
  retryDelayMaxMs: longField('errors.retry.delay.max.ms', {
    ...ERRORS,
    displayName: 'Maximum Delay Between Retries for Errors',
    width: 'MEDIUM',
    doc: 'Longest wait between such repetitions, which grow from 300 ms; beyond it waits are random. In a source also the longest wait before its servers are asked again.',
    unit: 'milliseconds',
    default: 60_000,
  }),
  tolerance: enumField('errors.tolerance', ['none', 'all'], {
    ...ERRORS,
    displayName: 'Error Tolerance',
    doc: 'none: a record that cannot be converted fails the task. all: it is skipped or dead-lettered.',
    default: 'none',
  }),
  logErrors: booleanField('errors.log.enable', {
    ...ERRORS,
    displayName: 'Log Errors',
    doc: 'Log every failed operation.',
    default: false,
  }),
  logMessages: booleanField('errors.log.include.messages', {
    ...ERRORS,
    displayName: 'Log Error Details',
    doc: 'Log topic, partition, offset and timestamp of failed records.',
    default: false,
  }),
}

/** Keys after those of the kind of connector: sub-keys by prefix, and what is not shown. */
export const trailingFrameworkFields = {
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
}

/** What every connector has, sink or source. */
export type CommonFrameworkSettings = Settings<
  typeof commonFrameworkFields & typeof trailingFrameworkFields
>
