/**
 * TLS of client connections: from the `ssl.*` settings to what `tls.connect` takes.
 * `loadTls` runs at start and tells every mistake with its configuration key; `toTlsOptions` runs
 * per connection, for the driver and for the data plane alike.
 * Invariant: the server's certificate is always verified; only the host name check can be off.
 * Spec: cassandra-sink 3.2.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type ConnectionOptions, checkServerIdentity, createSecureContext } from 'node:tls'
import { type KeyStore, readKeyStore } from '../base/keystore/key-store.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import { CASSANDRA_ERRORS } from './errors.ts'
import { readFileValue } from './file-value.ts'
import { toOpensslCipher } from './tls-ciphers.ts'

export interface StoreSettings {
  /** Path, `file:` URL or `base64:` data; empty: not given. */
  readonly path: string
  readonly password?: string
}

/** The settings as the user wrote them. */
export interface TlsSettings {
  /** `None`: paths are checked all the same, but there is no TLS. */
  readonly provider: 'None' | 'JDK' | 'OpenSSL'
  readonly hostnameValidation: boolean
  readonly cipherSuites: readonly string[]
  readonly keystore?: StoreSettings
  readonly truststore?: StoreSettings
  /** PEM certificate chain and PKCS8 key: both or neither. */
  readonly keyCertChain?: string
  readonly privateKey?: string
}

/** The configuration keys to name in errors. */
export const TLS_KEYS = {
  cipherSuites: 'ssl.cipherSuites',
  keystore: 'ssl.keystore.path',
  keystorePassword: 'ssl.keystore.password',
  truststore: 'ssl.truststore.path',
  truststorePassword: 'ssl.truststore.password',
  keyCertChain: 'ssl.openssl.keyCertChain',
  privateKey: 'ssl.openssl.privateKey',
}
export type TlsKeys = Readonly<Record<keyof typeof TLS_KEYS, string>>

/** Loaded and checked; PEM throughout. */
export interface TlsMaterial {
  /** Absent: the public authorities known to Node. */
  readonly ca?: readonly string[]
  readonly cert?: string
  readonly key?: string
  /** OpenSSL names joined by colons; absent: Node's defaults. */
  readonly ciphers?: string
  readonly hostnameValidation: boolean
}

/** Reads every file named; undefined for provider None. */
export function loadTls(settings: TlsSettings, keys: TlsKeys = TLS_KEYS): TlsMaterial | undefined {
  const trust = loadStore(settings.truststore, keys.truststore, keys.truststorePassword)
  const own = loadStore(settings.keystore, keys.keystore, keys.keystorePassword)
  const pair = loadPemPair(settings, keys)
  const ciphers = toCiphers(settings.cipherSuites, keys)
  if (settings.provider === 'None') return undefined
  const identity = settings.provider === 'OpenSSL' ? pair : toIdentity(own, keys)
  const material: TlsMaterial = {
    ...(trust === undefined ? {} : { ca: toAnchors(trust, keys) }),
    ...identity,
    ...(ciphers === undefined ? {} : { ciphers }),
    hostnameValidation: settings.hostnameValidation,
  }
  checkMaterial(material, keys)
  return material
}

/**
 * Options for one connection. `namesOf` gives further names of an address (the contact point that
 * resolved to it): the certificate may carry any of them.
 */
