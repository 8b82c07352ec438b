/**
 * Keys that every worker has, alone or in a cluster. Part of the declarations in worker-config.ts.
 * Keys with variable parts come last: exact names are tried first.
 * Spec: connect-rest 8 (common).
 */
import {
  booleanField,
  checked,
  classField,
  enumField,
  type FieldAttributes,
  intField,
  listField,
  longField,
  passwordField,
  patternField,
  range,
  Secret,
  stringField,
} from '../config/index.ts'
import { tracingFields } from './tracing-fields.ts'

const doc = <T>(text: string, rest: Omit<FieldAttributes<T>, 'doc'> = {}) => ({
  group: 'Worker',
  doc: text,
  ...rest,
})
const rest = { group: 'REST' }
const client = { group: 'Kafka client', importance: 'low' as const }
const positive = range({ min: 1 })
export const natural = range({ min: 0 })
export const raw = (text: string) =>
  stringField('value', { group: 'Passed on', doc: text, default: '' })

export const commonWorkerFields = {
  bootstrapServers: listField('bootstrap.servers', {
    ...doc<readonly string[]>('Kafka brokers to contact first, host:port.', { importance: 'high' }),
    default: ['localhost:9092'],
  }),
  keyConverter: classField('key.converter', {
    ...doc<string>('Converter of record keys for connectors that name none.', {
      importance: 'high',
      examples: ['org.apache.kafka.connect.storage.StringConverter'],
    }),
    required: true,
  }),
  valueConverter: classField('value.converter', {
    ...doc<string>('Converter of record values for connectors that name none.', {
      importance: 'high',
      examples: ['org.apache.kafka.connect.json.JsonConverter'],
    }),
    required: true,
  }),
  headerConverter: classField('header.converter', {
    ...doc<string>('Converter of record headers for connectors that name none.'),
    default: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  }),
  validateCluster: booleanField('scamander.validate.cluster', {
    ...doc<boolean>(
      'Connectors that are created, changed or validated by the REST API are checked against their cluster: tables and columns must be there. false: that is found out when tasks start.',
    ),
    since: '0.1',
    default: true,
  }),
  listeners: listField('listeners', {
    ...rest,
    doc: 'Addresses of the REST API, http or https. An empty host means 127.0.0.1 unless logins are demanded.',
    examples: ['http://127.0.0.1:8083', 'https://0.0.0.0:8443'],
    default: ['http://:8083'],
  }),
  advertisedHost: stringField('rest.advertised.host.name', {
    ...rest,
    doc: 'Host name told to other workers; not given: that of the first listener.',
  }),
  advertisedPort: intField('rest.advertised.port', {
    ...rest,
    doc: 'Port told to other workers; not given: that of the first listener.',
    validator: range({ min: 1, max: 65535 }),
  }),
  advertisedListener: enumField('rest.advertised.listener', ['http', 'https'], {
    ...rest,
    doc: 'Which listener is told to other workers; not given: the first.',
  }),
  adminListeners: listField('admin.listeners', {
    ...rest,
    doc: 'Addresses of the logger API; not given: the main listeners; empty: nowhere.',
  }),
  restExtensions: listField('rest.extension.classes', {
    ...rest,
    doc: "Kafka Connect's class of basic authentication; users come from scamander.rest.basic.file, or from the JAAS file that KAFKA_OPTS names.",
    examples: ['org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension'],
    default: [],
  }),
  restUsers: passwordField('scamander.rest.basic.users', {
    ...rest,
    doc: 'Users of the REST API: name:password, separated by commas. Needed, or the token, for any address but this machine.',
    since: '0.1',
    default: new Secret(''),
  }),
  restUsersFile: stringField('scamander.rest.basic.file', {
    ...rest,
    doc: 'File of more users of the REST API: name=password lines.',
    since: '0.1',
    examples: ['/etc/scamander/users.properties'],
    default: '',
  }),
  restToken: passwordField('scamander.rest.token', {
    ...rest,
    doc: 'Token that callers of the REST API send: Authorization: Bearer <token>.',
    since: '0.1',
    default: new Secret(''),
  }),
  restAllowedAddresses: listField('scamander.rest.allowed.addresses', {
    ...rest,
    doc: 'Addresses and networks from which the REST API and the page may be called; empty: from anywhere. This machine always may.',
    since: '0.1',
    examples: ['10.0.0.0/8,192.0.2.7'],
    default: [],
  }),
  restTrustedProxies: listField('scamander.rest.trusted.proxies', {
    ...rest,
    doc: 'Addresses and networks of proxies, and of the other workers of a group: what they say in X-Forwarded-For is believed.',
    since: '0.1',
    examples: ['10.0.0.1'],
    default: [],
  }),
  corsOrigin: stringField('access.control.allow.origin', {
    ...rest,
    doc: 'Origins allowed to call from a browser, separated by commas; * for all; empty: none.',
    default: '',
  }),
  corsMethods: stringField('access.control.allow.methods', {
    ...rest,
    doc: 'Methods allowed to that origin; empty: GET, POST and HEAD.',
    default: '',
  }),
  responseHeaders: stringField('response.http.headers.config', {
    ...rest,
    doc: 'Headers added to every answer: action name: value, separated by commas.',
    default: '',
  }),
  clientAuth: enumField('ssl.client.auth', ['none', 'requested', 'required'], {
    ...rest,
    doc: 'Whether callers of an https listener show a certificate.',
    default: 'none',
  }),
  flushIntervalMs: longField('offset.flush.interval.ms', {
    ...doc<number>('How often positions are committed.', { unit: 'milliseconds' }),
    default: 60_000,
  }),
  flushTimeoutMs: longField('offset.flush.timeout.ms', {
    ...doc<number>('How long a commit may take.', { unit: 'milliseconds' }),
    noEffect: 'a commit is repeated within default.api.timeout.ms of the consumer',
    default: 5000,
  }),
  shutdownTimeoutMs: longField('task.shutdown.graceful.timeout.ms', {
    ...doc<number>('How long all tasks together may take to stop.', { unit: 'milliseconds' }),
    default: 5000,
  }),
  taskThreads: stringField('scamander.task.threads', {
    ...doc<string>(
      'Threads that share the tasks of this worker: auto (as many as the machine has processors, 2 to 4), a number, or 0 for none: tasks then run in the main thread. A thread starts with the first task that needs it.',
    ),
    since: '0.1',
    validator: checked('auto or a number from 0 to 64', text =>
      /^(auto|\d|[1-5]\d|6[0-4])$/.test(text.trim())
        ? []
        : ['Must be auto or a number from 0 to 64'],
    ),
    default: 'auto',
  }),
  taskMemoryMb: intField('scamander.task.thread.memory.mb', {
    ...doc<number>(
      'Memory that the objects in such a thread may use, and its buffers as well; a thread with more is ended and its tasks start again elsewhere.',
      { unit: 'megabytes' },
    ),
    since: '0.1',
    validator: range({ min: 64 }),
    default: 1024,
  }),
  taskHangMs: longField('scamander.task.hang.timeout.ms', {
    ...doc<number>(
      'How long a task may keep its thread busy without a pause, in processor time of the worker (in wall time: six times as long); then the thread is ended, the task is FAILED and the others of its thread start again elsewhere.',
      { unit: 'milliseconds' },
    ),
    since: '0.1',
    validator: range({ min: 1000 }),
    default: 10_000,
  }),
  restartTasks: booleanField('scamander.task.restart.enable', {
    ...doc<boolean>(
      'Restart failed tasks by themselves, unless it is a record that cannot be converted or written.',
    ),
    since: '0.1',
    default: true,
  }),
  restartPauseMs: longField('scamander.task.restart.pause.ms', {
    ...doc<number>('Pause before the first such restart; it doubles with each.', {
      unit: 'milliseconds',
    }),
    since: '0.1',
    validator: positive,
    default: 10_000,
  }),
  restartPauseMsMax: longField('scamander.task.restart.pause.max.ms', {
    ...doc<number>('Longest pause before such a restart.', { unit: 'milliseconds' }),
    since: '0.1',
    validator: positive,
    default: 600_000,
  }),
  restartAttemptsMax: intField('scamander.task.restart.attempts.max', {
    ...doc<number>(
      'Restarts in a row before the task stays FAILED; ten minutes of running begin a new row.',
    ),
    since: '0.1',
    validator: positive,
    default: 20,
  }),
  pluginPath: listField('plugin.path', {
    ...doc<readonly string[]>('Accepted for compatibility: plugins are built in.'),
  }),
  pluginDiscovery: enumField(
    'plugin.discovery',
    ['only_scan', 'hybrid_warn', 'hybrid_fail', 'service_load'],
    {
      ...doc<'only_scan' | 'hybrid_warn' | 'hybrid_fail' | 'service_load'>(
        'Accepted for compatibility: plugins are built in.',
      ),
      ignoreCase: true,
      default: 'hybrid_warn',
    },
  ),
  configProviders: listField('config.providers', {
    ...doc<readonly string[]>(
      'Names of config providers; env, file, dir and directory always work, secret where the server keeps named secrets.',
    ),
    default: [],
  }),
  configProviderSettings: patternField(
    'config.providers.<provider>.<setting*>',
    raw('Class and parameters of a config provider.'),
  ),
  overridePolicy: classField('connector.client.config.override.policy', {
    ...doc<string>('Which client settings connectors may override: All, None, Principal.'),
    default: 'All',
  }),
  topicTracking: booleanField('topic.tracking.enable', {
    ...doc<boolean>('Track the topics each connector uses.'),
    default: true,
  }),
  topicTrackingReset: booleanField('topic.tracking.allow.reset', {
    ...doc<boolean>('Allow resetting that list.'),
    default: true,
  }),
  topicCreation: booleanField('topic.creation.enable', {
    ...doc<boolean>('Let source connectors create their topics.'),
    default: true,
  }),
  metricReporters: listField('metric.reporters', {
    ...doc<readonly string[]>('Accepted for compatibility: metrics are always published.'),
    default: ['org.apache.kafka.common.metrics.JmxReporter'],
  }),
  metricSamples: intField('metrics.num.samples', {
    ...doc<number>('Samples kept per metric.', { validator: positive }),
    default: 2,
  }),
  metricWindowMs: longField('metrics.sample.window.ms', {
    ...doc<number>('Window of a sample.', { unit: 'milliseconds', validator: natural }),
    default: 30_000,
  }),
  metricLevel: enumField('metrics.recording.level', ['INFO', 'DEBUG', 'TRACE'], {
    ...doc<'INFO' | 'DEBUG' | 'TRACE'>('Finest metrics that are kept.'),
    ignoreCase: true,
    default: 'INFO',
  }),
  metricsListeners: listField('scamander.metrics.listeners', {
    group: 'Worker',
    doc: 'Addresses of the Prometheus exposition; empty: none.',
    since: '0.1',
    default: ['http://127.0.0.1:9464'],
  }),
  ...tracingFields,
  dnsLookup: enumField(
    'client.dns.lookup',
    ['use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'],
    { ...client, doc: 'How broker names are resolved.', default: 'use_all_dns_ips' },
  ),
  securityProtocol: enumField(
    'security.protocol',
    ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
    {
      ...client,
      doc: "Protocol of the worker's own clients; tasks take consumer.*, producer.*, admin.*.",
      ignoreCase: true,
      default: 'PLAINTEXT',
    },
  ),
  clientId: stringField('client.id', { ...client, doc: 'Client id prefix.', default: '' }),
  metadataMaxAgeMs: durationKey(
    'metadata.max.age.ms',
    'Age at which metadata is refreshed.',
    300_000,
  ),
  requestTimeoutMs: durationKey('request.timeout.ms', 'How long a request may take.', 40_000),
  retryBackoffMs: durationKey('retry.backoff.ms', 'First wait before a retry.', 100),
  retryBackoffMaxMs: durationKey('retry.backoff.max.ms', 'Longest wait before a retry.', 1000),
  reconnectBackoffMs: durationKey('reconnect.backoff.ms', 'First wait before reconnecting.', 50),
  reconnectBackoffMaxMs: durationKey(
    'reconnect.backoff.max.ms',
    'Longest wait before reconnecting.',
    1000,
  ),
  idleMs: durationKey(
    'connections.max.idle.ms',
    'Idle connections are closed after this.',
    540_000,
  ),
  sendBufferBytes: intField('send.buffer.bytes', {
    ...client,
    doc: 'Send buffer of sockets; -1: as the system has it.',
    validator: range({ min: -1 }),
    default: 131_072,
  }),
  receiveBufferBytes: intField('receive.buffer.bytes', {
    ...client,
    doc: 'Receive buffer of sockets; -1: as the system has it.',
    validator: range({ min: -1 }),
    default: 32_768,
  }),
  connectTimeoutMs: durationKey(
    'socket.connection.setup.timeout.ms',
    'How long opening a connection may take.',
    10_000,
  ),
  connectTimeoutMaxMs: durationKey(
    'socket.connection.setup.timeout.max.ms',
    'Longest time opening a connection may take after failures.',
    30_000,
  ),
  keyConverterOptions: patternField(
    'key.converter.<option*>',
    raw('Setting of the key converter.'),
  ),
  valueConverterOptions: patternField(
    'value.converter.<option*>',
    raw('Setting of the value converter.'),
  ),
  headerConverterOptions: patternField(
    'header.converter.<option*>',
    raw('Setting of the header converter.'),
  ),
  consumerSettings: patternField('consumer.<property*>', raw("Setting of tasks' consumers.")),
  producerSettings: patternField('producer.<property*>', raw("Setting of tasks' producers.")),
  adminHttps: patternField('admin.listeners.https.<property*>', raw('TLS of the logger API.')),
  adminSettings: patternField('admin.<property*>', raw("Setting of tasks' admin clients.")),
  captureSettings: patternField('cdc.<setting*>', raw('Setting of change capture; see its page.')),
  listenerHttps: patternField('listeners.https.<property*>', raw('TLS of the REST API.')),
  saslSettings: patternField('sasl.<property*>', raw("Login of the worker's own clients.")),
  sslSettings: patternField('ssl.<property*>', raw("TLS of the worker's own clients.")),
}

function durationKey(name: string, text: string, defaultMs: number) {
  return longField(name, {
    ...client,
    doc: text,
    unit: 'milliseconds',
    validator: natural,
    default: defaultMs,
  })
}
