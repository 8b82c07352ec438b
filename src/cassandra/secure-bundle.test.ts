/** Bundles from bytes: what is read, and what is told about those that are none. */
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { isScamanderError } from '../base/scamander-error.ts'
import { readSecureBundle } from './secure-bundle.ts'

const CONFIG = { host: 'db.example', port: 29080, username: '', password: '', keyspace: 'ks' }
const bundle = (files: Record<string, string>) =>
  `base64:${Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, strToU8(content)])))).toString('base64')}`
const FILES = { 'config.json': JSON.stringify(CONFIG), 'ca.crt': 'CA', cert: 'CERT', key: 'KEY' }

describe('readSecureBundle', () => {
  it('reads address and identity; other entries do not matter', async () => {
    expect(await readSecureBundle(bundle({ ...FILES, 'identity.jks': 'x' }))).toEqual({
      host: 'db.example',
      port: 29080,
      keyspace: 'ks',
      tls: { ca: ['CA'], cert: 'CERT', key: 'KEY', hostnameValidation: true },
    })
  })

  it('takes a login from it', async () => {
    const config = JSON.stringify({ ...CONFIG, username: 'u', password: 'p' })
    const { credentials } = await readSecureBundle(bundle({ ...FILES, 'config.json': config }))
    expect(credentials).toEqual({ username: 'u', password: 'p' })
  })

  const { key: _key, ...noKey } = FILES
  it.each([
    ['/no/such.zip', 'cloud.secureConnectBundle: expected a readable file, found no such file'],
    ['base64:AAAA', 'cloud.secureConnectBundle: expected a zip file, found 3 bytes that are none'],
    [bundle(noKey), 'expected config.json, ca.crt, cert, key in the bundle, found'],
    [bundle({ ...FILES, 'config.json': '{}' }), 'expected host and port in config.json'],
    [bundle({ ...FILES, 'config.json': '{' }), 'expected host and port in config.json'],
  ])('refuses %s', async (value, message) => {
    const error = await readSecureBundle(value).catch((cause: unknown) => cause)
    expect(isScamanderError(error, 'config')).toBe(true)
    expect((error as Error).message).toContain(message)
  })
})
