/** TLS settings to material: stores and PEM pairs, cipher names, and every mistake with its key. */
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { isScamanderError } from '../base/scamander-error.ts'
import { loadTls, type TlsSettings, toTlsOptions } from './tls.ts'
import { toOpensslCipher } from './tls-ciphers.ts'

const path = (name: string) =>
  fileURLToPath(new URL(`../../test/golden/keystores/${name}`, import.meta.url))
const text = (name: string) => readFileSync(path(name), 'latin1')
const PASS = 'changeit'
const JDK: TlsSettings = { provider: 'JDK', hostnameValidation: true, cipherSuites: [] }
const OPENSSL: TlsSettings = { ...JDK, provider: 'OpenSSL' }

function messageOfFailure(settings: TlsSettings): string {
  try {
    loadTls(settings)
  } catch (error) {
    if (isScamanderError(error, 'config') && error.code === 'SCM_CASSANDRA_TLS_SETTINGS') {
      return error.message
    }
    throw error
  }
  throw new Error('expected an error')
}

describe('loadTls', () => {
  it.each(['jks', 'p12'])('key and trust stores in %s', type => {
    const material = loadTls({
      ...JDK,
      keystore: { path: path(`client.${type}`), password: PASS },
      truststore: { path: path(`trust.${type}`), password: PASS },
    })!
    expect(material.cert).toBe(text('client.pem') + text('ca.pem'))
    expect(material.key).toContain('BEGIN PRIVATE KEY')
    expect(material.ca).toContain(text('ca.pem'))
    expect(material.hostnameValidation).toBe(true)
  })

  it('PEM pair for OpenSSL, inline and as file: URL', () => {
    const inline = `base64:${Buffer.from(text('client-key.pem'))
      .toString('base64')
      .replace(/(.{60})/g, '$1\n')}`
    const material = loadTls({
      ...OPENSSL,
      hostnameValidation: false,
      cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256'],
      keyCertChain: new URL('../../test/golden/keystores/client.pem', import.meta.url).href,
      privateKey: inline,
      truststore: { path: path('ca.pem') },
    })!
    expect(material).toEqual({
      ca: [text('ca.pem')],
      cert: text('client.pem'),
      key: text('client-key.pem'),
      ciphers: 'ECDHE-RSA-AES256-GCM-SHA384:TLS_AES_128_GCM_SHA256',
      hostnameValidation: false,
    })
  })

  it('is off for provider None', () => {
    expect(loadTls({ ...JDK, provider: 'None' })).toBeUndefined()
  })

  it.each<[string, TlsSettings, string]>([
    [
      'missing file',
      { ...JDK, truststore: { path: '/no/such/store' } },
      'ssl.truststore.path: expected a readable file, found no such file: /no/such/store',
    ],
    [
      'missing file, provider None',
      { ...JDK, provider: 'None', keystore: { path: '/no/x' } },
      'ssl.keystore.path: expected a readable file',
    ],
    [
      'directory',
      { ...JDK, keystore: { path: tmpdir() } },
      'ssl.keystore.path: expected a regular file, found a directory',
    ],
    [
      'wrong password',
      { ...JDK, keystore: { path: path('client.jks'), password: 'wrong-secret' } },
      'ssl.keystore.password: the JKS key store does not open',
    ],
    [
      'no password',
      { ...JDK, truststore: { path: path('trust.p12') } },
      'ssl.truststore.password: ',
    ],
    [
      'no key store',
      { ...JDK, keystore: { path: path('../../../package.json') } },
      'ssl.keystore.path: expected a JKS, PKCS12 or PEM key store, found text',
    ],
    [
      'trust store as key store',
      { ...JDK, keystore: { path: path('trust.jks'), password: PASS } },
      'ssl.keystore.path: expected a private key with its certificate, found certificates only',
    ],
    [
      'key as trust store',
      { ...JDK, truststore: { path: path('client-key.pem') } },
      'ssl.truststore.path: expected certificates to trust, found none',
    ],
    [
      'half a pair',
      { ...OPENSSL, keyCertChain: path('client.pem') },
      'ssl.openssl.privateKey: expected with ssl.openssl.keyCertChain, found nothing',
    ],
    [
      'other half',
      { ...OPENSSL, privateKey: path('client-key.pem') },
      'ssl.openssl.keyCertChain: expected with',
    ],
    [
      'foreign key',
      { ...OPENSSL, keyCertChain: path('client.pem'), privateKey: path('server-key.pem') },
      'ssl.openssl.privateKey: expected the key of the first certificate',
    ],
    [
      'encrypted key',
      {
        ...OPENSSL,
        keyCertChain: path('client.pem'),
        privateKey: path('client-encrypted-key.pem'),
      },
      'found an encrypted one',
    ],
    [
      'key as chain',
      { ...OPENSSL, keyCertChain: path('client-key.pem'), privateKey: path('client-key.pem') },
      'ssl.openssl.keyCertChain: expected PEM certificates',
    ],
    [
      'ciphers',
      { ...JDK, cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_NO_SUCH'] },
      'ssl.cipherSuites: expected cipher suites by their Java or OpenSSL names, found none called TLS_NO_SUCH',
    ],
    [
      'bad base64',
      { ...JDK, keystore: { path: 'base64:%%%' } },
      'ssl.keystore.path: expected base64 data',
    ],
  ])('tells %s', (_name, settings, message) => {
    const found = messageOfFailure(settings)
    expect(found).toContain(message)
    expect(found).not.toContain('wrong-secret')
  })
})

describe('cipher suites', () => {
  it.each([
    ['TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', 'ECDHE-ECDSA-AES256-SHA384'],
    ['TLS_DHE_RSA_WITH_AES_128_CBC_SHA', 'DHE-RSA-AES128-SHA'],
    ['TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
    ['TLS_RSA_WITH_AES_256_CBC_SHA256', 'AES256-SHA256'],
    ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
    [' ECDHE-RSA-AES128-GCM-SHA256 ', 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['TLS_RSA_WITH_NULL_MD5', undefined],
    ['', undefined],
  ])('%s is %s', (java, openssl) => {
    expect(toOpensslCipher(java)).toBe(openssl)
  })
})

describe('host name check', () => {
  const certificate = { subject: { CN: 'node' }, subjectaltname: 'DNS:cassandra.example' } as never
  const check = (hostnameValidation: boolean, names: string[]) =>
    toTlsOptions({ hostnameValidation }, () => names).checkServerIdentity!('10.0.0.1', certificate)

  it.each([
    [true, [], false],
    [true, ['other.example'], false],
    [true, ['cassandra.example'], true],
    [false, [], true],
  ])('validation %s with names %j passes: %s', (isOn, names, passes) => {
    expect(check(isOn, names) === undefined).toBe(passes)
  })
})
