/**
 * The Java client property names that the product understands, as one table: type, default, limits
 * and meaning. `client-settings.ts` parses with it; the docs page is generated from it.
 * Defaults are Kafka's own, except where the entry says why not.
 * Spec: connect-rest 10.
 */
export interface ClientKey {
  readonly type: 'int' | 'boolean' | 'string' | 'list' | 'password'
  readonly default?: string
  readonly min?: number
  readonly max?: number
  /** Allowed values of a string, or of the items of a list. */
  readonly values?: readonly string[]
  readonly doc: string
}

const INT_MAX = 2 ** 31 - 1
const LONG_MAX = Number.MAX_SAFE_INTEGER

const int = (value: number, doc: string, limits: { min?: number; max?: number } = {}) =>
  ({ type: 'int', default: String(value), min: 0, max: INT_MAX, ...limits, doc }) as const
const text = (doc: string, value?: string, values?: readonly string[]) =>
  ({ type: 'string', doc, ...optional('default', value), ...optional('values', values) }) as const
const flag = (value: boolean, doc: string) =>
  ({ type: 'boolean', default: String(value), doc }) as const
const secret = (doc: string) => ({ type: 'password', doc }) as const
const list = (doc: string, value?: string, values?: readonly string[]) =>
  ({ type: 'list', doc, ...optional('default', value), ...optional('values', values) }) as const

const STORE_TYPES = ['PEM', 'PKCS12', 'JKS'] as const

const CONNECTION_KEYS = {
  'bootstrap.servers': list('Brokers to contact first, as host:port.'),
  'client.id': text('Name that the brokers log and measure.', ''),
  'client.rack': text('Rack of this client; replicas in it are read in preference.', ''),
  'request.timeout.ms': int(30_000, 'Longest wait for one answer.', { min: 1 }),
  'default.api.timeout.ms': int(60_000, 'Longest time of one call with its retries.', { min: 1 }),
  'socket.connection.setup.timeout.ms': int(10_000, 'Longest wait for a connection.', { min: 1 }),
  'retry.backoff.ms': int(100, 'First pause before a retry; it doubles.', { min: 1 }),
  'retry.backoff.max.ms': int(1_000, 'Longest pause before a retry.', { min: 1 }),
  'metadata.max.age.ms': int(300_000, 'Topics and partitions are looked up again after it.', {
    min: 100,
  }),
  'security.protocol': text('How to talk to the brokers.', 'PLAINTEXT', [
    'PLAINTEXT',
    'SSL',
    'SASL_PLAINTEXT',
    'SASL_SSL',
  ]),
  'sasl.mechanism': text('SASL mechanism.', 'GSSAPI', [
    'PLAIN',
    'SCRAM-SHA-256',
    'SCRAM-SHA-512',
    'OAUTHBEARER',
    'GSSAPI',
  ]),
  'sasl.jaas.config': secret('Login module with its options, as a line of a JAAS file.'),
  'sasl.oauthbearer.token.endpoint.url': text('Address that gives tokens for OAUTHBEARER.'),
  'ssl.truststore.location': text('File with the certificates to trust.'),
  'ssl.truststore.password': secret('Password of that file.'),
  'ssl.truststore.type': text(
    'Format of that file; by default told from the name.',
    undefined,
    STORE_TYPES,
  ),
  'ssl.truststore.certificates': text('Certificates to trust, PEM text.'),
  'ssl.keystore.location': text('File with the private key and certificate of this client.'),
  'ssl.keystore.password': secret('Password of that file.'),
  'ssl.keystore.type': text(
    'Format of that file; by default told from the name.',
    undefined,
    STORE_TYPES,
  ),
  'ssl.keystore.certificate.chain': text('Certificate of this client and its issuers, PEM text.'),
  'ssl.keystore.key': secret('Private key of this client, PEM text.'),
  'ssl.key.password': secret('Password of the private key.'),
  'ssl.endpoint.identification.algorithm': text(
    'https: the host name must match the certificate; empty: it need not.',
    'https',
  ),
  'ssl.enabled.protocols': list('TLS versions.', 'TLSv1.2,TLSv1.3', [
    'TLSv1',
    'TLSv1.1',
    'TLSv1.2',
    'TLSv1.3',
  ]),
  'ssl.cipher.suites': list('Cipher suites, OpenSSL or IANA names.'),
} as const satisfies Record<string, ClientKey>

