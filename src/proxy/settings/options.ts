/**
 * Every option of `scamander proxy`, declared once: the parser, the help and the reference page of
 * commands derive from this table. The first block are the options of the Azure proxy with its names
 * and defaults, the second are ours.
 * Invariant: names are unique; a short name is given without its dash.
 * Spec: live-migration 1.2, 2.5-2.11.
 */
export type OptionType = 'string' | 'int' | 'boolean' | 'choice' | 'ints' | 'versions' | 'codecs'

export interface ProxyOption {
  readonly name: string
  readonly short?: string
  readonly type: OptionType
  readonly fallback?: string | number | boolean
  readonly choices?: readonly string[]
  readonly doc: string
}

const COMPATIBLE: readonly ProxyOption[] = [
  { name: 'source-port', type: 'int', fallback: 9042, doc: 'CQL port of the source' },
  { name: 'target-port', type: 'int', fallback: 9042, doc: 'CQL port of the target' },
  {
    name: 'source-identifier',
    type: 'string',
    fallback: 'source node',
    doc: 'name of the source in logs and metrics',
  },
  {
    name: 'target-identifier',
    type: 'string',
    fallback: 'target node',
    doc: 'name of the target in logs and metrics',
  },
  { name: 'proxy-port', short: 'p', type: 'int', fallback: 29_042, doc: 'port for clients' },
  {
    name: 'wait',
    short: 'W',
    type: 'boolean',
    fallback: true,
    doc: 'answer a write when both clusters answered; false: when the source did',
  },
  { name: 'threads', short: 't', type: 'int', fallback: 1, doc: 'threads that share the port' },
  { name: 'proxy-pem-keyfile', type: 'string', doc: 'PEM private key for TLS towards clients' },
  {
    name: 'proxy-pem-certfile',
    type: 'string',
    doc: 'PEM certificate chain for TLS towards clients',
  },
  {
    name: 'proxy-jks-file',
    type: 'string',
    doc: 'JKS or PKCS12 key store for TLS towards clients',
  },
  {
    name: 'proxy-jks-password',
    type: 'string',
    fallback: 'changeit',
    doc: 'password of the key store',
  },
  { name: 'disable-source-tls', type: 'boolean', fallback: false, doc: 'no TLS to the source' },
  { name: 'disable-target-tls', type: 'boolean', fallback: false, doc: 'no TLS to the target' },
  {
    name: 'target-username',
    type: 'string',
    doc: "user on the target, when it is not the client's",
  },
  { name: 'target-password', type: 'string', doc: 'password on the target' },
  { name: 'protocol-version', type: 'ints', doc: 'protocol versions that are admitted (3, 4, 5)' },
  { name: 'cql-version', type: 'versions', doc: 'CQL_VERSION in SUPPORTED' },
  { name: 'compression', type: 'codecs', doc: 'COMPRESSION in SUPPORTED (lz4, snappy)' },
  {
    name: 'compression-enabled',
    type: 'boolean',
    fallback: true,
    doc: 'false: no compression is offered',
  },
  { name: 'uuid', type: 'boolean', fallback: false, doc: 'the same as --replace-functions' },
  {
    name: 'metrics',
    type: 'boolean',
    fallback: true,
    doc: 'serve metrics, health and the control API',
  },
  {
    name: 'metrics-port',
    short: 'mp',
    type: 'int',
    fallback: 28_000,
    doc: 'port of metrics, health and the control API',
  },
  {
    name: 'only-message',
    type: 'boolean',
    fallback: true,
    doc: 'compare answers without payload and warnings',
  },
  {
    name: 'write-buffer-size',
    type: 'int',
    fallback: 65_536,
    doc: 'bytes waiting for a client above which the clusters are not read',
  },
  {
    name: 'tcp-idle-time-out',
    type: 'int',
    fallback: 0,
    doc: 'seconds after which an idle connection is closed; 0: never',
  },
  {
    name: 'filter-tables',
    type: 'string',
    doc: 'statements whose whole text matches this regular expression go to the source only',
  },
  {
    name: 'dest-close',
    type: 'boolean',
    fallback: false,
    doc: 'close the client when its target connection is lost',
  },
  {
    name: 'ghostIps',
    type: 'string',
    doc: 'JSON object of node addresses and the proxy addresses to show instead',
  },
  { name: 'debug', type: 'boolean', fallback: false, doc: 'log at level debug' },
]

