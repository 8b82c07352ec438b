/**
 * Declares the keys of the current KCQL sink. Each stands for a key of the DataStax dialect, which
 * the table in `translate.ts` names.
 * Part of `kcqlSinkConfig`. Spec: cassandra-sink 10.7.
 */
import {
  booleanField,
  enumField,
  intField,
  listField,
  passwordField,
  patternField,
  Secret,
  type Settings,
  stringField,
} from '../../../config/index.ts'
import { kcqlField } from '../../../kcql/index.ts'
import { connectionFields } from '../datastax/connection-fields.ts'
import { fileField, fileText } from '../datastax/file-text.ts'
import { KCQL_KEY, positive, sharedFields } from './shared-fields.ts'

const CONNECTION = { group: 'Connection' }
const WRITES = { group: 'Writes' }
const AUTH = { group: 'Authentication' }
const TLS = { group: 'TLS' }
const EMPTY = new Secret('')

export const currentFields = {
  kcql: kcqlField(KCQL_KEY, {
    group: 'Mapping',
    doc: 'What goes where: INSERT INTO <keyspace>.<table> SELECT <fields> FROM <topic> [PROPERTIES(…)], several separated by semicolons.',
    importance: 'high',
    examples: ['INSERT INTO demo.orders SELECT _key AS id, created, customer AS name FROM orders'],
    required: true,
  }),
  ...sharedFields,
  localDc: stringField('connect.cassandra.load.balancing.local.dc', {
    ...CONNECTION,
    doc: 'The local data centre; empty: that of the contact point reached first.',
    importance: 'high',
    examples: ['datacenter1'],
    default: '',
  }),
  requestsMax: intField('connect.cassandra.max.concurrent.requests', {
    ...WRITES,
    doc: 'Requests in flight per connector and process; a batch is one request.',
    validator: positive,
    default: 100,
  }),
  poolSize: intField('connect.cassandra.connection.pool.size', {
    ...CONNECTION,
    doc: 'Connections to each node of the local data centre.',
    validator: positive,
    default: 2,
  }),
  batchSize: intField('connect.cassandra.max.batch.size', {
    ...WRITES,
    doc: 'Most statements in one batch; 1 switches batches off.',
    validator: positive,
    default: 64,
  }),
  timeoutMs: intField('connect.cassandra.query.timeout.ms', {
    ...CONNECTION,
    doc: 'How long a request may take before it counts as failed.',
    unit: 'milliseconds',
    validator: positive,
    default: 20_000,
  }),
  compression: enumField('connect.cassandra.compression', ['none', 'lz4', 'snappy'], {
    ...CONNECTION,
    doc: 'Compression of requests and responses. Snappy needs protocol v4 or lower.',
    ignoreCase: true,
    default: 'none',
  }),
  ignoreErrors: enumField('connect.cassandra.ignore.errors.mode', ['none', 'driver', 'all'], {
    group: 'Errors',
    doc: 'Failures that are skipped whatever the error policy: driver: of writes; all: of records that cannot be mapped, too.',
    ignoreCase: true,
    default: 'none',
  }),
  authProvider: enumField('connect.cassandra.auth.provider', ['None', 'PLAIN', 'GSSAPI'], {
    ...AUTH,
    doc: 'How to log in. With a user name or password given, None becomes PLAIN.',
    importance: 'high',
    default: 'None',
  }),
  username: stringField('connect.cassandra.auth.username', {
    ...AUTH,
    doc: 'User name.',
    importance: 'high',
    default: '',
  }),
  password: passwordField('connect.cassandra.auth.password', {
    ...AUTH,
    doc: 'Password of the user.',
    importance: 'high',
    default: EMPTY,
  }),
  keyTab: fileField('connect.cassandra.auth.gssapi.keytab', {
    ...AUTH,
    doc: 'Kerberos key table; empty: the ticket cache.',
    validator: fileText(),
    default: EMPTY,
  }),
  principal: stringField('connect.cassandra.auth.gssapi.principal', {
    ...AUTH,
    doc: 'Kerberos principal; empty: the first one of the key table.',
    default: '',
  }),
  gssapiService: stringField('connect.cassandra.auth.gssapi.service', {
    ...AUTH,
    doc: 'Kerberos service name of the cluster.',
    default: 'dse',
  }),
  sslEnabled: booleanField('connect.cassandra.ssl.enabled', {
    ...TLS,
    doc: 'Encrypt connections; without it no other ssl key has an effect.',
    default: false,
  }),
  sslProvider: enumField('connect.cassandra.ssl.provider', ['None', 'JDK', 'OpenSSL'], {
    ...TLS,
    doc: 'JDK: key stores. OpenSSL: PEM client key with a trust store. None: JDK when TLS is enabled.',
    ignoreCase: true,
    default: 'None',
  }),
  truststore: fileField('connect.cassandra.ssl.truststore.path', {
    ...TLS,
    doc: 'Trusted certificates, JKS or PKCS12.',
    validator: fileText(),
    default: EMPTY,
  }),
  truststorePassword: passwordField('connect.cassandra.ssl.truststore.password', {
    ...TLS,
    doc: 'Password of the trust store.',
    default: EMPTY,
  }),
  keystore: fileField('connect.cassandra.ssl.keystore.path', {
    ...TLS,
    doc: 'Client key and certificate, JKS or PKCS12.',
    validator: fileText(),
    default: EMPTY,
  }),
  keystorePassword: passwordField('connect.cassandra.ssl.keystore.password', {
    ...TLS,
    doc: 'Password of the key store.',
    default: EMPTY,
  }),
  cipherSuites: listField('connect.cassandra.ssl.cipher.suites', {
    ...TLS,
    doc: 'Allowed cipher suites; empty: the defaults.',
    importance: 'low',
    default: [],
  }),
  hostnameValidation: booleanField('connect.cassandra.ssl.hostname.verification', {
    ...TLS,
    doc: 'Check that a certificate names the node it came from.',
    default: true,
  }),
  keyCertChain: fileField('connect.cassandra.ssl.openssl.key.cert.chain', {
    ...TLS,
    doc: 'PEM client certificate chain for provider OpenSSL.',
    validator: fileText(),
    default: EMPTY,
  }),
  privateKey: fileField('connect.cassandra.ssl.openssl.private.key', {
    ...TLS,
    doc: 'PEM client key (PKCS8) for provider OpenSSL.',
    validator: fileText(),
    default: EMPTY,
  }),
  driver: patternField(
    'connect.cassandra.driver.<path*>',
    stringField('connect.cassandra.driver.<path*>', {
      group: 'Driver',
      doc: 'Option of the Java driver, as datastax-java-driver.<path>.',
      importance: 'low',
      examples: ['30 seconds'],
    }),
  ),
  compatStrict: connectionFields.compatStrict,
  compat: connectionFields.compat,
}

export type CurrentSettings = Settings<typeof currentFields>
