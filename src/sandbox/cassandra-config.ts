/**
 * Renders the files a Cassandra node reads: cassandra.yaml, rack and data centre, logback.
 * Called before each start of a node. Pure: takes settings, returns text.
 * Values are written as JSON, which is YAML too, so nothing has to be escaped by hand.
 * Invariant: what is not set here keeps Cassandra's own default (thresholds and timeouts above all).
 */
import { join } from 'node:path'
import type { CassandraLine } from './release.ts'

export type YamlValue =
  | string
  | number
  | boolean
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue }

export interface NodeSettings {
  readonly line: CassandraLine
  /** 0 for the first node. */
  readonly index: number
  readonly nodes: number
  readonly folder: string
  readonly nativePort: number
  readonly storagePort: number
  readonly jmxPort: number
  readonly datacenter: string
  readonly storageCompatibilityMode: string
  readonly commitlogSync: 'periodic' | 'batch'
  readonly auth: boolean
  readonly heapMb: number
  readonly tls: ServerTls | undefined
  /** Set last: overrides anything above by its top-level key. */
  readonly yaml: Readonly<Record<string, YamlValue>>
}

export interface ServerTls {
  readonly keystorePath: string
  readonly truststorePath: string
  readonly password: string
  readonly clientAuth: boolean
}

const TOKENS_PER_NODE = 16

/** The loopback address of a node: 127.0.0.1 for the first. */
export function nodeAddress(index: number): string {
  return `127.0.0.${index + 1}`
}

/** Tokens that divide the ring evenly and interleave the nodes; the same in every run. */
export function nodeTokens(index: number, nodes: number): string[] {
  const step = 2n ** 64n / BigInt(nodes * TOKENS_PER_NODE)
  return Array.from({ length: TOKENS_PER_NODE }, (_, slot) =>
    String(-(2n ** 63n) + step * BigInt(slot * nodes + index)),
  )
}

/** The text of cassandra.yaml. */
export function renderCassandraYaml(settings: NodeSettings): string {
  const { folder, index, nodes } = settings
  const address = nodeAddress(index)
  const keys: Record<string, YamlValue> = {
    cluster_name: 'scamander-sandbox',
    num_tokens: TOKENS_PER_NODE,
    initial_token: nodeTokens(index, nodes).join(','),
    auto_bootstrap: false,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    data_file_directories: [join(folder, 'data')],
    commitlog_directory: join(folder, 'commitlog'),
    cdc_enabled: true,
    cdc_raw_directory: join(folder, 'cdc_raw'),
    saved_caches_directory: join(folder, 'saved_caches'),
    hints_directory: join(folder, 'hints'),
    seed_provider: [
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds: `${nodeAddress(0)}:${settings.storagePort}` }],
      },
    ],
    listen_address: address,
    rpc_address: address,
    storage_port: settings.storagePort,
    native_transport_port: settings.nativePort,
    endpoint_snitch: 'GossipingPropertyFileSnitch',
    commitlog_sync: settings.commitlogSync,
    auto_snapshot: false,
    ...spelledByVersion(settings),
    ...authentication(settings.auth),
    ...encryption(settings.tls),
    ...settings.yaml,
  }
  const lines = Object.entries(keys).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  return `${lines.join('\n')}\n`
}

function spelledByVersion(settings: NodeSettings): Record<string, YamlValue> {
  const isPeriodic = settings.commitlogSync === 'periodic'
  if (settings.line === '4.0') {
    return {
      ...(isPeriodic && { commitlog_sync_period_in_ms: 10_000 }),
      commitlog_segment_size_in_mb: 4,
      enable_materialized_views: true,
    }
  }
  const shared = {
    ...(isPeriodic && { commitlog_sync_period: '10000ms' }),
    commitlog_segment_size: '4MiB',
    materialized_views_enabled: true,
  }
  if (settings.line === '4.1') return shared
  return { ...shared, storage_compatibility_mode: settings.storageCompatibilityMode }
}

function authentication(auth: boolean): Record<string, YamlValue> {
  if (!auth) return { authenticator: 'AllowAllAuthenticator', authorizer: 'AllowAllAuthorizer' }
  return {
    authenticator: 'PasswordAuthenticator',
    authorizer: 'CassandraAuthorizer',
    role_manager: 'CassandraRoleManager',
  }
}

function encryption(tls: ServerTls | undefined): Record<string, YamlValue> {
  if (tls === undefined) return {}
  return {
    client_encryption_options: {
      enabled: true,
      optional: false,
      keystore: tls.keystorePath,
      keystore_password: tls.password,
      truststore: tls.truststorePath,
      truststore_password: tls.password,
      store_type: 'PKCS12',
      require_client_auth: tls.clientAuth,
    },
  }
}

/** The text of cassandra-rackdc.properties. */
export function renderRackDc(datacenter: string): string {
  return `dc=${datacenter}\nrack=rack1\n`
}

/** Logs to one bounded file; warnings of the start also go to the console log. */
export function renderLogback(logPath: string): string {
  return `<configuration>
  <appender name="FILE" class="ch.qos.logback.core.rolling.RollingFileAppender">
    <file>${logPath}</file>
    <rollingPolicy class="ch.qos.logback.core.rolling.FixedWindowRollingPolicy">
      <fileNamePattern>${logPath}.%i</fileNamePattern><minIndex>1</minIndex><maxIndex>1</maxIndex>
    </rollingPolicy>
    <triggeringPolicy class="ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy">
      <maxFileSize>20MB</maxFileSize>
    </triggeringPolicy>
    <encoder><pattern>%-5level [%thread] %date{ISO8601} %F:%L - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="FILE"/></root>
</configuration>
`
}
