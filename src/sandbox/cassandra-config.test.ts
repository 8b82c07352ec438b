import { describe, expect, it } from 'vitest'
import {
  type NodeSettings,
  nodeAddress,
  nodeTokens,
  renderCassandraYaml,
  renderLogback,
  renderRackDc,
} from './cassandra-config.ts'
import { javaArguments } from './cassandra-node.ts'

const BASE: NodeSettings = {
  line: '5.0',
  index: 0,
  nodes: 1,
  folder: '/sandbox/cassandra-1',
  nativePort: 19042,
  storagePort: 17000,
  jmxPort: 17199,
  datacenter: 'dc-a',
  storageCompatibilityMode: 'NONE',
  commitlogSync: 'periodic',
  auth: false,
  heapMb: 512,
  tls: undefined,
  yaml: {},
}

/** Every line is `key: JSON`. */
function parse(text: string): Record<string, unknown> {
  const lines = text.trimEnd().split('\n')
  return Object.fromEntries(
    lines.map(line => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), JSON.parse(line.slice(colon + 2))]
    }),
  )
}

describe('renderCassandraYaml', () => {
  it('places every folder and address of a node', () => {
    const yaml = parse(renderCassandraYaml({ ...BASE, index: 2, nodes: 3 }))
    expect(yaml).toMatchObject({
      listen_address: '127.0.0.3',
      rpc_address: '127.0.0.3',
      storage_port: 17000,
      native_transport_port: 19042,
      data_file_directories: ['/sandbox/cassandra-1/data'],
      commitlog_directory: '/sandbox/cassandra-1/commitlog',
      cdc_raw_directory: '/sandbox/cassandra-1/cdc_raw',
      cdc_enabled: true,
      num_tokens: 16,
    })
    expect(yaml['seed_provider']).toEqual([
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds: '127.0.0.1:17000' }],
      },
    ])
  })

  it.each([
    ['5.0', 'periodic', ['commitlog_sync_period', 'storage_compatibility_mode']],
    ['4.1', 'periodic', ['commitlog_sync_period', 'commitlog_segment_size']],
    ['4.0', 'periodic', ['commitlog_sync_period_in_ms', 'commitlog_segment_size_in_mb']],
    ['5.0', 'batch', ['commitlog_segment_size']],
    ['4.0', 'batch', ['commitlog_segment_size_in_mb']],
  ] as const)('spells the settings of %s with %s sync', (line, commitlogSync, keys) => {
    const yaml = parse(renderCassandraYaml({ ...BASE, line, commitlogSync }))
    for (const key of keys) expect(yaml).toHaveProperty(key)
    expect(yaml['commitlog_sync']).toBe(commitlogSync)
    const hasPeriod = Object.keys(yaml).some(key => key.startsWith('commitlog_sync_period'))
    expect(hasPeriod).toBe(commitlogSync === 'periodic')
    expect('storage_compatibility_mode' in yaml).toBe(line === '5.0')
    expect('enable_materialized_views' in yaml).toBe(line === '4.0')
  })

  it('turns on login and TLS only when asked', () => {
    const plain = parse(renderCassandraYaml(BASE))
    expect(plain['authenticator']).toBe('AllowAllAuthenticator')
    expect(plain).not.toHaveProperty('client_encryption_options')
    const tls = { keystorePath: '/k', truststorePath: '/t', password: 'p', clientAuth: true }
    const secured = parse(renderCassandraYaml({ ...BASE, auth: true, tls }))
    expect(secured).toMatchObject({
      authenticator: 'PasswordAuthenticator',
      authorizer: 'CassandraAuthorizer',
      client_encryption_options: {
        enabled: true,
        optional: false,
        keystore: '/k',
        truststore: '/t',
        require_client_auth: true,
      },
    })
  })

  it('keeps the default thresholds and lets a setting be replaced', () => {
    expect(renderCassandraYaml(BASE)).not.toMatch(/batch_size|timeout|threshold/)
    const yaml = { batch_size_fail_threshold: '5MiB', num_tokens: 1 }
    expect(parse(renderCassandraYaml({ ...BASE, yaml }))).toMatchObject(yaml)
  })
})

describe('nodeTokens', () => {
  it.each([1, 2, 3])('divides the ring evenly between %i nodes', nodes => {
    const all = Array.from({ length: nodes }, (_, index) => nodeTokens(index, nodes)).flat()
    const sorted = all.map(BigInt).sort((a, b) => (a < b ? -1 : 1))
    expect(new Set(all).size).toBe(16 * nodes)
    expect(sorted[0]).toBe(-(2n ** 63n))
    const steps = new Set(sorted.slice(1).map((token, index) => token - sorted[index]!))
    expect([...steps]).toEqual([2n ** 64n / BigInt(16 * nodes)])
  })

  it('gives neighbouring ranges to different nodes', () => {
    expect(BigInt(nodeTokens(1, 3)[0]!) - BigInt(nodeTokens(0, 3)[0]!)).toBe(2n ** 64n / 48n)
  })
})

describe('javaArguments', () => {
  const jars = ['/lib/a.jar', '/lib/jamm-0.3.2.jar']

  it.each([
    ['5.0', false],
    ['4.1', true],
    ['4.0', true],
  ] as const)('uses the memory agent on %s: %s', (line, expected) => {
    const args = javaArguments({ ...BASE, line }, jars)
    expect(args.includes('-javaagent:/lib/jamm-0.3.2.jar')).toBe(expected)
    expect(args.at(-1)).toBe('org.apache.cassandra.service.CassandraDaemon')
    expect(args).toContain('-Xmx512M')
    expect(args).toContain('-Dcassandra.config=file:///sandbox/cassandra-1/conf/cassandra.yaml')
  })

  it('gives several nodes time to find the seed', () => {
    expect(javaArguments(BASE, jars)).toContain('-Dcassandra.ring_delay_ms=1')
    expect(javaArguments({ ...BASE, nodes: 3 }, jars)).toContain('-Dcassandra.ring_delay_ms=3000')
  })
})

it('renders the small files', () => {
  expect(nodeAddress(0)).toBe('127.0.0.1')
  expect(renderRackDc('dc-a')).toBe('dc=dc-a\nrack=rack1\n')
  expect(renderLogback('/x/system.log')).toContain('<file>/x/system.log</file>')
})
