/**
 * Key stores as keytool (Java 17) and openssl made them (scripts/golden/make-keystores.sh):
 * every format must give the same key, chain and anchors as the PEM files it was made from.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isScamanderError } from '../scamander-error.ts'
import { readKeyStore } from './key-store.ts'

const FOLDER = new URL('../../../test/golden/keystores/', import.meta.url)
const file = (name: string) => readFileSync(new URL(name, FOLDER))
const certificate = (name: string) => new X509Certificate(file(name)).toString()
const key = (name: string) =>
  createPrivateKey(file(name)).export({ type: 'pkcs8', format: 'pem' }).toString()

const CA = certificate('ca.pem')
const CLIENT = certificate('client.pem')
const EC = certificate('ec.pem')
const CLIENT_KEY = key('client-key.pem')
const PASS = 'changeit'

function failure(run: () => unknown): { code: string; kind: string; message: string } {
  try {
    run()
  } catch (error) {
    if (isScamanderError(error)) return error
    throw error
  }
  throw new Error('expected an error')
}

describe('private key with its chain', () => {
  it.each([
    ['client-all.pem', undefined],
    ['client.p12', PASS],
    ['client-openssl.p12', PASS],
    ['client-legacy.p12', PASS],
    ['client.jks', PASS],
    ['client.jks', undefined, PASS],
    ['client-key-password.jks', PASS, 'other-secret'],
  ])('%s', (name, password, keyPassword?: string) => {
    const options = keyPassword === undefined ? {} : { keyPassword }
    const store = readKeyStore(file(name), password, options)
    expect(store.privateKey).toBe(CLIENT_KEY)
    expect(store.chain).toEqual([CLIENT, CA])
    expect(store.certificates).toEqual([])
  })

  it('elliptic curve in PKCS12', () => {
    const store = readKeyStore(file('ec-openssl.p12'), PASS)
    expect(store.privateKey).toBe(key('ec-key.pem'))
    expect(store.chain).toEqual([EC])
  })

  it('PKCS12 with an empty password', () => {
    const store = readKeyStore(file('client-empty-password.p12'), '')
    expect(store.privateKey).toBe(CLIENT_KEY)
    expect(store.chain).toEqual([CLIENT])
  })

  it('PKCS12 in BER with indefinite length', () => {
    const der = file('client.p12')
    expect(der.subarray(0, 2).toString('hex')).toBe('3082')
    const ber = Buffer.concat([Buffer.from('3080', 'hex'), der.subarray(4), Buffer.alloc(2)])
    expect(readKeyStore(ber, PASS).privateKey).toBe(CLIENT_KEY)
  })

  it.each([
    ['client-key.pem', undefined],
    ['client-pkcs1-key.pem', undefined],
    ['client-encrypted-key.pem', PASS],
  ])('%s alone', (name, password) => {
    expect(readKeyStore(file(name), password)).toEqual({
      certificates: [],
      privateKey: CLIENT_KEY,
    })
  })
})

describe('trust anchors', () => {
  it.each([
    ['ca.pem', '', [CA]],
    ['trust.p12', PASS, [CA]],
    ['trust.jks', PASS, [CA, EC]],
    ['trust.jks', undefined, [CA, EC]],
  ])('%s', (name, password, expected) => {
    const store = readKeyStore(file(name), password)
    expect(store.certificates.toSorted()).toEqual(expected.toSorted())
    expect(store.privateKey).toBeUndefined()
    expect(store.chain).toBeUndefined()
  })

  it('keeps a certificate once', () => {
    const twice = Buffer.concat([file('ca.pem'), file('ca.pem')])
    expect(readKeyStore(twice, '').certificates).toEqual([CA])
  })
})

describe('errors', () => {
  it.each([
    ['client.p12', 'wrong-secret'],
    ['client-legacy.p12', 'wrong-secret'],
    ['trust.p12', undefined],
    ['client.jks', 'wrong-secret'],
    ['client.jks', undefined],
    ['client-key-password.jks', PASS],
    ['client-encrypted-key.pem', 'wrong-secret'],
    ['client-encrypted-key.pem', undefined],
  ])('password: %s with %s', (name, password) => {
    const error = failure(() => readKeyStore(file(name), password))
    expect(error.code).toBe('SCM_BASE_KEYSTORE_PASSWORD')
    expect(error.kind).toBe('config')
    expect(error.message).not.toContain('wrong-secret')
  })

  it.each([
    ['', 'an empty file'],
    ['cecececeffff', 'a JCEKS key store'],
    ['504b03040a00', 'a zip or jar file'],
    ['1f8b08000000', 'a gzip file'],
    ['3003020101', 'DER data that is no PKCS12 store'],
    [Buffer.from('contactPoints=a').toString('hex'), 'text without a PEM block (15 bytes)'],
    ['00010203', '4 bytes of unknown kind that start with 00010203'],
  ])('format: %s', (hex, found) => {
    const error = failure(() => readKeyStore(Buffer.from(hex, 'hex'), PASS))
    expect(error.code).toBe('SCM_BASE_KEYSTORE_FORMAT')
    expect(error.message).toContain(found)
  })

  it.each(['trust.p12', 'trust.jks', 'client.jks', 'ca.pem'])(
    'cut anywhere, %s never fails with anything but its own error',
    name => {
      const whole = file(name)
      for (let end = 0; end < whole.length; end += 1 + (whole.length >> 5)) {
        const { code } = failure(() => readKeyStore(whole.subarray(0, end), undefined))
        expect(code).toMatch(/^SCM_BASE_KEYSTORE_/)
      }
    },
  )

  it('JCEKS files are named', () => {
    expect(failure(() => readKeyStore(file('trust.jceks'), PASS)).message).toContain('JCEKS')
  })

  it('a JKS store with a changed byte does not open', () => {
    const bytes = Buffer.from(file('trust.jks'))
    bytes[100] = bytes[100]! ^ 1
    expect(failure(() => readKeyStore(bytes, PASS)).code).toBe('SCM_BASE_KEYSTORE_PASSWORD')
  })
})
