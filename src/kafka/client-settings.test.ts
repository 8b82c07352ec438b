import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Logger } from '../telemetry/index.ts'
import { toClientSettings } from './client-settings.ts'

const SERVERS = { 'bootstrap.servers': 'a:9092' }

function settings(properties: Record<string, string> = {}) {
  return toClientSettings({ ...SERVERS, ...properties }, Logger.silent())
}

function warnings(properties: Record<string, string>): string[] {
  const lines: string[] = []
  const logger = Logger.create({ sink: line => lines.push(String(line['msg'])) })
  toClientSettings({ ...SERVERS, ...properties }, logger)
  return lines
}

describe('toClientSettings', () => {
  it('has defaults that suit a sink', () => {
    const { connection, consumer, producer } = settings()
    expect(connection).toMatchObject({ tls: undefined, sasl: undefined, requestTimeoutMs: 30_000 })
    expect(consumer).toMatchObject({
      assignors: ['cooperative-sticky'],
      offsetReset: 'earliest',
      readCommitted: false,
      pollRecordsMax: 2_000,
      checkCrcs: true,
      groupInstanceId: undefined,
    })
    expect(producer).toMatchObject({ acks: -1, compression: 'none' })
  })

  it.each([
    ['a:9092', [{ host: 'a', port: 9092 }]],
    [
      ' a:1 , b.c:65535',
      [
        { host: 'a', port: 1 },
        { host: 'b.c', port: 65535 },
      ],
    ],
    [
      '[::1]:9092,PLAINTEXT://h:1',
      [
        { host: '::1', port: 9092 },
        { host: 'h', port: 1 },
      ],
    ],
  ])('reads bootstrap.servers %s', (text, expected) => {
    expect(settings({ 'bootstrap.servers': text }).connection.bootstrapServers).toEqual(expected)
  })

  it.each([
    ['max.poll.records', '7', { pollRecordsMax: 7 }],
    ['max.poll.interval.ms', '60000', { pollIntervalMsMax: 60_000 }],
    ['isolation.level', 'read_committed', { readCommitted: true }],
    ['isolation.level', 'READ_COMMITTED', { readCommitted: true }],
    ['auto.offset.reset', 'none', { offsetReset: 'none' }],
    ['group.instance.id', 'i-1', { groupInstanceId: 'i-1' }],
    ['check.crcs', 'FALSE', { checkCrcs: false }],
    ['fetch.min.bytes', ' 10 ', { fetchBytesMin: 10 }],
    [
      'partition.assignment.strategy',
      'org.apache.kafka.clients.consumer.RangeAssignor, cooperative-sticky',
      { assignors: ['range', 'cooperative-sticky'] },
    ],
  ])('maps consumer key %s=%s', (key, value, expected) => {
    expect(settings({ [key]: value }).consumer).toMatchObject(expected)
  })

  it.each([
    ['acks', '1', { acks: 1 }],
    ['acks', 'all', { acks: -1 }],
    ['compression.type', 'zstd', { compression: 'zstd' }],
    ['linger.ms', '0', { lingerMs: 0 }],
    ['max.block.ms', '9223372036854775807', { blockMsMax: Number.MAX_SAFE_INTEGER }],
  ])('maps producer key %s=%s', (key, value, expected) => {
    expect(settings({ [key]: value }).producer).toMatchObject(expected)
  })

  it.each([
    ['bootstrap.servers', '', /bootstrap\.servers: expected at least one host:port/],
    ['bootstrap.servers', 'a', /bootstrap\.servers: expected host:port, found "a"/],
    ['bootstrap.servers', 'a:99999', /expected host:port/],
    ['max.poll.records', '0', /max\.poll\.records: expected a number from 1 to \d+, found "0"/],
    ['fetch.max.bytes', 'many', /fetch\.max\.bytes: expected a number/],
    ['check.crcs', 'yes', /check\.crcs: expected true or false, found "yes"/],
    ['auto.offset.reset', 'first', /auto\.offset\.reset: expected one of earliest, latest, none/],
    ['partition.assignment.strategy', 'x.Mine', /expected range, roundrobin or .*found "x.Mine"/],
    ['session.timeout.ms', '1000', /heartbeat\.interval\.ms: expected less than/],
    ['security.protocol', 'TLS', /security\.protocol: expected one of PLAINTEXT/],
    ['ssl.enabled.protocols', 'SSLv3', /ssl\.enabled\.protocols: expected items of/],
  ])('refuses %s=%s', (key, value, message) => {
    expect(() => settings({ [key]: value })).toThrow(message)
  })

  it('warns once per unknown key and is silent about serializers', () => {
    expect(warnings({ 'made.up': '1', 'key.deserializer': 'x', retries: '3' })).toEqual([
      'Kafka client setting made.up is not known and has no effect: remove it',
    ])
  })
})

