/**
 * Declares the connection and global keys of the DataStax dialect.
 * Part of `datastaxSinkConfig`. Each key's driver path, where there is one, is its alias.
 * Spec: cassandra-sink 3.1, 3.3, 3.7 and section 12 (`scamander.*`).
 */
import {
  booleanField,
  enumField,
  type FieldAttributes,
  fieldMaker,
  intField,
  invalid,
  listField,
  type Parsed,
  parseDurationMs,
  patternField,
  range,
  Secret,
  stringField,
} from '../../../config/index.ts'
import { contactPointList } from './contact-point.ts'
import { bundleText, fileField } from './file-text.ts'

export const DRIVER = 'datastax-java-driver.'

/** A duration of the driver for a key that counts seconds. */
function durationAsSeconds(text: string): Parsed<number> {
  const parsed = parseDurationMs(text)
  if ('problems' in parsed) return parsed
  if (parsed.value > 0) return { value: parsed.value / 1000 }
  return invalid('range', 'Value must be more than 0', 'a duration above zero')
}

const IGNORE_ERRORS = { none: 'none', all: 'all', driver: 'driver' } as const
type IgnoreErrors = keyof typeof IGNORE_ERRORS
const DEPRECATED_IGNORE: Readonly<Record<string, { value: IgnoreErrors; instead: string }>> = {
  true: { value: 'driver', instead: 'Driver' },
  false: { value: 'none', instead: 'None' },
}

const ignoreErrorsField = fieldMaker<IgnoreErrors>({
  type: 'STRING',
  width: 'SHORT',
  format: value => value[0]!.toUpperCase() + value.slice(1),
  expected: 'None, All or Driver',
  parse: text => {
    const word = text.trim().toLowerCase()
    const old = DEPRECATED_IGNORE[word]
    if (old !== undefined) {
      const remark = `"ignoreErrors=${word}" is deprecated: use ${old.instead}`
      return { value: old.value, remark: { kind: 'deprecated', text: remark } }
    }
    const value = IGNORE_ERRORS[word as IgnoreErrors]
    if (value !== undefined) return { value }
    return invalid(
      'value',
      'String must be one of (case insensitive): None, All, Driver',
      'one of None, All, Driver',
    )
  },
})

const connection = <T>(attributes: FieldAttributes<T>): FieldAttributes<T> & { group: string } => ({
  group: 'Connection',
  ...attributes,
})
const positive = range({ min: 1 })

export const connectionFields = {
  contactPoints: listField('contactPoints', {
    ...connection({
      doc: 'Hosts to contact first: IP addresses or host names. With any given, the local data centre is required. Empty means 127.0.0.1:9042.',
      importance: 'high',
      validator: contactPointList(),
      examples: ['10.0.0.1,10.0.0.2'],
      dependents: ['loadBalancing.localDc'],
    }),
    default: [],
  }),
  port: intField('port', {
    ...connection({
      doc: 'Native-protocol port of every entry of contactPoints.',
      importance: 'medium',
      validator: range({ min: 1, max: 65535 }),
    }),
    default: 9042,
  }),
  localDc: stringField('loadBalancing.localDc', {
    ...connection({
      doc: 'The local data centre as the cluster names it; case counts.',
      importance: 'high',
      examples: ['datacenter1'],
      aliases: [`${DRIVER}basic.load-balancing-policy.local-datacenter`],
    }),
    default: '',
  }),
  maxConcurrentRequests: intField('maxConcurrentRequests', {
    ...connection({
      doc: 'Requests in flight per connector and process, shared by its tasks; a batch is one request.',
      validator: positive,
    }),
    default: 500,
  }),
  maxRecordsInBatch: intField('maxNumberOfRecordsInBatch', {
    ...connection({
      doc: 'Most statements in one batch; 1 switches batches off.',
      validator: positive,
    }),
    default: 32,
  }),
  queryTimeoutSeconds: intField('queryExecutionTimeout', {
    ...connection({
      doc: 'How long a request may take before it counts as failed.',
      unit: 'seconds',
      validator: positive,
      aliases: [{ key: `${DRIVER}basic.request.timeout`, parse: durationAsSeconds }],
    }),
    default: 30,
  }),
  poolLocalSize: intField('connectionPoolLocalSize', {
    ...connection({
      doc: 'Connections to each node of the local data centre.',
      validator: positive,
      aliases: [`${DRIVER}advanced.connection.pool.local.size`],
    }),
    default: 4,
  }),
  compression: enumField('compression', ['None', 'LZ4', 'Snappy'], {
    ...connection({
      doc: 'Compression of requests and responses. Snappy needs protocol v4 or lower.',
      aliases: [`${DRIVER}advanced.protocol.compression`],
    }),
    ignoreCase: true,
    default: 'None',
  }),
  bundle: fileField('cloud.secureConnectBundle', {
    group: 'Cloud',
    doc: 'Secure connect bundle of a cloud database: a path, a file: or http(s): URL, or base64:<data>. Replaces contactPoints, loadBalancing.localDc and every ssl.* key.',
    validator: bundleText(),
    aliases: [`${DRIVER}basic.cloud.secure-connect-bundle`],
    examples: ['/etc/scamander/secure-connect-db.zip'],
    default: new Secret(''),
  }),
  ignoreErrors: ignoreErrorsField('ignoreErrors', {
    group: 'Errors',
    doc: 'What a failed record does. None: it is tried again until it succeeds. Driver: records the cluster refuses are skipped. All: records that cannot be mapped are skipped too.',
    recommended: ['None', 'All', 'Driver'],
    default: 'none',
  }),
  errorAttemptsMax: intField('scamander.errors.max.attempts', {
    group: 'Errors',
    doc: 'Attempts at a record before it is given up: sent to the dead-letter topic, or the task fails. 0: for ever.',
    importance: 'low',
    validator: range({ min: 0 }),
    since: '0.1',
    default: 0,
  }),
  jmx: booleanField('jmx', { group: 'Metrics', doc: 'Publish beans at /jmx.', default: true }),
  jmxDomain: stringField('jmxConnectorDomain', {
    group: 'Metrics',
    doc: 'First part of the names of beans.',
    importance: 'low',
    default: 'com.datastax.oss.kafka.sink',
  }),
  highestLatencySeconds: intField('metricsHighestLatency', {
    group: 'Metrics',
    doc: 'Top of the latency histogram of the bean cql-requests; should exceed the request timeout.',
    importance: 'low',
    unit: 'seconds',
    validator: positive,
    aliases: [
      {
        key: `${DRIVER}advanced.metrics.session.cql-requests.highest-latency`,
        parse: durationAsSeconds,
      },
    ],
    default: 35,
  }),
  batchBy: enumField('scamander.batch.by', ['partition', 'replica-set'], {
    group: 'Scamander',
    doc: 'Which statements share a batch: those of one partition, or those of all partitions with the same replicas.',
    importance: 'low',
    since: '0.1',
    default: 'replica-set',
  }),
  compatStrict: booleanField('scamander.compat.strict', {
    group: 'Scamander',
    doc: 'Behave as the reference does, defects included, wherever that is supported.',
    importance: 'low',
    since: '0.1',
    default: false,
  }),
  compat: patternField(
    'scamander.compat.<deviation>',
    enumField('scamander.compat.<deviation>', ['reference', 'fixed'], {
      group: 'Scamander',
      doc: 'Behaviour of one deviation (D1, D3, …): as the reference, or fixed.',
      importance: 'low',
      since: '0.1',
      examples: ['reference'],
    }),
  ),
}
