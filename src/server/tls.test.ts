import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { sourceOf } from '../config/index.ts'
import { toServerTls } from './tls.ts'

const at = (name: string) =>
  fileURLToPath(new URL(`../../test/golden/keystores/${name}`, import.meta.url))
const text = (name: string) => readFileSync(at(name), 'utf8')

describe('toServerTls', () => {
  it.each([
    [
      'PEM in the settings',
      { 'keystore.key': text('server-key.pem'), 'keystore.certificate.chain': text('server.pem') },
    ],
    ['PEM in a file', { 'keystore.location': at('client-all.pem') }],
  ])('reads %s', (_what, given) => {
    for (const prefix of ['listeners.https.ssl.', 'ssl.']) {
      const settings = Object.entries(given).map(([key, value]) => [prefix + key, value])
      const { options, clientAuth } = toServerTls(
        sourceOf(Object.fromEntries(settings)),
        'listeners.https.',
      )
      expect(String(options.key)).toContain('PRIVATE KEY')
      expect(String(options.cert)).toContain('BEGIN CERTIFICATE')
      expect([clientAuth, options.requestCert]).toEqual(['none', false])
    }
  })

  it('takes all settings with the prefix, or none of them', () => {
    const source = sourceOf({
      'ssl.keystore.location': at('client-all.pem'),
      'listeners.https.ssl.client.auth': 'required',
    })
    expect(() => toServerTls(source, 'listeners.https.')).toThrow(
      /^listeners\.https\.ssl\.keystore\.location: expected the key store/,
    )
    expect(toServerTls(source, 'admin.listeners.https.').clientAuth).toBe('none')
  })

  it.each([
    [{}, /^ssl\.keystore\.location: expected the key store/],
    [{ 'ssl.keystore.location': at('none.p12') }, /^ssl\.keystore\.location/],
    [
      { 'ssl.keystore.location': at('client-all.pem'), 'ssl.client.auth': 'required' },
      /^ssl\.truststore\.location: expected the certificates/,
    ],
    [
      { 'ssl.keystore.location': at('client-all.pem'), 'ssl.client.auth': 'perhaps' },
      /^ssl\.client\.auth: expected none, requested or required, found perhaps/,
    ],
  ])('refuses %j', (settings, message) => {
    expect(() => toServerTls(sourceOf(settings), 'listeners.https.')).toThrow(message)
  })

  it('demands certificates that it can check', () => {
    const { options } = toServerTls(
      sourceOf({
        'ssl.keystore.location': at('client-all.pem'),
        'ssl.truststore.location': at('ca.pem'),
        'ssl.client.auth': 'required',
      }),
      'listeners.https.',
    )
    expect([options.requestCert, options.rejectUnauthorized]).toEqual([true, true])
    expect(String(options.ca)).toContain('BEGIN CERTIFICATE')
  })
})
