/**
 * PEM key stores: certificates and at most one private key (PKCS8, PKCS1, SEC1, encrypted PKCS8).
 * Called by `readKeyStore`. With a private key, the certificate of that key and its issuers are
 * the chain, as they stand in the file; without one, every certificate is a trust anchor.
 * Spec: RFC 7468.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { messageOf, ScamanderError } from '../scamander-error.ts'
import { KEYSTORE_ERRORS } from './errors.ts'
import type { KeyStore } from './key-store.ts'

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g
const CERTIFICATES = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'])

export function isPem(bytes: Buffer): boolean {
  return bytes.includes('-----BEGIN ')
}

export function readPem(bytes: Buffer, password: string | undefined): KeyStore {
  const certificates: X509Certificate[] = []
  let key: KeyObject | undefined
  let blocks = 0
  for (const [block, label = ''] of bytes.toString('latin1').matchAll(BLOCK)) {
    blocks += 1
    if (CERTIFICATES.has(label)) certificates.push(toCertificate(block, certificates.length + 1))
    else if (label.endsWith('PRIVATE KEY')) {
      if (key !== undefined) throw entryError('one private key', 'a second one')
      key = toPrivateKey(block, label, password)
    } else if (!label.endsWith('PARAMETERS')) {
      throw entryError('certificates and a private key', `a block named ${label}`)
    }
  }
  if (blocks === 0) {
    throw new ScamanderError(
      KEYSTORE_ERRORS.KEYSTORE_FORMAT,
      'expected PEM blocks, found a BEGIN line without its END line',
    )
  }
  return toKeyStore(certificates, key)
}

/** Splits certificates into the key's chain and trust anchors. */
export function toKeyStore(
  certificates: readonly X509Certificate[],
  key: KeyObject | undefined,
): KeyStore {
  if (key === undefined) return { certificates: unique(certificates) }
  const own = certificates.find(certificate => certificate.checkPrivateKey(key))
  const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  if (own === undefined) return { certificates: unique(certificates), privateKey }
  const chain = chainOf(own, certificates)
  const rest = certificates.filter(certificate => !chain.includes(certificate))
  return { certificates: unique(rest), privateKey, chain: unique(chain) }
}

/** The leaf, then each issuer that the store holds. */
export function chainOf(
  leaf: X509Certificate,
  certificates: readonly X509Certificate[],
): X509Certificate[] {
  const chain = [leaf]
  for (let last = leaf; chain.length <= certificates.length; ) {
    const issuer = certificates.find(one => !chain.includes(one) && last.checkIssued(one))
    if (issuer === undefined || last.checkIssued(last)) break
    chain.push(issuer)
    last = issuer
  }
  return chain
}

/** Parses one certificate; `place` counts from 1. */
export function toCertificate(source: string | Buffer, place: number): X509Certificate {
  try {
    return new X509Certificate(source)
  } catch (cause) {
    const message = `expected an X.509 certificate as entry ${place}, found data that does not parse`
    throw new ScamanderError(KEYSTORE_ERRORS.KEYSTORE_ENTRY, message, { cause })
  }
}

function toPrivateKey(block: string, label: string, password: string | undefined): KeyObject {
  const isEncrypted = label.startsWith('ENCRYPTED') || block.includes('Proc-Type: 4,ENCRYPTED')
  if (isEncrypted && (password === undefined || password === '')) {
    throw new ScamanderError(
      KEYSTORE_ERRORS.KEYSTORE_PASSWORD,
      'the private key is encrypted, expected a password, found none',
    )
  }
  try {
    const passphrase = isEncrypted ? { passphrase: password ?? '' } : {}
    return createPrivateKey({ key: block, format: 'pem', ...passphrase })
  } catch (cause) {
    if (isEncrypted) {
      throw new ScamanderError(
        KEYSTORE_ERRORS.KEYSTORE_PASSWORD,
        'the private key does not open with the password given',
        { cause },
      )
    }
    throw entryError(`a usable ${label}`, `one that does not parse (${messageOf(cause)})`)
  }
}

function entryError(expected: string, found: string): ScamanderError {
  return new ScamanderError(KEYSTORE_ERRORS.KEYSTORE_ENTRY, `expected ${expected}, found ${found}`)
}

function unique(certificates: readonly X509Certificate[]): string[] {
  return [...new Set(certificates.map(certificate => certificate.toString()))]
}
