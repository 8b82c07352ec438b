/**
 * The worker's settings of capture: keys `cdc.…` of the worker's properties.
 * Parsed when a worker starts that has `cdc.contact.points`; without that key nothing is captured.
 * Spec: cdc-replication 1.2, 2.5.
 */
import { dirname, join } from 'node:path'
import { ScamanderError } from '../../base/scamander-error.ts'
import {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  type ContactPoint,
  loadTls,
  TLS_KEYS,
  toCredentials,
} from '../../cassandra/index.ts'
import {
  booleanField,
  type ConfigSource,
  defineConfig,
  enumField,
  formatLint,
  intField,
  listField,
  longField,
  parseConfig,
  passwordField,
  range,
  type SettingsOf,
  stringField,
} from '../../config/index.ts'
import { type EncryptionKey, readEncryptionKeys } from './encryption-keys.ts'
import { CDC_ERRORS } from './errors.ts'

const tls = { group: 'TLS', importance: 'low' as const }
export const TOPIC_PREFIX = '_scamander-cdc'

export const captureConfig = defineConfig(
  'capture',
  {
    contactPoints: listField('cdc.contact.points', {
      group: 'Capture',
      doc: 'Nodes of the cluster whose changes are captured, host or host:port. Nodes of that cluster that run on this machine are captured from.',
      importance: 'high',
      examples: ['127.0.0.1'],
      required: true,
    }),
    port: intField('cdc.port', {
      group: 'Capture',
      doc: 'Port of contact points that have none.',
      validator: range({ min: 1, max: 65_535 }),
      default: 9042,
    }),
    workerUrl: stringField('cdc.worker.url', {
      group: 'Capture',
      doc: 'Address of the worker that captures: this one delivers for its connectors what that one has queued, and captures nothing itself. `kafka`: whichever worker keeps the queues of `cdc.topic.prefix` in Kafka.',
      importance: 'high',
      examples: ['http://10.0.0.5:8083', 'kafka'],
    }),
    workerToken: passwordField('cdc.worker.token', {
      group: 'Capture',
      doc: 'Token of that worker.',
    }),
    workerHosts: listField('cdc.worker.hosts', {
      group: 'Capture',
      doc: 'Hosts that may get that token, or the login of an agent, when a topic names the worker; empty: any over https, and this machine.',
      examples: ['worker-1.example,10.0.0.5'],
      default: [],
    }),
    dataDirectory: stringField('cdc.data.directory', {
      group: 'Capture',
      doc: 'Folder of the state and the queues; by default `cdc` beside the offset file.',
      importance: 'high',
    }),
    queueStore: enumField('cdc.queue.store', ['file', 'kafka'], {
      group: 'Queues',
      doc: 'Where queues and state are kept: in a file of the worker, or in topics as well, so that another worker goes on when the machine is lost.',
      importance: 'high',
      default: 'file',
    }),
    topicPrefix: stringField('cdc.topic.prefix', {
      group: 'Queues',
      doc: 'Begins the names of the topics of queues and state; one for each worker that captures.',
      default: TOPIC_PREFIX,
    }),
    replicationFactor: intField('cdc.replication.factor', {
      group: 'Queues',
      doc: 'Replicas of these topics; 0: three, or as many as there are brokers.',
      validator: range({ min: 0, max: 100 }),
      default: 0,
    }),
    queueKeepMs: longField('cdc.queue.keep.ms', {
      group: 'Queues',
      doc: 'So long delivered changes stay in the topics of queues: copies of writes that replicas log late are recognised by them after the loss of the machine.',
      unit: 'milliseconds',
      importance: 'low',
      default: 600_000,
    }),
    username: stringField('cdc.auth.username', { group: 'Capture', doc: 'Login of the cluster.' }),
    password: passwordField('cdc.auth.password', { group: 'Capture', doc: 'Its password.' }),
    localAgents: booleanField('cdc.local.agents', {
      group: 'Capture',
      doc: 'Capture from nodes on this machine in the worker itself; without, `scamander cdc-agent` does it.',
      default: true,
    }),
    readPolicy: enumField('cdc.read.policy', ['live', 'markers', 'idx', 'completed'], {
      group: 'Reading',
      doc: 'How far a segment is read: up to its last whole record (at once; what a killed node has not marked yet is given although the node forgets it), up to its last sync marker (100 ms behind), up to what is certainly on disk (10 s behind), or only when it is complete.',
      default: 'markers',
    }),
    pollIntervalMs: intField('cdc.poll.interval.ms', {
      group: 'Reading',
      doc: 'Pause between two looks at the log.',
      unit: 'milliseconds',
      validator: range({ min: 1, max: 60_000 }),
      default: 10,
    }),
    from: enumField('cdc.from', ['latest', 'earliest'], {
      group: 'Reading',
      doc: 'Where a node without a stored position begins: after what is logged now, or at the oldest segment.',
      default: 'latest',
    }),
    alarmPercent: listField('cdc.alarm.percent', {
      group: 'Reading',
      doc: 'Fill levels of cdc_raw, in percent of its limit, at which a warning is logged.',
      default: ['50', '80'],
    }),
    checkMs: intField('cdc.check.interval.ms', {
      group: 'Reading',
      doc: 'Pause between two looks at captured tables and nodes: does the table exist, is it logged for capture.',
      unit: 'milliseconds',
      validator: range({ min: 200, max: 3_600_000 }),
      default: 10_000,
      importance: 'low',
    }),
    diskFreeBytes: longField('cdc.disk.free.bytes', {
      group: 'Reading',
      doc: 'Reading stops while the disk of the queues has less free than this, and less than `cdc.disk.free.percent`.',
      unit: 'bytes',
      default: 1024 ** 3,
    }),
    diskFreePercent: intField('cdc.disk.free.percent', {
      group: 'Reading',
      doc: 'Reading stops while the disk of the queues has less free than this part, and less than `cdc.disk.free.bytes`.',
      unit: 'percent',
      validator: range({ min: 0, max: 100 }),
      default: 10,
    }),
    overflowDirectory: stringField('cdc.overflow.directory', {
      group: 'Reading',
      doc: 'Folder that full segments are moved to, and read from, while cdc_raw is filled beyond 70 percent of its limit: the node goes on taking writes while queues are away. On the disk of cdc_raw nothing is copied. Without it segments stay where they are.',
    }),
    overflowLimitBytes: longField('cdc.overflow.limit.bytes', {
      group: 'Reading',
      doc: 'So much is moved to `cdc.overflow.directory` at most, for each node.',
      unit: 'bytes',
      default: 16 * 1024 ** 3,
    }),
    encryptionKeys: listField('cdc.encryption.keys', {
      group: 'Reading',
      doc: 'Keys of encrypted segments, alias=hex; better by a reference than in the file.',
      importance: 'low',
      default: [],
    }),
    encryptionKeystore: stringField('cdc.encryption.keystore.path', {
      group: 'Reading',
      doc: 'Key store with the keys of encrypted segments, of the kind JCEKS: the one of `transparent_data_encryption_options` in cassandra.yaml.',
      importance: 'low',
      examples: ['/etc/cassandra/conf/.keystore'],
    }),
    encryptionKeystorePassword: passwordField('cdc.encryption.keystore.password', {
      group: 'Reading',
      doc: 'Its password.',
      importance: 'low',
    }),
    tlsEnabled: booleanField('cdc.ssl.enabled', {
      ...tls,
      doc: 'Connect to the cluster by TLS.',
      default: false,
    }),
    tlsHostnameValidation: booleanField('cdc.ssl.hostnameValidation', {
      ...tls,
      doc: 'The certificate must carry the name of the host.',
      default: true,
    }),
    truststorePath: stringField('cdc.ssl.truststore.path', {
      ...tls,
      doc: 'Certificates to trust: JKS, PKCS12 or PEM.',
    }),
    truststorePassword: passwordField('cdc.ssl.truststore.password', {
      ...tls,
      doc: 'Password of the trust store.',
    }),
    keystorePath: stringField('cdc.ssl.keystore.path', {
      ...tls,
      doc: 'Own certificate and key: JKS, PKCS12 or PEM.',
    }),
    keystorePassword: passwordField('cdc.ssl.keystore.password', {
      ...tls,
      doc: 'Password of the key store.',
    }),
  },
  {
    summary: 'Change capture in a worker.',
    description:
      'Keys of the properties of a worker that runs alone. With `cdc.contact.points` the worker captures changes of Cassandra tables for which channels exist.',
  },
)