describe('SASL', () => {
  const jaas = (module: string, options: string) =>
    `org.apache.kafka.common.security.${module} required ${options};`

  it.each([
    ['PLAIN', 'plain.PlainLoginModule'],
    ['SCRAM-SHA-256', 'scram.ScramLoginModule'],
    ['SCRAM-SHA-512', 'scram.ScramLoginModule'],
  ])('reads %s', (mechanism, module) => {
    const { connection } = settings({
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': mechanism,
      'sasl.jaas.config': jaas(module, 'username="u" password="p \\"q\\""'),
    })
    expect(connection.sasl).toEqual({ mechanism, username: 'u', password: 'p "q"' })
    expect(connection.tls).toBeUndefined()
  })

  it('makes an unsecured token for OAUTHBEARER', async () => {
    const { sasl } = settings({
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.jaas.config': jaas(
        'oauthbearer.OAuthBearerLoginModule',
        'unsecuredLoginStringClaim_sub="me"',
      ),
    }).connection
    if (sasl?.mechanism !== 'OAUTHBEARER') throw new Error('expected OAUTHBEARER')
    const [head, claims, signature] = (await sasl.token()).split('.')
    expect(JSON.parse(Buffer.from(head!, 'base64url').toString())).toEqual({ alg: 'none' })
    expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).toMatchObject({ sub: 'me' })
    expect(signature).toBe('')
  })

  it.each([
    ['GSSAPI', 'x', /sasl\.mechanism: expected PLAIN, .*found "GSSAPI"/],
    ['PLAIN', '', /sasl\.jaas\.config: the class of a login module is missing/],
    ['PLAIN', jaas('scram.ScramLoginModule', 'a="b"'), /PLAIN needs PlainLoginModule/],
    ['PLAIN', jaas('plain.PlainLoginModule', 'username="u"'), /option password .* is missing/],
    ['OAUTHBEARER', jaas('o.OAuthBearerLoginModule', 'a="b"'), /needs clientId and clientSecret/],
  ])('refuses mechanism %s with %j', (mechanism, config, message) => {
    const properties = {
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': mechanism,
      'sasl.jaas.config': config,
    }
    expect(() => settings(properties)).toThrow(message)
  })

  it('never repeats the password', () => {
    const properties = {
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'PLAIN',
      'sasl.jaas.config': 'PlainLoginModule required username="u" password="hunter2"',
    }
    expect(() => settings(properties)).toThrow(/closing semicolon/)
    expect(() => settings(properties)).not.toThrow(/hunter2/)
  })
})

describe('TLS', () => {
  it('checks host names unless told otherwise', () => {
    const { tls } = settings({ 'security.protocol': 'SSL' }).connection
    expect(tls).toEqual({ rejectUnauthorized: true, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' })
    const open = settings({
      'security.protocol': 'SSL',
      'ssl.endpoint.identification.algorithm': '',
    }).connection.tls
    expect(open?.checkServerIdentity?.('h', {} as never)).toBeUndefined()
  })

  it('names the key of a file that cannot be used', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scamander-kafka-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const broken = join(folder, 'store.jks')
    writeFileSync(broken, 'nonsense')
    const ssl = (key: string, value: string) => () =>
      settings({ 'security.protocol': 'SSL', [key]: value })
    expect(ssl('ssl.truststore.location', '/no/such')).toThrow(
      /ssl\.truststore\.location: expected a readable file \(ENOENT\), found "\/no\/such"/,
    )
    expect(ssl('ssl.truststore.location', broken)).toThrow(
      /ssl\.truststore\.location: expected a JKS/,
    )
    expect(ssl('ssl.keystore.key', 'x')).toThrow(/ssl\.keystore\.certificate\.chain: expected/)
  })
})
