/**
 * PKCS12 key stores, as keytool (Java 8 to 21) and openssl write them: SHA-1 or SHA-2 MAC, PBES1
 * or PBES2, DER or BER, with or without a private key. Called by `readKeyStore`.
 * The one file of the base that uses a library: node-forge, for the ASN.1 and the old ciphers.
 * Trusted-certificate entries are anchors; certificates of the key are its chain.
 * Spec: RFC 7292.
 */
import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'
import type forge from 'node-forge'
import { lazyPackage } from '../lazy-package.ts'
import { messageOf, ScamanderError } from '../scamander-error.ts'
import { KEYSTORE_ERRORS } from './errors.ts'
import type { KeyStore } from './key-store.ts'
import { toCertificate, toKeyStore } from './pem.ts'

const library = lazyPackage<typeof forge>('node-forge')

/** The content types that a PFX may start with: data and signedData. */
const PFX_HEAD = [
  Buffer.from('06092a864886f70d010701', 'hex'),
  Buffer.from('06092a864886f70d010702', 'hex'),
]

/** SEQUENCE with version 3, then a ContentInfo; definite or indefinite lengths. */
export function isPkcs12(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30) return false
  const head = bytes.subarray(0, 40)
  return head.includes(Buffer.from('020103', 'hex')) && PFX_HEAD.some(oid => head.includes(oid))
}

/** Store and key share one password: neither keytool nor openssl writes anything else. */
export function readPkcs12(bytes: Buffer, password: string): KeyStore {
  const pfx = openStore(bytes, password)
  const certificates: X509Certificate[] = []
  let key: KeyObject | undefined
  for (const bag of pfx.safeContents.flatMap(content => content.safeBags)) {
    if (bag.type === library().pki.oids['certBag']) {
      certificates.push(toCertificate(certificateDer(bag), certificates.length + 1))
    } else if (bag.type === library().pki.oids['keyBag'] || isShrouded(bag)) {
      key ??= toKey(bag)
    }
  }
  return toKeyStore(certificates, key)
}

function openStore(bytes: Buffer, password: string): forge.pkcs12.Pkcs12Pfx {
  let tree: forge.asn1.Asn1
  try {
    tree = library().asn1.fromDer(library().util.createBuffer(bytes.toString('latin1')))
  } catch (cause) {
    throw damaged(messageOf(cause))
  }
  try {
    return library().pkcs12.pkcs12FromAsn1(tree, false, password)
  } catch (cause) {
    const text = messageOf(cause)
    if (/password|MAC could not be verified|decrypt/i.test(text)) {
      throw new ScamanderError(
        KEYSTORE_ERRORS.KEYSTORE_PASSWORD,
        'the PKCS12 key store does not open with the password given',
      )
    }
    if (/Unsupported/i.test(text)) throw entry(`an entry that is not supported (${text})`)
    throw damaged(text)
  }
}

function isShrouded(bag: forge.pkcs12.Bag): boolean {
  return bag.type === library().pki.oids['pkcs8ShroudedKeyBag']
}

function certificateDer(bag: forge.pkcs12.Bag): Buffer {
  const tree = bag.asn1 ?? (bag.cert ? library().pki.certificateToAsn1(bag.cert) : undefined)
  if (tree === undefined) throw entry('a certificate that does not parse')
  return toDer(tree)
}

/** The library leaves keys it does not know (elliptic curves) as PKCS8 ASN.1. */
function toKey(bag: forge.pkcs12.Bag): KeyObject {
  const tree = bag.key
    ? library().pki.wrapRsaPrivateKey(library().pki.privateKeyToAsn1(bag.key))
    : bag.asn1
  try {
    return createPrivateKey({ key: toDer(tree), format: 'der', type: 'pkcs8' })
  } catch (cause) {
    throw entry(`a private key that cannot be read (${messageOf(cause)})`)
  }
}

function toDer(tree: forge.asn1.Asn1): Buffer {
  return Buffer.from(library().asn1.toDer(tree).getBytes(), 'latin1')
}

function damaged(found: string): ScamanderError {
  return new ScamanderError(
    KEYSTORE_ERRORS.KEYSTORE_FORMAT,
    `expected a complete PKCS12 key store, found one that does not parse (${found})`,
  )
}

function entry(found: string): ScamanderError {
  return new ScamanderError(
    KEYSTORE_ERRORS.KEYSTORE_ENTRY,
    `expected certificates and a private key in the PKCS12 key store, found ${found}`,
  )
}
