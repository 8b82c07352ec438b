/**
 * Reads a key store from bytes, whatever its format: PEM, PKCS12 or Sun's JKS, without a JVM.
 * Called by the TLS settings of the Cassandra and Kafka rooms, at start.
 * Invariant: pure; no file is read, nothing secret is in an error. Certificates that belong to a
 * private key are its `chain`; all others are trust anchors.
 */
import { ScamanderError } from '../scamander-error.ts'
import { KEYSTORE_ERRORS } from './errors.ts'
import { isJks, readJks } from './jks.ts'
import { isPem, readPem } from './pem.ts'
import { isPkcs12, readPkcs12 } from './pkcs12.ts'

export interface KeyStore {
  /** Trust anchors, PEM, each once. */
  readonly certificates: string[]
  /** PKCS8, PEM, not encrypted. */
  readonly privateKey?: string
  /** The private key's certificate first, then its issuers, PEM. */
  readonly chain?: string[]
}

export interface KeyStoreOptions {
  /** Password of the private key where it differs from the store's (JKS, PEM). */
  readonly keyPassword?: string
}

/** Reads `bytes`; the password may be empty (PEM) or undefined (JKS: integrity is not checked). */
export function readKeyStore(
  bytes: Buffer,
  password: string | undefined,
  options: KeyStoreOptions = {},
): KeyStore {
  if (isJks(bytes)) return readJks(bytes, password, options.keyPassword)
  if (isPem(bytes)) return readPem(bytes, options.keyPassword ?? password)
  if (isPkcs12(bytes)) return readPkcs12(bytes, password ?? '')
  throw new ScamanderError(
    KEYSTORE_ERRORS.KEYSTORE_FORMAT,
    `expected a JKS, PKCS12 or PEM key store, found ${describeFirstBytes(bytes)}`,
  )
}

/** What the first bytes look like, without showing them where they could be a secret. */
export function describeFirstBytes(bytes: Buffer): string {
  if (bytes.length === 0) return 'an empty file'
  if (bytes.length >= 4) {
    const magic = bytes.readUInt32BE(0)
    if (magic === 0xcececece) return 'a JCEKS key store (convert: keytool -importkeystore)'
    if (magic === 0x504b0304) return 'a zip or jar file'
    if (magic >>> 8 === 0x1f8b08) return 'a gzip file'
  }
  if (bytes[0] === 0x30) return 'DER data that is no PKCS12 store (a single certificate or key?)'
  const head = bytes.subarray(0, 64)
  const isText = head.every(byte => byte === 9 || byte === 10 || byte === 13 || byte >= 32)
  if (isText) return `text without a PEM block (${bytes.length} bytes)`
  return `${bytes.length} bytes of unknown kind that start with ${bytes.subarray(0, 4).toString('hex')}`
}
