/**
 * Declares the driver options that a configuration may pass through below `datastax-java-driver.`
 * and that have no short key of their own. Every other path is accepted with one warning.
 * Part of `datastaxSinkConfig`. Defaults are those of the Java driver 4.
 * Spec: cassandra-sink 3.7.
 */
import {
  booleanField,
  classField,
  durationField,
  fieldMaker,
  indexedListField,
  intField,
  invalid,
  patternField,
  range,
  sizeField,
  stringField,
} from '../../../config/index.ts'
import { DRIVER } from './connection-fields.ts'
import { hostPortList } from './contact-point.ts'
import { consistencyField } from './table-fields.ts'

const path = (name: string) => `${DRIVER}${name}`
const group = { group: 'Driver', importance: 'low' as const }
const positive = range({ min: 1 })

type ProtocolVersion = 3 | 4 | 5
const VERSIONS: Readonly<Record<string, ProtocolVersion>> = { V3: 3, V4: 4, V5: 5 }
const protocolVersionField = fieldMaker<ProtocolVersion>({
  type: 'STRING',
  width: 'SHORT',
  format: value => `V${value}`,
  expected: 'V3, V4 or V5',
  parse: text => {
    const value = VERSIONS[`V${text.trim().toUpperCase().replace(/^V/, '')}`]
    if (value !== undefined) return { value }
    return invalid('value', 'String must be one of: V3, V4, V5', 'one of V3, V4, V5')
  },
})