type Parsed = SettingsOf<typeof captureConfig>

/** Both must be undercut before reading stops. */
export interface DiskLimits {
  readonly freeBytes: number
  readonly freePercent: number
}

/** Where full segments are moved. */
export interface OverflowSettings {
  readonly directory: string
  readonly limitBytes: number
}

export interface CaptureSettings {
  readonly contactPoints: readonly ContactPoint[]
  readonly connection: CassandraConnectionSettings
  readonly dataDirectory: string
  readonly localAgents: boolean
  readonly readPolicy: Parsed['readPolicy']
  readonly pollIntervalMs: number
  readonly from: Parsed['from']
  readonly alarmPercent: readonly number[]
  readonly checkMs: number
  readonly disk: DiskLimits
  /** Undefined: segments stay in `cdc_raw`. */
  readonly overflow: OverflowSettings | undefined
  readonly keys: readonly EncryptionKey[]
  /** Undefined: the file of the worker alone. */
  readonly topics: QueueTopicSettings | undefined
  /** Keys that nobody knows, and what else deserves a word. */
  readonly warnings: readonly string[]
}

/** Of queues and state that are kept in Kafka. */
export interface QueueTopicSettings {
  readonly prefix: string
  /** 0: three, or as many as there are brokers. */
  readonly replicationFactor: number
  readonly keepMs: number
}

