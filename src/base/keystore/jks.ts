/**
 * Sun's JKS key store, versions 1 and 2, read without a JVM. Called by `readKeyStore`.
 * Layout, big-endian: u32 magic FEEDFEED, u32 version, u32 count, entries, 20 bytes of SHA-1.
 * Entry: u32 tag (1 key, 2 certificate), utf alias, u64 milliseconds, then
 *   key: u32 length, EncryptedPrivateKeyInfo, u32 count of certificates, certificates
 *   certificate: in version 2 utf type, then u32 length, DER
 */
import { createHash, createPrivateKey, type X509Certificate } from 'node:crypto'
import { ScamanderError } from '../scamander-error.ts'
import { KEYSTORE_ERRORS } from './errors.ts'
import type { KeyStore } from './key-store.ts'
import { toCertificate } from './pem.ts'
import { checkIntegrity, DIGEST_BYTES, damagedStore, SunStoreReader, utf16 } from './sun-store.ts'

const MAGIC = 0xfeedfeed
/** Sun's key protector, 1.3.6.1.4.1.42.2.17.1.1, as DER. */
const PROTECTOR_OID = Buffer.from('060a2b060104012a02110101', 'hex')

export function isJks(bytes: Buffer): boolean {
  return bytes.length >= 12 && bytes.readUInt32BE(0) === MAGIC
}

export function readJks(
  bytes: Buffer,
  password: string | undefined,
  keyPassword: string | undefined,
): KeyStore {
  if (password !== undefined) checkIntegrity(bytes, password, 'JKS')
  const reader = new SunStoreReader(bytes, 'JKS')
  const { version, count } = reader.readHead()
  const anchors: X509Certificate[] = []
  let key: { sealed: Buffer; chain: X509Certificate[] } | undefined
  for (let entry = 1; entry <= count; entry++) {
    const tag = reader.readUint32()
    reader.skip(reader.readUint16()) // alias
    reader.skip(8) // creation date
    if (tag === 2) anchors.push(toCertificate(reader.readCertificate(version), entry))
    else if (tag === 1) {
      const sealed = reader.readBlock()
      const certificates = reader.readCount('certificates in a chain')
      const chain = Array.from({ length: certificates }, () =>
        toCertificate(reader.readCertificate(version), entry),
      )
      key ??= { sealed, chain }
    } else throw entryKind(entry, tag)
  }
  reader.expectEnd()
  const certificates = toPem(anchors)
  if (key === undefined) return { certificates }
  const secret = keyPassword ?? password
  return { certificates, privateKey: openKey(key.sealed, secret), chain: toPem(key.chain) }
}

/** Undoes Sun's key protection: a SHA-1 key stream, then a SHA-1 of password and plain key. */
function openKey(sealed: Buffer, password: string | undefined): string {
  if (password === undefined) {
    throw new ScamanderError(
      KEYSTORE_ERRORS.KEYSTORE_PASSWORD,
      'the JKS key store holds a private key, expected a password, found none',
    )
  }
  const data = protectedData(sealed)
  const secret = utf16(password)
  const plain = Buffer.from(data.subarray(DIGEST_BYTES, data.length - DIGEST_BYTES))
  let block = data.subarray(0, DIGEST_BYTES)
  for (let i = 0; i < plain.length; i++) {
    const at = i % DIGEST_BYTES
    if (at === 0) block = createHash('sha1').update(secret).update(block).digest()
    plain[i] = plain[i]! ^ block[at]!
  }
  const check = createHash('sha1').update(secret).update(plain).digest()
  if (!check.equals(data.subarray(data.length - DIGEST_BYTES))) {
    throw new ScamanderError(
      KEYSTORE_ERRORS.KEYSTORE_PASSWORD,
      'the private key in the JKS key store does not open with the password given',
    )
  }
  return toPkcs8(plain)
}

function toPkcs8(plain: Buffer): string {
  try {
    const key = createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' })
    return key.export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch (cause) {
    const message = 'expected a PKCS8 private key in the JKS key store, found an unsupported kind'
    throw new ScamanderError(KEYSTORE_ERRORS.KEYSTORE_ENTRY, message, { cause })
  }
}

/** SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING }: returns the octets. */
function protectedData(sealed: Buffer): Buffer {
  const outer = derBody(sealed, 0x30)
  const algorithm = derBody(outer, 0x30)
  const rest = outer.subarray(algorithm.byteOffset + algorithm.length - outer.byteOffset)
  if (!algorithm.subarray(0, PROTECTOR_OID.length).equals(PROTECTOR_OID)) {
    throw new ScamanderError(
      KEYSTORE_ERRORS.KEYSTORE_ENTRY,
      "expected a private key under Sun's JKS protection, found another algorithm",
    )
  }
  const data = derBody(rest, 0x04)
  if (data.length < 2 * DIGEST_BYTES) throw damaged('a private key that is too short')
  return data
}

function derBody(bytes: Buffer, tag: number): Buffer {
  const first = bytes[1]
  if (bytes[0] !== tag || first === undefined) throw damaged('a private key that is not DER')
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (lengthBytes > 4 || bytes.length < 2 + lengthBytes) throw damaged('a DER length')
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes)
  const start = 2 + lengthBytes
  if (start + length > bytes.length) throw damaged('a DER length')
  return bytes.subarray(start, start + length)
}

function damaged(found: string): ScamanderError {
  return damagedStore('JKS', found)
}

function entryKind(entry: number, tag: number): ScamanderError {
  return new ScamanderError(
    KEYSTORE_ERRORS.KEYSTORE_ENTRY,
    `expected keys and certificates in the JKS key store, found kind ${tag} as entry ${entry}`,
  )
}

function toPem(certificates: readonly X509Certificate[]): string[] {
  return [...new Set(certificates.map(certificate => certificate.toString()))]
}