export function toTlsOptions(
  material: TlsMaterial,
  namesOf: (host: string) => readonly string[] = () => [],
): ConnectionOptions {
  const { ca, cert, key, ciphers, hostnameValidation } = material
  return {
    rejectUnauthorized: true,
    // As Java does: a certificate in the trust store is trusted although it is no authority.
    ...(ca === undefined ? {} : { ca: [...ca], allowPartialTrustChain: true }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(ciphers === undefined ? {} : { ciphers }),
    checkServerIdentity: (host, certificate) => {
      if (!hostnameValidation) return undefined
      const first = checkServerIdentity(host, certificate)
      if (first === undefined) return undefined
      const matches = namesOf(host).some(
        name => checkServerIdentity(name, certificate) === undefined,
      )
      return matches ? undefined : first
    },
  }
}

function loadStore(
  store: StoreSettings | undefined,
  key: string,
  passwordKey: string,
): KeyStore | undefined {
  if (store === undefined || store.path === '') return undefined
  const bytes = readFileValue(key, store.path, CASSANDRA_ERRORS.TLS_SETTINGS)
  try {
    return readKeyStore(bytes, store.password === '' ? undefined : store.password)
  } catch (cause) {
    if (!isScamanderError(cause)) throw cause
    const isPassword = cause.code.endsWith('_PASSWORD')
    const shown = store.path.startsWith('base64:') ? 'inline data' : store.path
    throw new ScamanderError(
      CASSANDRA_ERRORS.TLS_SETTINGS,
      `${isPassword ? passwordKey : key}: ${cause.message} (${shown}). ${cause.advice}`,
      { cause },
    )
  }
}

/** As Java: certificate entries, and the own certificate of a key entry. */
function toAnchors(store: KeyStore, keys: TlsKeys): string[] {
  const anchors = [...store.certificates, ...(store.chain ?? [])]
  if (anchors.length > 0) return anchors
  throw settingError(keys.truststore, 'expected certificates to trust, found none in the store')
}

function toIdentity(
  store: KeyStore | undefined,
  keys: TlsKeys,
): { cert: string; key: string } | undefined {
  if (store === undefined) return undefined
  if (store.privateKey === undefined || store.chain === undefined) {
    const found =
      store.privateKey === undefined ? 'certificates only' : 'a key without its certificate'
    throw settingError(keys.keystore, `expected a private key with its certificate, found ${found}`)
  }
  return { cert: store.chain.join(''), key: store.privateKey }
}

function loadPemPair(
  settings: TlsSettings,
  keys: TlsKeys,
): { cert: string; key: string } | undefined {
  const { keyCertChain = '', privateKey = '' } = settings
  if (keyCertChain === '' && privateKey === '') return undefined
  if (keyCertChain === '' || privateKey === '') {
    const [given, missing] =
      keyCertChain === ''
        ? [keys.privateKey, keys.keyCertChain]
        : [keys.keyCertChain, keys.privateKey]
    throw settingError(missing, `expected with ${given}, found nothing; give both or neither`)
  }
  const read = (key: string, value: string) =>
    readFileValue(key, value, CASSANDRA_ERRORS.TLS_SETTINGS).toString('latin1')
  const cert = read(keys.keyCertChain, keyCertChain)
  const key = read(keys.privateKey, privateKey)
  checkPair(cert, key, keys)
  return { cert, key }
}

function checkPair(cert: string, key: string, keys: TlsKeys): void {
  const certificate = tryParse(() => new X509Certificate(cert))
  if (certificate === undefined) {
    throw settingError(keys.keyCertChain, 'expected PEM certificates, found none that parses')
  }
  const privateKey = tryParse(() => createPrivateKey(key))
  if (privateKey === undefined) {
    const found = key.includes('ENCRYPTED') ? 'an encrypted one' : 'none that parses'
    throw settingError(keys.privateKey, `expected a PEM private key (PKCS8), found ${found}`)
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    const expected = `expected the key of the first certificate in ${keys.keyCertChain}`
    throw settingError(keys.privateKey, `${expected}, found another key`)
  }
}

function toCiphers(suites: readonly string[], keys: TlsKeys): string | undefined {
  if (suites.length === 0) return undefined
  const unknown = suites.filter(suite => toOpensslCipher(suite) === undefined)
  if (unknown.length > 0) {
    const expected = 'expected cipher suites by their Java or OpenSSL names'
    throw settingError(keys.cipherSuites, `${expected}, found none called ${unknown.join(', ')}`)
  }
  return suites.map(suite => toOpensslCipher(suite)).join(':')
}

/** What Node itself refuses (keys too short, unusable ciphers) is told now, not at the first connect. */
function checkMaterial(material: TlsMaterial, keys: TlsKeys): void {
  const { ca, cert, key, ciphers } = material
  const parts: [string, Parameters<typeof createSecureContext>[0]][] = []
  if (ca !== undefined) parts.push([keys.truststore, { ca: [...ca] }])
  if (cert !== undefined && key !== undefined) parts.push([keys.keystore, { cert, key }])
  if (ciphers !== undefined) parts.push([keys.cipherSuites, { ciphers }])
  for (const [name, options] of parts) {
    try {
      createSecureContext(options)
    } catch (cause) {
      throw settingError(name, `expected usable TLS material, found: ${messageOf(cause)}`)
    }
  }
}

function tryParse<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}

function settingError(key: string, text: string): ScamanderError {
  return new ScamanderError(CASSANDRA_ERRORS.TLS_SETTINGS, `${key}: ${text}`)
}