export const driverFields = {
  driverContactPoints: indexedListField(path('basic.contact-points'), {
    ...group,
    doc: 'Contact points as host:port; joined with contactPoints when both are given.',
    validator: hostPortList(),
    default: [],
  }),
  driverConsistency: consistencyField(path('basic.request.consistency'), {
    ...group,
    doc: 'Consistency of occasional statements; tables have their own consistencyLevel.',
    default: 'LOCAL_ONE',
  }),
  serialConsistency: consistencyField(path('basic.request.serial-consistency'), {
    ...group,
    doc: 'Serial consistency of conditional statements.',
    validator: {
      expected: 'SERIAL or LOCAL_SERIAL',
      choices: ['SERIAL', 'LOCAL_SERIAL'],
      check: value =>
        value === 'SERIAL' || value === 'LOCAL_SERIAL'
          ? []
          : ['String must be one of: SERIAL, LOCAL_SERIAL'],
    },
    default: 'SERIAL',
  }),
  defaultIdempotence: booleanField(path('basic.request.default-idempotence'), {
    ...group,
    doc: 'Treat statements as safe to send twice, so that transient failures are retried.',
    default: false,
  }),
  pageSize: intField(path('basic.request.page-size'), {
    ...group,
    doc: 'Rows per page of occasional queries.',
    validator: positive,
    default: 5000,
  }),
  sessionKeyspace: stringField(path('basic.session-keyspace'), {
    ...group,
    doc: 'Keyspace of the session, for a query that names none.',
  }),
  applicationName: stringField(path('basic.application.name'), {
    ...group,
    doc: 'Application name told to the cluster.',
  }),
  applicationVersion: stringField(path('basic.application.version'), {
    ...group,
    doc: 'Application version told to the cluster.',
  }),
  authProviderClass: classField(path('advanced.auth-provider.class'), {
    ...group,
    doc: 'PlainTextAuthProvider means auth.provider=PLAIN, DseGssApiAuthProvider means GSSAPI.',
  }),
  connectTimeoutMs: durationField(path('advanced.connection.connect-timeout'), {
    ...group,
    doc: 'How long opening a connection may take.',
    default: 5000,
  }),
  initQueryTimeoutMs: durationField(path('advanced.connection.init-query-timeout'), {
    ...group,
    doc: 'How long each request of the handshake may take.',
    default: 5000,
  }),
  maxRequestsPerConnection: intField(path('advanced.connection.max-requests-per-connection'), {
    ...group,
    doc: 'Requests in flight on one connection.',
    validator: range({ min: 1, max: 32768 }),
    default: 1024,
  }),
  poolRemoteSize: intField(path('advanced.connection.pool.remote.size'), {
    ...group,
    doc: 'Connections to each node of other data centres.',
    validator: positive,
    default: 1,
  }),
  heartbeatIntervalMs: durationField(path('advanced.heartbeat.interval'), {
    ...group,
    doc: 'Idle time after which a connection is probed.',
    default: 30_000,
  }),
  heartbeatTimeoutMs: durationField(path('advanced.heartbeat.timeout'), {
    ...group,
    doc: 'How long a probe may take before the connection counts as lost.',
    default: 5000,
  }),
  protocolVersion: protocolVersionField(path('advanced.protocol.version'), {
    ...group,
    doc: 'Native protocol version; not given: the highest both sides speak.',
    recommended: ['V3', 'V4', 'V5'],
  }),
  maxFrameBytes: sizeField(path('advanced.protocol.max-frame-length'), {
    ...group,
    doc: 'Largest frame sent or accepted.',
    default: 256 * 1024 * 1024,
  }),
  reconnectClass: classField(path('advanced.reconnection-policy.class'), {
    ...group,
    doc: 'ExponentialReconnectionPolicy, or ConstantReconnectionPolicy (waits base-delay always).',
    default: 'ExponentialReconnectionPolicy',
  }),
  reconnectBaseMs: durationField(path('advanced.reconnection-policy.base-delay'), {
    ...group,
    doc: 'First wait before a lost node is tried again.',
    default: 1000,
  }),
  reconnectMaxMs: durationField(path('advanced.reconnection-policy.max-delay'), {
    ...group,
    doc: 'Longest wait between attempts.',
    default: 60_000,
  }),
  retryPolicyClass: classField(path('advanced.retry-policy.class'), {
    ...group,
    doc: 'Name of the retry policy.',
  }),
  speculativeClass: classField(path('advanced.speculative-execution-policy.class'), {
    ...group,
    doc: 'NoSpeculativeExecutionPolicy or ConstantSpeculativeExecutionPolicy.',
  }),
  speculativeMax: intField(path('advanced.speculative-execution-policy.max-executions'), {
    ...group,
    doc: 'Executions of one statement, the first included.',
    validator: positive,
    default: 3,
  }),
  speculativeDelayMs: durationField(path('advanced.speculative-execution-policy.delay'), {
    ...group,
    doc: 'Wait before the next speculative execution.',
    default: 100,
  }),
  tcpNoDelay: booleanField(path('advanced.socket.tcp-no-delay'), {
    ...group,
    doc: 'Send small packets at once.',
    default: true,
  }),
  keepAlive: booleanField(path('advanced.socket.keep-alive'), {
    ...group,
    doc: 'TCP keep-alive probes.',
    default: false,
  }),
  reuseAddress: booleanField(path('advanced.socket.reuse-address'), {
    ...group,
    doc: 'Reuse of local addresses.',
  }),
  lingerSeconds: intField(path('advanced.socket.linger-interval'), {
    ...group,
    doc: 'Linger interval of closing sockets.',
    unit: 'seconds',
  }),
  receiveBufferBytes: intField(path('advanced.socket.receive-buffer-size'), {
    ...group,
    doc: 'Receive buffer of sockets.',
    unit: 'bytes',
    validator: positive,
  }),
  sendBufferBytes: intField(path('advanced.socket.send-buffer-size'), {
    ...group,
    doc: 'Send buffer of sockets.',
    unit: 'bytes',
    validator: positive,
  }),
  sslEngineClass: classField(path('advanced.ssl-engine-factory.class'), {
    ...group,
    doc: 'DefaultSslEngineFactory switches TLS on as ssl.provider=JDK does.',
  }),
  timestampGeneratorClass: classField(path('advanced.timestamp-generator.class'), {
    ...group,
    doc: 'Generator of timestamps for statements without one.',
  }),
  schemaEnabled: booleanField(path('advanced.metadata.schema.enabled'), {
    ...group,
    doc: 'Keep schema metadata up to date.',
    default: true,
  }),
  schemaRequestTimeoutMs: durationField(path('advanced.metadata.schema.request-timeout'), {
    ...group,
    doc: 'How long a schema query may take.',
    default: 20_000,
  }),
  schemaRefreshedKeyspaces: indexedListField(path('advanced.metadata.schema.refreshed-keyspaces'), {
    ...group,
    doc: 'Keyspaces whose schema is read; empty: all that are not internal.',
    default: [],
  }),
  warnIfSetKeyspace: booleanField(path('advanced.request-warn-if-set-keyspace'), {
    ...group,
    doc: 'Warn when a statement changes the keyspace of the session.',
    aliases: [path('advanced.request.warn-if-set-keyspace')],
    default: true,
  }),
  sessionMetrics: indexedListField(path('advanced.metrics.session.enabled'), {
    ...group,
    doc: 'Driver metrics of the session.',
    default: ['cql-requests', 'cql-client-timeouts'],
  }),
  nodeMetrics: indexedListField(path('advanced.metrics.node.enabled'), {
    ...group,
    doc: 'Driver metrics of nodes.',
    default: [],
  }),
  driverOthers: patternField(
    `${DRIVER}<path*>`,
    stringField(`${DRIVER}<path>`, {
      ...group,
      doc: 'Any other option of the Java driver is accepted and ignored.',
      noEffect: 'this driver option has no equivalent here',
    }),
  ),
}