const OWN: readonly ProxyOption[] = [
  {
    name: 'proxy-host',
    type: 'string',
    doc: 'address to listen on, for clients, metrics and control; default: every interface',
  },
  {
    name: 'replace-functions',
    type: 'boolean',
    fallback: false,
    doc: 'replace now(), uuid() and current times in writes by values made here, the same for both clusters',
  },
  {
    name: 'primary',
    type: 'choice',
    choices: ['source', 'target'],
    fallback: 'source',
    doc: 'cluster that answers reads',
  },
  {
    name: 'read-mode',
    type: 'choice',
    choices: ['primary', 'dual-async', 'compare'],
    fallback: 'primary',
    doc: 'reads on the primary only; on the secondary too, unwaited; or on both and compared',
  },
  {
    name: 'target-failure',
    type: 'choice',
    choices: ['log', 'fail'],
    fallback: 'log',
    doc: "a write that fails on one cluster: the client gets the source's answer, or the failure",
  },
  {
    name: 'target-cl',
    type: 'string',
    fallback: 'same',
    doc: 'consistency level of writes on the target',
  },
  {
    name: 'timestamps',
    type: 'choice',
    choices: ['proxy', 'client'],
    fallback: 'proxy',
    doc: 'proxy: writes without a timestamp get one, the same for both clusters',
  },
  {
    name: 'lwt',
    type: 'choice',
    choices: ['both', 'source-first'],
    fallback: 'both',
    doc: 'conditional writes on both clusters, or on the target only when the source applied them',
  },
  {
    name: 'ddl',
    type: 'choice',
    choices: ['both', 'source', 'reject'],
    fallback: 'both',
    doc: 'where statements go that change schema or permissions',
  },
  {
    name: 'system-queries',
    type: 'choice',
    choices: ['source', 'target'],
    fallback: 'source',
    doc: 'cluster that answers queries of system keyspaces',
  },
  {
    name: 'topology',
    type: 'string',
    doc: 'addresses of all proxies, separated by commas: clients see them as the nodes',
  },
  {
    name: 'topology-index',
    type: 'int',
    fallback: 0,
    doc: 'place of this proxy in --topology, from 0',
  },
  { name: 'topology-tokens', type: 'int', fallback: 8, doc: 'tokens of each proxy in --topology' },
  {
    name: 'strict-peers',
    type: 'boolean',
    fallback: false,
    doc: 'leave nodes that --ghostIps does not name out of the peers',
  },
  {
    name: 'journal',
    type: 'string',
    doc: 'folder for writes that a cluster missed; see proxy-replay',
  },
  {
    name: 'journal-mb',
    type: 'int',
    fallback: 10_240,
    doc: 'megabytes that the folder of --journal may hold',
  },
  {
    name: 'journal-full',
    type: 'choice',
    choices: ['go-on', 'refuse'],
    fallback: 'go-on',
    doc: 'a full journal: go on, count and log what is not kept; or refuse writes that need it with Overloaded',
  },
  {
    name: 'write-ahead',
    type: 'boolean',
    fallback: false,
    doc: 'with --wait false and --journal: a write is in the journal before its answer, so a killed proxy loses none',
  },
  {
    name: 'async-order',
    type: 'choice',
    choices: ['after-source', 'concurrent'],
    fallback: 'after-source',
    doc: 'with --wait false: when the target is asked',
  },
  {
    name: 'async-overflow',
    type: 'choice',
    choices: ['block', 'drop', 'journal'],
    fallback: 'block',
    doc: 'with --wait false: what a full queue does',
  },
  {
    name: 'async-queue',
    type: 'int',
    fallback: 10_000,
    doc: 'with --wait false: writes that may wait per client',
  },
  {
    name: 'async-bytes',
    type: 'int',
    fallback: 67_108_864,
    doc: 'with --wait false: bytes that may wait per thread',
  },
  {
    name: 'request-timeout',
    type: 'int',
    fallback: 10_000,
    doc: 'milliseconds after which a request without answer is answered with a timeout',
  },
  {
    name: 'prepared-cache-size',
    type: 'int',
    fallback: 5_000,
    doc: 'prepared statements that are remembered',
  },
  {
    name: 'max-stream-ids',
    type: 'int',
    fallback: 2_048,
    doc: 'requests in flight on one cluster connection',
  },
  {
    name: 'max-clients',
    type: 'int',
    fallback: 1_000,
    doc: 'client connections of one thread; more get Overloaded',
  },
  {
    name: 'source-ca',
    type: 'string',
    doc: 'PEM, JKS or PKCS12 file with the authorities of the source; without it any certificate is accepted',
  },
  { name: 'target-ca', type: 'string', doc: 'the same for the target' },
  { name: 'source-cert', type: 'string', doc: 'PEM client certificate for the source' },
  { name: 'source-key', type: 'string', doc: 'PEM private key of --source-cert' },
  { name: 'target-cert', type: 'string', doc: 'PEM client certificate for the target' },
  { name: 'target-key', type: 'string', doc: 'PEM private key of --target-cert' },
  {
    name: 'verify-hostname',
    type: 'boolean',
    fallback: false,
    doc: 'with a CA: certificates must name the host',
  },
  {
    name: 'require-clusters',
    type: 'boolean',
    fallback: false,
    doc: 'end when a cluster does not answer at start',
  },
  {
    name: 'control-token',
    type: 'string',
    doc: 'bearer token that admits the control API from other machines',
  },
]

export const PROXY_OPTIONS: readonly ProxyOption[] = [...COMPATIBLE, ...OWN]