const CONSUMER_KEYS = {
  'group.id': text('Consumer group.', ''),
  'group.instance.id': text('Makes the member static: a restart within the session moves nothing.'),
  'group.protocol': text('Group protocol.', 'classic', ['classic', 'consumer']),
  'partition.assignment.strategy': list(
    'How the group shares partitions: class names of Kafka or the short names. ' +
      'Kafka: range, then cooperative-sticky; here cooperative-sticky, which moves only what must move.',
    'cooperative-sticky',
  ),
  'auto.offset.reset': text('Where to begin without a committed offset.', 'earliest', [
    'earliest',
    'latest',
    'none',
  ]),
  'isolation.level': text('read_committed leaves out aborted transactions.', 'read_uncommitted', [
    'read_uncommitted',
    'read_committed',
  ]),
  'session.timeout.ms': int(45_000, 'A member silent for so long is dropped.', { min: 1 }),
  'heartbeat.interval.ms': int(3_000, 'Time between signs of life.', { min: 1 }),
  'max.poll.interval.ms': int(300_000, 'Longest time between two reads.', { min: 1 }),
  'max.poll.records': int(
    2_000,
    'Most messages of one read. Kafka: 500; here more, as the unit of asynchrony is the batch.',
    { min: 1 },
  ),
  'fetch.min.bytes': int(1, 'A broker waits for so much, up to fetch.max.wait.ms.'),
  'fetch.max.bytes': int(
    512 * 1024,
    'Most bytes of one answer. Kafka: 50 MiB; here less, so that memory stays flat.',
    { min: 1 },
  ),
  'fetch.max.wait.ms': int(500, 'Longest wait of a broker for fetch.min.bytes.'),
  'max.partition.fetch.bytes': int(
    128 * 1024,
    'Most bytes per partition of one answer. Kafka: 1 MiB; a longer message still comes whole.',
    { min: 1 },
  ),
  'check.crcs': flag(true, 'Verify the checksum of every batch.'),
  'allow.auto.create.topics': flag(true, 'Let the broker create a subscribed topic.'),
} as const satisfies Record<string, ClientKey>

const PRODUCER_KEYS = {
  acks: text('Copies that must exist before a record counts as written.', 'all', [
    'all',
    '-1',
    '0',
    '1',
  ]),
  'compression.type': text('Compression of batches.', 'none', [
    'none',
    'gzip',
    'snappy',
    'lz4',
    'zstd',
  ]),
  'linger.ms': int(5, 'A batch waits so long for more records.'),
  'batch.size': int(
    65_536,
    'Most bytes of one batch. Kafka: 16 KiB; here more, which costs the brokers less.',
  ),
  'buffer.memory': int(33_554_432, 'Records that wait, in bytes; then send waits.', {
    max: LONG_MAX,
  }),
  'max.request.size': int(1_048_576, 'Most bytes of one record or request.'),
  'delivery.timeout.ms': int(120_000, 'Longest time of a record with its retries.'),
  'enable.idempotence': flag(
    false,
    'Number the batches, so that a repeated request writes no record twice; needs acks=all. Kafka: true; here so for sources, whose producers ask for it.',
  ),
  'transaction.timeout.ms': int(60_000, 'A transaction open for longer is aborted.', { min: 1 }),
  'max.block.ms': int(60_000, 'Longest wait for room in the buffer.', { max: LONG_MAX }),
} as const satisfies Record<string, ClientKey>

export const CLIENT_KEYS = { ...CONNECTION_KEYS, ...CONSUMER_KEYS, ...PRODUCER_KEYS }

export type ClientKeyName = keyof typeof CLIENT_KEYS

/** Keys of the Java clients that are correct there and mean nothing here: accepted in silence. */
export const SILENT_KEYS: ReadonlySet<string> = new Set([
  'key.deserializer',
  'value.deserializer',
  'key.serializer',
  'value.serializer',
  'enable.auto.commit',
  'auto.commit.interval.ms',
  'exclude.internal.topics',
  'max.in.flight.requests.per.connection',
  'retries',
  'metrics.num.samples',
  'metrics.recording.level',
  'metrics.sample.window.ms',
  'ssl.protocol',
])

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}
