import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, type Lint, sourceOf } from '../../../config/index.ts'
import { parseDatastaxSink } from './config.ts'

const MINIMAL = { 'topic.t.ks.tbl.mapping': 'id=key' }
const CONTACT = { contactPoints: '10.0.0.1', 'loadBalancing.localDc': 'dc1' }
const DRIVER = 'datastax-java-driver.'

function parse(config: Record<string, string>) {
  return parseDatastaxSink(sourceOf({ ...MINIMAL, ...config }))
}

function problemsOf(config: Record<string, string>): readonly Lint[] {
  try {
    parse(config)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const messagesOf = (config: Record<string, string>) => problemsOf(config).map(one => one.message)

let folder = ''
let file = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-sink-config-'))
  file = join(folder, 'store.jks')
  writeFileSync(file, 'x')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('authentication', () => {
  it('user name or password make PLAIN', () => {
    const { settings } = parse({ 'auth.username': 'u', 'auth.password': 'PLANTED' })
    expect(settings.auth).toMatchObject({ provider: 'PLAIN', username: 'u' })
    if (settings.auth.provider === 'PLAIN') {
      expect(settings.auth.password.reveal()).toBe('PLANTED')
    }
  })

  it('a password alone is an error', () => {
    expect(problemsOf({ 'auth.password': 'x' })).toMatchObject([{ key: 'auth.username' }])
    expect(problemsOf({ 'auth.provider': 'PLAIN' })).toEqual([])
  })

  it('the driver keys mean the same', () => {
    const { settings } = parse({
      [`${DRIVER}advanced.auth-provider.class`]: 'PlainTextAuthProvider',
      [`${DRIVER}advanced.auth-provider.username`]: 'u',
      [`${DRIVER}advanced.auth-provider.password`]: 'p',
    })
    expect(settings.auth).toMatchObject({ provider: 'PLAIN', username: 'u' })
  })

  it('GSSAPI needs a service', () => {
    expect(problemsOf({ 'auth.provider': 'GSSAPI', 'auth.gssapi.service': '' })).toMatchObject([
      { key: 'auth.gssapi.service' },
    ])
    expect(parse({ 'auth.provider': 'GSSAPI' }).settings.auth).toEqual({
      provider: 'GSSAPI',
      keyTab: undefined,
      principal: '',
      service: 'dse',
    })
  })
})

const PATH_KEYS = [
  'ssl.keystore.path',
  'ssl.truststore.path',
  'ssl.openssl.keyCertChain',
  'ssl.openssl.privateKey',
  'auth.gssapi.keyTab',
  'cloud.secureConnectBundle',
]

describe('files', () => {
  it.each(PATH_KEYS)('%s must be a readable regular file, whatever the provider', key => {
    expect(messagesOf({ [key]: '/nope/x' })[0]).toContain('the file /nope/x does not exist')
    expect(messagesOf({ [key]: folder })[0]).toContain('is not a regular file')
    expect(messagesOf({ [key]: 'base64:!!' })[0]).toContain('not valid base64 data')
    expect(messagesOf({ [key]: 'base64:QUJD\nREVG' })).toEqual([])
    expect(messagesOf({ [key]: file })).toEqual([])
  })

  it('unreadable files are told', context => {
    context.skip(process.getuid?.() === 0, 'root may read every file')
    const closed = join(folder, 'closed')
    writeFileSync(closed, 'x')
    chmodSync(closed, 0)
    expect(messagesOf({ 'ssl.keystore.path': closed })[0]).toContain('not readable')
  })

  it('OpenSSL takes chain and key together or not at all', () => {
    const openssl = { 'ssl.provider': 'OpenSSL' }
    expect(problemsOf({ ...openssl, 'ssl.openssl.privateKey': file })).toMatchObject([
      { key: 'ssl.openssl.keyCertChain' },
    ])
    expect(problemsOf({ ...openssl, 'ssl.openssl.keyCertChain': file })).toMatchObject([
      { key: 'ssl.openssl.privateKey' },
    ])
    expect(parse(openssl).settings.ssl?.provider).toBe('OpenSSL')
  })

  it('the driver engine factory switches TLS on', () => {
    const { settings } = parse({
      [`${DRIVER}advanced.ssl-engine-factory.class`]: 'DefaultSslEngineFactory',
      [`${DRIVER}advanced.ssl-engine-factory.truststore-path`]: file,
      [`${DRIVER}advanced.ssl-engine-factory.cipher-suites`]: 'A,B',
    })
    expect(settings.ssl).toMatchObject({ provider: 'JDK', cipherSuites: ['A', 'B'] })
    expect(settings.ssl?.truststore?.reveal()).toBe(file)
  })

  it('ssl keys without a provider are told to have no effect', () => {
    expect(parse({ 'ssl.truststore.path': file }).warnings).toMatchObject([
      { kind: 'no-effect', key: 'ssl.truststore.path' },
    ])
  })
})

describe('cloud mode', () => {
  it('excludes contact points, data centre and ssl keys', () => {
    const config = { ...CONTACT, 'cloud.secureConnectBundle': file, 'ssl.provider': 'JDK' }
    expect(problemsOf(config).map(one => one.key)).toEqual([
      'contactPoints',
      'loadBalancing.localDc',
      'ssl.provider',
    ])
  })

  it('raises low consistency levels with a note', () => {
    const { settings, notes } = parse({
      [`${DRIVER}basic.cloud.secure-connect-bundle`]: 'https://example.com/b.zip',
      'topic.t.ks.two.mapping': 'id=key',
      'topic.t.ks.two.consistencyLevel': 'ALL',
    })
    expect(settings.cloud?.bundle.reveal()).toBe('https://example.com/b.zip')
    expect(settings.connection.contactPoints).toEqual([])
    expect(settings.topics[0]?.tables.map(one => one.consistency)).toEqual(['LOCAL_QUORUM', 'ALL'])
    expect(notes).toEqual(['topic.t.ks.tbl: consistency LOCAL_ONE raised to LOCAL_QUORUM'])
  })
})
