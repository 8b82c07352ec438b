/**
 * Declares the keys of the classic KCQL sink, of all releases, oldest spellings included.
 * Part of `classicKcqlSinkConfig`.
 * Spec: cassandra-sink 10.4.
 */
import {
  booleanField,
  enumField,
  fieldMaker,
  intField,
  invalid,
  listField,
  nonEmpty,
  passwordField,
  patternField,
  Secret,
  type Settings,
  stringField,
} from '../../../config/index.ts'
import { kcqlField } from '../../../kcql/index.ts'
import { fileField, fileText } from '../datastax/file-text.ts'
import type { ConsistencyName } from '../datastax/settings.ts'
import { CONSISTENCIES } from '../datastax/table-fields.ts'
import { KCQL_ALIASES, KCQL_KEY, positive, sharedFields } from './shared-fields.ts'

const CONNECTION = { group: 'Connection' }
const SECURITY = { group: 'Security' }
const DELETES = { group: 'Deletes' }
const EMPTY = new Secret('')
const LEVELS = `empty or one of ${CONSISTENCIES.join(', ')}`
const NO_SOURCE = 'it belongs to the source connector'

/** Empty: the default of the driver. */
const levelField = fieldMaker<ConsistencyName | ''>({
  type: 'STRING',
  width: 'SHORT',
  format: value => value,
  expected: LEVELS,
  parse: text => {
    const word = text.trim().toUpperCase()
    const value = word === '' ? '' : CONSISTENCIES.find(one => one === word)
    return value === undefined ? invalid('value', `String must be ${LEVELS}`, LEVELS) : { value }
  },
})