/** Undefined when the worker's properties do not ask for capture. */
export function parseCapture(
  source: ConfigSource,
  offsetFile: string,
): CaptureSettings | undefined {
  const isOwn = source.entries.has('cdc.contact.points') && !source.entries.has('cdc.worker.url')
  return isOwn ? parseAll(source, offsetFile) : undefined
}

export interface CaptureElsewhere {
  /** Undefined: it is told by the topics of `prefix`. */
  readonly url: string | undefined
  readonly prefix: string
  readonly authorization: string | undefined
  /** That may get the authorization. */
  readonly hosts: readonly string[]
  readonly settings: CaptureSettings
}

/** Where this worker delivers from; undefined: from its own queues, or not at all. */
export function parseCaptureWorker(source: ConfigSource): CaptureElsewhere | undefined {
  const given = source.entries.get('cdc.worker.url')
  if (given === undefined) return undefined
  const url = given.value.trim().replace(/\/$/, '')
  if (url !== 'kafka' && !/^https?:\/\/[^/]+/.test(url)) {
    const message = `cdc.worker.url: expected an address like http://host:8083, or kafka, found "${given.value}"`
    throw new ScamanderError(CDC_ERRORS.SETTING, message)
  }
  const token = source.entries.get('cdc.worker.token')?.value
  const authorization = token === undefined ? undefined : `Bearer ${token}`
  const contact = source.entries.get('cdc.contact.points') ?? { ...given, value: '127.0.0.1' }
  const store = { ...given, value: 'kafka' }
  const entries = new Map([
    ...source.entries,
    ['cdc.contact.points', contact] as const,
    ['cdc.queue.store', store] as const,
  ])
  const settings = parseAll({ ...source, entries }, '.')
  const { prefix } = settings.topics!
  const hosts = workerHosts(source)
  return { url: url === 'kafka' ? undefined : url, prefix, authorization, hosts, settings }
}

/** Of `cdc.worker.hosts`. */
export function workerHosts(source: ConfigSource): readonly string[] {
  const hosts = source.entries.get('cdc.worker.hosts')?.value.split(',') ?? []
  return hosts.map(one => one.trim()).filter(one => one !== '')
}

function parseAll(source: ConfigSource, offsetFile: string): CaptureSettings {
  const own = new Map([...source.entries].filter(([key]) => key.startsWith('cdc.')))
  const config = { ...source, entries: own }
  const { settings: parsed, warnings } = parseConfig(captureConfig, config)
  const contactPoints = parsed.contactPoints.map(text => parsePoint(text, parsed.port))
  return {
    contactPoints,
    connection: toConnection(parsed, contactPoints),
    dataDirectory: parsed.dataDirectory ?? join(dirname(offsetFile), 'cdc'),
    localAgents: parsed.localAgents,
    readPolicy: parsed.readPolicy,
    pollIntervalMs: parsed.pollIntervalMs,
    from: parsed.from,
    alarmPercent: parsed.alarmPercent.map(Number).filter(one => one > 0),
    checkMs: parsed.checkMs,
    disk: { freeBytes: parsed.diskFreeBytes, freePercent: parsed.diskFreePercent },
    overflow: toOverflow(parsed),
    keys: readEncryptionKeys({
      keys: parsed.encryptionKeys,
      keystore: parsed.encryptionKeystore,
      password: parsed.encryptionKeystorePassword?.reveal(),
    }),
    topics: parsed.queueStore === 'kafka' ? toTopics(parsed) : undefined,
    warnings: warnings.map(formatLint),
  }
}

function toOverflow({ overflowDirectory, overflowLimitBytes }: Parsed) {
  if (overflowDirectory === undefined || overflowDirectory === '') return undefined
  return { directory: overflowDirectory, limitBytes: overflowLimitBytes }
}

function toTopics({ topicPrefix, replicationFactor, queueKeepMs }: Parsed): QueueTopicSettings {
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(topicPrefix)) {
    const message = `cdc.topic.prefix: expected 1 to 100 letters, digits, ".", "_" or "-", found "${topicPrefix}"`
    throw new ScamanderError(CDC_ERRORS.SETTING, message)
  }
  return { prefix: topicPrefix, replicationFactor, keepMs: queueKeepMs }
}

/** `host`, `host:port` or `[v6]:port`. */
export function parsePoint(text: string, defaultPort: number): ContactPoint {
  const found = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text.trim())
  const host = found?.[1] ?? found?.[2]
  if (host !== undefined) return { host, port: Number(found?.[3] ?? defaultPort) }
  const message = `expected a node as HOST[:PORT], found "${text}"`
  throw new ScamanderError(CDC_ERRORS.SETTING, message)
}

function toConnection(
  parsed: Parsed,
  contactPoints: readonly ContactPoint[],
): CassandraConnectionSettings {
  const { username = '', password } = parsed
  const credentials = toCredentials({ provider: '', username, password: password?.reveal() ?? '' })
  const material = loadTls(
    {
      provider: parsed.tlsEnabled ? 'JDK' : 'None',
      hostnameValidation: parsed.tlsHostnameValidation,
      cipherSuites: [],
      keystore: {
        path: parsed.keystorePath ?? '',
        password: parsed.keystorePassword?.reveal() ?? '',
      },
      truststore: {
        path: parsed.truststorePath ?? '',
        password: parsed.truststorePassword?.reveal() ?? '',
      },
    },
    CDC_TLS_KEYS,
  )
  return {
    ...CONNECTION_DEFAULTS,
    contactPoints,
    requestTimeoutMs: 12_000,
    ...(credentials === undefined ? {} : { credentials }),
    ...(material === undefined ? {} : { tls: material }),
  }
}

const CDC_TLS_KEYS = Object.fromEntries(
  Object.entries(TLS_KEYS).map(([name, key]) => [name, `cdc.${key}`]),
) as typeof TLS_KEYS