export const classicFields = {
  kcql: kcqlField(KCQL_KEY, {
    group: 'Mapping',
    doc: 'What goes where: INSERT INTO <table> SELECT <fields> FROM <topic>, several separated by semicolons.',
    importance: 'high',
    examples: [
      'INSERT INTO orders SELECT id, created, customer AS name FROM orders-topic TTL=86400',
    ],
    aliases: KCQL_ALIASES,
    required: true,
  }),
  keyspace: stringField('connect.cassandra.key.space', {
    group: 'Mapping',
    doc: 'Keyspace of all tables; one per connector.',
    importance: 'high',
    validator: nonEmpty(),
    examples: ['demo'],
    required: true,
  }),
  ...sharedFields,
  username: stringField('connect.cassandra.username', {
    ...SECURITY,
    doc: 'User name; with a password as well, the sink logs in.',
    importance: 'high',
    default: '',
  }),
  password: passwordField('connect.cassandra.password', {
    ...SECURITY,
    doc: 'Password of the user.',
    importance: 'high',
    default: EMPTY,
  }),
  sslEnabled: booleanField('connect.cassandra.ssl.enabled', {
    ...SECURITY,
    doc: 'Encrypt connections to the cluster.',
    default: false,
  }),
  truststore: fileField('connect.cassandra.trust.store.path', {
    ...SECURITY,
    doc: 'Trusted certificates, JKS or PKCS12.',
    validator: fileText(),
    default: EMPTY,
  }),
  truststorePassword: passwordField('connect.cassandra.trust.store.password', {
    ...SECURITY,
    doc: 'Password of the trust store.',
    default: EMPTY,
  }),
  truststoreType: stringField('connect.cassandra.trust.store.type', {
    ...SECURITY,
    doc: 'JKS or PKCS12; the file itself tells it.',
    importance: 'low',
    default: 'JKS',
  }),
  keystore: fileField('connect.cassandra.key.store.path', {
    ...SECURITY,
    doc: 'Key and certificate of this client, JKS or PKCS12; used whenever given.',
    validator: fileText(),
    default: EMPTY,
  }),
  keystorePassword: passwordField('connect.cassandra.key.store.password', {
    ...SECURITY,
    doc: 'Password of the key store.',
    default: EMPTY,
  }),
  keystoreType: stringField('connect.cassandra.key.store.type', {
    ...SECURITY,
    doc: 'JKS or PKCS12; the file itself tells it.',
    importance: 'low',
    default: 'JKS',
  }),
  clientCertAuth: booleanField('connect.cassandra.ssl.client.cert.auth', {
    ...SECURITY,
    doc: 'Declared for compatibility: a key store is used whenever it is given.',
    importance: 'low',
    default: false,
  }),
  consistency: levelField('connect.cassandra.consistency.level', {
    group: 'Writes',
    doc: 'Consistency level of writes and deletes; empty: LOCAL_ONE.',
    recommended: CONSISTENCIES,
    default: '',
  }),
  threadpoolSize: intField('connect.cassandra.threadpool.size', {
    group: 'Writes',
    doc: 'Requests in flight at once; 0 or less: 500. A batch is one request.',
    aliases: ['connect.cassandra.sink.threadpool.size'],
    default: 0,
  }),
  fetchSize: intField('connect.cassandra.fetch.size', {
    group: 'Writes',
    doc: 'Page size of reads: a sink reads none.',
    importance: 'low',
    aliases: ['connect.cassandra.import.fetch.size'],
    default: 5000,
  }),
  loadBalancing: enumField(
    'connect.cassandra.load.balancing.policy',
    ['TOKEN_AWARE', 'ROUND_ROBIN', 'DC_AWARE_ROUND_ROBIN', 'LATENCY_AWARE'],
    {
      ...CONNECTION,
      doc: 'Writes always go to replicas of the local data centre (TOKEN_AWARE); other values are accepted.',
      importance: 'low',
      ignoreCase: true,
      default: 'TOKEN_AWARE',
    },
  ),
  connectTimeoutMs: intField('connect.cassandra.connect.timeout.ms', {
    ...CONNECTION,
    doc: 'How long a connection may take to open.',
    unit: 'milliseconds',
    validator: positive,
    default: 5000,
  }),
  readTimeoutMs: intField('connect.cassandra.read.timeout.ms', {
    ...CONNECTION,
    doc: 'How long a request may take before it counts as failed.',
    unit: 'milliseconds',
    validator: positive,
    default: 12_000,
  }),
  localDc: stringField('connect.cassandra.local.dc', {
    ...CONNECTION,
    doc: 'The local data centre; empty: that of the contact point reached first.',
    since: '0.1',
    default: '',
  }),
  defaultValue: stringField('connect.cassandra.default.value', {
    group: 'Writes',
    doc: 'UNSET leaves columns that a record does not have untouched; anything else sets them to null.',
    recommended: ['UNSET'],
    default: '',
  }),
  deleteEnabled: booleanField('connect.cassandra.delete.enabled', {
    ...DELETES,
    doc: 'Delete by the record key when the value is null.',
    dependents: ['connect.cassandra.delete.statement'],
    default: false,
  }),
  deleteStatement: stringField('connect.cassandra.delete.statement', {
    ...DELETES,
    doc: 'The CQL to delete with; its markers are bound in order. Required when deletes are enabled.',
    examples: ['DELETE FROM orders WHERE id = ?'],
    default: '',
  }),
  deleteFields: listField('connect.cassandra.delete.struct_flds', {
    ...DELETES,
    doc: 'Fields of the key to bind, in the order of the markers; dots lead into nested fields. Empty: the whole key.',
    examples: ['id,customer.region'],
    default: [],
  }),
  ignoreTombstones: booleanField('scamander.kcql.ignore.tombstones', {
    ...DELETES,
    doc: 'Without deletes: pass over records whose value is null instead of failing.',
    since: '0.1',
    default: false,
  }),
  oldSource: patternField(
    'connect.cassandra.source.<key*>',
    stringField('connect.cassandra.source.<key*>', {
      doc: 'Of the source.',
      noEffect: NO_SOURCE,
      internal: true,
    }),
  ),
  oldImport: patternField(
    'connect.cassandra.import.<key*>',
    stringField('connect.cassandra.import.<key*>', {
      doc: 'Of the source.',
      noEffect: NO_SOURCE,
      internal: true,
    }),
  ),
}

export type ClassicSettings = Settings<typeof classicFields>
